"""What one transaction does: dedupe, load, take a turn for each thing heard, save.

Invariant: one chat, one lane: what is heard of a chat is handled in the order in which it was handed in. Chats don't
wait for each other, so what they ask of the registry is asked with one statement for all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.handlers.contract import Arrival, Receipt
from bot.talk.awaited import Request
from bot.talk.flow import House
from bot.talk.heard import Delayed, Heard, Result, Shown
from bot.talk.journal import Conversation, Ending
from bot.talk.message import Message
from bot.talk.question import Ear
from bot.talk.stack import Turn
from bot.talk.turn import turn
from db import outbox, photos, registry, talks
from db.ids import Ids
from db.talks import Door, Stamp, Underway
from db.unit import Unit
from db.vault import Vault
from rules.words import Translate, _

WITA = ZoneInfo("Asia/Makassar")
SORRY = _("Maaf, ada gangguan di sistem kami. Petugas sudah tahu. Coba lagi nanti, atau ketik menu.")
CHATS_REMEMBERED_MAX = 2_000
"""Chats whose flows stay in memory where they stand; the others are replayed from their journals."""
DOORS_KNOWN_MAX = 100_000
"""Chats whose id is remembered; past that it is looked up."""


class Answered(Struct, frozen=True):
    """An errand of a conversation came back. `late`: it did not, but its patience is over."""

    row: int
    chat: int
    conversation: int
    key: str
    value: Any = None
    late: bool = False


class Job(Struct, frozen=True):
    """Something of our own to do in the transaction."""

    run: Callable[[Unit], Awaitable[Any]]


Work = Arrival | Answered | Job


class Desk(Struct, frozen=True):
    """What every batch needs. `pulled` are the channels that fetch their messages themselves. `doors` remembers the
    chat of an address, which never changes; `remembered` the chats that were spoken with last, the latest at the
    end."""

    house: House
    catalogues: Mapping[str, Translate]
    vault: Vault
    ids: Ids
    clock: Callable[[], datetime]
    pulled: frozenset[str]
    doors: dict[Door, int] = {}
    remembered: dict[int, Underway] = {}
    language: str = "id"


class _Heard(Struct):
    """One thing heard, ready for its turn. `row`: the errand of the outbox that it ends."""

    stamp: Stamp
    chat: int
    heard: Heard
    photo: bytes | None = None
    row: int | None = None


class Batch:
    """One transaction's work."""

    def __init__(self, unit: Unit, desk: Desk) -> None:
        self.unit, self.desk = unit, desk
        self._new_doors: dict[Door, int] = {}
        self._spoken: dict[int, Underway] = {}

    async def do(self, works: Sequence[Work]) -> list[Any]:
        """Do all of it; one result for each."""
        met = await self._meet(works)
        heard = [one for one in met if one is not None]
        new = await talks.receive(self.unit, [(one.stamp, one.chat, one.heard) for one in heard]) if heard else set()
        fresh: list[_Heard] = []
        results: list[Any] = []
        for one in met:
            is_new = one is not None and one.stamp in new
            if one is not None and is_new:
                new.discard(one.stamp)  # the same message twice in one batch
                fresh.append(one)
            results.append(Receipt(one.chat, is_new) if one is not None else None)
        if fresh:
            await self._take_turns(fresh)
        for place, work in enumerate(works):
            if isinstance(work, Job):
                results[place] = await work.run(self.unit)
        return results

    async def park(self, arrival: Arrival, why: str) -> Receipt:
        """Write a message that can't be handled, and say sorry."""
        one = next(one for one in await self._meet([arrival]) if one is not None)
        if await talks.receive(self.unit, [(one.stamp, one.chat, one.heard)]):
            await talks.park(self.unit, one.stamp, why)
            language, sender = await talks.reach(self.unit, one.chat)
            self.say(one.chat, sender, Message(SORRY.tell(language, self.desk.catalogues[language])))
        return Receipt(one.chat, True)

    def remember(self) -> None:
        """After the commit: what was met and spoken need not be looked up again."""
        if len(self.desk.doors) < DOORS_KNOWN_MAX:
            self.desk.doors.update(self._new_doors)
        remembered = self.desk.remembered
        remembered.update(self._spoken)
        while len(remembered) > CHATS_REMEMBERED_MAX:
            del remembered[next(iter(remembered))]

    def say(self, chat: int, sender: str, message: Message) -> None:
        """A message to a chat, in the outbox of who sends to it."""
        outbox.say(self.unit, chat, sender, message, pulled=sender.partition(":")[0] in self.desk.pulled)

    async def _meet(self, works: Sequence[Work]) -> list[_Heard | None]:
        """Each work as something heard in a chat; None for a job."""
        doors = {(work.channel, work.account, work.address) for work in works if isinstance(work, Arrival)}
        new = doors - self.desk.doors.keys()
        self._new_doors = await talks.chat_ids(self.unit, new, self.desk.language) if new else {}
        return [self._met(work) for work in works]

    def _met(self, work: Work) -> _Heard | None:
        match work:
            case Job():
                return None
            case Answered(row, chat, conversation, key, value, late):
                if late:
                    return _Heard(Stamp("outbox", "late", str(row)), chat, Delayed(conversation, key))
                return _Heard(Stamp("outbox", "", str(row)), chat, Result(conversation, key, value), row=row)
            case Arrival():
                door = (work.channel, work.account, work.address)
                chat = self.desk.doors[door] if door in self.desk.doors else self._new_doors[door]
                said = Shown(self.unit.ids.next()) if work.photo is not None else work.heard
                return _Heard(Stamp(work.channel, work.account, work.message_id), chat, said, work.photo)

    async def _take_turns(self, heard: Sequence[_Heard]) -> None:
        """A turn for each thing heard. The chats go on side by side, and what they ask is answered together."""
        found = await talks.load(self.unit, {one.chat for one in heard}, self.desk.remembered)
        lanes = {chat: _Lane(self, chat, underway) for chat, underway in found.items()}
        for one in heard:
            lanes[one.chat].waiting.append(one)
        asking = [lane for lane in lanes.values() if lane.go_on(None) is not None]
        while asking:
            asked = [(lane.asker(), lane.request) for lane in asking if lane.request is not None]
            answers = await registry.answer_all(self.unit, asked)
            asking = [lane for lane, answer in zip(asking, answers, strict=True) if lane.go_on(answer) is not None]
        ended = [(lane.chat, *one) for lane in lanes.values() for one in lane.ended]
        talks.save(self.unit, found, ended)
        self._spoken = found


class _Lane:
    """One chat in the batch: what was heard in it, in order. `request` is what its present turn asks, if it does."""

    def __init__(self, batch: Batch, chat: int, underway: Underway) -> None:
        self._batch, self.chat, self.talk, self._sender = batch, chat, underway.talk, underway.lane
        self._live = underway.live
        self.waiting: list[_Heard] = []
        self.ended: list[tuple[Conversation, Ending]] = []
        self.request: Request[Any] | None = None
        self._turn: Generator[Request[Any], Any, Turn] | None = None

    def asker(self) -> registry.Asker:
        conversation = self.talk.stack[-1].id if self.talk.stack else 0
        return registry.Asker(self.chat, conversation, self._ear().tell)

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

    def _begin(self, one: _Heard) -> Generator[Request[Any], Any, Turn]:
        desk, unit = self._batch.desk, self._batch.unit
        if one.photo is not None and isinstance(one.heard, Shown):
            photos.keep(unit, self.chat, one.heard.photo, one.photo)
        if one.row is not None:
            outbox.settle(unit, one.row, "done")
        self._language = self.talk.language
        return turn(self.talk, one.heard, self._ear(), desk.house, desk.ids.next, self._live)

    def _take(self, taken: Turn) -> None:
        unit = self._batch.unit
        for message in taken.messages:
            self._batch.say(self.chat, self._sender, message)
        for sent in taken.errands:
            outbox.send(unit, self.chat, sent.conversation, sent.key, sent.errand)
        for conversation, ending in taken.ended:
            self.ended.append((conversation, ending))
            for photo in conversation.photos if ending == "cancelled" else ():
                photos.destroy(unit, photo, "cancelled")
        if self.talk.language != self._language:
            talks.set_language(unit, self.chat, self.talk.language)

    def _ear(self) -> Ear:
        desk = self._batch.desk
        return Ear(self.talk.language, desk.catalogues, self._batch.unit.now.astimezone(WITA))
