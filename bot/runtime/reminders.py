"""Reminders of the contribution: once a day whoever is due is told, one message a chat.

Invariant: a day is planned in small transactions that can be repeated: whoever was reminded on that day is not reminded
again, whatever was in between. Nothing is said before morning, to who didn't agree, or once it is of no use any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter, itemgetter

import structlog

from bot.flows import notices
from bot.runtime.batch import Desk, say
from bot.runtime.rounds import Rounds
from bot.runtime.writer import Writer
from bot.talk.message import Message
from db import outbox, reminding
from db.reminding import Due
from db.unit import Unit
from rules.quiet import EVENING, WITA, allowed_from
from rules.reminding import Reminder, due_on

log = structlog.get_logger()

LOOK_S = 60.0
BEGINS = time(8, 0)
"""When a day's reminders go out, in Soppeng."""
LOOKED_UP_MAX = 20_000
"""People of one look at the database; it is asked for all who are due each time."""
AT_ONCE_MAX = 500
"""People of one transaction, so that nobody who writes waits long behind it; or those of one chat."""


class Reminders:
    """`start` works in the background until `close`; `run_due` plans what is due now."""

    def __init__(self, writer: Writer, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._writer, self._desk, self._clock = writer, desk, clock
        self._planned: date | None = None
        self._rounds = Rounds("reminders", self.run_due, LOOK_S)
        writer.on_commit.append(self._committed)

    def start(self) -> None:
        self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def run_due(self) -> int:
        """Plan today's, if it is time and it hasn't been done; how many chats were reminded."""
        now = self._clock().astimezone(WITA)
        if not BEGINS <= now.time() < EVENING or self._planned == now.date():
            return 0
        self._planned = now.date()  # before, so that a payment meanwhile can ask for another plan
        try:
            chats = await self.plan(now.date())
        except BaseException:
            self._planned = None
            raise
        if chats:
            log.info("reminded", chats=chats, day=str(now.date()))
        return chats

    async def plan(self, day: date) -> int:
        """Tell everybody who is due on this day and wasn't told yet; how many chats."""
        await self._writer.run(_drop_useless)
        due, told, after = due_on(day), 0, 0
        while page := await self._page(due, day, after):
            for some in _slices(page):
                told += await self._some(some, due, day)
            after = page[-1][0]
        return told

    async def _page(self, due: dict[date, Reminder], day: date, after: int) -> list[tuple[int, int]]:
        async def look(unit: Unit) -> list[tuple[int, int]]:
            return await reminding.candidates(unit, due.keys(), day, after, LOOKED_UP_MAX)

        return await self._writer.run(look)

    async def _some(self, some: Sequence[tuple[int, int]], due: dict[date, Reminder], day: date) -> int:
        async def tell(unit: Unit) -> int:
            found = await reminding.due(unit, some, due.keys(), day)
            chats = [list(those) for _chat, those in groupby(found, attrgetter("chat"))]
            for those in chats:
                self._tell(unit, those, due, day)
            return len(chats)

        return await self._writer.run(tell)

    def plan_again(self) -> None:
        """Somebody was taken out of today's plan, together with others."""
        self._planned = None

    def _committed(self, unit: Unit) -> None:
        if unit.reminds_anew:
            self.plan_again()

    def _tell(self, unit: Unit, those: Sequence[Due], due: dict[date, Reminder], day: date) -> None:
        """One message for all of them; it is of use as long as the first of their reminders."""
        first, each = those[0], [due[one.protected_until] for one in those]
        people = [(one.name, one.protected_until, reminder) for one, reminder in zip(those, each, strict=True)]
        translate = self._desk.catalogues[first.language]
        words = "\n".join(text.tell(first.language, translate) for text in notices.reminder(people, day))
        useless_at = datetime.combine(min(one.until for one in each) + timedelta(days=1), time(), WITA)
        notice = say(
            unit, self._desk, first.chat, first.lane, Message(words), first.language,
            not_before=allowed_from(unit.now), useless_at=useless_at,
        )  # fmt: skip
        reminding.reminded(unit, those, [one.kind for one in each], day, notice)


def _slices(page: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """So many at once, a chat always whole."""
    some: list[tuple[int, int]] = []
    for _chat, those in groupby(page, itemgetter(0)):
        of_chat = list(those)
        if some and len(some) + len(of_chat) > AT_ONCE_MAX:
            yield some
            some = []
        some += of_chat
    if some:
        yield some


async def _drop_useless(unit: Unit) -> None:
    outbox.drop_useless(unit)
