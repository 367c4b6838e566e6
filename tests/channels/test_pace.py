"""Everything at work in the background by the real clock: the channel's own limits are never met."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import ChannelSettings, Settings
from gateway.sandbox.telegram_phone import Phone
from gateway.sandbox.telegram_world import World as Telegram
from tests.channels.test_polling import Now
from tests.gateway.telegram_served import TOKEN, telegram_served
from tests.world import World

PEOPLE, PATIENCE_S = 70, 20.0


@pytest.fixture
async def telegram(settings: Settings, tmp_path: Path) -> AsyncIterator[Telegram]:
    with telegram_served(Now(), flood=True) as made:  # type: ignore[arg-type]  # a clock that runs
        given = {"telegram": ChannelSettings(url=made.url, token=SecretStr(TOKEN))}
        changed = settings.model_copy(update={"channels": given})
        async with World(changed, tmp_path, clock=Now()) as world:
            world.service.start()
            yield made.world


async def test_many_people_at_once_are_all_answered_and_telegram_never_says_too_fast(telegram: Telegram) -> None:
    phones = [Phone(telegram, 8000 + number, f"Orang {number}") for number in range(PEOPLE)]
    for phone in phones:
        phone.says("menu")
        phone.says("daftar")

    async with asyncio.timeout(PATIENCE_S):
        while not all(map(_answered, phones)):  # noqa: ASYNC110  # told by another thread
            await asyncio.sleep(0.05)

    assert telegram.floods == 0
    assert telegram.violations == []


def _answered(phone: Phone) -> bool:
    return any(one.text.startswith("Untuk siapa") for one in phone.hears())
