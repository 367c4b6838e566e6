"""Tells people, once, that what they wait for takes longer: while it is under way, and while nobody has begun."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.flows.asks import ERRANDS
from bot.handlers.contract import NotStoredError
from bot.runtime.settling import Settling, patience_s
from bot.runtime.writer import Writer
from db import outbox
from db.outbox import Taken
from db.unit import Unit

log = structlog.get_logger()

TOLD_MAX = 256
"""People of a lane who are told in one go that it takes longer."""
LOOK_S = 1.0


class Patience:
    """Of those who wait for errands in these lanes. `telling` are tasks under way."""

    def __init__(
        self, writer: Writer, settling: Settling, lanes: Collection[str], clock: Callable[[], datetime]
    ) -> None:
        self._writer, self._settling, self._clock = writer, settling, clock
        self._errands = {kind.__name__: kind for kind in ERRANDS if kind.__name__ in lanes}
        self._told, self._look_at_s = dict.fromkeys(self._errands, 0), 0.0
        self.telling: set[asyncio.Task[None]] = set()

    def begin(self, row: Taken) -> asyncio.TimerHandle:
        """Somebody begins with the row; cancel the timer when it is done."""
        waited = (self._clock() - row.created_at).total_seconds()
        return asyncio.get_running_loop().call_later(patience_s(row) - waited, self._lose, row)

    async def tell_who_waits(self) -> None:
        """Those whose patience is over before anybody could begin with what they wait for."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._look_at_s:
            return
        self._look_at_s = now_s + LOOK_S
        try:
            for lane, kind in self._errands.items():
                await self._tell_lane(lane, self._clock() - timedelta(seconds=kind.patience_s))
        except NotStoredError:
            return  # the writer has told the operator; whoever begins with it tells the person
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("nobody-told", error=type(error).__name__)

    def _lose(self, row: Taken) -> None:
        telling = asyncio.create_task(self._tell_in_time(row), name=f"late {row.id}")
        self.telling.add(telling)
        telling.add_done_callback(self.telling.discard)

    async def _tell_in_time(self, row: Taken) -> None:
        with suppress(NotStoredError):  # the writer has told the operator; the next try tells the person
            await self._settling.tell_late(row)

    async def _tell_lane(self, lane: str, before: datetime) -> None:
        async def look(unit: Unit) -> list[Taken]:
            return await outbox.untouched(unit, lane, before, self._told[lane], TOLD_MAX)

        waiting = await self._writer.run(look)
        await asyncio.gather(*(self._settling.tell_late(row) for row in waiting))
        if waiting:
            self._told[lane] = waiting[-1].id
