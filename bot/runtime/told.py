"""What the hooks hand in: messages, what became of ours, who left and who is back.

Invariant: it is written down before the gateway hears 200. A word on a message that isn't ours is forgotten.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.handlers.contract import ACCOUNT, Arrival, Fate, Presence, Receipt
from bot.runtime.writer import Writer
from db import outbox, talks
from db.unit import Unit

AGAIN_S = 2.0
"""A gateway may speak of a message before we have written down what it calls it; then it is looked for once more."""


class Told:
    """`sleep` waits for some seconds."""

    def __init__(self, writer: Writer, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._writer, self._sleep = writer, sleep

    async def arrive(self, arrival: Arrival) -> Receipt:
        return await self._writer.arrive(arrival)

    async def became(self, channel: str, fates: Sequence[Fate]) -> None:
        unknown = await self._write(fates)
        if unknown:
            await self._sleep(AGAIN_S)
            await self._write(unknown)

    async def presence(self, channel: str, presences: Sequence[Presence]) -> None:
        async def write(unit: Unit) -> None:
            for one in presences:
                talks.set_gone_at(unit, (channel, ACCOUNT, one.address), gone=one.gone)

        await self._writer.run(write)

    async def _write(self, fates: Sequence[Fate]) -> list[Fate]:
        """Those of them whose message isn't known."""

        async def write(unit: Unit) -> list[Fate]:
            unknown: list[Fate] = []
            for fate in fates:
                chat = await outbox.became(unit, fate.ref, fate.state, fate.why or None)
                if chat is not None and fate.gone:
                    talks.set_gone(unit, chat, gone=True)
                if chat is None and not await outbox.is_known(unit, fate.ref):
                    unknown.append(fate)
            return unknown

        return await self._writer.run(write)
