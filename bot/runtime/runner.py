"""Does what the outbox holds: one performer a lane, in the background, for ever.

Invariant: a row is settled only through the writer. What a performer can't do now is tried again later, with a pause
that grows; the person hears once that it takes longer, also while nobody has a hand free to begin. Lanes don't wait
for each other.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

import structlog
from msgspec import Struct

from bot.flows.asks import ERRANDS
from bot.handlers.contract import Gone, NotStoredError, Refused, Unknown
from bot.runtime.batch import Answered
from bot.runtime.writer import Writer
from bot.talk.awaited import Errand, plain
from db import outbox
from db.outbox import Taken
from db.unit import Unit
from rules.bpjs import Accepted, TryLater

log = structlog.get_logger()

AT_ONCE_MAX = 64
"""Rows of a lane performed at the same time; no more than the connections that a gateway's client opens."""
TOLD_MAX = 256
"""People of a lane who are told in one go that it takes longer."""
LOOK_S = 1.0
"""Rows of another process, and rows that become due, are seen within this."""
PAUSE_FIRST_S, PAUSE_MAX_S = 2.0, 300.0
TRIES_NOTED = 5
"""From this try on, each failure is an error in the log: somebody should look."""
KEEP = outbox.LEASE / 3
"""How often the lease of what is under way is renewed, and rows are looked for whose process is gone."""
REFERENCE_ASK_S = 60.0
"""How often a partner that answers later is asked, should its webhook not come."""


class Done(Struct, frozen=True):
    """Performed; an errand's answer."""

    value: Any = None


Outcome = Done | TryLater | Accepted | Refused | Gone | Unknown
Performer = Callable[[Taken], Awaitable[Outcome]]


class Runner:
    """`performers` by lane. `start` works in the background until `close`."""

    def __init__(
        self, writer: Writer, performers: Mapping[str, Performer], clock: Callable[[], datetime], chance: Random
    ) -> None:
        self._writer, self._performers, self._clock, self._chance = writer, dict(performers), clock, chance
        self._kept, self._under_way = clock(), set[int]()
        self._awake = asyncio.Event()
        self._closing, self._behind, self._performing = False, True, Counter[str]()
        self._errands = {kind.__name__: kind for kind in ERRANDS if kind.__name__ in performers}
        self._told, self._look_at_s = dict.fromkeys(self._errands, 0), 0.0
        self._left: list[Taken] = []  # taken while it closed
        self._running: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._writer.on_commit.append(self._committed)
        self._writer.hands = self
        self._task = asyncio.create_task(self._work(), name="outbox")

    async def close(self) -> None:
        """Take nothing more, and leave what is under way to the next start: every errand may be done again."""
        self._closing = True
        self._awake.set()
        if self._task is not None:
            await self._task
        under_way = self._running | self._telling
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
        if unit.work_for:
            self._awake.set()

    async def run_due(self) -> int:
        """Do what is due now and wait for it; how many rows that were."""
        rows = await self._take(list(self._performers), AT_ONCE_MAX)
        self._start(rows)
        await asyncio.gather(*self._running)
        return len(rows)

    async def _work(self) -> None:
        while not self._closing:
            lanes = [lane for lane in self._performers if self._performing[lane] < AT_ONCE_MAX]
            room = min((AT_ONCE_MAX - self._performing[lane] for lane in lanes), default=0)
            taken = await self._take(lanes, room) if room or self._keep_due() else []
            self._start(taken)
            await self._tell_who_waits()
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

    async def _take(self, lanes: Sequence[str], most: int) -> list[Taken]:
        now, keeps = self._clock(), self._keep_due()

        async def take(unit: Unit) -> list[Taken]:
            if keeps:
                outbox.keep(unit, self._under_way)
                outbox.release_lost(unit, all_taken=False)
            return await outbox.take(unit, lanes, most)

        try:
            taken = await self._writer.run(take)
            if most:
                self._behind = len(taken) == most or len(lanes) < len(self._performers)
            self._kept = now if keeps else self._kept
            return taken
        except NotStoredError:
            await asyncio.sleep(LOOK_S)  # the writer has told the operator
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("outbox-not-taken", error=type(error).__name__)
            await asyncio.sleep(LOOK_S)
        return []

    def _keep_due(self) -> bool:
        return self._clock() - self._kept >= KEEP

    async def _sleep(self) -> None:
        try:
            await asyncio.wait_for(self._awake.wait(), LOOK_S)
        except TimeoutError:
            return
        finally:
            self._awake.clear()

    async def _perform(self, row: Taken) -> None:
        waited = (self._clock() - row.created_at).total_seconds()
        patience = asyncio.get_running_loop().call_later(_patience_s(row) - waited, self._lose_patience, row)
        self._under_way.add(row.id)
        try:
            await self._settle(row, await self._outcome(row))
        except NotStoredError:
            log.error("errand-not-settled", errand=row.lane, row=row.id)  # its lease ends, then it is done again
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("errand-broken", errand=row.lane, row=row.id, error=type(error).__name__)
            await self._settle(row, _our_fault(row, f"our own fault: {type(error).__name__}"))
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

    async def _settle(self, row: Taken, outcome: Outcome) -> None:
        match outcome:
            case Done(value) if isinstance(row.body, Errand):
                await self._writer.answered(Answered(row.id, row.chat, row.conversation, row.key, plain(value)))
            case Done():
                await self._end(row, "done", None)
            case Refused(why):
                log.warning("refused", lane=row.lane, row=row.id, why=why)
                await self._end(row, "refused", why)
            case Gone():
                await self._end(row, "gone", None)
            case Unknown(why):
                log.warning("unknown-whether-sent", lane=row.lane, row=row.id, why=why)
                await self._end(row, "unknown", why)
            case TryLater(why, after_s):
                self._note(row, why)
                await self._later(row, after_s or self._pause_s(row.tries), why, None)
            case Accepted(reference):
                pause = REFERENCE_ASK_S if row.reference else _patience_s(row)
                await self._later(row, pause, None, reference)

    async def _end(self, row: Taken, state: outbox.State, why: str | None) -> None:
        async def settle(unit: Unit) -> None:
            outbox.settle(unit, row.id, state, why)

        await self._writer.run(settle)

    async def _later(self, row: Taken, pause_s: float, why: str | None, reference: str | None) -> None:
        due = self._clock() + timedelta(seconds=pause_s)

        async def put_back(unit: Unit) -> None:
            outbox.put_back(unit, row.id, due, why, reference)

        await self._writer.run(put_back)
        if why is not None or row.reference is not None:
            await self._tell_late(row)

    def _note(self, row: Taken, why: str) -> None:
        note = log.error if row.tries >= TRIES_NOTED else log.warning
        note("try-later", errand=row.lane, row=row.id, tries=row.tries, why=why)

    def _pause_s(self, tries: int) -> float:
        longest = min(PAUSE_MAX_S, PAUSE_FIRST_S * 2.0 ** min(tries, 10))
        return longest * (0.5 + self._chance.random() / 2)

    def _lose_patience(self, row: Taken) -> None:
        telling = asyncio.create_task(self._tell_in_time(row), name=f"late {row.id}")
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _tell_in_time(self, row: Taken) -> None:
        with suppress(NotStoredError):  # the writer has told the operator; the next try tells the person
            await self._tell_late(row)

    async def _tell_who_waits(self) -> None:
        """Those whose patience is over before anybody could begin with what they wait for."""
        now_s = asyncio.get_running_loop().time()
        busiest = max(self._performing.values(), default=0)
        if now_s < self._look_at_s or not (self._behind or busiest >= AT_ONCE_MAX):
            return
        self._look_at_s = now_s + LOOK_S
        try:
            for lane, kind in self._errands.items():
                await self._tell_lane(lane, self._clock() - timedelta(seconds=kind.patience_s))
        except NotStoredError:
            return  # the writer has told the operator; whoever begins with it tells the person
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("nobody-told", error=type(error).__name__)

    async def _tell_lane(self, lane: str, before: datetime) -> None:
        async def look(unit: Unit) -> list[Taken]:
            return await outbox.untouched(unit, lane, before, self._told[lane], TOLD_MAX)

        waiting = await self._writer.run(look)
        await asyncio.gather(*(self._tell_late(row) for row in waiting))
        if waiting:
            self._told[lane] = waiting[-1].id

    async def _tell_late(self, row: Taken) -> None:
        if isinstance(row.body, Errand):
            await self._writer.answered(Answered(row.id, row.chat, row.conversation, row.key, late=True))


def _our_fault(row: Taken, why: str) -> Outcome:
    """An errand may be done twice; a message that may have been sent isn't sent again."""
    return TryLater(why, PAUSE_MAX_S) if isinstance(row.body, Errand) else Unknown(why)


def _patience_s(row: Taken) -> float:
    return float(row.body.patience_s) if isinstance(row.body, Errand) else REFERENCE_ASK_S
