"""What one transaction does: dedupe, load, take a turn for each thing heard, save.

Invariant: one chat, one lane: what is heard of a chat is handled in the order in which it was handed in. Chats don't
wait for each other, so what they ask of the registry is asked with one statement for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.handlers.contract import Arrival, Receipt
from bot.runtime.hands import Hands
from bot.talk.awaited import Request
from bot.talk.flow import House
from bot.talk.heard import Delayed, Result, Shown
from bot.talk.journal import Conversation, Ending
from bot.talk.message import Message
from bot.talk.question import Ear
from bot.talk.stack import Sent, Turn
from bot.talk.turn import turn
from db import outbox, photos, registry, talks
from db.ids import Ids
from db.outbox import Taken
from db.prepared import Row
from db.talks import Door, Seal, Stamp, Underway
from db.unit import Unit
from db.vault import Vault
from rules.words import Translate, _

WITA = ZoneInfo("Asia/Makassar")
SORRY = _("Maaf, ada gangguan di sistem kami, dan sudah kami catat. Coba lagi nanti, atau ketik menu.")
CHATS_REMEMBERED_MAX = 2_000
"""Chats whose flows stay in memory where they stand; the others are replayed from their journals."""
TURNS_AT_A_STRETCH = 4
"""Turns after which the loop may look whether the database has answered."""
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


def chat_of(work: Work, doors: Mapping[Door, int]) -> int | Door | None:
    """Whose turn it is: a chat, by its door as long as its id isn't known; None for a job."""
    match work:
        case Arrival(channel, account, address):
            door = (channel, account, address)
            return doors.get(door, door)
        case Answered(chat=chat):
            return chat
        case Job():
            return None


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


class _Heard(talks.Arrived):
    """One thing heard, ready for its turn, `sealed` as it is written. `errand`: the row of the outbox that it ends."""

    sealed: Row = ()
    photo: bytes | None = None
    errand: int | None = None


class UnforeseenError(Exception):
    """What a batch foresaw of its chats is not what the database holds; it has to be done without foresight."""


class Batch:
    """One transaction's work. `foresee` may go before its transaction, `do` is in it, `remember` after it.

    Errands for which `hands` are free are `taken`, and given to them after the commit."""

    def __init__(self, unit: Unit, desk: Desk, hands: Hands) -> None:
        self.unit, self.desk, self.hands = unit, desk, hands
        self.taken: list[Taken] = []
        self._now = unit.now.astimezone(WITA)
        self._met: dict[int, _Heard] = {}
        self._foreseen: dict[int, _Lane] = {}
        self._new_doors: dict[Door, int] = {}
        self._spoken: dict[int, Underway] = {}
        self._foresight: asyncio.Task[bool] | None = None

    def foresee(self, works: Sequence[Work]) -> None:
        """Begin to take the turns of the chats that are remembered, up to what they ask of the database, while it is
        busy with something else."""
        stamps: set[Stamp] = set()
        for place, work in enumerate(works):
            one = self._meet(work)
            if one is None or one.stamp in stamps:
                continue
            stamps.add(one.stamp)
            self._met[place] = one
            known = self.desk.remembered.pop(one.chat, None)
            if known is not None:
                self._foreseen[one.chat] = _Lane(self, one.chat, known)
            if one.chat in self._foreseen:
                self._foreseen[one.chat].waiting.append(one)
        if self._foreseen:
            self._foresight = asyncio.create_task(self._take_foreseen(), name="foresight")

    async def _take_foreseen(self) -> bool:
        """Whether it went well. What is wrong comes again in a batch without foresight, where it is told."""
        try:
            for number, lane in enumerate(self._foreseen.values(), 1):
                if lane.go_on(None) is None:
                    lane.save()
                if number % TURNS_AT_A_STRETCH == 0:
                    await asyncio.sleep(0)
        except Exception:  # noqa: BLE001  # the loop that keeps the process alive
            return False
        return True

    async def do(self, works: Sequence[Work]) -> list[Any]:
        """Do all of it; one result for each. UnforeseenError if foresight failed."""
        heard = await self._meet_all(works)
        things = [one for one in heard if one is not None]
        received = await self._receive(things) if things else talks.Received(set(), ())
        new = received.new
        if any(one.stamp not in new for place, one in self._met.items() if one.chat in self._foreseen):
            raise UnforeseenError
        if self._foresight is not None and not await self._foresight:
            raise UnforeseenError
        fresh: list[_Heard] = []
        results: list[Any] = []
        for place, one in enumerate(heard):
            is_new = one is not None and one.stamp in new
            if one is not None and is_new:
                new.discard(one.stamp)  # the same message twice in one batch
                if one.chat in self._foreseen and self._met.get(place) is not one:
                    raise UnforeseenError  # its door wasn't known yet, so its turn wasn't foreseen with the others
                fresh.append(one)
            results.append(Receipt(one.chat, is_new) if one is not None else None)
        if fresh:
            await self._take_turns(fresh, received.chats)
        for place, work in enumerate(works):
            if isinstance(work, Job):
                results[place] = await work.run(self.unit)
        return results

    async def park(self, arrival: Arrival, why: str) -> Receipt:
        """Write a message that can't be handled, and say sorry."""
        one = next(one for one in await self._meet_all([arrival]) if one is not None)
        if (await self._receive([one])).new:
            talks.park(self.unit, one.stamp, why)
            language, sender = await talks.reach(self.unit, one.chat)
            self.say(one.chat, sender, Message(SORRY.tell(language, self.desk.catalogues[language])))
        return Receipt(one.chat, True)

    def give_up(self) -> None:
        """It is not to be done; what it foresaw is worth nothing."""
        if self._foresight is not None:
            self._foresight.cancel()
        self.hands.withdraw(self.taken)

    def remember(self) -> None:
        """After the commit: what was met and spoken need not be looked up again."""
        if len(self.desk.doors) < DOORS_KNOWN_MAX:
            self.desk.doors.update(self._new_doors)
        remembered = self.desk.remembered
        for chat, underway in self._spoken.items():
            if underway.talk.stack:
                remembered[chat] = underway
        while len(remembered) > CHATS_REMEMBERED_MAX:
            del remembered[next(iter(remembered))]
        self._foreseen.clear()  # the lanes know their batch: without this all of it waits for the garbage collector

    def say(self, chat: int, sender: str, message: Message) -> None:
        """A message to a chat, in the outbox of who sends to it."""
        outbox.say(self.unit, chat, sender, message, pulled=sender.partition(":")[0] in self.desk.pulled)

    def ear(self, language: str) -> Ear:
        """How a reader of this language is understood, and told, now."""
        return Ear(language, self.desk.catalogues, self._now)

    async def _meet_all(self, works: Sequence[Work]) -> list[_Heard | None]:
        """Each work as something heard in a chat; None for a job."""
        doors = {(work.channel, work.account, work.address) for work in works if isinstance(work, Arrival)}
        new = {door for door in doors if door not in self.desk.doors}
        self._new_doors = await talks.chat_ids(self.unit, new, self.desk.language) if new else {}
        return [self._met.get(place) or self._meet(work) for place, work in enumerate(works)]

    def _meet(self, work: Work) -> _Heard | None:
        """The work as something heard; None for a job, and for a chat that is not known yet."""
        one = self._heard(work)
        if one is not None:
            one.sealed = talks.seal(self.unit, one)
        return one

    def _heard(self, work: Work) -> _Heard | None:
        match work:
            case Job():
                return None
            case Answered(row, chat, conversation, key, value, late):
                number = self.unit.ids.next()
                if late:
                    return _Heard(number, Stamp("outbox", "late", str(row)), chat, Delayed(conversation, key))
                result = Result(conversation, key, value)
                return _Heard(number, Stamp("outbox", "", str(row)), chat, result, errand=row)
            case Arrival():
                door = (work.channel, work.account, work.address)
                known = self.desk.doors.get(door) or self._new_doors.get(door)
                if known is None:
                    return None
                number, stamp = self.unit.ids.next(), Stamp(work.channel, work.account, work.message_id)
                said = Shown(self.unit.ids.next()) if work.photo is not None else work.heard
                return _Heard(number, stamp, known, said, photo=work.photo)

    async def _receive(self, things: Sequence[_Heard]) -> talks.Received:
        return await talks.receive(self.unit, things, [one.sealed for one in things])

    async def _take_turns(self, heard: Sequence[_Heard], chats: Sequence[Row]) -> None:
        """A turn for each thing heard. The chats go on side by side, and what they ask is answered together."""
        wanted = {one.chat for one in heard}
        held = [row for row in chats if row[0] in wanted]
        found = talks.load(self.unit, held, self._known(wanted))
        lanes = {chat: self._lane(chat, underway) for chat, underway in found.items()}
        for one in heard:
            if one.chat not in self._foreseen:
                lanes[one.chat].waiting.append(one)
        asking = [lane for lane in lanes.values() if lane.request is not None or lane.go_on(None) is not None]
        while asking:
            asked = [(lane.asker(), lane.request) for lane in asking if lane.request is not None]
            answers = await registry.answer_all(self.unit, asked)
            asking = [lane for lane, answer in zip(asking, answers, strict=True) if lane.go_on(answer) is not None]
        for lane in lanes.values():
            lane.save()
            lane.underway.seals, lane.underway.language = lane.seals, lane.talk.language
        self._spoken = found

    def _known(self, chats: Iterable[int]) -> dict[int, Underway]:
        """What this process believes of the chats: of those foreseen, what their turns began with."""
        known: dict[int, Underway] = {}
        for chat in chats:
            lane = self._foreseen.get(chat)
            underway = lane.underway if lane is not None else self.desk.remembered.pop(chat, None)
            if underway is not None:
                known[chat] = underway
        return known

    def _lane(self, chat: int, underway: Underway) -> _Lane:
        lane = self._foreseen.get(chat)
        if lane is None:
            return _Lane(self, chat, underway)
        if lane.underway is not underway:
            raise UnforeseenError
        return lane


class _Lane:
    """One chat in the batch: what was heard in it, in order. `request` is what its present turn asks, if it does."""

    def __init__(self, batch: Batch, chat: int, underway: Underway) -> None:
        self._batch, self.chat, self.underway = batch, chat, underway
        self.talk, self._sender = underway.talk, underway.lane
        self.waiting: list[_Heard] = []
        self.ended: list[tuple[Conversation, Ending]] = []
        self.request: Request[Any] | None = None
        self.seals: dict[int, Seal] = {}
        self._saved = False
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

    def save(self) -> None:
        """Write where the chat stands now; once."""
        if self._saved:
            return
        self._saved = True
        self.seals = talks.save(self._batch.unit, self.chat, self.underway, self.ended)

    def _begin(self, one: _Heard) -> Generator[Request[Any], Any, Turn]:
        desk, unit = self._batch.desk, self._batch.unit
        if one.photo is not None and isinstance(one.heard, Shown):
            photos.keep(unit, self.chat, one.heard.photo, one.photo)
        if one.errand is not None:
            outbox.settle(unit, one.errand, "done")
        self._language = self.talk.language
        return turn(self.talk, one.heard, self._ear(), desk.house, desk.ids.next, self.underway.live)

    def _take(self, taken: Turn) -> None:
        unit = self._batch.unit
        for message in taken.messages:
            self._batch.say(self.chat, self._sender, message)
        for sent in taken.errands:
            self._send(sent)
        for conversation, ending in taken.ended:
            self.ended.append((conversation, ending))
            for photo in conversation.photos if ending == "cancelled" else ():
                photos.destroy(unit, photo, "cancelled")
        if self.talk.language != self._language:
            talks.set_language(unit, self.chat, self.talk.language)

    def _send(self, sent: Sent) -> None:
        at_once = self._batch.hands.promise(type(sent.errand).__name__)
        row = outbox.send(self._batch.unit, self.chat, sent.conversation, sent.key, sent.errand, at_once=at_once)
        if row is not None:
            self._batch.taken.append(row)

    def _ear(self) -> Ear:
        return self._batch.ear(self.talk.language)
