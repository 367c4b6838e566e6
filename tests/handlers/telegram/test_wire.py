"""Telegram over real HTTP, against the imitated one: the start, photos, polling, the webhook."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from bot.handlers.contract import Access, Post, Presence
from bot.handlers.telegram import admit, decode, poll, together
from bot.handlers.telegram_in import USED
from bot.handlers.telegram_out import COMMANDS
from bot.handlers.telegram_wire import HOOK_REFUSED, TOKEN_REFUSED, TelegramWire, connect
from bot.talk.heard import Pressed, Said, Shown, Unread
from gateway.sandbox.telegram_mischief import Fails, Fault, HangsUp, TooMany
from rules.bpjs import TryLater
from tests.gateway.conftest import Clock
from tests.gateway.telegram_served import HASNA, TOKEN, Served, jpeg
from tests.handlers.pictures import picture
from tests.handlers.telegram_wired import NOWHERE, QUESTION, STRANGER, TO_HASNA, arrival, ref, send, wired

BYTES_MAX = 100_000
HOOK, SECRET = "https://siaga.test/hooks/telegram", "shared_with-Telegram"


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():  # noqa: ASYNC110  # it happens in the server's thread
            await asyncio.sleep(0.01)


async def test_at_the_start_the_bot_tells_its_commands_and_where_it_listens(telegram: Served, access: Access) -> None:
    async with wired(replace(access, hook=HOOK, secret=SECRET)) as wire:
        await wire.open()

    webhook = telegram.world.updates.webhook
    assert (webhook.url, webhook.secret, webhook.connections) == (HOOK, SECRET, 40)
    assert telegram.world.updates.allowed == USED
    assert {one["command"]: one["description"] for one in telegram.world.commands} == COMMANDS
    assert telegram.world.violations == []


async def test_without_an_address_of_ours_no_webhook_is_set(telegram: Served, wire: TelegramWire) -> None:
    await wire.open()

    assert telegram.world.asked == ["getMe", "setMyCommands"]


@pytest.mark.parametrize(
    ("more", "words"), [({"token": STRANGER}, TOKEN_REFUSED), ({"hook": "siaga.test", "secret": "x"}, HOOK_REFUSED)]
)
async def test_settings_that_telegram_refuses_end_the_start_with_words(
    access: Access, more: dict[str, str], words: str
) -> None:
    async with wired(replace(access, **more)) as wire:
        with pytest.raises(ConnectionRefusedError) as refused:
            await wire.open()

    assert str(refused.value) == words
    assert STRANGER not in words


async def test_a_telegram_out_of_reach_does_not_hold_up_the_start(
    telegram: Served, access: Access, clock: Clock
) -> None:
    telegram.world.mischief.next(Fails(500), 3, "getMe")

    async with wired(access, clock.sleep) as wire:
        with capture_logs() as logged:
            await wire.open()
            await until(lambda: bool(telegram.world.commands))

    assert [line["error"] for line in logged] == ["TelegramServerError"] * 3
    assert clock.slept_s == [5, 10, 20]


async def test_a_wire_that_waits_for_telegram_can_be_closed() -> None:
    async with wired(Access(url=NOWHERE, token=TOKEN)) as wire:
        await wire.open()


@pytest.mark.parametrize("access_of", [Access(token=TOKEN), Access(token=TOKEN, hook=HOOK, secret=SECRET)])
async def test_a_wire_that_was_never_used_can_be_closed(access_of: Access) -> None:
    await connect(access_of).close()


def file_of(telegram: Served, content: bytes) -> str:
    return str(telegram.world.files.keep(content, "photos", "photo.jpg")["file_id"])


async def test_a_photo_is_fetched(telegram: Served, wire: TelegramWire) -> None:
    photo = jpeg()

    assert await wire.fetch(file_of(telegram, photo), BYTES_MAX) == photo


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (jpeg() + bytes(BYTES_MAX), "photo-too-large"),
        (jpeg() + bytes(20_000_000), "photo-too-large"),
        (picture("GIF", frames=2), "animation"),
        (b"PK\3\4", "not-an-image"),
    ],
)
async def test_a_file_that_is_no_photo_is_named(
    telegram: Served, wire: TelegramWire, content: bytes, kind: Any
) -> None:
    assert await wire.fetch(file_of(telegram, content), BYTES_MAX) == Unread(kind)


async def test_a_file_larger_than_telegram_said_is_cut_short(telegram: Served, wire: TelegramWire) -> None:
    file = telegram.world.files.keep(jpeg() + bytes(BYTES_MAX), "photos", "photo.jpg")
    file["file_size"] = 5

    assert await wire.fetch(file["file_id"], BYTES_MAX) == Unread("photo-too-large")


async def test_a_file_that_is_gone_is_lost(telegram: Served, wire: TelegramWire) -> None:
    assert await wire.fetch("AgAC-of-another-bot", BYTES_MAX) == Unread("photo-lost")

    file = file_of(telegram, jpeg())
    telegram.world.files._by_path.clear()
    assert await wire.fetch(file, BYTES_MAX) == Unread("photo-lost")


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (TooMany(17), TryLater("status 429", 17)),
        (Fails(500), TryLater("TelegramServerError")),
        (Fails(502), TryLater("ClientDecodeError")),
        (HangsUp(done=False), TryLater("TelegramNetworkError")),
    ],
)
async def test_a_photo_that_cannot_be_had_now_is_fetched_later(
    telegram: Served, wire: TelegramWire, fault: Fault, why: TryLater
) -> None:
    file = file_of(telegram, jpeg())
    telegram.world.mischief.next(fault)

    assert await wire.fetch(file, BYTES_MAX) == why
    assert await wire.fetch(file, BYTES_MAX) == jpeg()


def words(post: Post) -> Sequence[str]:
    return [one.heard.text for one in post.arrivals if isinstance(one.heard, Said)]


async def test_polling_hands_on_an_answer_at_a_time_and_gives_it_up_when_it_is_stored(
    telegram: Served, wire: TelegramWire
) -> None:
    hasna, rahman = telegram.hasna(), telegram.rahman()
    hasna.says("daftar")
    rahman.says("status")
    hasna.blocks()
    telegram.world.updates.webhook.url = HOOK

    async with aclosing(poll(wire)) as posts:
        first = await anext(posts)
        assert (words(first), first.presences) == (["daftar", "status"], (Presence(str(HASNA), True),))
        assert telegram.world.updates.pending() == 3  # a crash now loses nothing

        rahman.says("menu")
        assert words(await anext(posts)) == ["menu"]
        assert telegram.world.updates.pending() == 1

    assert telegram.world.updates.allowed == USED
    assert telegram.world.violations == []


async def test_an_update_that_nobody_understands_does_not_hold_up_the_others(
    telegram: Served, wire: TelegramWire
) -> None:
    hasna = telegram.hasna()
    hasna.says("daftar")
    hasna.brings("message", {"message_id": "of next year", "text": "Hasna"})
    hasna.says("status")

    async with aclosing(poll(wire)) as posts:
        post = await anext(posts)
        assert (words(post), post.ignored) == (["daftar", "status"], ("unknown",))

        hasna.says("menu")
        assert words(await anext(posts)) == ["menu"]


async def test_polling_pauses_longer_and_longer_and_obeys_telegram(
    telegram: Served, wire: TelegramWire, clock: Clock
) -> None:
    hasna = telegram.hasna()
    hasna.says("daftar")
    telegram.world.mischief.next(Fails(500), 2, "deleteWebhook")
    telegram.world.mischief.next(HangsUp(done=False), method="getUpdates")
    telegram.world.mischief.next(TooMany(17), method="getUpdates")

    with capture_logs() as logged:
        async with aclosing(poll(wire, clock.sleep)) as posts:
            assert words(await anext(posts)) == ["daftar"]

            telegram.world.updates.webhook.url = HOOK  # somebody else set it: 409
            telegram.world.mischief.next(Fails(502), 8, "getUpdates")
            following = asyncio.ensure_future(anext(posts))
            await until(lambda: len(clock.slept_s) >= 13)
            telegram.world.updates.webhook.url = ""
            hasna.says("status")
            assert words(await following) == ["status"]

    assert clock.slept_s[:4] == [1, 2, 4, 17]
    assert clock.slept_s[4:13] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert {line["error"] for line in logged} == {
        "TelegramServerError", "TelegramNetworkError", "ClientDecodeError", "TelegramConflictError"
    }  # fmt: skip


async def test_a_conversation_by_webhook(telegram: Served, access: Access) -> None:
    access = replace(access, hook=HOOK, secret=SECRET)
    hasna, posts = telegram.hasna(), list[Post | None]()

    def take(request: httpx.Request) -> httpx.Response:
        assert admit(request.headers, request.content, access)
        posts.append(decode(request.content, access))
        return httpx.Response(200)

    async with wired(access) as wire, httpx.AsyncClient(transport=httpx.MockTransport(take)) as http:
        await wire.open()
        started = hasna.start()
        hasna.presses(int(ref(await send(wire, QUESTION))), "1.ab.other")
        hasna.sends_photo(jpeg(), "ini KTP saya", album="a")
        hasna.blocks()
        assert await telegram.world.updates.deliver(http) == 4
        told = together([post for post in posts if post is not None])
        fetched = await wire.fetch(told.arrivals[2].file, BYTES_MAX)

    assert [one.heard for one in told.arrivals] == [
        Said("/start", str(started)),
        Pressed("1.ab.other", "Orang lain"),
        Shown(0),
    ]
    assert (fetched, told.arrivals[2].album) == (jpeg(), "a")
    assert told.presences == (Presence(str(HASNA), True),)
    assert telegram.world.violations == []


async def test_no_log_holds_the_token(
    telegram: Served, access: Access, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hasna = telegram.hasna()
    told = io.StringIO()

    with capture_logs() as logged:
        for place in (access, replace(access, url=NOWHERE), replace(access, token=STRANGER)):
            async with wired(place, clock.sleep) as wire:
                for fault in (None, Fails(502), TooMany(3), HangsUp(done=False)):
                    telegram.world.mischief.end()
                    if fault is not None:
                        telegram.world.mischief.next(fault)
                    print(await send(wire), file=told)
                    print(await wire.fetch(file_of(telegram, jpeg()), BYTES_MAX), file=told)
                    await wire.acknowledge(arrival(Shown(0)))
                    await wire.retire(TO_HASNA.address, "4711")
                if place.token == TOKEN:
                    await wire.open()
    assert hasna.hears()

    everything = caplog.text + repr(logged) + told.getvalue()
    assert TOKEN not in everything
    assert STRANGER not in everything
