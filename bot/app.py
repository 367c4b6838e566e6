"""Puts the parts together: one service, one place where everything is made and ended.

Invariant: nothing else makes an engine, a client or a process; what is opened here is closed here.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom

import httpx
from msgspec import Struct
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.routing import Route

from bot import banking
from bot.channels import AtWork, SetUp, pace_of, process_name, set_up
from bot.flows import HOUSE
from bot.flows.asks import ERRANDS, PostPayment
from bot.flows.claim_asks import SendClaim
from bot.handlers import webchat
from bot.handlers.contract import Channel, Elsewhere, Pulled
from bot.handlers.page import PageSettings
from bot.handlers.page import routes as page_routes
from bot.ocr import Limits
from bot.ocr.pool import CardReader
from bot.runtime.bank_errands import BankErrands
from bot.runtime.bank_in import BankIn
from bot.runtime.batch import Desk
from bot.runtime.claims import Claims
from bot.runtime.clinic_desk import ClinicDesk
from bot.runtime.clinics import Clinics
from bot.runtime.corrections import Corrections
from bot.runtime.errands import Errands, Reads
from bot.runtime.fetching import Fetching
from bot.runtime.health import Health, Metrics
from bot.runtime.holds import Holds
from bot.runtime.links import Links
from bot.runtime.news import ChatNews
from bot.runtime.office import Office
from bot.runtime.pages import LinkPages
from bot.runtime.papers import MAKERS, Maker, Papers, Reading
from bot.runtime.reconciling import Reconciling
from bot.runtime.reminders import Reminders
from bot.runtime.resting import Resting
from bot.runtime.retention import Retention
from bot.runtime.rounds import Rounds
from bot.runtime.runner import Runner
from bot.runtime.sending import Sending
from bot.runtime.settling import Performer
from bot.runtime.told import Told
from bot.runtime.watch import TurnLog, Watch
from bot.runtime.webhooks import BpjsWebhook
from bot.runtime.writer import Writer
from bot.settings import Settings, read_secret
from bot.talk.awaited import FetchPhoto
from bot.talk.flow import House
from bot.talk.message import Crop
from bot.talk.question import TEXT_CHARS_MAX
from db import outbox
from db.engine import FileLock, reader_engine, sqlite_file
from db.ids import Ids
from db.migrate import migrate
from db.store import store
from db.transcript import StoredTranscript
from db.unit import Unit
from db.vault import Vault
from gateway.bpjs import Bpjs
from gateway.breaker import Breaker
from gateway.partner import Means
from gateway.payments import Bank
from gateway.plkk import Plkk
from locales import catalogues

CHANNELS: tuple[Channel, ...] = (
    Pulled(webchat.CHANNEL),
    Pulled("terminal"),
    Elsewhere("telegram", "bot.handlers.telegram"),
    Elsewhere("whatsapp", "bot.handlers.whatsapp"),
)
"""Every channel. Adding one is its file in bot/handlers/ and its line here."""


NONCE_BYTES = 16
LOOK_S = 60.0
"""Between two looks at what is due by the clock."""


def now() -> datetime:
    return datetime.now(UTC)


class Outside(Struct, frozen=True):
    """What the service touches of the world outside; tests bring their own clock, chance and connections."""

    clock: Callable[[], datetime] = now
    chance: Random = SystemRandom()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    transport: httpx.AsyncBaseTransport | None = None  # of calls to partners; None: the network
    reader: Reads | None = None  # None: the card reader, in processes of its own


OUTSIDE = Outside()
"""The world as it is."""


class Parts(Struct, frozen=True):
    """What the service is made of; tests add a conversation, a channel or a kind of paper of their own."""

    house: House = HOUSE
    channels: tuple[Channel, ...] = CHANNELS
    makers: Mapping[str, Maker] = MAKERS


PARTS = Parts()
"""The service as it is."""


class Service:
    """Everything that runs, made by `opened` or `running`."""

    def __init__(
        self, settings: Settings, vault: Vault, outside: Outside, writer_kind: type[Writer], parts: Parts
    ) -> None:
        self.settings, self.clock = settings, outside.clock
        self.alone = sqlite_file(settings.database.url) is not None
        self.metrics, self.news, self.closing = Metrics(), ChatNews(alone=self.alone), asyncio.Event()
        self._store, self._reading = store(settings.database.url), reader_engine(settings.database.url)
        ids = Ids(outside.clock, outside.chance)
        pulled = frozenset(channel.name for channel in parts.channels if isinstance(channel, Pulled))
        channels = set_up(parts.channels, settings, vault)
        self.banking = banking.set_up(settings, vault)
        self.links = Links(settings.web.public_url.rstrip("/"), vault.derived(b"links"))
        self.desk = Desk(
            parts.house, catalogues(), vault, ids, outside.clock, pulled, language=settings.chat.language,
            pushed={one.channel.name: one.channel.limits for one in channels},
            paged=frozenset(one.channel.name for one in channels if not one.in_chat), page=self.links.page,
            paper=self.links.paper,
            ways=self.banking.ways if self.banking else (),
        )  # fmt: skip
        self.writer = writer_kind(self._store, self.desk)
        self.writer.on_commit += [self.metrics.committed, self.news.committed]
        self.writer.on_batch, self.writer.on_failure = self.metrics.batch.observe, self._failed
        self.writer.on_turns = TurnLog(self.metrics)
        self.office, self.holds = Office(self.writer, self.desk), Holds(self.writer)
        self.watch = Watch(self.writer, self.metrics)
        self.reminders = Reminders(self.writer, self.desk, outside.clock)
        self.corrections = Corrections(self.writer, self.desk)
        self.retention = Retention(
            self.writer, self.desk, self.metrics, outside.clock, settings.photos.keep_days, self.reminders.plan_again
        )  # fmt: skip
        self.transcript = StoredTranscript(self._reading, vault)
        self.papers = Papers(parts.makers, Reading(self._reading, vault, settings.office.name), self.desk.catalogues)
        self._own_reader = None if outside.reader else _card_reader(settings)
        self._http = httpx.AsyncClient(transport=outside.transport)
        means = Means(self._http, outside.clock, outside.chance, _nonce, outside.sleep)
        breaker = Breaker()
        self._bpjs = bpjs = Bpjs(
            replace(means, try_s_max=settings.bpjs.try_s), settings.bpjs.url, client_id=settings.bpjs.client_id,
            secret=settings.bpjs.secret.get_secret_value(), breaker=breaker,
        )  # fmt: skip
        reader = outside.reader or self._own_reader
        assert reader is not None
        self._reader = reader
        errands = Errands(self.transcript, reader, bpjs, outside.clock, hands=settings.photos.workers + 1)
        wires = {one.channel.name: one.wire for one in channels}
        fetching = Fetching(self.writer, wires, settings.photos.bytes_max, outside.clock)
        self.claims = Claims(self.writer, self.desk, bpjs, self.transcript, reader)
        self.reconciling = Reconciling(
            self.writer, self.desk, bpjs, self.claims, outside.clock, self.reminders.plan_again
        )
        self.rounds = [
            Rounds("promises", self.claims.run_due, LOOK_S),
            Rounds("reconciling", self.reconciling.run_due, LOOK_S),
            Rounds("retention", self.retention.run_due, LOOK_S),
        ]
        plkk = _plkk(settings, means)
        secret = settings.plkk.secret.get_secret_value()
        self.clinics = Clinics(self.writer, self.claims, plkk, secret, outside.clock)
        performers = errands.performers() | self.clinics.performers()
        performers |= {FetchPhoto.__name__: fetching.perform, SendClaim.__name__: self.claims.perform}
        performers |= BankErrands(self.writer, bpjs, self._bank(means)).performers()
        resting = Resting(breaker, errands.ask_bpjs() | {SendClaim.__name__, PostPayment.__name__}, outside.clock)
        self.runner = Runner(self.writer, _complete(performers), outside.clock, outside.chance, partner=resting)
        self._name = "" if self.alone else process_name()
        self.channels = AtWork(channels, Told(self.writer, outside.sleep), self._unused, self._sender(outside))

    def app(self) -> Starlette:
        """The web application; it neither starts nor ends the service."""
        chat = self.settings.chat
        web = webchat.WebchatSettings(
            cookie_secret=self.desk.vault.derived(b"chat cookie"),
            photo_bytes_max=self.settings.photos.bytes_max,
            text_chars_max=TEXT_CHARS_MAX,
            secure_cookie=self.settings.web.is_secure,
            office_name=self.settings.office.name,
            office_phone=self.settings.office.phone,
            samples=Path(chat.samples) if chat.samples else None,
            framed_by=self.settings.web.framed_by,
            closing=self.closing,
        )
        pages = LinkPages(
            self.writer, self.links, self.transcript, self.news, self.clock, self.closing, self.papers.make
        )
        shown = PageSettings(web.photo_bytes_max, web.text_chars_max, web.secure_cookie, web.office_name)
        secret = self.settings.bpjs.secret.get_secret_value()
        webhook = BpjsWebhook(self.writer, self.desk, self.claims, secret, self.clock, self.reminders.plan_again)
        plkk = self.settings.plkk
        desk = ClinicDesk(self.writer, self._bpjs, plkk.may_ask, self.clock)
        app = Starlette(
            routes=[
                *self.channels.routes(),
                *webchat.routes(self.writer, self.transcript, self.news, self._cut, self.papers.make, web),
                *page_routes(pages, self._cut, shown),
                webhook.route(),
                *self.clinics.routes(),
                desk.route(),
                *self._bank_routes(),
                *Health(self.writer, self.metrics).routes(),
            ]
        )
        app.router.redirect_slashes = False  # an address is ours as it stands, or not at all
        return app

    def _bank(self, means: Means) -> Bank | None:
        if self.banking is None:
            return None
        return Bank(replace(means, try_s_max=self.settings.bank.try_s), self.banking.url, self.banking.terms)

    def _bank_routes(self) -> list[Route]:
        if self.banking is None:
            return []
        bank = BankIn(self.writer, self.desk, self.banking.caller, self.clock, _nonce)
        return bank.routes()

    async def _cut(self, photo: bytes, crop: Crop) -> bytes | None:
        return await self._reader.cut(photo, crop.box, crop.turn)

    async def release_lost(self, unit: Unit) -> None:
        """What a process before us had taken is to be done again."""
        outbox.release_lost(unit, all_taken=self.alone)

    async def run_due(self) -> int:
        """Do what is due now and wait for it; how much that was. Instead of `start`, for who has all the time."""
        done = await self.holds.run_due() + await self.reminders.run_due()
        for each in self.rounds:
            done += await each.look() or 0
        for runner in (self.runner, *self.channels.runners):
            done += await runner.run_due()
        return done

    def start(self) -> None:
        """Work in the background until `close`."""
        self.runner.start()
        self.holds.start()
        self.watch.start()
        self.reminders.start()
        for each in self.rounds:
            each.start()
        self.channels.start()

    async def close(self) -> None:
        self.closing.set()
        await self.channels.close()
        for each in self.rounds:
            await each.close()
        await self.reminders.close()
        await self.watch.close()
        await self.holds.close()
        await self.runner.close()
        await self.writer.close()
        await self.channels.hang_up()
        if self._own_reader is not None:
            await self._own_reader.close()
        await self._http.aclose()
        await self._store.close()
        await self._reading.dispose()

    def _failed(self, kind: str) -> None:
        self.metrics.failures.labels(kind).inc()

    def _unused(self, channel: str, kind: str) -> None:
        self.metrics.unused.labels(channel, kind).inc()

    def _sender(self, outside: Outside) -> Callable[[SetUp], Runner]:
        """What makes who sends for a channel's account."""

        def make(one: SetUp) -> Runner:
            pace = pace_of(one, time.monotonic)
            sending = Sending(
                one.wire, one.channel.limits, self.transcript, self._cut, self.papers, outside.clock, pace
            )
            return Runner(
                self.writer, {one.lane: sending.perform}, outside.clock, outside.chance, pace=pace, name=self._name,
                sift=self.reminders.sift,
            )  # fmt: skip

        return make


@asynccontextmanager
async def opened(
    settings: Settings,
    outside: Outside = OUTSIDE,
    writer_kind: type[Writer] = Writer,
    parts: Parts = PARTS,
) -> AsyncIterator[Service]:
    """A service on a migrated database that hears and answers, but doesn't yet work off its outbox.

    DatabaseBusyError or SettingsError if it can't start.
    """
    async with AsyncExitStack() as stack:
        file = sqlite_file(settings.database.url)
        if file is not None:
            stack.enter_context(FileLock(file))
        await migrate(settings.database.url)
        service = Service(settings, Vault(read_secret(settings.secret.file)), outside, writer_kind, parts)
        stack.push_async_callback(service.close)
        service.writer.start()
        await service.writer.run(service.release_lost)
        await service.channels.open()
        yield service


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """A service at work, ended with the block."""
    async with opened(settings) as service:
        service.start()
        yield service


def _nonce() -> str:
    return secrets.token_hex(NONCE_BYTES)


def _card_reader(settings: Settings) -> CardReader:
    photos = settings.photos
    return CardReader(workers=photos.workers, limit_s=photos.limit_s, limits=Limits(photo_bytes_max=photos.bytes_max))


def _plkk(settings: Settings, means: Means) -> Plkk | None:
    """None: no secret is shared with the clinics."""
    given = settings.plkk
    if not given.secret.get_secret_value():
        return None
    return Plkk(means, given.url, client_id=given.client_id, secret=given.secret.get_secret_value())


def _complete(performers: Mapping[str, Performer]) -> Mapping[str, Performer]:
    missing = {kind.__name__ for kind in ERRANDS} - performers.keys()
    if missing:
        raise TypeError(f"nobody performs {', '.join(sorted(missing))}")
    return performers
