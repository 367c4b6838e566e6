"""The questions of the engine itself: cancel? change that answer? call a person? which draft?

Invariant: they never stand in the way. Whoever answers something else is heard as if they had not been asked.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from bot.talk import phrases
from bot.talk.awaited import CallPerson, Request
from bot.talk.fold import matches, number_in, yes_or_no
from bot.talk.heard import Contact, Edited, Pressed, Said, Shown, Unread
from bot.talk.journal import Aside, Conversation, Entry
from bot.talk.message import read_button
from bot.talk.prompt import ASIDE_TOKEN, YES_OR_NO
from bot.talk.question import Edit, Later, Offer, Picked, Question
from bot.talk.replay import Replay
from bot.talk.stack import NEW_DRAFT, Asked, Block, Stack
from rules.words import Slip, Text

HeardNow = Said | Pressed | Shown | Contact | Unread
"""What a person sends, an edited message taken for what it says."""


class Asides(Stack):
    """A stack that can ask and be answered them."""

    def answer_aside(
        self, conversation: Conversation, heard: HeardNow, replay: Replay, block: Block
    ) -> Generator[Request[Any], Any, bool]:
        """Whether what was heard answered the aside. Anything else lets it drop and is heard as always."""
        aside, conversation.aside = conversation.aside, None
        if aside is not None and aside.kind == "draft":
            return (yield from self._answer_draft(conversation, aside, heard, replay))
        yes = _yes_or_no(heard, conversation.id)
        if aside is None or yes is None:
            return False
        if yes and aside.kind == "cancel":
            replay.close()
            self.words.append(phrases.CANCELLED)
            self.end(conversation, "cancelled")
            yield from self.after_end()
        elif yes and aside.kind == "change" and aside.name in replay.passed:
            question = replay.passed[aside.name]
            said = Said(aside.value) if aside.typed else Picked(aside.value)
            value = question.keep(question.listen(said, self.ear))
            conversation.journal[aside.name] = Entry(value, question.about_digest)
            yield from self.again(conversation, replay)
        else:
            if aside.kind == "person":
                yield from self.call_person(conversation, yes)
            yield from self.settle(conversation, replay, block)
        return True

    def ask_cancel(self, conversation: Conversation) -> Text:
        """Whose it is stands in the question, where that isn't who writes."""
        flow = self.house.named(conversation.flow)
        if flow is None or not conversation.subject:
            return phrases.ASK_CANCEL
        return phrases.ask_cancel(phrases.whose(flow.title, conversation.subject))

    def ask_aside(self, conversation: Conversation, aside: Aside, asked: Text) -> None:
        conversation.aside = aside
        self.asked_aside = (conversation, asked, YES_OR_NO)

    def _answer_draft(
        self, conversation: Conversation, aside: Aside, heard: HeardNow, replay: Replay
    ) -> Generator[Request[Any], Any, bool]:
        """Whether what was heard says which draft is meant."""
        drafts = [draft for number in aside.value.split(",") if (draft := self.conversation(int(number, 16)))]
        chosen = _chosen(heard, conversation, drafts)
        flow = self.house.named(aside.name)
        if chosen is None or flow is None:
            return False
        replay.close()
        draft = next((draft for draft in drafts if f"{draft.id:x}" == chosen), None)
        if draft is not None:
            yield from self.turn_to(draft)
        else:
            yield from self.begin_anew(flow)
        return True

    def call_person(self, conversation: Conversation, wanted: bool) -> Asked:
        step = ""
        if conversation.open is not None:
            conversation.open.slips, step = 0, conversation.open.name
        if wanted:
            yield CallPerson(conversation.flow, step)
            self.words.append(phrases.PERSON_CALLED)

    def old_button(self, conversation: Conversation, replay: Replay, token: str, option: str) -> None:
        question = next((question for question in replay.passed.values() if question.token == token), None)
        if question is None:
            self.remark(phrases.OLD_BUTTON)
        else:
            self._ask_change(conversation, replay, question, Picked(option))

    def edited(self, conversation: Conversation, heard: Edited, replay: Replay) -> Said | None:
        """An edited message as what was said, if it was the last one; an answer that was taken is asked about."""
        names = [name for name, ref in conversation.refs.items() if ref == heard.ref]
        passed = next((replay.passed[name] for name in names if name in replay.passed), None)
        if passed is not None:
            self._ask_change(conversation, replay, passed, Said(heard.text))
            return None
        if "" in names:
            return Said(heard.text, heard.ref)
        self.remark(phrases.EDIT_UNUSED)
        return None

    def _ask_change(
        self, conversation: Conversation, replay: Replay, question: Question[Any], answer: Picked | Said
    ) -> None:
        """Ask whether this shall replace the answer that was given to a question we have passed."""
        if list(replay.passed).index(question.name) < replay.sealed:
            self.words.append(phrases.SEALED)
            return
        old, new = conversation.journal[question.name].value, question.listen(answer, self.ear)
        if isinstance(new, Slip):
            self.remark(new.words)
        if isinstance(new, Slip | Offer | Edit | Later) or question.keep(new) == old:
            return
        asked = phrases.ask_change(question.called(old), question.called(question.keep(new)))
        typed = isinstance(answer, Said)
        value = answer.text if isinstance(answer, Said) else answer.option
        self.ask_aside(conversation, Aside("change", question.name, value, typed), asked)


def _yes_or_no(heard: HeardNow, conversation: int) -> bool | None:
    match heard:
        case Said(text):
            number = number_in(text)
            return number == 1 if number in (1, 2) else yes_or_no(text, exact=True)
        case Pressed(data):
            return {(conversation, ASIDE_TOKEN, "yes"): True, (conversation, ASIDE_TOKEN, "no"): False}.get(
                read_button(data) or (0, "", "")
            )
        case _:
            return None


def _chosen(heard: HeardNow, conversation: Conversation, drafts: list[Conversation]) -> str | None:
    """The option that was chosen: a draft's number in hexadecimal digits, or a new one."""
    options = [*(f"{draft.id:x}" for draft in drafts), NEW_DRAFT]
    match heard:
        case Pressed(data):
            button = read_button(data)
            is_ours = button is not None and button[:2] == (conversation.id, ASIDE_TOKEN)
            return button[2] if button is not None and is_ours and button[2] in options else None
        case Said(text):
            number = number_in(text)
            if number is not None:
                return options[number - 1] if 1 <= number <= len(options) else None
            return next((f"{draft.id:x}" for draft in drafts if matches(text, (draft.subject,))), None)
        case _:
            return None
