"""A small world around a service: a clock that ticks, BPJS's sandbox in the same process, a card reader that remembers.

Everything but the clock and the wires is real: the database, the writer, the outbox, the client and the sandbox of
BPJS, the signatures. Readings are those of the real card reader, kept in tests/plays/readings.json.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
from fastapi import FastAPI
from msgspec.structs import replace
from sqlalchemy import bindparam, select

from bot.app import PARTS, Outside, Parts, Service, opened
from bot.runtime.batch import WITA
from bot.runtime.errands import Reads
from bot.runtime.writer import Writer
from bot.settings import BankSettings, Settings
from db import talks
from db.tables import outbox
from db.unit import Unit
from gateway.sandbox import bank as bank_sandbox
from gateway.sandbox import plkk
from gateway.sandbox.bank_keys import kept
from gateway.sandbox.bpjs import create_app
from rules.card import SURE, Card, Fault, Unusable
from tests.ktp.samples import FOLDER as SAMPLES

READINGS = Path(__file__).parent / "plays" / "readings.json"
START = datetime(2026, 11, 21, 9, 0, tzinfo=WITA)
UNSURE = b"\nunsure: "
"""After the bytes of a sample photo stand the fields of which the reader is not so sure this time."""
BLURRED = b"\nblurred"
"""Stands after the bytes of a photo of a paper that nobody could read."""
TICKS_MAX = 200
"""A time passes in at most this many steps, unless they were longer than the day from morning to evening."""
TICK_MAX = timedelta(hours=12)


CUT = (SAMPLES / "hasna.jpg").read_bytes()
"""What is cut out of a photo in a play."""
MOMENT = timedelta(seconds=0.5)
MOMENTS_MAX = 120


_UNSENT = select(outbox.c.id).where(
    outbox.c.kind != "errand", outbox.c.done_at.is_(None), outbox.c.due_at <= bindparam("until")
)


class Clock:
    """Stands until it is told to pass."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """For quick retries: no time passes in a test."""


class Readings:
    """The card reader's own readings of the sample photos."""

    def __init__(self) -> None:
        kept = msgspec.json.decode(READINGS.read_bytes(), type=dict[str, Card | Unusable])
        self._by_photo = {
            hashlib.sha256((SAMPLES / name).read_bytes()).hexdigest(): reading for name, reading in kept.items()
        }

    async def read(self, photo: bytes, today: date) -> Card | Unusable | None:
        photo, _mark, names = photo.partition(UNSURE)
        found = self._by_photo.get(hashlib.sha256(photo).hexdigest(), Unusable("not-an-image"))
        return _unsure(found, names.decode().split()) if isinstance(found, Card) else found

    async def cut(self, photo: bytes, box: tuple[int, int, int, int], turn: int) -> bytes | None:
        return CUT  # nobody looks closely at pictures in a play

    async def look(self, photo: bytes) -> Fault | None:
        return "blurred" if photo.endswith(BLURRED) else None

    async def bind(self, photos: Sequence[bytes]) -> bytes | None:
        return photos[0] if photos else None


def _unsure(card: Card, names: list[str]) -> Card:
    """The same reading, not so sure of these fields."""
    return replace(card, **{name: replace(getattr(card, name), confidence=SURE / 2) for name in names})


class World:
    """One service and its surroundings. `service` changes at a restart."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        seed: int = 1,
        writer_kind: type[Writer] = Writer,
        parts: Parts = PARTS,
        reader: Reads | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings, self.clock, self.writer_kind, self.parts = settings, clock or Clock(), writer_kind, parts
        self.patience = timedelta(0)  # of whoever waits for messages that are tried again
        self._chance = Random(seed)
        self._bpjs = create_app(
            database=folder / "bpjs.db", client_id=settings.bpjs.client_id,
            secret=settings.bpjs.secret.get_secret_value(), webhook_url="http://siaga.test/webhooks/bpjs",
            clock=self.clock, nonce=self._nonce, tick_s=None,
        )  # fmt: skip
        self._plkk = plkk.create_app(
            database=folder / "plkk.db", client_id=settings.plkk.client_id,
            secret=settings.plkk.secret.get_secret_value(), webhook_url="http://siaga.test/webhooks/plkk",
            clock=self.clock, nonce=self._nonce, sleep=self.clock.sleep, tick_s=None,
        )  # fmt: skip
        self._bank = _bank(settings, folder, self.clock, self._nonce) if settings.bank.url else None
        self.reader = reader or Readings()
        self._stack = AsyncExitStack()
        self._running = AsyncExitStack()
        self.service: Service
        self._web: _Counting
        self._post: httpx.AsyncClient

    async def __aenter__(self) -> World:
        for one in filter(None, (self._bpjs, self._plkk, self._bank)):
            await self._stack.enter_async_context(one.router.lifespan_context(one))
        await self._open()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._running.aclose()
        await self._stack.aclose()

    async def restart(self) -> None:
        """End the service and start another on the same database."""
        await self._running.aclose()
        self.clock.now += timedelta(seconds=1)
        await self._open()

    async def _open(self) -> None:
        beside = {self.settings.bpjs.url: self._bpjs, self.settings.plkk.url: self._plkk}
        if self._bank is not None:
            beside[self.settings.bank.url] = self._bank
        wires = _Wires(beside)
        outside = Outside(self.clock, self._chance, self.clock.sleep, wires, self.reader)
        self._running = AsyncExitStack()
        self.service = await self._running.enter_async_context(
            opened(self.settings, outside, self.writer_kind, self.parts)
        )
        self._web = _Counting(httpx.ASGITransport(self.service.app()))
        self._post = await self._running.enter_async_context(httpx.AsyncClient(transport=self._web))

    @property
    def web(self) -> httpx.AsyncClient:
        """Who posts to the service's web server, at http://siaga.test."""
        return self._post

    async def post(self, path: str, **more: Any) -> httpx.Response:
        """Somebody posts to the service's web server."""
        return await self._post.post(f"http://siaga.test{path}", **more)

    async def settle(self) -> None:
        """Do everything that is due now, on both sides, until nothing is. What only waits a moment, such as the second
        message to a chat or the rest of an album, gets its moment."""
        for _moment in range(MOMENTS_MAX):
            while await self.service.run_due() or await self._deliver():
                pass
            if not await self.service.writer.run(self._waits_a_moment):
                return
            self.clock.now += MOMENT

    async def _waits_a_moment(self, unit: Unit) -> bool:
        """Whether something is about to be sent or heard, and only waits for its moment."""
        unsent = await unit.fetch(_UNSENT, until=unit.now + self.patience)
        return bool(unsent) or await talks.any_held(unit)

    async def pass_time(self, span: timedelta) -> None:
        """Time ticks, it does not jump."""
        step = min(TICK_MAX, max(span / TICKS_MAX, timedelta(seconds=1)))
        end = self.clock.now + span
        while self.clock.now < end:
            self.clock.now = min(self.clock.now + step, end)
            await self.settle()

    async def bpjs(self, method: str, path: str) -> httpx.Response:
        """Press something on the sandbox's page."""
        return await _press(self._bpjs, method, path)

    async def plkk(self, method: str, path: str) -> httpx.Response:
        """The same on that of the clinics."""
        return await _press(self._plkk, method, path)

    async def bank(self, method: str, path: str) -> httpx.Response:
        """Press something on the page of the imitated bank."""
        assert self._bank is not None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._bank), base_url="http://bank.test") as http:
            return await http.request(method, path)

    async def _deliver(self) -> int:
        """The webhooks of BPJS and the clinics, and the calls of the bank, reach the service; how many did."""
        before = self._web.delivered
        await self._bpjs.state.deliver(self._post)
        await self._plkk.state.deliver(self._post)
        if self._bank is not None:
            await self._bank.state.deliver(self._post)
        return self._web.delivered - before

    def _nonce(self) -> str:
        return f"{self._chance.getrandbits(128):032x}"


async def _press(app: FastAPI, method: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox.test") as http:
        return await http.request(method, path)


def with_bank(settings: Settings, folder: Path, **more: Any) -> Settings:
    """The same settings with a bank, which is reached in the same process; its keys are made in the folder."""
    keys = folder / "bank-keys"
    kept(keys)
    bank = {
        "url": "http://bank.test", "client_id": bank_sandbox.OFFICE, "partner_id": bank_sandbox.OFFICE,
        "channel_id": bank_sandbox.CHANNEL, "service_id": "8808", "secret": "a secret shared with the bank",
        "key_file": str(keys / "siaga.pem"), "bank_client_id": bank_sandbox.BANK,
        "bank_partner_id": bank_sandbox.BANK, "bank_key_file": str(keys / "bank.pub.pem"),
    }  # fmt: skip
    return settings.model_copy(update={"bank": BankSettings.model_validate(bank | more)})


def _bank(settings: Settings, folder: Path, clock: Clock, nonce: Callable[[], str]) -> FastAPI:
    return bank_sandbox.create_app(
        database=folder / "bank.db", keys=kept(folder / "bank-keys"), secret=settings.bank.secret.get_secret_value(),
        office_url="http://siaga.test", clock=clock, nonce=nonce, slow_s=0, tick_s=None,
    )  # fmt: skip


class _Wires(httpx.AsyncBaseTransport):
    """The partners' addresses lead to their sandboxes in this process, every other to the network."""

    def __init__(self, partners: Mapping[str, FastAPI]) -> None:
        self._partners = {httpx.URL(url).host: httpx.ASGITransport(app) for url, app in partners.items()}
        self._network: httpx.AsyncHTTPTransport | None = None  # made when it is needed: it reads all certificates

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in self._partners:
            return await self._partners[request.url.host].handle_async_request(request)
        self._network = self._network or httpx.AsyncHTTPTransport()
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        if self._network is not None:
            await self._network.aclose()


class _Counting(httpx.AsyncBaseTransport):
    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport, self.delivered = transport, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        self.delivered += response.is_success
        return response


@asynccontextmanager
async def world(settings: Settings, folder: Path, **more: Any) -> AsyncIterator[World]:
    async with World(settings, folder, **more) as made:
        yield made
