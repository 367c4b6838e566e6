"""Something that is looked at again and again in the background, as long as the process lives.

Invariant: what goes wrong in one round is told in the log once, and the next round comes all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.handlers.contract import NotStoredError

log = structlog.get_logger()


class Rounds:
    """`look` every `pause_s` seconds, from `start` to `close`; first at once, or after a pause. What it gives is how
    much was due. `name` is for the log."""

    def __init__(
        self, name: str, look: Callable[[], Awaitable[int | None]], pause_s: float, *, at_once: bool = True
    ) -> None:
        self._name, self.look, self._pause_s, self._at_once = name, look, pause_s, at_once
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._work(), name=self._name)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _work(self) -> None:
        if not self._at_once:
            await asyncio.sleep(self._pause_s)
        while True:
            await self._one()
            await asyncio.sleep(self._pause_s)

    async def _one(self) -> None:
        try:
            await self.look()
        except NotStoredError:
            return  # the writer has told the operator
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("round-failed", round=self._name, why=type(error).__name__)
