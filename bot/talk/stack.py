"""What is under way in a chat, and how it begins, goes on, waits and ends.

A `Stack` lives as long as one turn. It moves conversations on; what a message means is the business of `turn.py`.
Invariant: after it, the conversation on top stands at a question or waits for an errand, and the person knows which.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from msgspec import Struct

from bot.talk import phrases
from bot.talk.awaited import Errand, Request, Say, request_key
from bot.talk.flow import Flow, House
from bot.talk.journal import CALLED, STACK_MAX, Aside, Conversation, Ending, Entry, Open, Talk
from bot.talk.message import Message, Paper
from bot.talk.prompt import compose, compose_aside, with_papers
from bot.talk.question import Answer, Ear, Option, Question
from bot.talk.replay import Ended, Replay
from rules.words import Text

CALLED_CHARS_MAX = 100
NEW_DRAFT = "new"
"""The option beside the drafts: somebody else."""
Live = dict[int, Replay]
"""By conversation: its flow, standing at the open question."""
Asked = Generator[Request[Any], Any, None]
Block = Question[Any] | Errand[Any] | Ended


class Sent(Struct, frozen=True):
    """An errand to perform after the commit; its result is heard as `Result(conversation, key, …)`."""

    conversation: int
    key: str
    errand: Errand[Any]


class Turn(Struct, frozen=True):
    """The outcome: the talk to store, the messages to say, the errands to perform, the conversations that ended.

    If more is heard before anything is said, `told` is what is still worth telling, and the messages are said only if
    the question that they ask (`asks`: conversation and token) is still open.
    """

    talk: Talk
    messages: tuple[Message, ...]
    errands: tuple[Sent, ...]
    ended: tuple[tuple[Conversation, Ending], ...]
    told: tuple[Text, ...] = ()
    asks: tuple[int, str] | None = None


class Stack:
    """The work of one turn; lives no longer than it."""

    def __init__(self, talk: Talk, ear: Ear, house: House, new_id: Callable[[], int], live: Live) -> None:
        self.talk, self.ear, self.house, self.new_id, self.live = talk, ear, house, new_id, live
        self.words: list[Text] = []
        self.remarks: list[Text] = []  # those of the words that are of no use once more has been heard
        self.papers: list[Paper] = []
        self.prompt: tuple[Conversation, Question[Any], bool] | None = None
        self.asked_aside: tuple[Conversation, Text, Sequence[Option]] | None = None
        self.slip: Answer | None = None
        self.errands: list[Sent] = []
        self.ended: list[tuple[Conversation, Ending]] = []

    def outcome(self) -> Turn:
        message = self._message()
        if self.prompt is not None and self.asked_aside is None:
            self.prompt[0].aside = None  # a late result asks something new; "ya" now answers that
        told = tuple([words for words in self.words if not any(words is remark for remark in self.remarks)])
        messages = with_papers(message, self.papers) if message else ()
        return Turn(self.talk, messages, tuple(self.errands), tuple(self.ended), told, self._asks())

    def _asks(self) -> tuple[int, str] | None:
        if self.prompt is None or self.asked_aside is not None:
            return None
        return self.prompt[0].id, self.prompt[1].token

    def tell(self, says: Sequence[Say]) -> None:
        """What the flow said."""
        self.words += [said.text for said in says]
        self.papers += [said.paper for said in says if said.paper is not None]

    def remark(self, words: Text) -> None:
        """Say something that is only of use to who hears it at once."""
        self.words.append(words)
        self.remarks.append(words)

    def _message(self) -> Message | None:
        if self.asked_aside is not None:
            conversation, asked, options = self.asked_aside
            return compose_aside(self.words, asked, conversation, self.ear, options)
        if self.prompt is not None:
            conversation, question, back = self.prompt
            return compose(self.words, self.ear, conversation, question, back, self.slip, self._subject(conversation))
        return compose(self.words, self.ear)

    def _subject(self, conversation: Conversation) -> str:
        """Whom the conversation is about, if there are others that it could be taken for."""
        others = any(one.subject for one in self.talk.stack if one is not conversation)
        return conversation.subject if others else ""

    def tell_delay(self, conversation: Conversation, errand: Errand[Any]) -> None:
        conversation.journal[f"{request_key(errand)}!"] = Entry(True)
        self.remark(errand.delayed)

    def open_menu(self) -> Asked:
        """Home from its first question, wherever it was left."""
        for conversation in self.talk.stack:
            if conversation.flow == self.house.home.name:
                conversation.journal.clear()
                conversation.open = conversation.aside = conversation.editing = None
                conversation.awaiting.clear()
                self.live.pop(conversation.id, None)
        yield from self.begin(self.house.home)

    def begin(self, flow: Flow, words: str = "") -> Asked:
        """`words`: by which it was called."""
        under_way = [c for c in self.talk.stack if c.flow == flow.name]
        drafts = [c for c in under_way if c.subject] if flow.drafts else []
        if drafts and drafts == under_way:
            self.ask_draft(flow, drafts)
        elif under_way:
            yield from self.turn_to(next(c for c in under_way if c not in drafts))
        else:
            yield from self.begin_anew(flow, words)

    def ask_draft(self, flow: Flow, drafts: Sequence[Conversation]) -> None:
        """Which of them is meant, or somebody else? Until it is answered, the latest is under way."""
        latest = drafts[-1]
        drafts = sorted(drafts, key=lambda draft: draft.id)
        self.talk.stack.remove(latest)
        self.talk.stack.append(latest)
        latest.aside = Aside("draft", flow.name, ",".join(f"{draft.id:x}" for draft in drafts))
        options = [Option(f"{draft.id:x}", phrases.go_on_with(draft.subject)) for draft in drafts]
        self.asked_aside = (latest, phrases.ask_draft(flow.title), [*options, Option(NEW_DRAFT, phrases.SOMEBODY_ELSE)])

    def turn_to(self, conversation: Conversation) -> Asked:
        """Go on with this one."""
        self.talk.stack.remove(conversation)
        self.talk.stack.append(conversation)
        yield from self.resume(conversation)

    def begin_anew(self, flow: Flow, words: str = "") -> Asked:
        """Another conversation of the flow."""
        if len(self.talk.stack) >= STACK_MAX:
            self.end(self.talk.stack[0], "replaced")
        conversation = Conversation(self.new_id(), flow.name, touched=self.ear.now)
        if flow.heeds:
            conversation.journal[CALLED] = Entry(words[:CALLED_CHARS_MAX])
        self.talk.stack.append(conversation)
        replay, block = yield from self.replay_of(conversation)
        yield from self.settle(conversation, replay, block)

    def resume(self, conversation: Conversation) -> Asked:
        replay, block = yield from self.replay_of(conversation)
        replay.says.clear()
        if isinstance(block, Question) and conversation.open is not None:
            self.recap(conversation, block, phrases.go_on, phrases.go_on_left)
        elif isinstance(block, Errand):
            self.tell_delay(conversation, block)
        yield from self.settle(conversation, replay, block)

    def again(self, conversation: Conversation, replay: Replay) -> Asked:
        """Replay a changed journal."""
        replay.close()
        replay, block = yield from self.replay_of(conversation)
        yield from self.settle(conversation, replay, block)

    def replay_of(self, conversation: Conversation) -> Generator[Request[Any], Any, tuple[Replay, Block]]:
        live = self.live.pop(conversation.id, None)
        if live is not None and (block := live.resume(self.ear)) is not None:
            return live, block
        flow = self.house.named(conversation.flow) or self.house.home
        replay = Replay(flow, conversation, self.ear)
        return replay, (yield from replay.forward())

    def suspend(self, conversation: Conversation, replay: Replay, block: Block) -> None:
        """Leave the flow where it stands."""
        if isinstance(block, Ended):
            replay.close()
        else:
            replay.suspend(block)
            self.live[conversation.id] = replay

    def settle(self, conversation: Conversation, replay: Replay, block: Block) -> Asked:
        """Leave the flow where it stands: ask the open question, send the errand, or go on after the end."""
        self.suspend(conversation, replay, block)
        match block:
            case Question():
                opened = conversation.open
                if opened is None or opened.token != block.token:
                    self.tell(replay.says)
                    conversation.open = Open(block.name, block.token)
                if conversation.editing is not None and conversation.editing.at == block.name:
                    conversation.editing = None
                if conversation is self.talk.stack[-1]:
                    self.prompt = (conversation, block, len(replay.passed) > replay.sealed)
                elif self.words:
                    yield from self.ask_again_on_top()
            case Errand():
                self.send(conversation, replay, block)
            case Ended(following):
                self.tell(replay.says)
                on_top = conversation is self.talk.stack[-1]
                self.end(conversation, "done")
                flow = self.house.named(following.flow) if following else None
                if flow is not None:
                    yield from self.begin(flow)
                elif on_top:
                    yield from self.after_end()
                else:
                    yield from self.ask_again_on_top()

    def send(self, conversation: Conversation, replay: Replay, errand: Errand[Any]) -> None:
        key = request_key(errand)
        if key not in conversation.awaiting:
            self.tell(replay.says)
            conversation.awaiting.append(key)
            self.errands.append(Sent(conversation.id, key, errand))
        conversation.open = None

    def after_end(self) -> Asked:
        """Go on with what was interrupted, if a release has not taken its flow away."""
        while self.talk.stack and self.is_gone(self.talk.stack[-1]):
            if phrases.GONE not in self.words:
                self.words.append(phrases.GONE)
            self.end(self.talk.stack[-1], "broken")
        if self.talk.stack:
            yield from self.resume(self.talk.stack[-1])
        elif phrases.GONE in self.words:
            yield from self.begin(self.house.home)

    def ask_again_on_top(self) -> Asked:
        top = self.talk.stack[-1]
        if self.is_gone(top):
            return
        replay, block = yield from self.replay_of(top)
        self.suspend(top, replay, block)
        if isinstance(block, Question) and top.open is not None:
            self.prompt = (top, block, len(replay.passed) > replay.sealed)

    def end(self, conversation: Conversation, ending: Ending) -> None:
        self.talk.stack.remove(conversation)
        self.live.pop(conversation.id, None)
        self.ended.append((conversation, ending))

    def recap(
        self,
        conversation: Conversation,
        question: Question[Any],
        plain: Callable[[Text], Text],
        counted: Callable[[Text, int], Text],
    ) -> None:
        flow = self.house.named(conversation.flow) or self.house.home
        left, title = flow.left_after(question.name), flow.title
        if conversation.subject:
            title = phrases.whose(title, conversation.subject)
            counted = phrases.recap_whose if counted is phrases.recap_left else counted
        self.remark(counted(title, left) if left else plain(title))

    def is_gone(self, conversation: Conversation) -> bool:
        return self.house.named(conversation.flow) is None

    def conversation(self, conversation_id: int) -> Conversation | None:
        return next((c for c in self.talk.stack if c.id == conversation_id), None)
