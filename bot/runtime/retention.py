"""What ends by itself: photos on their last day, what people asked to erase, old transcripts; and requests' clocks.

Each look is a few small transactions that can be repeated. Invariant: nothing here tells who somebody is, neither in
the log nor in what is said when everything is erased.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.flows import notices
from bot.runtime.batch import Desk, notify
from bot.runtime.health import Metrics
from bot.runtime.writer import Writer
from db import clocks, erasing, photos, spoken
from db.erasing import Open
from db.unit import Unit
from rules.quiet import WITA
from rules.retention import transcripts_since

log = structlog.get_logger()

SWEEP_EVERY = timedelta(hours=1)
"""How often photos, clocks and old transcripts are looked at."""
SWEEPS_MAX = 200
"""Transactions of one look at one kind of thing; the rest comes an hour later."""


class Retention:
    """`run_due` does what is due now. `keep_days`: of a photo, once BPJS
    has accepted the registration. `plan_again` asks for the day's reminders anew."""

    def __init__(
        self,
        writer: Writer,
        desk: Desk,
        metrics: Metrics,
        clock: Callable[[], datetime],
        keep_days: int,
        plan_again: Callable[[], None],
    ) -> None:
        self._plan_again = plan_again
        self._writer, self._desk, self._metrics, self._clock = writer, desk, metrics, clock
        self._keep = timedelta(days=keep_days)
        self._swept: datetime | None = None

    async def run_due(self) -> int:
        """Erase what was asked for, give photos that have served their last day, and sweep if it is time; how much."""
        done = await self.erase()
        done += await self._over_and_over(lambda unit: photos.hasten(unit, self._keep), photos.AT_ONCE_MAX)
        now = self._clock()
        if self._swept is not None and now - self._swept < SWEEP_EVERY:
            return done
        swept = await self.sweep()
        self._swept = now
        return done + swept

    async def erase(self) -> int:
        """Everything that was asked for and can be done now; how many requests."""
        asked = await self._writer.run(erasing.asked_for)
        return sum([await self._erase(one) for one in asked])

    async def sweep(self) -> int:
        """Photos on their last day, what is kept no longer, and the clocks."""
        done = await self._over_and_over(lambda unit: photos.destroy_dying(unit, self._keep), photos.AT_ONCE_MAX)
        done += await self._over_and_over(_end_keeping, erasing.AT_ONCE_MAX)
        done += await self._over_and_over(_forget_old, spoken.OLD_AT_ONCE)
        if done:
            log.info("retention", done=done)
        await self._warn()
        return done + await self._writer.run(self._tell_late)

    async def _erase(self, one: Open) -> int:
        async def do(unit: Unit) -> bool:
            if not await erasing.perform(unit, one):
                return False
            await notify(unit, self._desk, one.chat, notices.erased(one.kept_until))
            return True

        done = await self._writer.run(do)
        if done:
            log.info("erased", erasure=one.number)
            self._plan_again()  # a reminder that was taken back may have been about others, too
        return int(done)

    async def _over_and_over(self, job: Callable[[Unit], Awaitable[int]], most: int) -> int:
        """Until a look finds less than it can do; how much in all."""
        done = 0
        for _look in range(SWEEPS_MAX):
            found = await self._writer.run(job)
            done += found
            if found < most:
                break
        return done

    async def _warn(self) -> None:
        """Tell the operator, once, of each request whose time is nearly over."""
        for one in await self._writer.run(clocks.nearly_over):
            left_h = round((one.due_at - self._clock()) / timedelta(hours=1), 1)
            log.error(
                "request-nearly-late", kind=one.kind, number=one.number, left_h=left_h, what_to_do=ADVICE[one.kind]
            )
        self._metrics.requests.clear()
        for (kind, left), count in (await self._writer.run(clocks.open_ones)).items():
            self._metrics.requests.labels(kind, left).set(count)

    async def _tell_late(self, unit: Unit) -> int:
        """The person hears it from us, and a supervisor has it."""
        late = await clocks.late(unit)
        for one in late:
            log.error("request-late", kind=one.kind, number=one.number)
            await notify(unit, self._desk, one.chat, notices.late())
        return len(late)


ADVICE: dict[clocks.Kind, str] = {
    "correction": "Look at it with `python -m bot corrections` and decide it with `python -m bot correct`.",
    "erasure": "A registration of this person is still under way at BPJS: look at the lane Register of the outbox.",
}


async def _end_keeping(unit: Unit) -> int:
    return await erasing.end_keeping(unit, unit.now.astimezone(WITA).date())


async def _forget_old(unit: Unit) -> int:
    return await spoken.forget_old(unit, transcripts_since(unit.now))
