"""Does what the outbox holds, in the background, for ever: errands by their kind, messages by their account.

Invariant: lanes don't wait for each other; the person hears once that something takes longer, also while nobody has a
hand free to begin. An account is sent from by one process at a time, and never faster than its channel bears.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from random import Random

import structlog

from bot.handlers.contract import NotStoredError
from bot.runtime.pace import Pace
from bot.runtime.patience import LOOK_S, Patience
from bot.runtime.settling import Outcome, Performer, Settling, our_fault
from bot.runtime.writer import Writer
from db import lanes, outbox
from db.outbox import Taken
from db.unit import Unit

log = structlog.get_logger()

AT_ONCE_MAX = 64
"""Rows of a lane performed at the same time; no more than the connections that a gateway's client opens."""
KEEP = outbox.LEASE / 3
"""How often the lease of what is under way is renewed, and rows are looked for whose process is gone."""


Sift = Callable[[Unit, Sequence[Taken]], Awaitable[list[Taken]]]


class Runner:
    """`performers` by lane. `start` works in the background until `close`. `pace`: of the one account whose messages it
    sends; `name` tells its process from others that would send for it, "" where there are none. `sift` leaves of what
    was taken what is still to be done, and settles the rest, in the same transaction."""

    def __init__(
        self, writer: Writer, performers: Mapping[str, Performer], clock: Callable[[], datetime], chance: Random,
        *, pace: Pace | None = None, name: str = "", sift: Sift | None = None,
    ) -> None:  # fmt: skip
        self._writer, self._performers, self._clock = writer, dict(performers), clock
        self._pace, self._name, self._sift = pace, name, sift
        self._settling = Settling(writer, clock, chance)
        self._patience = Patience(writer, self._settling, performers.keys(), clock)
        self._kept, self._under_way = clock(), set[int]()
        self._awake = asyncio.Event()
        self._closing, self._behind, self._performing = False, True, Counter[str]()
        self._left: list[Taken] = []  # taken while it closed
        self._running: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self, *, at_once: bool = True) -> None:
        """`at_once`: it also performs errands right after the commit that asked for them."""
        self._writer.on_commit.append(self._committed)
        if at_once:
            self._writer.hands = self
        if self._pace is not None:
            self._pace.kept = True
        self._task = asyncio.create_task(self._work(), name="outbox")

    async def close(self) -> None:
        """Take nothing more, and leave what is under way to the next start: every errand may be done again."""
        self._closing = True
        self._awake.set()
        if self._task is not None:
            await self._task
        under_way = self._running | self._patience.telling
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        with suppress(NotStoredError):  # then the next start finds them as it finds those of a dead process
            await self._give_back()

    async def _give_back(self) -> None:
        """What was taken while the runner closed has not been tried."""

        async def put_back(unit: Unit) -> None:
            for row in self._left:
                outbox.put_back(unit, row.id, unit.now, None)

        if self._left:
            await self._writer.run(put_back)

    def _committed(self, unit: Unit) -> None:
        if not unit.work_for.isdisjoint(self._performers):
            self._awake.set()

    async def run_due(self) -> int:
        """Do what is due now and wait for it; how many rows that were."""
        rows = await self._take(list(self._performers), AT_ONCE_MAX)
        self._start(rows)
        await asyncio.gather(*self._running)
        return len(rows)

    async def _work(self) -> None:
        while not self._closing:
            free = [lane for lane in self._performers if self._performing[lane] < AT_ONCE_MAX]
            room = min((AT_ONCE_MAX - self._performing[lane] for lane in free), default=0)
            if self._pace is not None:
                room = min(room, self._pace.room(self._performing.total()))
            taken = await self._take(free, room) if room or self._keep_due() else []
            self._start(taken)
            if self._behind or max(self._performing.values(), default=0) >= AT_ONCE_MAX:
                await self._patience.tell_who_waits()
            if not taken:
                await self._sleep()

    def promise(self, lane: str) -> bool:
        """See `Hands`. Nobody is promised a hand before those that wait longer."""
        if lane not in self._performers or self._closing:
            return False
        if self._performing[lane] >= AT_ONCE_MAX:
            self._behind = True  # from here on somebody waits
        if not self._behind:
            self._performing[lane] += 1
        return not self._behind

    def withdraw(self, rows: Sequence[Taken]) -> None:
        """See `Hands`."""
        self._performing.subtract(row.lane for row in rows)

    def begin(self, rows: Sequence[Taken]) -> None:
        """See `Hands`."""
        self.withdraw(rows)
        self._start(rows)

    def _start(self, rows: Sequence[Taken]) -> None:
        if self._closing:
            self._left += rows
            return
        self._performing.update(row.lane for row in rows)
        for row in rows:
            task = asyncio.create_task(self._perform(row), name=f"outbox {row.id}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _take(self, free: Sequence[str], most: int) -> list[Taken]:
        now, keeps = self._clock(), self._keep_due()
        gap = self._pace.gap if self._pace is not None else None

        async def take(unit: Unit) -> list[Taken]:
            if keeps:
                outbox.keep(unit, self._under_way)
                outbox.release_lost(unit, all_taken=False)
            if self._pace is not None and not await self._may_send(unit, free):
                return []
            taken = await outbox.take(unit, free, most, gap)
            return taken if self._sift is None else await self._sift(unit, taken)

        try:
            taken = await self._writer.run(take)
            if most:
                self._behind = len(taken) == most or len(free) < len(self._performers)
            self._kept = now if keeps else self._kept
            return taken
        except NotStoredError:
            await asyncio.sleep(LOOK_S)  # the writer has told the operator
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("outbox-not-taken", error=type(error).__name__)
            await asyncio.sleep(LOOK_S)
        return []

    async def _may_send(self, unit: Unit, accounts: Sequence[str]) -> bool:
        """Whether the account may be sent from now, and by this process."""
        for account in accounts:
            if self._name and not await lanes.claim(unit, account, self._name):
                return False
            if await lanes.is_stopped(unit, account):
                return False
        return True

    def _keep_due(self) -> bool:
        return self._clock() - self._kept >= KEEP

    async def _sleep(self) -> None:
        pause = LOOK_S if self._pace is None else self._pace.pause_s(self._performing.total(), LOOK_S)
        try:
            await asyncio.wait_for(self._awake.wait(), pause)
        except TimeoutError:
            return
        finally:
            self._awake.clear()

    async def _perform(self, row: Taken) -> None:
        patience = self._patience.begin(row)
        self._under_way.add(row.id)
        try:
            await self._settling.settle(row, await self._outcome(row))
        except NotStoredError:
            log.error("errand-not-settled", errand=row.lane, row=row.id)  # its lease ends, then it is done again
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("errand-broken", errand=row.lane, row=row.id, error=type(error).__name__)
            await self._settling.settle(row, our_fault(row, f"our own fault: {type(error).__name__}"))
        finally:
            self._under_way.discard(row.id)
            patience.cancel()

    async def _outcome(self, row: Taken) -> Outcome:
        try:
            return await self._performers[row.lane](row)
        finally:
            self._performing[row.lane] -= 1
            if self._behind:
                self._awake.set()
