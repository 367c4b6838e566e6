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

from msgspec import Struct

from bot.talk import phrases
from bot.talk.awaited import CallPerson, Errand, Request, StopReminders, request_key
from bot.talk.flow import Flow, House
from bot.talk.fold import global_word, number_in, yes_or_no
from bot.talk.heard import Delayed, FromPerson, Heard, Pressed, Result, Said, Shown
from bot.talk.journal import STACK_MAX, Aside, Conversation, Editing, Ending, Entry, Open, Talk
from bot.talk.message import Message, read_button
from bot.talk.prompt import ASIDE_TOKEN, compose, compose_aside
from bot.talk.question import Answer, Ear, Edit, Offer, Picked, Question
from bot.talk.replay import Ended, Replay
from rules.words import Slip, Text

PAUSE = timedelta(hours=6)
"""Who writes again after this long hears where the conversation stands."""
SLIPS_OTHER_WAY = 2
SLIPS_PERSON = 3

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
    """The outcome: the talk to store, the messages to say, the errands to perform, the conversations that ended."""

    talk: Talk
    messages: tuple[Message, ...]
    errands: tuple[Sent, ...]
    ended: tuple[tuple[Conversation, Ending], ...]


def turn(
    talk: Talk, heard: Heard, ear: Ear, house: House, new_id: Callable[[], int], live: Live | None = None
) -> Generator[Request[Any], Any, Turn]:
    """Hear one thing. Takes `talk` over (it is changed in place); yields Lookups and Commands, wants their answers.

    `live` may hold the flows of this very `talk` as the turn before left them, and is left so for the next; without
    it they are replayed from their journals, with the same outcome.
    """
    desk = _Desk(talk, ear, house, new_id, {} if live is None else live)
    match heard:
        case Result():
            yield from desk.hear_result(heard)
        case Delayed():
            yield from desk.hear_delay(heard)
        case _:
            yield from desk.hear_person(heard)
    return desk.outcome()


class _Desk:
    """The work of one turn; lives no longer than it."""

    def __init__(self, talk: Talk, ear: Ear, house: House, new_id: Callable[[], int], live: Live) -> None:
        self.talk, self.ear, self.house, self.new_id, self.live = talk, ear, house, new_id, live
        self.words: list[Text] = []
        self.prompt: tuple[Conversation, Question[Any], bool] | None = None
        self.asked_aside: tuple[Conversation, Text] | None = None
        self.errands: list[Sent] = []
        self.ended: list[tuple[Conversation, Ending]] = []

    def outcome(self) -> Turn:
        message = self._message()
        if self.prompt is not None and self.asked_aside is None:
            self.prompt[0].aside = None  # a late result asks something new; "ya" now answers that
        return Turn(self.talk, (message,) if message else (), tuple(self.errands), tuple(self.ended))

    def _message(self) -> Message | None:
        if self.asked_aside is not None:
            conversation, asked = self.asked_aside
            return compose_aside(self.words, asked, conversation, self.ear)
        if self.prompt is not None:
            conversation, question, back = self.prompt
            return compose(self.words, self.ear, conversation, question, back)
        return compose(self.words, self.ear)

    # -- the outside world -------------------------------------------------------------------------------------

    def hear_result(self, result: Result) -> Asked:
        conversation = self._conversation(result.conversation)
        if conversation is None or result.key not in conversation.awaiting or self._is_gone(conversation):
            return  # the conversation moved on; what it no longer waits for can't touch it
        conversation.awaiting.remove(result.key)
        conversation.journal[result.key] = Entry(result.value)
        replay, block = yield from self._replay(conversation)
        if isinstance(block, Errand) and replay.knows(block):
            block = yield from replay.pass_errand(block)
        if isinstance(block, Question) and conversation.open and conversation.open.token == block.token:
            self._suspend(conversation, replay, block)
            return  # it was remembered for later, nothing is new to the person
        yield from self._settle(conversation, replay, block)

    def hear_delay(self, delay: Delayed) -> Asked:
        conversation = self._conversation(delay.conversation)
        if conversation is None or delay.key not in conversation.awaiting or self._is_gone(conversation):
            return
        if f"{delay.key}!" in conversation.journal:
            return
        replay, block = yield from self._replay(conversation)
        if isinstance(block, Errand) and request_key(block) == delay.key:
            self._tell_delay(conversation, block)
        self._suspend(conversation, replay, block)

    def _tell_delay(self, conversation: Conversation, errand: Errand[Any]) -> None:
        conversation.journal[f"{request_key(errand)}!"] = Entry(True)
        self.words.append(errand.delayed)

    # -- the person --------------------------------------------------------------------------------------------

    def hear_person(self, heard: FromPerson) -> Asked:
        if not self.talk.stack:
            yield from self._hear_stranger(heard)
            return
        conversation = self.talk.stack[-1]
        paused = conversation.touched is not None and self.ear.now - conversation.touched >= PAUSE
        conversation.touched = self.ear.now
        if isinstance(heard, Shown):
            conversation.photos.append(heard.photo)
        if self._is_gone(conversation):
            yield from self._after_end()
            return
        replay, block = yield from self._replay(conversation)
        if conversation.aside is not None and (yield from self._answer_aside(conversation, heard, replay, block)):
            return
        if isinstance(heard, Said) and (meaning := global_word(heard.text)) is not None:
            yield from self._global(meaning, conversation, replay, block, paused)
        elif isinstance(block, Question):
            yield from self._answer(conversation, heard, replay, block, paused)
        elif isinstance(block, Errand):
            yield from self._hear_waiting(conversation, heard, replay, block)
        else:
            yield from self._settle(conversation, replay, block)

    def _hear_waiting(
        self, conversation: Conversation, heard: FromPerson, replay: Replay, errand: Errand[Any]
    ) -> Asked:
        """The flow waits for the outside world; the person may do something else meanwhile."""
        called = self._flow_called(heard)
        if called is not None and called.name != conversation.flow:
            replay.close()
            yield from self._begin(called)
            return
        self._tell_delay(conversation, errand)
        yield from self._settle(conversation, replay, errand)

    def _hear_stranger(self, heard: FromPerson) -> Asked:
        """Nothing is under way in this chat."""
        if isinstance(heard, Said) and global_word(heard.text) == "stop":
            yield from self._stop()
            return
        yield from self._begin(self._flow_called(heard) or self.house.home)

    def _stop(self) -> Asked:
        yield StopReminders()
        self.words.append(phrases.STOPPED)

    def _flow_called(self, heard: FromPerson) -> Flow | None:
        return self.house.called_by(heard.text) if isinstance(heard, Said) else None

    def _answer(
        self, conversation: Conversation, heard: FromPerson, replay: Replay, question: Question[Any], paused: bool
    ) -> Asked:
        opened = conversation.open
        if opened is None or opened.token != question.token:
            # What the person saw is not what is asked now: prices changed, or a new release asks another way.
            self.words.append(phrases.CHANGED)
            yield from self._settle(conversation, replay, question)
            return
        answer = self._of_this_question(conversation, heard, replay, question)
        if answer is None:
            yield from self._settle(conversation, replay, question)
            return
        question.offered = opened.offered
        understood = question.listen(answer, self.ear)
        if paused and (isinstance(understood, Slip) or not question.strict):
            self._recap(conversation, question, phrases.recap, phrases.recap_left)
            yield from self._settle(conversation, replay, question)
            return
        match understood:
            case Slip():
                yield from self._slip(conversation, heard, replay, question, understood)
            case Offer():
                opened.offered = tuple(option.key for option in understood.options)
                self.words.append(understood.words)
                yield from self._settle(conversation, replay, question)
            case Edit():
                yield from self._edit(conversation, replay, question, understood)
            case _:
                block = yield from replay.answer(question, understood)
                yield from self._settle(conversation, replay, block)

    def _of_this_question(
        self, conversation: Conversation, heard: FromPerson, replay: Replay, question: Question[Any]
    ) -> Answer | None:
        """What was heard as an answer to the open question; None for an old button, which is then spoken of."""
        if not isinstance(heard, Pressed):
            return heard
        button = read_button(heard.data)
        if button is None or button[0] != conversation.id:
            self.words.append(phrases.OTHER_CONVERSATION)
            return None
        _id, token, option = button
        if token == question.token:
            return Picked(option)
        self._old_button(conversation, replay, token, option)
        return None

    def _old_button(self, conversation: Conversation, replay: Replay, token: str, option: str) -> None:
        passed = list(replay.passed.values())
        place = next((i for i, question in enumerate(passed) if question.token == token), None)
        if place is None:
            self.words.append(phrases.OLD_BUTTON)
        elif place < replay.sealed:
            self.words.append(phrases.SEALED)
        else:
            question = passed[place]
            old, new = conversation.journal[question.name].value, question.listen(Picked(option), self.ear)
            if isinstance(new, Slip | Offer | Edit) or question.keep(new) == old:
                return
            asked = phrases.ask_change(question.called(old), question.called(question.keep(new)))
            self._ask_aside(conversation, Aside("change", question.name, option), asked)

    def _slip(
        self, conversation: Conversation, heard: FromPerson, replay: Replay, question: Question[Any], slip: Slip
    ) -> Asked:
        called = self._flow_called(heard)
        if called is not None and called.name != conversation.flow:
            replay.close()
            yield from self._begin(called)
            return
        opened = conversation.open
        if called is None and opened is not None:
            self.words.append(slip.words)
            opened.slips += 1
            if opened.slips >= SLIPS_PERSON:
                self._ask_aside(conversation, Aside("person"), phrases.ASK_PERSON)
            elif opened.slips == SLIPS_OTHER_WAY:
                self.words.append(question.otherwise or phrases.OTHER_WAY)
        yield from self._settle(conversation, replay, question)

    def _edit(self, conversation: Conversation, replay: Replay, question: Question[Any], edit: Edit) -> Asked:
        journal = conversation.journal
        under = tuple(f"{name}." for name in edit.names)
        taken = {name: journal.pop(name) for name in list(journal) if name in edit.names or name.startswith(under)}
        conversation.editing = Editing(question.name, taken, list(edit.names))
        yield from self._again(conversation, replay)

    # -- the engine's own yes-or-no ------------------------------------------------------------------------------

    def _answer_aside(
        self, conversation: Conversation, heard: FromPerson, replay: Replay, block: Block
    ) -> Generator[Request[Any], Any, bool]:
        """Whether what was heard answered the aside. Anything else lets it drop and is heard as always."""
        aside, conversation.aside = conversation.aside, None
        yes = _yes_or_no(heard, conversation.id)
        if aside is None or yes is None:
            return False
        if yes and aside.kind == "cancel":
            replay.close()
            self.words.append(phrases.CANCELLED)
            self._end(conversation, "cancelled")
            yield from self._after_end()
        elif yes and aside.kind == "change" and aside.name in replay.passed:
            question = replay.passed[aside.name]
            value = question.keep(question.listen(Picked(aside.value), self.ear))
            conversation.journal[aside.name] = Entry(value, question.about_digest)
            yield from self._again(conversation, replay)
        else:
            if aside.kind == "person":
                yield from self._call_person(conversation, yes)
            yield from self._settle(conversation, replay, block)
        return True

    def _ask_aside(self, conversation: Conversation, aside: Aside, asked: Text) -> None:
        conversation.aside = aside
        self.asked_aside = (conversation, asked)

    def _call_person(self, conversation: Conversation, wanted: bool) -> Asked:
        step = ""
        if conversation.open is not None:
            conversation.open.slips, step = 0, conversation.open.name
        if wanted:
            yield CallPerson(conversation.flow, step)
            self.words.append(phrases.PERSON_CALLED)

    # -- words known everywhere ----------------------------------------------------------------------------------

    def _global(self, meaning: str, conversation: Conversation, replay: Replay, block: Block, paused: bool) -> Asked:
        match meaning:
            case "hello" if isinstance(block, Question):
                if paused:
                    self._recap(conversation, block, phrases.recap, phrases.recap_left)
                else:
                    self._recap(conversation, block, phrases.go_on, phrases.go_on_left)
            case "hello" if isinstance(block, Errand):
                self._tell_delay(conversation, block)
            case "stop":
                yield from self._stop()
            case "menu":
                replay.close()
                yield from self._open_menu()
                return
            case "back":
                yield from self._back(conversation, replay, block)
                return
            case "cancel" if replay.sealed or (isinstance(block, Errand) and block.final):
                self.words.append(phrases.SEALED)
            case "cancel":
                self._ask_aside(conversation, Aside("cancel"), phrases.ASK_CANCEL)
            case "help":
                hint = block.hint if isinstance(block, Question) else None
                self.words.append(hint or phrases.HELP)
            case "person":
                yield from self._call_person(conversation, True)
            case "later":
                replay.close()
                self.words.append(phrases.LATER)
                return
            case "english" | "indonesian":
                self.talk.language = "en" if meaning == "english" else "id"
                self.ear = Ear(self.talk.language, self.ear.catalogues, self.ear.now)
            case _:
                pass
        yield from self._settle(conversation, replay, block)

    def _back(self, conversation: Conversation, replay: Replay, block: Block) -> Asked:
        if isinstance(block, Question) and conversation.open is not None and conversation.open.offered:
            conversation.open.offered = ()
            yield from self._settle(conversation, replay, block)
        elif conversation.editing is not None:
            editing, conversation.editing = conversation.editing, None
            conversation.journal.update(editing.taken)
            yield from self._again(conversation, replay)
        elif isinstance(block, Errand) and block.final:
            self.words.append(phrases.SEALED)
            yield from self._settle(conversation, replay, block)
        elif len(replay.passed) > replay.sealed:
            conversation.journal.pop(list(replay.passed)[-1])
            yield from self._again(conversation, replay)
        elif conversation.flow == self.house.home.name and len(self.talk.stack) > 1:
            replay.close()
            self._end(conversation, "cancelled")
            yield from self._after_end()
        else:
            self.words.append(phrases.SEALED if replay.sealed else phrases.FIRST_QUESTION)
            yield from self._settle(conversation, replay, block)

    # -- beginning, going on, ending -----------------------------------------------------------------------------

    def _open_menu(self) -> Asked:
        """Home from its first question, wherever it was left."""
        for conversation in self.talk.stack:
            if conversation.flow == self.house.home.name:
                conversation.journal.clear()
                conversation.open = conversation.aside = conversation.editing = None
                conversation.awaiting.clear()
                self.live.pop(conversation.id, None)
        yield from self._begin(self.house.home)

    def _begin(self, flow: Flow) -> Asked:
        under_way = next((c for c in self.talk.stack if c.flow == flow.name), None)
        if under_way is not None:
            self.talk.stack.remove(under_way)
            self.talk.stack.append(under_way)
            yield from self._resume(under_way)
            return
        if len(self.talk.stack) >= STACK_MAX:
            self._end(self.talk.stack[0], "replaced")
        conversation = Conversation(self.new_id(), flow.name, touched=self.ear.now)
        self.talk.stack.append(conversation)
        replay, block = yield from self._replay(conversation)
        yield from self._settle(conversation, replay, block)

    def _resume(self, conversation: Conversation) -> Asked:
        replay, block = yield from self._replay(conversation)
        replay.says.clear()
        if isinstance(block, Question) and conversation.open is not None:
            self._recap(conversation, block, phrases.go_on, phrases.go_on_left)
        elif isinstance(block, Errand):
            self._tell_delay(conversation, block)
        yield from self._settle(conversation, replay, block)

    def _again(self, conversation: Conversation, replay: Replay) -> Asked:
        """Replay a changed journal."""
        replay.close()
        replay, block = yield from self._replay(conversation)
        yield from self._settle(conversation, replay, block)

    def _replay(self, conversation: Conversation) -> Generator[Request[Any], Any, tuple[Replay, Block]]:
        live = self.live.pop(conversation.id, None)
        if live is not None and (block := live.resume(self.ear)) is not None:
            return live, block
        flow = self.house.named(conversation.flow) or self.house.home
        replay = Replay(flow, conversation, self.ear)
        return replay, (yield from replay.forward())

    def _suspend(self, conversation: Conversation, replay: Replay, block: Block) -> None:
        """Leave the flow where it stands."""
        if isinstance(block, Ended):
            replay.close()
        else:
            replay.suspend(block)
            self.live[conversation.id] = replay

    def _settle(self, conversation: Conversation, replay: Replay, block: Block) -> Asked:
        """Leave the flow where it stands: ask the open question, send the errand, or go on after the end."""
        self._suspend(conversation, replay, block)
        match block:
            case Question():
                opened = conversation.open
                if opened is None or opened.token != block.token:
                    self.words += replay.says
                    conversation.open = Open(block.name, block.token)
                if conversation.editing is not None and conversation.editing.at == block.name:
                    conversation.editing = None
                if conversation is self.talk.stack[-1]:
                    self.prompt = (conversation, block, len(replay.passed) > replay.sealed)
                elif self.words:
                    yield from self._ask_again_on_top()
            case Errand():
                self._send(conversation, replay, block)
            case Ended(following):
                self.words += replay.says
                on_top = conversation is self.talk.stack[-1]
                self._end(conversation, "done")
                flow = self.house.named(following.flow) if following else None
                if flow is not None:
                    yield from self._begin(flow)
                elif on_top:
                    yield from self._after_end()
                else:
                    yield from self._ask_again_on_top()

    def _send(self, conversation: Conversation, replay: Replay, errand: Errand[Any]) -> None:
        key = request_key(errand)
        if key not in conversation.awaiting:
            self.words += replay.says
            conversation.awaiting.append(key)
            self.errands.append(Sent(conversation.id, key, errand))
        conversation.open = None

    def _after_end(self) -> Asked:
        """Go on with what was interrupted, if a release has not taken its flow away."""
        while self.talk.stack and self._is_gone(self.talk.stack[-1]):
            if phrases.GONE not in self.words:
                self.words.append(phrases.GONE)
            self._end(self.talk.stack[-1], "broken")
        if self.talk.stack:
            yield from self._resume(self.talk.stack[-1])
        elif phrases.GONE in self.words:
            yield from self._begin(self.house.home)

    def _ask_again_on_top(self) -> Asked:
        top = self.talk.stack[-1]
        if self._is_gone(top):
            return
        replay, block = yield from self._replay(top)
        self._suspend(top, replay, block)
        if isinstance(block, Question) and top.open is not None:
            self.prompt = (top, block, len(replay.passed) > replay.sealed)

    def _end(self, conversation: Conversation, ending: Ending) -> None:
        self.talk.stack.remove(conversation)
        self.live.pop(conversation.id, None)
        self.ended.append((conversation, ending))

    def _recap(
        self,
        conversation: Conversation,
        question: Question[Any],
        plain: Callable[[Text], Text],
        counted: Callable[[Text, int], Text],
    ) -> None:
        flow = self.house.named(conversation.flow) or self.house.home
        left = flow.left_after(question.name)
        self.words.append(counted(flow.title, left) if left else plain(flow.title))

    def _is_gone(self, conversation: Conversation) -> bool:
        return self.house.named(conversation.flow) is None

    def _conversation(self, conversation_id: int) -> Conversation | None:
        return next((c for c in self.talk.stack if c.id == conversation_id), None)


def _yes_or_no(heard: FromPerson, conversation: int) -> bool | None:
    match heard:
        case Said(text):
            number = number_in(text)
            return number == 1 if number in (1, 2) else yes_or_no(text)
        case Pressed(data):
            return {(conversation, ASIDE_TOKEN, "yes"): True, (conversation, ASIDE_TOKEN, "no"): False}.get(
                read_button(data) or (0, "", "")
            )
        case _:
            return None
