"""Whose turn it is: what is heard now, and what waits in its chat for a photo, for the rest of an album, for calm.

Messages that were sent long ago come in a burst when a connection is back; they wait until no more come, and are heard
in the order in which they were sent. Invariant: nothing overtakes what waits in its chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.handlers.contract import Arrival
from bot.runtime.flood import SLOWED, Flood
from bot.runtime.hands import Hands
from bot.runtime.lane import Heard
from bot.runtime.works import Fetched, HandBack, Release, StillFetching, Work
from bot.talk import phrases
from bot.talk.awaited import FetchPhoto
from bot.talk.heard import Delayed, HandedBack, Shown
from bot.talk.message import Message
from bot.talk.question import Ear
from db import outbox, photos, talks, waiting
from db.outbox import Taken
from db.prepared import Row
from db.talks import Arrived, Quiet, Stamp
from db.unit import Unit
from db.waiting import Waiting
from rules.words import Text

QUIET = timedelta(seconds=1.5)
"""So long after its last message an album or a burst is taken for complete."""
ON_PAGE_MAX = 1_000
"""People remembered to be on our page."""
LATE = timedelta(seconds=15)
"""A message that was sent so long ago is part of a burst."""


class Surroundings(Protocol):
    """What sorting needs of its batch."""

    unit: Unit
    hands: Hands
    taken: list[Taken]

    @property
    def flood(self) -> Flood: ...

    @property
    def on_page(self) -> dict[int, datetime]: ...

    def ear(self, language: str) -> Ear: ...

    def say(self, chat: int, sender: str, message: Message, language: str) -> None: ...


def must_wait(arrival: Arrival, now: datetime) -> bool:
    """Whether it can't be heard at once, however quiet its chat."""
    return bool(arrival.file or arrival.album) or is_late(arrival, now)


def is_late(arrival: Arrival, now: datetime) -> bool:
    return arrival.sent_at is not None and now - arrival.sent_at >= LATE


class Sorting:
    """Of one transaction, in which `fresh` was heard. `chats` are the rows of the chats under way (db.talks); those
    that are released are added. `quiet` is how each chat is left; in those `kept_waiting` something waits from now on.
    """

    def __init__(self, batch: Surroundings, chats: list[Row], fresh: Sequence[Heard]) -> None:
        self._batch, self._unit, self._chats = batch, batch.unit, chats
        self.quiet: dict[int, Quiet] = {row[0]: row[4] for row in chats}
        self.kept_waiting: set[int] = set()
        self._gone = {row[0] for row in chats if row[5] is not None}
        self._in_burst = {one.chat for one in fresh if one.arrival and is_late(one.arrival, batch.unit.now)}
        self._language = _spoken(chats)

    def is_its_turn(self, one: Heard) -> bool:
        """Whether it is heard now; else it is written down as waiting, or left to the office."""
        arrival = one.arrival
        if arrival is None:
            return True
        self._note_page(one.chat, arrival)
        if one.chat in self._gone:  # who writes is there again
            self._gone.discard(one.chat)
            talks.set_gone(self._unit, one.chat, gone=False)
        if self.quiet[one.chat] == "office":
            self._keep(one, arrival)
            return False
        verdict = self._batch.flood.judge(one.chat, arrival.message_id, self._unit.now)
        if not verdict and self._is_calm(one.chat) and not must_wait(arrival, self._unit.now):
            return True
        self.kept_waiting.add(one.chat)
        if verdict == "too-many":
            talks.park(self._unit, one.stamp, "flood")
            return False
        if verdict == "first":
            self._tell(one.chat, phrases.MANY_MESSAGES)
        self._keep(one, arrival)
        self._wait(one, arrival, slowed=bool(verdict))
        return False

    def _is_calm(self, chat: int) -> bool:
        """Nothing waits there, and nothing that was sent long ago comes now."""
        return self.quiet[chat] != "held" and chat not in self._in_burst

    async def released(self, works: Sequence[Work]) -> list[Heard]:
        """What was waiting and is heard now."""
        chats = dict.fromkeys(
            work.chat for work in works if isinstance(work, Fetched | StillFetching | Release | HandBack)
        )
        await self._load([chat for chat in chats if chat not in self.quiet])
        heard: list[Heard] = []
        for work in works:
            if isinstance(work, Fetched):
                await self._fetched(work)
            elif isinstance(work, HandBack) and self.quiet.get(work.chat) == "office":
                heard.append(self._handed_back(work.chat))
        wanted = {work.chat: work.most for work in works if isinstance(work, Fetched | Release)}
        for chat, most in wanted.items():
            if most and self.quiet.get(chat) == "held":
                heard += await self._ripe(chat, most)
        for work in works:
            if isinstance(work, StillFetching) and self.quiet.get(work.chat) == "held":
                await self._tell_delay(work)
        return heard

    async def _load(self, chats: Sequence[int]) -> None:
        if not chats:
            return
        rows = await talks.under_way(self._unit, chats)
        self._chats += rows
        self.quiet |= {row[0]: row[4] for row in rows}
        self._language |= _spoken(rows)

    def _note_page(self, chat: int, arrival: Arrival) -> None:
        """Who answers on our page is not sent a link to it; who writes in the chat is."""
        if arrival.by_page:
            if len(self._batch.on_page) >= ON_PAGE_MAX:
                self._batch.on_page.clear()  # they are only sent a link too many
            self._batch.on_page[chat] = self._unit.now
        else:
            self._batch.on_page.pop(chat, None)

    def _fetch(self, one: Heard, arrival: Arrival) -> None:
        assert isinstance(one.heard, Shown)
        errand = FetchPhoto(arrival.channel, arrival.file, one.id, one.heard.photo, bool(arrival.album))
        at_once = self._batch.hands.promise(FetchPhoto.__name__)
        row = outbox.send(self._unit, one.chat, 0, f"FetchPhoto#{one.id}", errand, at_once=at_once)
        if row is not None:
            self._batch.taken.append(row)

    def _keep(self, one: Heard, arrival: Arrival) -> None:
        """Its photo; or have it fetched."""
        if arrival.file:
            self._fetch(one, arrival)
        elif one.photo is not None and isinstance(one.heard, Shown):
            photos.keep(self._unit, one.chat, one.heard.photo, one.photo)

    def _wait(self, one: Heard, arrival: Arrival, *, slowed: bool) -> None:
        now = self._unit.now
        ripe: datetime | None = now
        if arrival.file:
            ripe = None
        elif slowed:
            ripe = now + SLOWED
        elif arrival.album or is_late(arrival, now):
            ripe = now + QUIET
        waiting.add(self._unit, one.chat, Waiting(one.id, arrival.sent_at, arrival.place, arrival.album, ripe))
        self._unit.held = True
        if self.quiet[one.chat] != "held":
            self._hush(one.chat, "held")

    def _hush(self, chat: int, quiet: Quiet) -> None:
        talks.hush(self._unit, chat, quiet)
        self.quiet[chat] = quiet

    async def _fetched(self, work: Fetched) -> None:
        if not await outbox.is_open(self._unit, work.row):
            return  # another process has fetched it as well
        outbox.settle(self._unit, work.row, "done")
        waits = await waiting.is_waiting(self._unit, work.inbound)
        if isinstance(work.got, bytes) and (waits or self.quiet.get(work.chat) == "office"):
            photos.keep(self._unit, work.chat, work.photo, work.got)
        if not waits:
            return  # it was given up, and asked for again; or the office reads it
        ripe = self._unit.now + QUIET if work.album else self._unit.now
        waiting.ripen(self._unit, work.inbound, ripe, None if isinstance(work.got, bytes) else work.got)
        self._unit.held = True

    async def _ripe(self, chat: int, most: int) -> list[Heard]:
        found = await waiting.take(self._unit, chat, most)
        if found and await waiting.is_empty(self._unit, chat):
            self._hush(chat, "")
        stamp = Stamp("", "", "")  # it has been received
        return [Heard(one.inbound, stamp, chat, one.heard) for one in found]

    def _handed_back(self, chat: int) -> Heard:
        waiting.forget(self._unit, chat)
        outbox.let_go(self._unit, chat)
        self._hush(chat, "")
        return Heard(self._unit.ids.next(), Stamp("", "", ""), chat, HandedBack())

    async def _tell_delay(self, work: StillFetching) -> None:
        """Once for all that waits together: a person who sent ten photos waits for one thing."""
        first = await waiting.first_with(self._unit, work.chat, work.errand.inbound)
        if first is None:
            return  # it has come meanwhile
        said = Delayed(0, f"FetchPhoto#{work.errand.inbound}")
        late = Arrived(self._unit.ids.next(), Stamp("outbox", "late", f"photo {first}"), work.chat, said)
        if await talks.is_first(self._unit, late):
            self._tell(work.chat, work.errand.delayed)

    def _tell(self, chat: int, words: Text) -> None:
        language, sender = self._language[chat]
        self._batch.say(chat, sender, Message(self._batch.ear(language).tell(words)), language)


def _spoken(rows: Sequence[Row]) -> dict[int, tuple[str, str]]:
    """By chat: its language, and who sends to it."""
    return {row[0]: (row[1], f"{row[2]}:{row[3]}") for row in rows}
