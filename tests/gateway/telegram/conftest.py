"""The imitated Telegram behind a real port, and aiogram, which listens there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from aiogram import Bot

from tests.gateway.conftest import Clock
from tests.gateway.telegram_served import Served, aio, telegram_served


@pytest.fixture
def telegram(clock: Clock) -> Iterator[Served]:
    with telegram_served(clock) as telegram:
        yield telegram


@pytest.fixture
async def listener(telegram: Served) -> AsyncIterator[Bot]:
    async with aio(telegram.url) as listener:
        yield listener
