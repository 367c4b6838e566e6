"""Lets go what waits in chats, once it is ripe; and gives chats back that the office has left without a word.

Invariant: it only looks and asks; what is ripe is decided in the transaction (bot/runtime/sorting.py).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.handlers.contract import NotStoredError
from bot.runtime.writer import Writer
from db import talks, waiting
from db.unit import Unit

log = structlog.get_logger()

LOOK_S, IDLE_LOOK_S = 0.25, 5.0
"""Between two looks, while something waits and while nothing is known to."""
OFFICE_IDLE = timedelta(hours=12)
"""After so long without a word of the office the bot answers again."""


class Holds:
    """`start` works in the background until `close`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._awake, self._waits = asyncio.Event(), True
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._writer.on_commit.append(self._committed)
        self._task = asyncio.create_task(self._work(), name="holds")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def run_due(self) -> int:
        """Let go what is ripe now, and wait for it; how many chats that were."""
        ripe, left = await self._writer.run(_look)
        await asyncio.gather(*(self._writer.release(chat) for chat in ripe), *(map(self._writer.hand_back, left)))
        return len(ripe) + len(left)

    def _committed(self, unit: Unit) -> None:
        if unit.held:
            self._waits = True
            self._awake.set()

    async def _work(self) -> None:
        while True:
            try:
                await self.run_due()
                self._waits = await self._writer.run(talks.any_held)
            except NotStoredError:
                self._waits = False  # the writer has told the operator
            except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
                log.error("not-released", error=type(error).__name__)
            self._awake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.sleep(LOOK_S) if self._waits else self._awake.wait(), IDLE_LOOK_S)


async def _look(unit: Unit) -> tuple[list[int], list[int]]:
    return await waiting.due(unit), await talks.left_by_office(unit, unit.now - OFFICE_IDLE)
