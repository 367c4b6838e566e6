"""The imitated Telegram: the webhook, and all that can go wrong between Telegram and a bot."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from aiogram import Bot
from starlette.responses import JSONResponse, Response
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.ext import ExtBot

from gateway.sandbox.telegram_mischief import Fails, HangsUp, TimesOut, TooMany
from gateway.sandbox.telegram_wire import Json
from tests.gateway.conftest import Clock, Partner
from tests.gateway.telegram_served import HASNA, Served, aio, jpeg, ptb, telegram_served


@pytest.fixture
async def bot(telegram: Served) -> AsyncIterator[ExtBot[None]]:
    async with ptb(telegram.url, patience_s=0.2) as bot:
        yield bot


@pytest.fixture
async def hooked(telegram: Served, partner: Partner) -> AsyncIterator[Bot]:
    """The webhook is set, and `partner` is who answers it."""
    async with aio(telegram.url) as listener:
        await listener.set_webhook(f"{partner.url}/telegram", secret_token="invented_secret")
        yield listener


def told(partner: Partner) -> list[Json]:
    return [json.loads(partner.next_asked()[1]) for _ in range(partner.asked.qsize())]


def texts(partner: Partner) -> list[str]:
    return [update["message"]["text"] for update in told(partner)]


async def test_a_webhook_is_told_with_its_secret(
    telegram: Served, hooked: Bot, partner: Partner, http: httpx.AsyncClient
) -> None:
    telegram.hasna().says("halo")

    assert await telegram.world.updates.deliver(http) == 1
    headers, body = partner.next_asked()
    assert headers["x-telegram-bot-api-secret-token"] == "invented_secret"
    assert json.loads(body)["message"]["text"] == "halo"
    assert await telegram.world.updates.deliver(http) == 0


async def test_a_chat_waits_for_its_refused_update_and_another_chat_does_not(
    telegram: Served, hooked: Bot, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    hasna = telegram.hasna()
    partner.answers = [Response(status_code=500), Response()]
    hasna.says("satu")
    hasna.says("dua")
    assert await telegram.world.updates.deliver(http) == 0
    telegram.rahman().says("halo")

    assert await telegram.world.updates.deliver(http) == 1
    info = await hooked.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    assert info.pending_update_count == 2

    clock.passes(1)
    assert await telegram.world.updates.deliver(http) == 2
    assert texts(partner) == ["satu", "halo", "satu", "dua"]


async def test_the_server_delivers_by_itself(clock: Clock, partner: Partner) -> None:
    with telegram_served(clock, tick_s=0.01) as telegram:
        async with aio(telegram.url) as listener:
            await listener.set_webhook(f"{partner.url}/telegram")
            telegram.hasna().says("halo")
            assert json.loads((await asyncio.to_thread(partner.next_asked))[1])["message"]["text"] == "halo"


async def test_an_answer_with_a_method_in_it_is_a_violation(
    telegram: Served, hooked: Bot, partner: Partner, http: httpx.AsyncClient
) -> None:
    partner.answers = [JSONResponse({"method": "sendMessage"})]
    telegram.hasna().says("halo")
    await telegram.world.updates.deliver(http)
    assert len(telegram.world.violations) == 1


async def test_every_update_comes_as_often_as_asked(
    telegram: Served, hooked: Bot, partner: Partner, http: httpx.AsyncClient
) -> None:
    telegram.world.mischief.repeats = 3
    telegram.hasna().says("satu")
    await telegram.world.updates.deliver(http)
    assert texts(partner) == ["satu", "satu", "satu"]

    telegram.hasna().says("dua")
    await hooked.delete_webhook()
    assert len(await hooked.get_updates()) == 3


async def test_chats_change_places_and_nobody_is_heard_backwards(telegram: Served) -> None:
    phones = [telegram.hasna(), telegram.rahman()]
    for number in range(20):
        phones[number % 2].says(str(number))
    telegram.world.mischief.shuffled = True

    async with aio(telegram.url) as listener:
        messages = [update.message for update in await listener.get_updates()]
    heard = [int(message.text or "") for message in messages if message]

    assert heard != sorted(heard) == list(range(20))
    assert [number for number in heard if number % 2] == list(range(1, 20, 2))


async def test_what_is_held_back_comes_when_it_is_free(telegram: Served) -> None:
    telegram.world.mischief.held = True
    telegram.hasna().says("halo")
    async with aio(telegram.url) as listener:
        assert await listener.get_updates() == []
        waiting = asyncio.create_task(listener.get_updates(timeout=20))
        await asyncio.sleep(0.02)
        telegram.world.mischief.held = False
        assert len(await waiting) == 1


async def test_a_server_error_stores_nothing(telegram: Served, bot: ExtBot[None]) -> None:
    hasna = telegram.hasna()
    telegram.world.mischief.next(Fails(), method="sendMessage")
    telegram.world.mischief.next(Fails(502))

    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_photo(HASNA, jpeg())
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(HASNA, "halo")
    assert hasna.hears() == []
    assert await bot.send_message(HASNA, "halo")
    assert telegram.world.mischief.done == ["sendPhoto", "sendMessage"]


async def test_a_pause_is_asked_for(telegram: Served, bot: ExtBot[None]) -> None:
    telegram.hasna()
    telegram.world.mischief.next(TooMany(7), times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter, match="Retry in 0:00:07"):
            await bot.send_message(HASNA, "halo")
    assert await bot.send_message(HASNA, "halo")


@pytest.mark.parametrize("done", [True, False])
async def test_an_answer_that_never_comes_tells_nothing(telegram: Served, bot: ExtBot[None], done: bool) -> None:
    hasna = telegram.hasna()
    telegram.world.mischief.next(TimesOut(done=done))

    with pytest.raises(TimedOut):
        await bot.send_message(HASNA, "halo")
    assert len(hasna.hears()) == done
    assert await bot.send_message(HASNA, "lagi")


@pytest.mark.parametrize("done", [True, False])
async def test_a_closed_connection_tells_nothing(telegram: Served, bot: ExtBot[None], done: bool) -> None:
    hasna = telegram.hasna()
    telegram.world.mischief.next(HangsUp(done=done))

    with pytest.raises(NetworkError):
        await bot.send_photo(HASNA, jpeg(), caption="Contoh")
    assert len(hasna.hears()) == done
    assert await bot.send_message(HASNA, "lagi")


async def test_patience_has_an_end_on_both_sides(telegram: Served, http: httpx.AsyncClient) -> None:
    telegram.world.mischief.next(TimesOut(done=False, wait_s=0.05))
    before = time.monotonic()
    async with ptb(telegram.url) as bot:
        with pytest.raises(NetworkError):
            await bot.get_me()
    assert time.monotonic() - before < 2


async def test_mischief_ends(telegram: Served, bot: ExtBot[None]) -> None:
    telegram.world.mischief.next(Fails(), times=5)
    telegram.world.mischief.end()
    assert await bot.get_me()
