"""Real servers on loopback with a clock of their own, so that nothing waits."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import socket
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.bpjs import Bpjs
from gateway.breaker import Breaker
from gateway.partner import Means
from gateway.sandbox.bpjs import create_app
from rules.bpjs import Registration
from rules.month import Month
from rules.nik import Nik
from rules.phone import Phone

CLIENT_ID = "siaga"
SECRET = "a secret of the tests"
WITA = ZoneInfo("Asia/Makassar")


@dataclass
class Clock:
    """Stands until it is told to pass."""

    now: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=WITA)
    slept_s: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.passes(seconds)


@dataclass
class Partner:
    """A server that answers what the test lays out, the last one for ever, and keeps what it was asked."""

    url: str = ""
    answers: list[Response] = field(default_factory=list)
    asked: queue.Queue[tuple[dict[str, str], bytes]] = field(default_factory=queue.Queue)

    async def answer(self, request: Request) -> Response:
        self.asked.put((dict(request.headers), await request.body()))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def next_asked(self) -> tuple[dict[str, str], bytes]:
        return self.asked.get(timeout=5)


@dataclass
class Sandbox:
    url: str
    database: Path
    clock: Clock
    receiver: Partner

    def has_tried(self, times: int) -> None:
        """Wait until its only event was sent so many times and the outcome is stored."""
        end = time.monotonic() + 5
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            while db.execute("select tries from events").fetchall() != [(times,)]:
                assert time.monotonic() < end
                time.sleep(0.005)


class PromptServer(uvicorn.Server):
    """Ends within milliseconds: uvicorn looks every tenth of a second only, and waits as long again."""

    async def main_loop(self) -> None:
        while not self.should_exit:  # noqa: ASYNC110  a flag set from another thread
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0.005)
        await self.lifespan.shutdown()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The app behind a real port of loopback; gives its base URL."""
    # Named TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = PromptServer(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def serving_sandbox(database: Path, clock: Clock, receiver: Partner) -> Iterator[Sandbox]:
    app = create_app(
        database=database,
        client_id=CLIENT_ID,
        secret=SECRET,
        webhook_url=f"{receiver.url}/webhooks/bpjs",
        clock=clock,
        nonce=nonces("sandbox"),
        tick_s=0.01,
    )
    with served(app) as url:
        yield Sandbox(url, database, clock, receiver)


def nonces(prefix: str) -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{prefix}-{next(numbers)}"


def worker(serial: str = "9901", name: str = "HASNA KARANGAN") -> Registration:
    """An invented woman; `serial` are the last four digits of her NIK."""
    return Registration(
        nik=Nik(f"731204520579{serial}"),
        name=name,
        birth_place="WATANSOPPENG",
        birth_date=date(1979, 5, 12),
        sex="female",
        address="DUSUN KARANGAN",
        village_code="73.12.02.2005",
        occupation="petani-padi",
        sector="other",
        income_band=1,
        phone=Phone("+6281234567890"),
        heir_name="RAHMAN KARANGAN",
        heir_relation="suami",
        first_month=Month(2026, 12),
        months=3,
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def one_partner() -> Iterator[Partner]:
    partner = Partner()
    paths = [Route("/{path:path}", partner.answer, methods=["GET", "POST"])]
    with served(Starlette(routes=paths)) as partner.url:
        yield partner


@pytest.fixture
def partner(one_partner: Partner) -> Partner:
    one_partner.answers, one_partner.asked = [Response()], queue.Queue()
    return one_partner


@pytest.fixture
def receiver(partner: Partner) -> Partner:
    return partner


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock, receiver: Partner) -> Iterator[Sandbox]:
    with serving_sandbox(tmp_path / "bpjs.sqlite", clock, receiver) as sandbox:
        yield sandbox


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=False) as http:  # reading the certificates takes 30 ms, loopback has none
        yield http


@pytest.fixture
def bpjs(sandbox: Sandbox, http: httpx.AsyncClient) -> Bpjs:
    return client(http, sandbox.url, sandbox.clock)


def client(
    http: httpx.AsyncClient,
    url: str,
    clock: Clock,
    *,
    secret: str = SECRET,
    client_id: str = CLIENT_ID,
    nonce: Callable[[], str] | None = None,
    breaker: Breaker | None = None,
    try_s_max: float = 5.0,
) -> Bpjs:
    means = Means(http, clock, Random(1), nonce or nonces("siaga"), clock.sleep, try_s_max)
    return Bpjs(means, url, client_id=client_id, secret=secret, breaker=breaker)
