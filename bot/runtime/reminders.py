"""Reminders of the contribution: once a day whoever is due is told, one message a chat.

Invariant: a day is planned in small transactions that can be repeated, by several processes at once: a chat that was
reminded on that day is not reminded again, whatever was in between. Nothing is said at night, to who didn't agree, or
once it is of no use any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter, itemgetter

import structlog
from msgspec import Struct

from bot.flows import notices
from bot.runtime.batch import Desk, say
from bot.runtime.rounds import Rounds
from bot.runtime.writer import Writer
from bot.talk.message import Message
from db import outbox, reminding
from db import visits as visiting
from db.outbox import Taken
from db.reminding import Due
from db.unit import Unit
from rules.quiet import EVENING, WITA, allowed_from

log = structlog.get_logger()

LOOK_S = 60.0
BEGINS = time(8, 0)
"""When a day's reminders go out, in Soppeng."""
LOOKED_UP_MAX = 20_000
"""People of one look at the database; it is asked for all who are due each time."""
AT_ONCE_MAX = 500
"""People of one transaction, so that nobody who writes waits long behind it; or those of one chat."""


class Plan(Struct, frozen=True):
    """What came of planning: chats that are reminded, and new tasks to visit somebody."""

    chats: int
    visits: int


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
            planned = await self.plan(now.date())
        except BaseException:
            self._planned = None
            raise
        if planned.chats:
            log.info("reminded", chats=planned.chats, visits=planned.visits, day=str(now.date()))
        return planned.chats

    async def plan(self, day: date) -> Plan:
        """Tell everybody who is due on this day and wasn't told yet."""
        await self._writer.run(_drop_useless)
        chats = visits = after = 0
        while page := await self._page(day, after):
            for some in _slices(page):
                done = await self._some(some, day)
                chats, visits = chats + done.chats, visits + done.visits
            after = page[-1][0]
        return Plan(chats, visits)

    def plan_again(self) -> None:
        """Somebody was taken out of today's plan, together with others."""
        self._planned = None

    def _committed(self, unit: Unit) -> None:
        if unit.reminds_anew:
            self.plan_again()

    async def sift(self, unit: Unit, taken: Sequence[Taken]) -> list[Taken]:
        """What was taken to be sent, without the reminders that are of no use any more; at night none goes at all."""
        morning = allowed_from(unit.now)
        if morning > unit.now:
            for row in taken:
                if row.reminds:
                    outbox.put_back(unit, row.id, morning, None)
            return [row for row in taken if not row.reminds]
        useful, dropped = await reminding.without_useless(unit, taken)
        if dropped:
            self.plan_again()
        return useful

    async def _page(self, day: date, after: int) -> list[tuple[int, int]]:
        return await self._writer.run(lambda unit: reminding.candidates(unit, day, after, LOOKED_UP_MAX))

    async def _some(self, some: Sequence[tuple[int, int]], day: date) -> Plan:
        async def tell(unit: Unit) -> Plan:
            wanted = {chat for chat, _person in some}
            free = await reminding.free(unit, wanted)
            if len(free) < len(wanted):
                self.plan_again()  # at the next look
            found = await reminding.due_now(unit, [one for one in some if one[0] in free], day)
            visits = await visiting.call_for(unit, found, day)
            chats = [list(those) for _chat, those in groupby(found, attrgetter("chat"))]
            for those in chats:
                self._tell(unit, those, day)
            return Plan(len(chats), visits)

        return await self._writer.run(tell)

    def _tell(self, unit: Unit, those: Sequence[Due], day: date) -> None:
        """One message for all of them; it is of use as long as the first of their reminders."""
        first = those[0]
        people = [(one.name, one.protected_until, one.reminder) for one in those]
        translate = self._desk.catalogues[first.language]
        words = "\n".join(text.tell(first.language, translate) for text in notices.reminder(people, day))
        useless_at = datetime.combine(min(one.reminder.until for one in those) + timedelta(days=1), time(), WITA)
        notice = say(
            unit, self._desk, first.chat, first.lane, Message(words, template="reminder"), first.language,
            not_before=allowed_from(unit.now), useless_at=useless_at, reminds=True,
        )  # fmt: skip
        reminding.reminded(unit, those, day, notice)


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
