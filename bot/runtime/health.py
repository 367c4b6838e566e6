"""/healthz for whoever restarts the service, /metrics for whoever watches it. Both without personal data."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import literal, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.handlers.contract import NotStoredError
from bot.runtime.writer import Writer
from db import outbox
from db.unit import Unit

_ONE = select(literal(1))
ANSWER_S = 5.0
"""A database that takes longer than this is not well."""


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.commits = Counter("siaga_commits", "Transactions of the writer", registry=self.registry)
        self.said = Counter("siaga_chats_answered", "Chats with something new, by commit", registry=self.registry)
        self.batch = Histogram(
            "siaga_batch_size", "Things heard or done in one transaction", registry=self.registry,
            buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
        )  # fmt: skip
        self.failures = Counter("siaga_failures", "Things not stored or parked", ["kind"], registry=self.registry)
        self.turns = Counter(
            "siaga_turns", "Turns of conversations", ["channel", "flow", "said"], registry=self.registry
        )
        self.turn_s = Histogram(
            "siaga_turn_seconds", "From the start of a turn's transaction to its commit", registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 3),
        )  # fmt: skip
        self.unused = Counter(
            "siaga_hook_unused", "What came by a hook and wasn't used, by kind", ["channel", "kind"],
            registry=self.registry,
        )  # fmt: skip
        self.oldest = Gauge(
            "siaga_outbox_oldest_seconds", "How long the oldest row of the outbox waits", ["lane"],
            registry=self.registry,
        )  # fmt: skip
        self.requests = Gauge(
            "siaga_data_requests", "Requests of people about their own data that are open, by the time left",
            ["kind", "left"], registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge("siaga_outbox_waiting", "Rows of the outbox to be done", ["lane"], registry=self.registry)

    def committed(self, unit: Unit) -> None:
        self.commits.inc()
        self.said.inc(len(unit.said_to))


class Health:
    """The two routes."""

    def __init__(self, writer: Writer, metrics: Metrics) -> None:
        self._writer, self._metrics = writer, metrics

    def routes(self) -> list[Route]:
        return [Route("/healthz", self.healthz), Route("/metrics", self.metrics)]

    async def healthz(self, request: Request) -> Response:
        """200 if the database can be written; 503 otherwise."""
        well = await self._in_time(lambda unit: unit.fetch(_ONE))
        return JSONResponse({"database": "ok" if well else "not writable"}, 200 if well else 503)

    async def metrics(self, request: Request) -> Response:
        async def count(unit: Unit) -> None:
            waiting = await outbox.waiting(unit)
            self._metrics.waiting.clear()
            for lane, rows in waiting.items():
                self._metrics.waiting.labels(lane).set(rows)

        await self._in_time(count)
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _in_time(self, job: Callable[[Unit], Awaitable[object]]) -> bool:
        try:
            await asyncio.wait_for(self._writer.run(job), ANSWER_S)
        except (NotStoredError, TimeoutError):
            return False
        return True
