"""Our wire to the imitated Telegram, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from bot.handlers.contract import Access
from bot.handlers.telegram_wire import TelegramWire
from tests.gateway.conftest import Clock
from tests.gateway.telegram_served import TOKEN, Served, telegram_served
from tests.handlers.telegram_wired import wired


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def telegram(clock: Clock) -> Iterator[Served]:
    with telegram_served(clock) as telegram:
        yield telegram


@pytest.fixture
def access(telegram: Served) -> Access:
    return Access(url=telegram.url, token=TOKEN)


@pytest.fixture
async def wire(access: Access) -> AsyncIterator[TelegramWire]:
    async with wired(access) as wire:
        yield wire
