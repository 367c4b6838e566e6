"""What one transaction does: dedupe, load, take a turn for each thing heard, save.

Invariant: one chat, one lane: what is heard of a chat is handled in the order in which it was handed in. Chats don't
wait for each other, so what they ask of the registry is asked with one statement for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from bot.handlers.contract import Arrival, Limits, Receipt
from bot.handlers.fit import fit
from bot.runtime.flood import Flood
from bot.runtime.hands import Hands
from bot.runtime.lane import Heard, Lane, Note
from bot.runtime.sorting import Sorting, must_wait
from bot.runtime.works import Answered, Fetched, HandBack, Job, Release, StillFetching, Work, chats_of
from bot.talk.flow import House
from bot.talk.heard import Delayed, Result, Shown
from bot.talk.message import Message, Paper
from bot.talk.question import Ear
from db import outbox, registry, talks, waiting
from db.ids import Ids
from db.outbox import Taken
from db.prepared import Row
from db.talks import Door, Quiet, Stamp, Underway
from db.unit import Unit
from db.vault import Vault
from rules.bank import Kind
from rules.quiet import allowed_from
from rules.words import Text, Translate, _

WITA = ZoneInfo("Asia/Makassar")
SORRY = _("Maaf, ada gangguan di sistem kami, dan sudah kami catat. Coba lagi nanti, atau ketik menu.")
CHATS_REMEMBERED_MAX = 2_000
"""Chats whose flows stay in memory where they stand; the others are replayed from their journals."""
TURNS_AT_A_STRETCH = 4
"""Turns after which the loop may look whether the database has answered."""
PAGE_LEFT = timedelta(minutes=2)
"""Who hasn't answered on our page for so long is taken to have left it, and is sent the link again."""
DOORS_KNOWN_MAX = 100_000
"""Chats whose id is remembered; past that it is looked up."""


Page = Callable[[Unit, int, Message, Callable[[Text], str]], Message]
"""(unit, chat, message, tell): the message with words that lead to our own page, where it stands, or its paper does."""


class Desk(Struct, frozen=True):
    """What every batch needs. `pulled` are the channels that fetch their messages themselves, `pushed` what the others
    can show. `paged` are those in whose chats no identity number may be asked for; `page` leads from there to our own
    page, `paper` to a paper on it, and `on_page` is when who writes in a chat last answered there. `doors` remembers
    the chat of an address; one that may pass to somebody else is looked up all the same. `remembered` are the chats
    that were spoken with last, the latest at the end. `ways` are those to pay at a bank of ours."""

    house: House
    catalogues: Mapping[str, Translate]
    vault: Vault
    ids: Ids
    clock: Callable[[], datetime]
    pulled: frozenset[str]
    pushed: Mapping[str, Limits] = {}
    paged: frozenset[str] = frozenset()
    page: Page | None = None
    paper: Page | None = None
    flood: Flood = field(default_factory=Flood)
    on_page: dict[int, datetime] = field(default_factory=dict)
    doors: dict[Door, int] = {}
    remembered: dict[int, Underway] = {}
    ways: tuple[Kind, ...] = ()
    language: str = "id"


class UnforeseenError(Exception):
    """What a batch foresaw of its chats is not what the database holds; it has to be done without foresight."""


class Batch:
    """One transaction's work. `foresee` may go before its transaction, `do` is in it, `remember` after it.

    Errands for which `hands` are free are `taken`, and given to them after the commit."""

    def __init__(self, unit: Unit, desk: Desk, hands: Hands) -> None:
        self.unit, self.desk, self.hands = unit, desk, hands
        self.taken: list[Taken] = []
        self.notes: list[Note] = []
        self._now = unit.now.astimezone(WITA)
        self._met: dict[int, Heard] = {}
        self._foreseen: dict[int, Lane] = {}
        self._new_doors: dict[Door, int] = {}
        self._spoken: dict[int, Underway] = {}
        self._foresight: asyncio.Task[bool] | None = None

    def foresee(self, works: Sequence[Work]) -> None:
        """Begin to take the turns of the chats that are remembered, up to what they ask of the database, while it is
        busy with something else."""
        stamps: set[Stamp] = set()
        unforeseen = self._unforeseen(works)
        for place, work in enumerate(works):
            one = self._meet(work)
            if one is None or one.stamp in stamps:
                continue
            stamps.add(one.stamp)
            self._met[place] = one
            known = None if one.chat in unforeseen else self.desk.remembered.pop(one.chat, None)
            if known is not None:
                self._foreseen[one.chat] = Lane(self, one.chat, known)
            if one.chat in self._foreseen:
                self._foreseen[one.chat].waiting.append(one)
        if self._foreseen:
            self._foresight = asyncio.create_task(self._take_foreseen(), name="foresight")

    def _unforeseen(self, works: Sequence[Work]) -> set[int | Door]:
        """Chats in which something will have to wait for its turn, or whose person is, or was, on our page."""
        now, doors = self.unit.now, self.desk.doors
        return {
            chat
            for work in works
            if isinstance(work, Fetched | StillFetching | Release | HandBack)
            or (isinstance(work, Arrival) and (work.by_page or must_wait(work, now)))
            for chat in chats_of(work, doors)
        } | self.desk.on_page.keys()

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
        fresh: list[Heard] = []
        results: list[Any] = []
        for place, one in enumerate(heard):
            is_new = one is not None and one.stamp in new
            if one is not None and is_new:
                new.discard(one.stamp)  # the same message twice in one batch
                if one.chat in self._foreseen and self._met.get(place) is not one:
                    raise UnforeseenError  # its door wasn't known yet, so its turn wasn't foreseen with the others
                fresh.append(one)
            results.append(Receipt(one.chat, is_new) if one is not None else None)
        chats = list(received.chats)
        if any(row[4] for row in chats if row[0] in self._foreseen):
            raise UnforeseenError  # another process has quieted it
        sorting = Sorting(self, chats, fresh)
        turns = [one for one in fresh if sorting.is_its_turn(one)]
        if any(chat in self._foreseen for chat in sorting.kept_waiting):
            raise UnforeseenError  # it writes more than a person can
        turns += await sorting.released(works)
        if turns:
            await self._take_turns(turns, chats, sorting.quiet)
        for place, work in enumerate(works):
            if isinstance(work, Job):
                results[place] = await work.run(self.unit)
        for chat, text in self.unit.notices:
            await notify(self.unit, self.desk, chat, text)
        return results

    async def park(self, arrival: Arrival, why: str) -> Receipt:
        """Write a message that can't be handled, and say sorry."""
        one = next(one for one in await self._meet_all([arrival]) if one is not None)
        if (await self._receive([one])).new:
            talks.park(self.unit, one.stamp, why)
            language, sender = await talks.reach(self.unit, one.chat)
            self.say(one.chat, sender, Message(SORRY.tell(language, self.desk.catalogues[language])), language)
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
            if underway.talk.stack and not underway.quiet:
                remembered[chat] = underway
        while len(remembered) > CHATS_REMEMBERED_MAX:
            del remembered[next(iter(remembered))]
        self._foreseen.clear()  # the lanes know their batch: without this all of it waits for the garbage collector

    @property
    def house(self) -> House:
        return self.desk.house

    @property
    def ways(self) -> tuple[Kind, ...]:
        return self.desk.ways

    @property
    def on_page(self) -> dict[int, datetime]:
        return self.desk.on_page

    @property
    def flood(self) -> Flood:
        return self.desk.flood

    @property
    def new_id(self) -> Callable[[], int]:
        return self.desk.ids.next

    def say(self, chat: int, sender: str, message: Message, language: str, *, later: bool = False) -> None:
        """A message to a chat, in the outbox of who sends to it, made fit for the channel. `later`: once the office
        has handed the chat back."""
        not_before = outbox.HANDED_BACK if later else None
        say(self.unit, self.desk, chat, sender, message, language, not_before=not_before)

    def ear(self, language: str) -> Ear:
        """How a reader of this language is understood, and told, now."""
        return Ear(language, self.desk.catalogues, self._now)

    async def _meet_all(self, works: Sequence[Work]) -> list[Heard | None]:
        """Each work as something heard in a chat; None for a job."""
        new: dict[Door, tuple[str, ...]] = {}
        for work in works:
            if isinstance(work, Arrival) and not self._is_known(work):
                door = _door(work)
                new[door] = tuple(dict.fromkeys((*new.get(door, ()), *work.aliases)))
        if new:
            beside = {chat for work in works for chat in chats_of(work, self.desk.doors) if isinstance(chat, int)}
            self._new_doors = await talks.chat_ids(self.unit, new, self.desk.language, beside)
        return [self._met.get(place) or self._meet(work) for place, work in enumerate(works)]

    def _is_known(self, arrival: Arrival) -> bool:
        """Whether the chat of who writes need not be looked up. Who comes with an alias may have to be given a chat."""
        return not arrival.aliases and _door(arrival) in self.desk.doors

    def _meet(self, work: Work) -> Heard | None:
        """The work as something heard; None for a job, and for a chat that is not known yet."""
        one = self._heard(work)
        if one is not None:
            one.sealed = talks.seal(self.unit, one)
        return one

    def _heard(self, work: Work) -> Heard | None:
        match work:
            case Job() | Fetched() | StillFetching() | Release() | HandBack():
                return None
            case Answered(row, chat, conversation, key, value, late):
                number = self.unit.ids.next()
                if late:
                    return Heard(number, Stamp("outbox", "late", str(row)), chat, Delayed(conversation, key))
                result = Result(conversation, key, value)
                return Heard(number, Stamp("outbox", "", str(row)), chat, result, errand=row)
            case Arrival():
                door = _door(work)
                known = self._new_doors.get(door) or (self.desk.doors.get(door) if self._is_known(work) else None)
                if known is None:
                    return None
                number, stamp = self.unit.ids.next(), Stamp(work.channel, work.account, work.message_id)
                is_photo = work.photo is not None or work.file
                said = Shown(self.unit.ids.next()) if is_photo else work.heard
                return Heard(number, stamp, known, said, photo=work.photo, arrival=work)

    async def _receive(self, things: Sequence[Heard]) -> talks.Received:
        return await talks.receive(self.unit, things, [one.sealed for one in things])

    async def _take_turns(self, heard: Sequence[Heard], chats: Sequence[Row], quiet: Mapping[int, Quiet]) -> None:
        """A turn for each thing heard. The chats go on side by side, and what they ask is answered together."""
        wanted = {one.chat for one in heard}
        rows = [row for row in chats if row[0] in wanted]
        found = talks.load(self.unit, rows, self._known(wanted))
        lanes = {chat: self._lane(chat, underway, quiet[chat]) for chat, underway in found.items()}
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
            lane.underway.quiet = quiet[lane.chat]
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

    def _lane(self, chat: int, underway: Underway, quiet: Quiet) -> Lane:
        lane = self._foreseen.get(chat)
        if lane is None:
            return Lane(self, chat, underway, mute=quiet == "office")
        if lane.underway is not underway:
            raise UnforeseenError
        return lane


def _door(arrival: Arrival) -> Door:
    return arrival.channel, arrival.account, arrival.address


async def notify(unit: Unit, desk: Desk, chat: int, *texts: Text) -> None:
    """Tell a chat something in its language, outside its conversations; at night not before the morning."""
    language, lane = await talks.reach(unit, chat)
    message = Message("\n".join(text.tell(language, desk.catalogues[language]) for text in texts))
    say(unit, desk, chat, lane, message, language, not_before=allowed_from(unit.now))


async def park_waiting(unit: Unit, desk: Desk, chat: int, why: str) -> None:
    """Park the first of what waits in a chat, which can't be handled, and say sorry."""
    language, sender = await talks.reach(unit, chat)
    for one in await waiting.take(unit, chat, 1):
        talks.park_heard(unit, one.inbound, why)
        say(unit, desk, chat, sender, Message(SORRY.tell(language, desk.catalogues[language])), language)
    if await waiting.is_empty(unit, chat):
        talks.hush(unit, chat, "")


def say(
    unit: Unit,
    desk: Desk,
    chat: int,
    sender: str,
    message: Message,
    language: str,
    *,
    not_before: datetime | None = None,
    useless_at: datetime | None = None,
    reminds: bool = False,
) -> int:
    """A message to a chat, in the outbox of who sends to it, made fit for the channel; its last row. `not_before`: it
    is a notice; `reminds`: a reminder."""
    channel = sender.partition(":")[0]
    pulled, limits, row = channel in desk.pulled, desk.pushed.get(channel), 0
    if message.private and channel in desk.paged and desk.page is not None:
        message = desk.page(unit, chat, message, lambda words: words.tell(language, desk.catalogues[language]))
        is_there = unit.now - desk.on_page.get(chat, unit.now - PAGE_LEFT) < PAGE_LEFT
        pulled = is_there and message.paper is None  # who is there sees it there
    if desk.paper is not None and not _is_given_in_chat(message.paper, channel, desk):
        message = desk.paper(unit, chat, message, lambda words: words.tell(language, desk.catalogues[language]))
    for piece in (message,) if limits is None else fit(message, limits):
        row = outbox.say(
            unit, chat, sender, piece, pulled=pulled, not_before=not_before, useless_at=useless_at, reminds=reminds
        )
    return row


def _is_given_in_chat(paper: Paper | None, channel: str, desk: Desk) -> bool:
    """Whether the paper, if there is one, goes into the chat itself."""
    limits = desk.pushed.get(channel)
    if paper is None or limits is None:
        return True
    return limits.papers and not (paper.private and channel in desk.paged)
