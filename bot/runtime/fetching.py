"""Gets the photos that people sent from the channels where they lie.

Invariant: whether it comes or not, what waits for a photo goes on: after a while it is told as lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.handlers.contract import Wire
from bot.runtime.settling import Outcome, Settled
from bot.runtime.works import Fetched
from bot.runtime.writer import Writer
from bot.talk.awaited import FetchPhoto
from bot.talk.heard import Unread, UnreadKind
from db.outbox import Taken
from rules.bpjs import TryLater

LOST_S = 60.0
"""A photo that can't be had for so long is lost, and the person is asked for it again."""
TRY_S = 45.0
"""For one try."""
AT_ONCE_MAX = 4
"""Photos in memory at the same time."""
PAUSE_S = 3.0


class Fetching:
    """`perform` gets one photo. `wires` by channel."""

    def __init__(
        self, writer: Writer, wires: Mapping[str, Wire], bytes_max: int, clock: Callable[[], datetime]
    ) -> None:
        self._writer, self._wires, self._bytes_max, self._clock = writer, wires, bytes_max, clock
        self._hands = asyncio.Semaphore(AT_ONCE_MAX)

    async def perform(self, row: Taken) -> Outcome:
        assert isinstance(row.body, FetchPhoto)
        async with self._hands:
            got = await self._fetch(row.body)
            if isinstance(got, TryLater):
                waited = (self._clock() - row.created_at).total_seconds()
                if waited < LOST_S:
                    return TryLater(got.why, min(got.after_s or PAUSE_S, LOST_S))
                got = Unread("photo-lost")
            kept: bytes | UnreadKind = got if isinstance(got, bytes) else got.kind
            body = row.body
            await self._writer.fetched(Fetched(row.id, row.chat, body.inbound, body.photo, kept, body.album))
        return Settled()

    async def _fetch(self, wanted: FetchPhoto) -> bytes | Unread | TryLater:
        wire = self._wires.get(wanted.channel)
        if wire is None:
            return Unread("photo-lost")  # the channel was switched off
        try:
            async with asyncio.timeout(TRY_S):
                return await wire.fetch(wanted.file, self._bytes_max)
        except TimeoutError:
            return TryLater("too slow")
