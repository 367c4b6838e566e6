"""Puts the parts together: one service, one place where everything is made and ended.

Invariant: nothing else makes an engine, a client or a process; what is opened here is closed here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom

import httpx
from starlette.applications import Starlette

from bot.flows import HOUSE
from bot.flows.asks import ERRANDS
from bot.handlers import webchat
from bot.ocr import Limits
from bot.ocr.pool import CardReader
from bot.runtime.batch import Desk
from bot.runtime.errands import Errands
from bot.runtime.health import Health, Metrics
from bot.runtime.news import ChatNews
from bot.runtime.runner import Performer, Runner
from bot.runtime.webhooks import BpjsWebhook
from bot.runtime.writer import Writer
from bot.settings import Settings, read_secret
from db import outbox
from db.engine import FileLock, reader_engine, sqlite_file, writer_engine
from db.ids import Ids
from db.migrate import migrate
from db.transcript import StoredTranscript
from db.vault import Vault
from gateway.bpjs import Bpjs
from locales import catalogues

PULLED = frozenset({webchat.CHANNEL, "terminal"})
"""Channels that fetch their messages themselves; the others have a performer that sends."""


def now() -> datetime:
    return datetime.now(UTC)


class Service:
    """Everything that runs, made by `running`."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime], chance: Random, vault: Vault, alone: bool
    ) -> None:
        self.settings, self.clock, self.alone = settings, clock, alone
        self.metrics, self.news, self.closing = Metrics(), ChatNews(alone=alone), asyncio.Event()
        self._writing, self._reading = writer_engine(settings.database.url), reader_engine(settings.database.url)
        self.desk = Desk(HOUSE, catalogues(), vault, Ids(clock, chance), clock, PULLED, language=settings.chat.language)
        self.writer = Writer(self._writing, self.desk)
        self.writer.on_commit += [self.metrics.committed, self.news.committed]
        self.writer.on_batch, self.writer.on_failure = self.metrics.batch.observe, self._failed
        self.transcript = StoredTranscript(self._reading, vault)
        photos = settings.photos
        self.reader = CardReader(
            workers=photos.workers, limit_s=photos.limit_s, limits=Limits(photo_bytes_max=photos.bytes_max)
        )
        self.http = httpx.AsyncClient()
        bpjs = Bpjs(
            self.http, settings.bpjs.url, client_id=settings.bpjs.client_id,
            secret=settings.bpjs.secret.get_secret_value(), clock=clock, chance=chance,
            nonce=lambda: secrets.token_hex(16), try_s_max=settings.bpjs.try_s,
        )  # fmt: skip
        performers = Errands(self.writer, self.reader, bpjs, clock).performers()
        self.runner = Runner(self.writer, _complete(performers), clock, chance)

    def app(self) -> Starlette:
        """The web application; it neither starts nor ends the service."""
        chat = self.settings.chat
        web = webchat.WebchatSettings(
            cookie_secret=self.desk.vault.derived(b"chat cookie"),
            photo_bytes_max=self.settings.photos.bytes_max,
            text_chars_max=webchat.TEXT_CHARS_MAX,
            secure_cookie=self.settings.web.secure_cookie,
            office_name=self.settings.office.name,
            office_phone=self.settings.office.phone,
            samples=Path(chat.samples) if chat.samples else None,
            closing=self.closing,
        )
        webhook = BpjsWebhook(self.writer, self.desk, self.settings.bpjs.secret.get_secret_value(), self.clock)
        return Starlette(
            routes=[
                *webchat.routes(self.writer, self.transcript, self.news, web),
                webhook.route(),
                *Health(self.writer, self.metrics).routes(),
            ]
        )

    async def close(self) -> None:
        self.closing.set()
        await self.runner.close()
        await self.writer.close()
        await self.reader.close()
        await self.http.aclose()
        await self._writing.dispose()
        await self._reading.dispose()

    def _failed(self, kind: str) -> None:
        self.metrics.failures.labels(kind).inc()


@asynccontextmanager
async def running(
    settings: Settings, *, clock: Callable[[], datetime] = now, chance: Random | None = None
) -> AsyncIterator[Service]:
    """A service on a migrated database, ended with the block. DatabaseBusyError, SettingsError if it can't start."""
    async with AsyncExitStack() as stack:
        file = sqlite_file(settings.database.url)
        if file is not None:
            stack.enter_context(FileLock(file))
        await migrate(settings.database.url)
        vault = Vault(read_secret(settings.secret.file))
        service = Service(settings, clock, chance or SystemRandom(), vault, alone=file is not None)
        stack.push_async_callback(service.close)
        service.writer.start()
        await service.writer.run(lambda unit: outbox.release_lost(unit, all_taken=service.alone))
        service.runner.start()
        yield service


def _complete(performers: Mapping[str, Performer]) -> Mapping[str, Performer]:
    missing = {kind.__name__ for kind in ERRANDS} - performers.keys()
    if missing:
        raise TypeError(f"nobody performs {', '.join(sorted(missing))}")
    return performers
