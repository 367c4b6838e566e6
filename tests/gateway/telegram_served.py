"""The imitated Telegram behind a real port, and the two real clients that talk to it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from PIL import Image
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from gateway.sandbox.telegram import create_app
from gateway.sandbox.telegram_phone import Phone
from gateway.sandbox.telegram_world import World
from tests.gateway.conftest import Clock, served

TOKEN = "700000001:invented-for-the-tests"
HASNA = 7001


@dataclass
class Served:
    url: str
    world: World

    async def was_asked(self, times: int) -> None:
        """Wait until the bot has called so many methods."""
        async with asyncio.timeout(5):
            while len(self.world.asked) < times:  # noqa: ASYNC110  told by another thread
                await asyncio.sleep(0.005)

    def hasna(self) -> Phone:
        return Phone(self.world, HASNA, "Hasna")

    def rahman(self) -> Phone:
        return Phone(self.world, 7002, "Rahman")


@contextmanager
def telegram_served(clock: Clock, **more: Any) -> Iterator[Served]:
    app = create_app(token=TOKEN, clock=clock, chance=Random(1), **{"tick_s": None, **more})
    with served(app) as url:
        yield Served(url, app.state.world)


@asynccontextmanager
async def ptb(url: str, *, token: str = TOKEN, patience_s: float = 5.0) -> AsyncIterator[ExtBot[None]]:
    """What Siaga speaks with."""
    requests = [HTTPXRequest(read_timeout=patience_s, httpx_kwargs={"verify": False}) for _ in range(2)]
    bot: ExtBot[None] = ExtBot(
        token,
        base_url=f"{url}/bot",
        base_file_url=f"{url}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    for request in requests:
        await request.initialize()
    try:
        with pytest.MonkeyPatch.context() as patch:  # without it every RetryAfter warns, and warnings are errors here
            patch.setenv("PTB_TIMEDELTA", "true")
            yield bot
    finally:
        for request in requests:
            await request.shutdown()


@asynccontextmanager
async def aio(url: str) -> AsyncIterator[Bot]:
    """What Siaga listens with."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    try:
        yield Bot(TOKEN, session=session)
    finally:  # session.close() would wait a quarter of a second for the end of TLS, and loopback has none
        await (await session.create_session()).close()


def jpeg(width: int = 640, height: int = 400) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(content, "JPEG")
    return content.getvalue()
