"""One turn of a conversation: what was heard goes in, what is to be said and done comes out.

`turn` is pure: no clock, no chance, no input or output. It is a generator only so that the owner of the transaction
can answer the Lookups and Commands that a flow awaits. Theory of operation: load the talk, replay the conversation
on top of its stack to its open question, understand what was heard in this order (an old button, the engine's own
yes-or-no, the words known everywhere, the question), change the journal, replay again, tell.

Invariant: whatever is heard, the person gets words back or the open question again; nothing given is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from bot.talk import phrases
from bot.talk.asides import Asides, HeardNow
from bot.talk.awaited import CallPerson, Errand, KeepPhone, Request, StopReminders, request_key
from bot.talk.flow import Flow, House
from bot.talk.fold import global_word
from bot.talk.heard import Contact, Delayed, Edited, FromPerson, HandedBack, Heard, Pressed, Result, Said, Shown
from bot.talk.journal import Aside, Conversation, Editing, Entry, Talk
from bot.talk.message import read_button
from bot.talk.question import Answer, Ear, Edit, Later, Offer, Picked, Question
from bot.talk.replay import Replay
from bot.talk.stack import Asked, Block, Live, Turn
from rules.phone import Phone
from rules.words import Slip

PAUSE = timedelta(hours=6)
"""Who writes again after this long hears where the conversation stands."""
SLIPS_OTHER_WAY = 2
SLIPS_PERSON = 3


def turn(
    talk: Talk, heard: Heard, ear: Ear, house: House, new_id: Callable[[], int], live: Live | None = None
) -> Generator[Request[Any], Any, Turn]:
    """Hear one thing. Takes `talk` over (it is changed in place); yields Lookups and Commands, wants their answers.

    `live` may hold the flows of this very `talk` as the turn before left them, and is left so for the next; without
    it they are replayed from their journals, with the same outcome.
    """
    hearing = _Hearing(talk, ear, house, new_id, {} if live is None else live)
    match heard:
        case Result():
            yield from hearing.hear_result(heard)
        case Delayed():
            yield from hearing.hear_delay(heard)
        case HandedBack():
            yield from hearing.hear_handed_back()
        case _:
            yield from hearing.hear_person(heard)
    return hearing.outcome()


class _Hearing(Asides):
    """What is made of one thing heard."""

    # -- the outside world -------------------------------------------------------------------------------------

    def hear_result(self, result: Result) -> Asked:
        conversation = self.conversation(result.conversation)
        if conversation is None or result.key not in conversation.awaiting or self.is_gone(conversation):
            return  # the conversation moved on; what it no longer waits for can't touch it
        conversation.awaiting.remove(result.key)
        conversation.journal[result.key] = Entry(result.value)
        replay, block = yield from self.replay_of(conversation)
        if isinstance(block, Errand) and replay.knows(block):
            block = yield from replay.pass_errand(block)
        if isinstance(block, Question) and conversation.open and conversation.open.token == block.token:
            self.suspend(conversation, replay, block)
            return  # it was remembered for later, nothing is new to the person
        yield from self.settle(conversation, replay, block)

    def hear_delay(self, delay: Delayed) -> Asked:
        conversation = self.conversation(delay.conversation)
        if conversation is None or delay.key not in conversation.awaiting or self.is_gone(conversation):
            return
        if f"{delay.key}!" in conversation.journal:
            return
        replay, block = yield from self.replay_of(conversation)
        if isinstance(block, Errand) and request_key(block) == delay.key:
            self.tell_delay(conversation, block)
        self.suspend(conversation, replay, block)

    def hear_handed_back(self) -> Asked:
        """A person of the office has answered here, and leaves the chat to us again."""
        self.words.append(phrases.OFFICE_LEFT)
        yield from self.after_end()

    # -- the person --------------------------------------------------------------------------------------------

    def hear_person(self, heard: FromPerson) -> Asked:
        if isinstance(heard, Contact) and heard.own and isinstance(phone := Phone.parse(heard.phone), Phone):
            yield KeepPhone(phone)
        if not self.talk.stack:
            yield from self._hear_stranger(heard)
            return
        conversation = self.talk.stack[-1]
        paused = conversation.touched is not None and self.ear.now - conversation.touched >= PAUSE
        conversation.touched = self.ear.now
        if isinstance(heard, Shown):
            conversation.photos += (heard.photo, *heard.more)
        if self.is_gone(conversation):
            yield from self.after_end()
            return
        replay, block = yield from self.replay_of(conversation)
        now = self.edited(conversation, heard, replay) if isinstance(heard, Edited) else heard
        if now is None:
            yield from self.settle(conversation, replay, block)
        else:
            yield from self._hear_here(conversation, now, replay, block, paused)

    def _hear_here(
        self, conversation: Conversation, heard: HeardNow, replay: Replay, block: Block, paused: bool
    ) -> Asked:
        """Something sent while the conversation stands at `block`."""
        if conversation.aside is not None and (yield from self.answer_aside(conversation, heard, replay, block)):
            return
        if isinstance(heard, Said) and heard.ref:
            conversation.refs[""] = heard.ref
        if isinstance(heard, Said) and (meaning := global_word(heard.text)) is not None:
            yield from self._global(meaning, conversation, replay, block, paused)
        elif isinstance(block, Question):
            yield from self._answer(conversation, heard, replay, block, paused)
        elif isinstance(block, Errand):
            yield from self._hear_waiting(conversation, heard, replay, block)
        else:
            yield from self.settle(conversation, replay, block)

    def _hear_waiting(self, conversation: Conversation, heard: HeardNow, replay: Replay, errand: Errand[Any]) -> Asked:
        """The flow waits for the outside world; the person may do something else meanwhile."""
        if (yield from self._goes_elsewhere(conversation, heard, replay)):
            return
        self.tell_delay(conversation, errand)
        yield from self.settle(conversation, replay, errand)

    def _goes_elsewhere(
        self, conversation: Conversation, heard: HeardNow, replay: Replay
    ) -> Generator[Request[Any], Any, bool]:
        """Whether another flow was called by its word; it is then held from here on."""
        called = self._flow_called(heard)
        another = called is not None and called.drafts and bool(conversation.subject)
        if called is None or (called.name == conversation.flow and not another):
            return False
        replay.close()
        yield from self.begin(called, heard.text if isinstance(heard, Said) else "")
        return True

    def _hear_stranger(self, heard: FromPerson) -> Asked:
        """Nothing is under way in this chat."""
        if isinstance(heard, Edited):  # nobody writes anew with it
            self.remark(phrases.EDIT_UNUSED)
            return
        meaning = global_word(heard.text) if isinstance(heard, Said) else None
        if meaning == "stop":
            yield from self._stop()
            return
        if meaning == "person":
            yield CallPerson(self.house.home.name, "")
            self.words.append(phrases.PERSON_CALLED)
        elif meaning == "help":
            self.remark(phrases.HELP)
        elif meaning in ("english", "indonesian"):
            self._speak(meaning)
        words = heard.text if isinstance(heard, Said) else ""
        yield from self.begin(self._flow_called(heard) or self.house.home, words)
        if isinstance(heard, Shown) and self.talk.stack:
            self.talk.stack[-1].photos += (heard.photo, *heard.more)

    def _stop(self) -> Asked:
        yield StopReminders()
        self.words.append(phrases.STOPPED)

    def _flow_called(self, heard: FromPerson) -> Flow | None:
        return self.house.called_by(heard.text) if isinstance(heard, Said) else None

    def _is_flow_word(self, heard: HeardNow) -> bool:
        """Whether it is, to the letter, a word that starts a flow."""
        return isinstance(heard, Said) and self.house.names(heard.text)

    def _answer(
        self, conversation: Conversation, heard: HeardNow, replay: Replay, question: Question[Any], paused: bool
    ) -> Asked:
        opened = conversation.open
        if opened is None or opened.token != question.token:
            # What the person saw is not what is asked now: prices changed, or a new release asks another way.
            self.remark(phrases.CHANGED)
            yield from self.settle(conversation, replay, question)
            return
        answer = self._of_this_question(conversation, heard, replay, question)
        if answer is None:
            yield from self.settle(conversation, replay, question)
            return
        question.offered = opened.offered
        flow_word = self._is_flow_word(heard)
        understood = question.listen(answer, replace(self.ear, exact=flow_word))
        if (
            (isinstance(understood, Slip) or not question.strict)
            and flow_word
            and (yield from self._goes_elsewhere(conversation, heard, replay))
        ):
            return  # nobody is called "daftar", and who answers a reminder with "bayar" wants to pay
        if paused and (isinstance(understood, Slip) or not question.strict):
            self.recap(conversation, question, phrases.recap, phrases.recap_left)
            yield from self.settle(conversation, replay, question)
            return
        match understood:
            case Slip():
                self.slip = answer
                yield from self._slip(conversation, heard, replay, question, understood)
            case Later():
                self._put_off(replay)
            case Offer():
                opened.offered = tuple(option.key for option in understood.options)
                self.remark(understood.words)
                yield from self.settle(conversation, replay, question)
            case Edit():
                yield from self._edit(conversation, replay, question, understood)
            case _:
                if isinstance(heard, Said) and heard.ref:
                    conversation.refs[question.name] = heard.ref
                if isinstance(heard, Shown) and (unused := question.unused(heard)) is not None:
                    self.remark(unused)
                block = yield from replay.answer(question, understood)
                yield from self.settle(conversation, replay, block)

    def _of_this_question(
        self, conversation: Conversation, heard: HeardNow, replay: Replay, question: Question[Any]
    ) -> Answer | None:
        """What was heard as an answer to the open question; None for an old button, which is then spoken of."""
        if not isinstance(heard, Pressed):
            return heard
        button = read_button(heard.data)
        if button is None or button[0] != conversation.id:
            self.remark(phrases.OTHER_CONVERSATION)
            return None
        _id, token, option = button
        if token == question.token:
            return Picked(option)
        self.old_button(conversation, replay, token, option)
        return None

    def _slip(
        self, conversation: Conversation, heard: HeardNow, replay: Replay, question: Question[Any], slip: Slip
    ) -> Asked:
        if (yield from self._goes_elsewhere(conversation, heard, replay)):
            return
        opened = conversation.open
        if opened is not None and self._flow_called(heard) is None:
            self.remark(slip.words)
            opened.slips += 1
            if opened.slips % SLIPS_PERSON == 0:  # the next slip meets the question again, and not the offer
                self.ask_aside(conversation, Aside("person"), phrases.ASK_PERSON)
            elif opened.slips % SLIPS_PERSON == SLIPS_OTHER_WAY:
                self.remark(question.otherwise or phrases.OTHER_WAY)
        yield from self.settle(conversation, replay, question)

    def _edit(self, conversation: Conversation, replay: Replay, question: Question[Any], edit: Edit) -> Asked:
        journal = conversation.journal
        under = tuple(f"{name}." for name in edit.names)
        taken = {name: journal.pop(name) for name in list(journal) if name in edit.names or name.startswith(under)}
        conversation.editing = Editing(question.name, taken, list(edit.names))
        yield from self.again(conversation, replay)

    # -- words known everywhere ----------------------------------------------------------------------------------

    def _global(self, meaning: str, conversation: Conversation, replay: Replay, block: Block, paused: bool) -> Asked:
        match meaning:
            case "hello" if isinstance(block, Question):
                if paused:
                    self.recap(conversation, block, phrases.recap, phrases.recap_left)
                else:
                    self.recap(conversation, block, phrases.go_on, phrases.go_on_left)
            case "hello" if isinstance(block, Errand):
                self.tell_delay(conversation, block)
            case "stop":
                yield from self._stop()
            case "menu":
                replay.close()
                yield from self.open_menu()
                return
            case "back":
                yield from self._back(conversation, replay, block)
                return
            case "cancel" if replay.sealed or (isinstance(block, Errand) and block.final):
                self.words.append(phrases.SEALED)
            case "cancel":
                self.ask_aside(conversation, Aside("cancel"), self.ask_cancel(conversation))
            case "help":
                hint = block.hint if isinstance(block, Question) else None
                self.remark(hint or phrases.HELP)
            case "person":
                yield from self.call_person(conversation, True)
            case "later":
                self._put_off(replay)
                return
            case "english" | "indonesian":
                self._speak(meaning)
            case _:
                pass
        yield from self.settle(conversation, replay, block)

    def _put_off(self, replay: Replay) -> None:
        """Everything stays as it is; the next message meets the same question."""
        replay.close()
        self.remark(phrases.LATER)

    def _speak(self, meaning: str) -> None:
        self.talk.language = "en" if meaning == "english" else "id"
        self.ear = Ear(self.talk.language, self.ear.catalogues, self.ear.now)

    def _back(self, conversation: Conversation, replay: Replay, block: Block) -> Asked:
        if isinstance(block, Question) and conversation.open is not None and conversation.open.offered:
            conversation.open.offered = ()
            yield from self.settle(conversation, replay, block)
        elif conversation.editing is not None:
            editing, conversation.editing = conversation.editing, None
            conversation.journal.update(editing.taken)
            yield from self.again(conversation, replay)
        elif isinstance(block, Errand) and block.final:
            self.words.append(phrases.SEALED)
            yield from self.settle(conversation, replay, block)
        elif len(replay.passed) > replay.sealed:
            conversation.journal.pop(list(replay.passed)[-1])
            yield from self.again(conversation, replay)
        elif conversation.flow == self.house.home.name and len(self.talk.stack) > 1:
            replay.close()
            self.end(conversation, "cancelled")
            yield from self.after_end()
        else:
            self.remark(phrases.SEALED if replay.sealed else phrases.FIRST_QUESTION)
            yield from self.settle(conversation, replay, block)
