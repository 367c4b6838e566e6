"""Who waits for something new in a chat is woken by the commit.

Invariant: waking is a hint only; who is woken looks into the database.
"""

from __future__ import annotations

import asyncio

from db.unit import Unit

OTHERS_S = 2.0
"""Other processes commit too (PostgreSQL); a wait is never longer than this there."""


class ChatNews:
    """`committed` is called with each unit after its commit."""

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone
        self._waiting: dict[int, set[asyncio.Event]] = {}

    def committed(self, unit: Unit) -> None:
        for chat in unit.said_to:
            for event in self._waiting.get(chat, ()):
                event.set()

    async def wait(self, chat: int, seconds: float) -> None:
        """Return when something new for the chat was committed, or the time is over."""
        event = asyncio.Event()
        self._waiting.setdefault(chat, set()).add(event)
        try:
            await asyncio.wait_for(event.wait(), seconds if self._alone else min(seconds, OTHERS_S))
        except TimeoutError:
            return
        finally:
            self._waiting[chat].discard(event)
            if not self._waiting[chat]:
                del self._waiting[chat]
