"""The second guard of Telegram's speed limit."""

from __future__ import annotations

import asyncio

import pytest

from bot.handlers.telegram_sender import Limiter
from tests.gateway.telegram_served import HASNA

HOUR_S = 3600.0


async def ask(limiter: Limiter, method: str) -> None:
    async def call() -> bool:
        return True

    async with asyncio.timeout(0.05):
        await limiter.process_request(call, (), {}, method, {"chat_id": HASNA}, None)


@pytest.mark.parametrize("courtesy", ["answerCallbackQuery", "sendChatAction", "editMessageReplyMarkup"])
async def test_a_courtesy_neither_waits_nor_takes_the_room_of_a_message(courtesy: str) -> None:
    one_an_hour = Limiter(overall_max_rate=1, overall_time_period=HOUR_S)

    for _time in range(5):
        await ask(one_an_hour, courtesy)
    await ask(one_an_hour, "sendMessage")
    await ask(one_an_hour, courtesy)

    with pytest.raises(TimeoutError):
        await ask(one_an_hour, "sendMessage")
