"""What the operator sees: a line and figures for each turn, and an alarm when something is not done for too long.

Invariant: nothing here tells what anybody wrote or who they are; a chat is its number.
"""

from __future__ import annotations

import asyncio

import structlog
from prometheus_client import Counter

from bot.runtime.health import Metrics
from bot.runtime.lane import Note
from bot.runtime.rounds import Rounds
from bot.runtime.writer import Writer
from db import outbox
from db.unit import Unit

log = structlog.get_logger()

LOOK_S = 30.0
STUCK_S = 120.0
"""A row that could have been done for so long is an alarm."""
ALARM_S = 300.0
"""Between two alarms of one lane."""


class TurnLog:
    """Writes a line for each turn, and counts it."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._counters: dict[tuple[str, str, str], Counter] = {}

    def __call__(self, notes: list[Note], seconds: float) -> None:
        """The turns of one transaction, which took so long."""
        for note in notes:
            channel = note.lane.partition(":")[0]
            self._counter(channel, note.flow, note.said).inc()
            self._metrics.turn_s.observe(seconds)
            log.info(
                "turn", chat=note.chat, channel=channel, flow=note.flow, at=note.at, to=note.to, said=note.said,
                asked=note.asked, ms=round(seconds * 1000, 1),
            )  # fmt: skip

    def _counter(self, *labels: str) -> Counter:
        key = (labels[0], labels[1], labels[2])
        if key not in self._counters:
            self._counters[key] = self._metrics.turns.labels(*labels)
        return self._counters[key]


class Watch:
    """Looks at the outbox from time to time; `start` works in the background until `close`."""

    def __init__(self, writer: Writer, metrics: Metrics) -> None:
        self._writer, self._metrics = writer, metrics
        self._told: dict[str, float] = {}
        self._rounds = Rounds("watch", self.look, LOOK_S, at_once=False)

    def start(self) -> None:
        self._rounds.start()

    async def close(self) -> None:
        await self._rounds.close()

    async def look(self) -> None:
        """Set the figures, and raise the alarm for what is stuck."""

        async def ages(unit: Unit) -> dict[str, float]:
            return {lane: (unit.now - since).total_seconds() for lane, since in (await outbox.oldest(unit)).items()}

        waits_s = await self._writer.run(ages)
        self._metrics.oldest.clear()
        for lane, age_s in waits_s.items():
            self._metrics.oldest.labels(lane).set(age_s)
            if age_s >= STUCK_S:
                self._alarm(lane, age_s)
        self._told = {lane: at for lane, at in self._told.items() if waits_s.get(lane, 0) >= STUCK_S}

    def _alarm(self, lane: str, age_s: float) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._told.get(lane, -ALARM_S) >= ALARM_S:
            self._told[lane] = now
            log.error("stuck", lane=lane, oldest_s=round(age_s), what_to_do=_advice(lane))


def _advice(lane: str) -> str:
    if ":" in lane:
        return "Messages of this channel don't go out: look at the lines 'try-later' and 'slowed', and its settings."
    return "This work isn't done: look at the lines 'try-later' and 'errand-broken'."
