"""Puts the parts together: one service, one place where everything is made and ended.

Invariant: nothing else makes an engine, a client or a process; what is opened here is closed here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom

import httpx
from msgspec import Struct
from starlette.applications import Starlette

from bot.flows import HOUSE
from bot.flows.asks import ERRANDS
from bot.handlers import webchat
from bot.handlers.contract import ACCOUNT, Access, Channel, Inbox, Pulled, Pushed
from bot.handlers.hook import Hook
from bot.ocr import Limits
from bot.ocr.pool import CardReader
from bot.runtime.batch import Desk
from bot.runtime.errands import Errands, Reads
from bot.runtime.health import Health, Metrics
from bot.runtime.news import ChatNews
from bot.runtime.runner import Performer, Runner
from bot.runtime.sending import sending
from bot.runtime.webhooks import BpjsWebhook
from bot.runtime.writer import Writer
from bot.settings import Settings, SettingsError, read_secret
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
from locales import catalogues

CHANNELS: tuple[Channel, ...] = (
    Pulled(webchat.CHANNEL),
    Pulled("terminal"),
)
"""Every channel. Adding one is its file in bot/handlers/ and its line here."""


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
    """What the service is made of; tests add a conversation or a channel of their own."""

    house: House = HOUSE
    channels: tuple[Channel, ...] = CHANNELS


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
        self.desk = Desk(parts.house, catalogues(), vault, ids, outside.clock, pulled, language=settings.chat.language)
        self.writer = writer_kind(self._store, self.desk)
        self.writer.on_commit += [self.metrics.committed, self.news.committed]
        self.writer.on_batch, self.writer.on_failure = self.metrics.batch.observe, self._failed
        self.transcript = StoredTranscript(self._reading, vault)
        self._own_reader = None if outside.reader else _card_reader(settings)
        self._http = httpx.AsyncClient(transport=outside.transport)
        bpjs = Bpjs(
            self._http, settings.bpjs.url, client_id=settings.bpjs.client_id,
            secret=settings.bpjs.secret.get_secret_value(), clock=outside.clock, chance=outside.chance,
            nonce=lambda: secrets.token_hex(16), sleep=outside.sleep, try_s_max=settings.bpjs.try_s,
        )  # fmt: skip
        reader = outside.reader or self._own_reader
        assert reader is not None
        self._reader = reader
        errands = Errands(self.transcript, reader, bpjs, outside.clock, hands=settings.photos.workers + 1)
        performers = errands.performers()
        self._hooks = _hooks(parts.channels, settings, self.writer, self._http)
        senders = {
            f"{name}:{ACCOUNT}": sending(hook.send, self.transcript.address) for name, hook in self._hooks.items()
        }
        self.runner = Runner(self.writer, {**_complete(performers), **senders}, outside.clock, outside.chance)

    def app(self) -> Starlette:
        """The web application; it neither starts nor ends the service."""
        chat = self.settings.chat
        web = webchat.WebchatSettings(
            cookie_secret=self.desk.vault.derived(b"chat cookie"),
            photo_bytes_max=self.settings.photos.bytes_max,
            text_chars_max=TEXT_CHARS_MAX,
            secure_cookie=self.settings.web.secure_cookie,
            office_name=self.settings.office.name,
            office_phone=self.settings.office.phone,
            samples=Path(chat.samples) if chat.samples else None,
            closing=self.closing,
        )
        webhook = BpjsWebhook(self.writer, self.desk, self.settings.bpjs.secret.get_secret_value(), self.clock)
        return Starlette(
            routes=[
                *webchat.routes(self.writer, self.transcript, self.news, self._cut, web),
                *(hook.route() for hook in self._hooks.values()),
                webhook.route(),
                *Health(self.writer, self.metrics).routes(),
            ]
        )

    async def _cut(self, photo: bytes, crop: Crop) -> bytes | None:
        return await self._reader.cut(photo, crop.box, crop.turn)

    async def release_lost(self, unit: Unit) -> None:
        """What a process before us had taken is to be done again."""
        outbox.release_lost(unit, all_taken=self.alone)

    async def close(self) -> None:
        self.closing.set()
        await self.runner.close()
        await self.writer.close()
        if self._own_reader is not None:
            await self._own_reader.close()
        await self._http.aclose()
        await self._store.close()
        await self._reading.dispose()

    def _failed(self, kind: str) -> None:
        self.metrics.failures.labels(kind).inc()


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
        yield service


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """A service at work, ended with the block."""
    async with opened(settings) as service:
        service.runner.start()
        yield service


def _card_reader(settings: Settings) -> CardReader:
    photos = settings.photos
    return CardReader(workers=photos.workers, limit_s=photos.limit_s, limits=Limits(photo_bytes_max=photos.bytes_max))


def _hooks(channels: tuple[Channel, ...], settings: Settings, inbox: Inbox, http: httpx.AsyncClient) -> dict[str, Hook]:
    """The pushed channels that the operator set up, by name."""
    pushed = {channel.name: channel for channel in channels if isinstance(channel, Pushed)}
    unknown = settings.channels.keys() - pushed.keys()
    if unknown:
        raise SettingsError(
            "\n".join(f"Setting channels.{name}: there is no such channel." for name in sorted(unknown))
        )
    return {
        name: Hook(pushed[name], Access(access.url, access.secret.get_secret_value()), inbox, http)
        for name, access in settings.channels.items()
    }


def _complete(performers: Mapping[str, Performer]) -> Mapping[str, Performer]:
    missing = {kind.__name__ for kind in ERRANDS} - performers.keys()
    if missing:
        raise TypeError(f"nobody performs {', '.join(sorted(missing))}")
    return performers
