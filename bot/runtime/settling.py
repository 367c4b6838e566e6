"""What becomes of a row of the outbox once it was performed.

Invariant: a row is settled only through the writer. What can't be done now is tried again, after a pause that grows; an
errand may be done twice, a message that may have been sent is not sent again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import structlog
from msgspec import Struct

from bot.handlers.contract import Delivered, Gone, Refused, Slow, Unknown
from bot.runtime.works import Answered, StillFetching
from bot.runtime.writer import Writer
from bot.talk.awaited import Errand, FetchPhoto, plain
from db import lanes, outbox, talks
from db.outbox import Taken
from db.unit import Unit
from rules.bpjs import Accepted, TryLater

log = structlog.get_logger()

PAUSE_FIRST_S, PAUSE_MAX_S = 2.0, 300.0
TRIES_NOTED = 5
"""From this try on, each failure is an error in the log: somebody should look."""
REFERENCE_ASK_S = 60.0
"""How often a partner that answers later is asked, should its webhook not come."""


class Done(Struct, frozen=True):
    """Performed; an errand's answer."""

    value: Any = None


class Settled(Struct, frozen=True):
    """Performed, and the performer has settled the row itself."""


Outcome = Done | Settled | Delivered | TryLater | Slow | Accepted | Refused | Gone | Unknown
Performer = Callable[[Taken], Awaitable[Outcome]]


class Settling:
    """Writes down what became of rows."""

    def __init__(self, writer: Writer, clock: Callable[[], datetime], chance: Random) -> None:
        self._writer, self._clock, self._chance = writer, clock, chance

    async def settle(self, row: Taken, outcome: Outcome) -> None:
        match outcome:
            case Settled():
                return
            case Done(value) if isinstance(row.body, Errand):
                await self._writer.answered(Answered(row.id, row.chat, row.conversation, row.key, plain(value)))
            case Done():
                await self._end(row, "done", None)
            case Delivered(ref):
                await self._end(row, "done", None, ref)
            case Refused(why):
                log.warning("refused", lane=row.lane, row=row.id, why=why)
                await self._end(row, "refused", why)
            case Gone():
                await self._end(row, "gone", None)
            case Unknown(why):
                log.warning("unknown-whether-sent", lane=row.lane, row=row.id, why=why)
                await self._end(row, "unknown", why)
            case Slow(after_s):
                log.warning("slowed", lane=row.lane, seconds=after_s)
                await self._slow(row, after_s)
            case TryLater(why, after_s, at_least):
                self._note(row, why)
                await self._later(row, self._wait_s(row.tries, after_s, at_least=at_least), why, None)
            case Accepted(reference):
                pause = REFERENCE_ASK_S if row.reference else patience_s(row)
                await self._later(row, pause, None, reference)

    async def tell_late(self, row: Taken) -> None:
        """The person hears, once, that it takes longer."""
        if isinstance(row.body, FetchPhoto):
            await self._writer.still_fetching(StillFetching(row.chat, row.body))
        elif isinstance(row.body, Errand) and row.conversation:
            await self._writer.answered(Answered(row.id, row.chat, row.conversation, row.key, late=True))

    async def _end(self, row: Taken, state: outbox.State, why: str | None, ref: str = "") -> None:
        async def settle(unit: Unit) -> None:
            outbox.settle(unit, row.id, state, why, ref)
            if state == "gone":
                talks.set_gone(unit, row.chat, gone=True)

        await self._writer.run(settle)

    async def _slow(self, row: Taken, after_s: float) -> None:
        """Durable: a restart doesn't make the channel more patient."""
        due = self._clock() + timedelta(seconds=after_s)

        async def put_back(unit: Unit) -> None:
            outbox.put_back(unit, row.id, due, f"slowed for {after_s:g} s")
            lanes.stop(unit, row.lane, due)

        await self._writer.run(put_back)

    async def _later(self, row: Taken, pause_s: float, why: str | None, reference: str | None) -> None:
        due = self._clock() + timedelta(seconds=pause_s)

        async def put_back(unit: Unit) -> None:
            outbox.put_back(unit, row.id, due, why, reference)

        await self._writer.run(put_back)
        if why is not None or row.reference is not None:
            await self.tell_late(row)

    def _note(self, row: Taken, why: str) -> None:
        note = log.error if row.tries >= TRIES_NOTED else log.warning
        note("try-later", errand=row.lane, row=row.id, tries=row.tries, why=why)

    def _wait_s(self, tries: int, after_s: float | None, *, at_least: bool) -> float:
        """What fails by itself waits ever longer, or it would for ever be the one that finds out whether a partner that
        rested is back."""
        return after_s if after_s and not at_least else max(after_s or 0.0, self._pause_s(tries))

    def _pause_s(self, tries: int) -> float:
        longest = min(PAUSE_MAX_S, PAUSE_FIRST_S * 2.0 ** min(tries, 10))
        return longest * (0.5 + self._chance.random() / 2)


def our_fault(row: Taken, why: str) -> Outcome:
    """An errand may be done twice; a message that may have been sent isn't sent again."""
    return TryLater(why, PAUSE_MAX_S) if isinstance(row.body, Errand) else Unknown(why)


def patience_s(row: Taken) -> float:
    return float(row.body.patience_s) if isinstance(row.body, Errand) else REFERENCE_ASK_S
