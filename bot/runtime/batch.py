"""What one transaction does: dedupe, load, take a turn for each thing heard, save.

Invariant: one chat, one lane: what is heard of a chat is handled in the order in which it was handed in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.handlers.contract import Arrival, Receipt
from bot.talk.flow import House
from bot.talk.heard import Delayed, Heard, Result, Shown
from bot.talk.journal import Conversation, Ending, Talk
from bot.talk.message import Message
from bot.talk.question import Ear
from bot.talk.turn import Turn, turn
from db import outbox, photos, registry, talks
from db.ids import Ids
from db.talks import Door, Stamp
from db.unit import Unit
from db.vault import Vault
from rules.words import Translate, _

WITA = ZoneInfo("Asia/Makassar")
SORRY = _("Maaf, ada gangguan di sistem kami. Petugas sudah tahu. Coba lagi nanti, atau ketik menu.")
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
    chat of an address, which never changes."""

    house: House
    catalogues: Mapping[str, Translate]
    vault: Vault
    ids: Ids
    clock: Callable[[], datetime]
    pulled: frozenset[str]
    doors: dict[Door, int] = {}
    language: str = "id"


class _Heard(Struct):
    """One thing heard, ready for its turn. `channel` and `account` are those of the chat, where known."""

    stamp: Stamp
    chat: int
    heard: Heard
    photo: bytes | None = None


class Batch:
    """One transaction's work."""

    def __init__(self, unit: Unit, desk: Desk) -> None:
        self.unit, self.desk = unit, desk
        self._talks: dict[int, Talk] = {}
        self._lanes: dict[int, str] = {}
        self._new_doors: dict[Door, int] = {}
        self._ended: list[tuple[int, Conversation, Ending]] = []

    async def do(self, works: Sequence[Work]) -> list[Any]:
        """Do all of it, in order; one result for each."""
        heard = await self._meet(works)
        things = [one for one in heard if one is not None]
        new = await talks.receive(self.unit, [(one.stamp, one.chat, one.heard) for one in things]) if things else set()
        self._talks = await talks.load(self.unit, {one.chat for one in things if one.stamp in new}) if new else {}
        results: list[Any] = []
        for work, one in zip(works, heard, strict=True):
            if isinstance(work, Job):
                results.append(await work.run(self.unit))
            elif one is not None:
                is_new = one.stamp in new
                new.discard(one.stamp)  # the same message twice in one batch
                if is_new:
                    await self._hear(one, work)
                results.append(Receipt(one.chat, is_new))
        await talks.save(self.unit, self._talks, self._ended)
        return results

    async def park(self, arrival: Arrival, why: str) -> Receipt:
        """Write a message that can't be handled, and say sorry."""
        one = next(one for one in await self._meet([arrival]) if one is not None)
        if await talks.receive(self.unit, [(one.stamp, one.chat, one.heard)]):
            await talks.park(self.unit, one.stamp, why)
            self._talks = await talks.load(self.unit, {one.chat})
            await self._say(one.chat, (Message(self._ear(self._talks[one.chat]).tell(SORRY)),))
        return Receipt(one.chat, True)

    async def _meet(self, works: Sequence[Work]) -> list[_Heard | None]:
        """Each work as something heard in a chat; None for a job."""
        doors = {(work.channel, work.account, work.address) for work in works if isinstance(work, Arrival)}
        new = doors - self.desk.doors.keys()
        self._new_doors = await talks.chat_ids(self.unit, new, self.desk.language) if new else {}
        return [self._met(work) for work in works]

    def remember(self) -> None:
        """After the commit: the chats that were met need no look-up again."""
        if len(self.desk.doors) < DOORS_KNOWN_MAX:
            self.desk.doors.update(self._new_doors)

    def _met(self, work: Work) -> _Heard | None:
        match work:
            case Job():
                return None
            case Answered(row, chat, conversation, key, value, late):
                heard = Delayed(conversation, key) if late else Result(conversation, key, value)
                return _Heard(Stamp("outbox", "late" if late else "", str(row)), chat, heard)
            case Arrival():
                door = (work.channel, work.account, work.address)
                chat = self.desk.doors[door] if door in self.desk.doors else self._new_doors[door]
                self._lanes[chat] = f"{work.channel}:{work.account}"
                said = Shown(self.unit.ids.next()) if work.photo is not None else work.heard
                return _Heard(Stamp(work.channel, work.account, work.message_id), chat, said, work.photo)

    async def _hear(self, one: _Heard, work: Work) -> None:
        if one.photo is not None and isinstance(one.heard, Shown):
            photos.keep(self.unit, one.chat, one.heard.photo, one.photo)
        if isinstance(work, Answered) and not work.late:
            await outbox.settle(self.unit, work.row, "done")
        taken = await self._turn(one.chat, one.heard)
        await self._say(one.chat, taken.messages)
        for sent in taken.errands:
            outbox.send(self.unit, one.chat, sent.conversation, sent.key, sent.errand)
        for conversation, ending in taken.ended:
            self._ended.append((one.chat, conversation, ending))
            for photo in conversation.photos if ending == "cancelled" else ():
                await photos.destroy(self.unit, photo, "cancelled")

    async def _turn(self, chat: int, heard: Heard) -> Turn:
        """Drive the pure turn, answering what it asks of our registry."""
        talk = self._talks[chat]
        language, ear = talk.language, self._ear(talk)
        asking = turn(talk, heard, ear, self.desk.house, self.desk.ids.next)
        answer: Any = None
        while True:
            try:
                request = asking.send(answer)
            except StopIteration as done:
                return await self._taken(chat, language, done.value)
            conversation = talk.stack[-1].id if talk.stack else 0
            answer = await registry.answer(self.unit, registry.Asker(chat, conversation, ear.tell), request)

    async def _taken(self, chat: int, language: str, taken: Turn) -> Turn:
        if taken.talk.language != language:
            await talks.set_language(self.unit, chat, taken.talk.language)
        return taken

    async def _say(self, chat: int, messages: Sequence[Message]) -> None:
        if not messages:
            return
        if chat not in self._lanes:
            _language, self._lanes[chat] = await talks.reach(self.unit, chat)
        lane = self._lanes[chat]
        for message in messages:
            outbox.say(self.unit, chat, lane, message, pulled=lane.partition(":")[0] in self.desk.pulled)

    def _ear(self, talk: Talk) -> Ear:
        return Ear(talk.language, self.desk.catalogues, self.unit.now.astimezone(WITA))
