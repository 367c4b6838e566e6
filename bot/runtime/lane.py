"""One chat within a transaction: its turns are taken one after the other, and answered once.

Invariant: what is heard of a chat is handled in order. However much was heard, one answer goes out: to the last open
question, with whatever before it is still worth telling; no paper is lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from bot.handlers.contract import Arrival
from bot.runtime.hands import Hands
from bot.talk.awaited import Request
from bot.talk.flow import House
from bot.talk.heard import Shown
from bot.talk.journal import Conversation, Ending, Talk
from bot.talk.message import Message, Paper
from bot.talk.prompt import with_papers
from bot.talk.question import Ear
from bot.talk.stack import Sent, Turn
from bot.talk.turn import turn
from db import outbox, photos, registry, talks
from db.outbox import Taken
from db.prepared import Row
from db.talks import Seal, Underway
from db.unit import Unit
from rules.bank import Kind


class Note(Struct, frozen=True):
    """What one turn was, for the log and the figures: no words of anybody. `at` and `to` are questions by name, "" for
    none; `said` is the kind of what was heard."""

    chat: int
    lane: str
    flow: str
    at: str
    to: str
    said: str
    asked: int


class Heard(talks.Arrived):
    """One thing heard, ready for its turn. `photo`: its bytes, still to be kept. `errand`: the row of the outbox that
    it ends. `sealed`: as it is written. `arrival`: how it came, of what a person sent."""

    photo: bytes | None = None
    errand: int | None = None
    sealed: Row = ()
    arrival: Arrival | None = None


class Surroundings(Protocol):
    """What a lane needs of its batch."""

    unit: Unit
    hands: Hands
    taken: list[Taken]
    notes: list[Note]

    @property
    def house(self) -> House: ...

    @property
    def new_id(self) -> Callable[[], int]: ...

    @property
    def ways(self) -> tuple[Kind, ...]: ...

    def say(self, chat: int, sender: str, message: Message, language: str, *, later: bool = False) -> None: ...

    def ear(self, language: str) -> Ear: ...


class Lane:
    """One chat in the batch: what was heard in it, in order. `request` is what its present turn asks, if it does.
    `mute`: a person of the office answers there, so what is to be told is told once they have left."""

    def __init__(self, batch: Surroundings, chat: int, underway: Underway, *, mute: bool = False) -> None:
        self._batch, self.chat, self.underway, self._mute = batch, chat, underway, mute
        self.talk, self._sender = underway.talk, underway.lane
        self.waiting: list[Heard] = []
        self.ended: list[tuple[Conversation, Ending]] = []
        self.request: Request[Any] | None = None
        self.seals: dict[int, Seal] = {}
        self._taken: list[Turn] = []
        self._saved = False
        self._turn: Generator[Request[Any], Any, Turn] | None = None
        self._before = ("", "", "")
        self._shown: tuple[int, ...] = ()

    def asker(self) -> registry.Asker:
        conversation = self.talk.stack[-1].id if self.talk.stack else 0
        return registry.Asker(self.chat, conversation, self._ear().tell, self._batch.ways)

    def go_on(self, answer: Any) -> Request[Any] | None:
        """Take turns until one asks something, or nothing is left to hear."""
        self.request = None
        while self._turn is not None or self.waiting:
            if self._turn is None:
                self._turn, answer = self._begin(self.waiting.pop(0)), None
            try:
                self.request = self._turn.send(answer)
            except StopIteration as done:
                self._turn = None
                self._take(done.value)
            else:
                return self.request
        return None

    def save(self) -> None:
        """Write where the chat stands now, and what is said; once."""
        if self._saved:
            return
        self._saved = True
        messages = answer(self._taken, self.talk, self._ear())
        if messages and self._mute:
            messages = self._told()
        for message in messages:
            self._batch.say(self.chat, self._sender, message, self.talk.language, later=self._mute)
        self.seals = talks.save(self._batch.unit, self.chat, self.underway, self.ended)

    def _told(self) -> tuple[Message, ...]:
        """What the office's presence must not swallow, such as a member number; without any question."""
        told = dict.fromkeys(self._ear().tell(words) for one in self._taken for words in one.told)
        return with_papers(Message("\n".join(told)), _papers(self._taken)) if told else ()

    def _begin(self, one: Heard) -> Generator[Request[Any], Any, Turn]:
        unit = self._batch.unit
        if one.photo is not None and isinstance(one.heard, Shown):
            photos.keep(unit, self.chat, one.heard.photo, one.photo)
        if one.errand is not None:
            outbox.settle(unit, one.errand, "done")
        self._language = self.talk.language
        self._shown = (one.heard.photo, *one.heard.more) if isinstance(one.heard, Shown) else ()
        self._before = (*_where(self.talk), type(one.heard).__name__)
        return turn(self.talk, one.heard, self._ear(), self._batch.house, self._batch.new_id, self.underway.live)

    def _take(self, taken: Turn) -> None:
        unit = self._batch.unit
        self._taken.append(taken)
        for sent in taken.errands:
            self._send(sent)
        for conversation in (*self.talk.stack, *(one for one, _ending in taken.ended)) if self._shown else ():
            photos.belongs(unit, [photo for photo in self._shown if photo in conversation.photos], conversation.id)
        for conversation, ending in taken.ended:
            self.ended.append((conversation, ending))
            for photo in conversation.photos if ending == "cancelled" else ():
                photos.destroy(unit, photo, "cancelled")
        if self.talk.language != self._language:
            talks.set_language(unit, self.chat, self.talk.language)
        flow, at, said = self._before
        to_flow, to = _where(self.talk)
        asked = len(taken.messages)
        self._batch.notes.append(Note(self.chat, self._sender, to_flow or flow, at, to, said, asked))

    def _send(self, sent: Sent) -> None:
        at_once = self._batch.hands.promise(type(sent.errand).__name__)
        row = outbox.send(self._batch.unit, self.chat, sent.conversation, sent.key, sent.errand, at_once=at_once)
        if row is not None:
            self._batch.taken.append(row)

    def _ear(self) -> Ear:
        return self._batch.ear(self.talk.language)


def answer(turns: list[Turn], talk: Talk, ear: Ear) -> tuple[Message, ...]:
    """One message for all that was said in these turns; before it the papers for which it has no room."""
    spoken = [one for one in turns if one.messages]
    if not spoken:
        return ()
    *before, last = spoken
    still_asked = last.asks is None or last.asks == _open(talk)
    if not before and still_asked:
        return last.messages
    told = dict.fromkeys(ear.tell(words) for one in (before if still_asked else spoken) for words in one.told)
    if still_asked:
        final = last.messages[-1]
        return with_papers(replace(final, text="\n".join([*told, final.text])), _papers(spoken))
    return with_papers(Message("\n".join(told)), _papers(spoken)) if told else ()


def _papers(turns: list[Turn]) -> list[Paper]:
    return [said.paper for one in turns for said in one.messages if said.paper is not None]


def _where(talk: Talk) -> tuple[str, str]:
    """The flow on top and its open question."""
    if not talk.stack:
        return "", ""
    top = talk.stack[-1]
    return top.flow, top.open.name if top.open else ""


def _open(talk: Talk) -> tuple[int, str] | None:
    """The question that waits in this chat."""
    top = talk.stack[-1] if talk.stack else None
    return (top.id, top.open.token) if top is not None and top.open is not None else None
