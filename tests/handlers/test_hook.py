"""The door of a channel that pushes: only its gateway is listened to, and hears 200 once all is stored."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from bot.handlers.contract import Access, Arrival, NotStoredError, Post, Pushed, Receipt
from bot.handlers.hook import COURTESIES_MAX, HOOK_BYTES_MAX, Hook
from bot.handlers.telegram import CHANNEL as TELEGRAM
from bot.handlers.whatsapp import CHANNEL as WHATSAPP
from bot.runtime.told import Told
from bot.talk.heard import Said
from gateway.sandbox.whatsapp_post import SIGNATURE, signature
from tests.handlers import whatsapp_posts as meta
from tests.runtime.held import Chatting, Shelf, chatting

SECRET, TOKEN = "hook-secret-of-the-tests", "700000001:a-token-of-the-tests"
ACCESS = Access(secret=SECRET, token=TOKEN, number=meta.NUMBER_ID, handshake="our word", hook="http://siaga.test")
NAMES = ("telegram", "whatsapp")
NIK, NAME = "7312025205799901", "Hasna binti Rahim"


class Courteous(Shelf):
    """Keeps what it was asked to do; while `slow` is not set, courtesies take for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.acknowledged, self.declined, self.slow = list[str](), list[str](), asyncio.Event()
        self.slow.set()

    async def acknowledge(self, arrival: Arrival) -> None:
        self.acknowledged.append(arrival.message_id)
        await self.slow.wait()

    async def decline(self, address: str) -> None:
        self.declined.append(address)


class Door:
    """One hook on a web server, and what came of it."""

    def __init__(self, chat: Chatting, channel: Pushed) -> None:
        self.chat, self.wire, self.counted = chat, Courteous(), Counter[tuple[str, str]]()
        told = Told(chat.service.writer, chat.clock.sleep)
        self.hook = Hook(channel, ACCESS, self.wire, told, self._count)
        app = Starlette(routes=[self.hook.route()])
        self.web = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://siaga.test")
        self.path = f"/hooks/{channel.name}"

    def _count(self, channel: str, kind: str) -> None:
        self.counted[channel, kind] += 1

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> int:
        return (await self.web.post(self.path, content=body, headers=headers or {})).status_code

    async def signed(self, body: bytes) -> int:
        """As the gateway posts it."""
        return await self.post(body, headers(self.hook._channel.name, body))

    async def stored(self) -> int:
        return len(await self.chat.service.rows("SELECT id FROM inbound"))


def headers(channel: str, body: bytes) -> dict[str, str]:
    if channel == "telegram":
        return {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    return {SIGNATURE: signature(SECRET, body)}


def update(text: str = "halo", number: int = 1, **more: Any) -> bytes:
    person = {"id": 7001, "is_bot": False, "first_name": NAME}
    chat = {"id": 7001, "type": "private", "first_name": NAME}
    message = {"message_id": number, "date": 1_795_000_000, "from": person, "chat": chat, "text": text, **more}
    return json.dumps({"update_id": 700_000 + number, "message": message}).encode()


def press(number: int = 1) -> bytes:
    person = {"id": 7001, "is_bot": False, "first_name": NAME}
    shown = json.loads(update(number=number))["message"]
    query = {"id": f"{number}", "from": person, "message": shown, "chat_instance": "1", "data": "1.a.yes"}
    return json.dumps({"update_id": 800_000 + number, "callback_query": query}).encode()


def says(channel: str, text: str = "halo") -> bytes:
    return update(text) if channel == "telegram" else meta.body(meta.value(meta.text(text)))


@pytest.fixture(params=NAMES)
async def door(request: pytest.FixtureRequest, database: str) -> AsyncIterator[Door]:
    async with chatting(database) as chat:
        made = Door(chat, TELEGRAM if request.param == "telegram" else WHATSAPP)
        yield made
        await made.hook.close()
        await made.web.aclose()


@pytest.fixture
async def telegram(database: str) -> AsyncIterator[Door]:
    async with chatting(database) as chat:
        made = Door(chat, TELEGRAM)
        yield made
        await made.hook.close()
        await made.web.aclose()


# -- who is let in ----------------------------------------------------------------------------------------------------


async def test_what_the_gateway_posts_is_stored_and_answered_with_200(door: Door) -> None:
    name = door.hook._channel.name

    assert await door.signed(says(name)) == 200
    assert await door.stored() == 1
    assert door.counted == {}


@pytest.mark.parametrize(
    "forged",
    [{}, {"X-Telegram-Bot-Api-Secret-Token": "wrong", SIGNATURE: "sha256=" + "0" * 64},
     {"X-Telegram-Bot-Api-Secret-Token": "", SIGNATURE: ""},
     {"X-Telegram-Bot-Api-Secret-Token": SECRET.upper(), SIGNATURE: SECRET}],
    ids=["nothing", "wrong", "empty", "almost"],
)  # fmt: skip
async def test_whoever_does_not_show_the_secret_is_turned_away(door: Door, forged: dict[str, str]) -> None:
    name = door.hook._channel.name
    with capture_logs() as logged:
        status = await door.post(says(name, f"{NIK} {NAME}"), forged)

    assert (status, await door.stored()) == (401, 0)
    assert door.counted == {(name, "forged"): 1}
    assert [line["event"] for line in logged] == ["bad-hook"]
    assert NIK not in str(logged)


async def test_a_signature_of_another_body_is_none(database: str) -> None:
    async with chatting(database) as chat:
        door = Door(chat, WHATSAPP)
        body = says("whatsapp")

        assert await door.post(body + b" ", headers("whatsapp", body)) == 401
        assert await door.stored() == 0


@pytest.mark.parametrize("body", [b"nonsense" + b"{" * 100_000, b"\xff\xfe", b""])
async def test_what_a_stranger_posts_is_not_even_parsed(door: Door, body: bytes) -> None:
    assert await door.post(body) == 401
    assert door.counted == {(door.hook._channel.name, "forged"): 1}


async def test_without_a_secret_nobody_is_let_in(database: str) -> None:
    async with chatting(database) as chat:
        for channel in (TELEGRAM, WHATSAPP):
            hook = Hook(channel, Access(number=meta.NUMBER_ID), Courteous(), Told(chat.service.writer, asyncio.sleep),
                        lambda _channel, _kind: None)  # fmt: skip
            web = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=[hook.route()])))
            body = says(channel.name)
            given = {"X-Telegram-Bot-Api-Secret-Token": "", SIGNATURE: signature("", body)}
            response = await web.post(f"http://siaga.test/hooks/{channel.name}", content=body, headers=given)
            await web.aclose()

            assert response.status_code == 401


# -- what is let in ---------------------------------------------------------------------------------------------------


async def test_a_body_that_is_too_long_is_refused_before_it_is_read(door: Door) -> None:
    body = says(door.hook._channel.name) + b" " * HOOK_BYTES_MAX

    assert await door.signed(body) == 413
    assert door.counted == {(door.hook._channel.name, "too-long"): 1}
    assert await door.stored() == 0


async def test_a_body_that_never_ends_is_refused(door: Door) -> None:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    response = await door.web.post(door.path, content=forever())

    assert response.status_code == 413


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'"a"', b"null", b'{"a":', b"\xff\xfe", b"{" * 5_000])
async def test_what_is_no_json_object_is_a_400_though_it_is_signed(door: Door, body: bytes) -> None:
    assert await door.signed(body) == 400
    assert door.counted == {(door.hook._channel.name, "broken"): 1}


@pytest.mark.parametrize("body", [b"{}", b'{"update_id": 1, "new_kind": {"a": 1}}', b'{"entry": [{"changes": [{}]}]}'])
async def test_an_unknown_kind_is_counted_and_left(door: Door, body: bytes) -> None:
    assert await door.signed(body) == 200
    assert await door.stored() == 0
    assert {channel for channel, _kind in door.counted} <= {door.hook._channel.name}


async def test_an_unknown_kind_of_update_is_counted(telegram: Door) -> None:
    await telegram.signed(b'{"update_id": 1, "from_the_future": {}}')
    await telegram.signed(b'{"update_id": 2, "message": {"strange": true}}')

    assert telegram.counted == {("telegram", "unknown"): 2}


async def test_a_field_that_we_did_not_subscribe_to_is_counted(database: str) -> None:
    async with chatting(database) as chat:
        door = Door(chat, WHATSAPP)
        await door.signed(meta.body(meta.value(), field="account_alerts"))
        await door.signed(meta.body(meta.value(), field="of-the-future"))

        assert door.counted == {("whatsapp", "account_alerts"): 1, ("whatsapp", "unknown"): 1}


async def test_three_times_the_same_at_once_is_stored_once(door: Door) -> None:
    body = says(door.hook._channel.name)

    assert await asyncio.gather(*(door.signed(body) for _ in range(3))) == [200] * 3
    assert await door.stored() == 1


async def test_what_can_not_be_stored_is_to_come_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    body = says(door.hook._channel.name)
    with monkeypatch.context() as broken:
        broken.setattr("bot.runtime.writer.QUEUE_MAX", 0)
        response = await door.web.post(door.path, content=body, headers=headers(door.hook._channel.name, body))

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert await door.signed(body) == 200
    assert await door.stored() == 1


async def test_of_many_in_one_body_that_can_not_all_be_stored_each_is_stored_once_in_the_end(database: str) -> None:
    async with chatting(database) as chat:
        door = Door(chat, WHATSAPP)
        said = [meta.text(f"kata{number}", id=f"wamid.{number}") for number in range(6)]
        whole, failed = chat.service.writer.arrive, list[str]()

        async def arrive(arrival: Arrival) -> Receipt:
            if arrival.message_id.endswith(("2", "4")) and arrival.message_id not in failed:
                failed.append(arrival.message_id)
                raise NotStoredError("the disk is full")
            return await whole(arrival)

        chat.service.writer.arrive = arrive  # type: ignore[method-assign]  # the disk is full for two of them
        statuses = [await door.signed(meta.body(meta.value(*said))) for _ in range(2)]

        assert statuses == [503, 200]
        assert await door.stored() == 6


# -- handshake --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "our word", "hub.challenge": "12345"}, 200),
        ({"hub.mode": "subscribe", "hub.verify_token": "another word", "hub.challenge": "12345"}, 403),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "our word", "hub.challenge": "12345"}, 403),
        ({"hub.mode": "subscribe", "hub.verify_token": "our word"}, 403),
        ({"hub.mode": "subscribe", "hub.verify_token": "our word", "hub.challenge": "1" * 500}, 403),
        ({}, 403),
    ],
)
async def test_only_who_knows_our_word_hears_its_challenge(database: str, query: dict[str, str], status: int) -> None:
    async with chatting(database) as chat:
        door = Door(chat, WHATSAPP)
        response = await door.web.get(door.path, params=query)

        assert response.status_code == status
        assert response.text == ("12345" if status == 200 else "handshake")
        assert door.counted == ({} if status == 200 else {("whatsapp", "handshake"): 1})


async def test_a_channel_without_a_handshake_has_no_greeting(telegram: Door) -> None:
    assert (await telegram.web.get(telegram.path)).status_code == 403


# -- courtesies -------------------------------------------------------------------------------------------------------


async def test_who_presses_or_is_read_sees_that_it_came(door: Door) -> None:
    """Telegram has nothing to show under words that were typed."""
    name = door.hook._channel.name
    await door.signed(says(name))
    await door.signed(press() if name == "telegram" else meta.body(meta.value(meta.text("1", id="wamid.two"))))
    await asyncio.sleep(0)

    assert door.wire.acknowledged == (["800001"] if name == "telegram" else ["wamid.one", "wamid.two"])


async def test_courtesies_hold_nobody_up_and_have_a_limit(telegram: Door) -> None:
    telegram.wire.slow.clear()
    for number in range(COURTESIES_MAX + 8):
        assert await telegram.signed(press(number)) == 200
    await asyncio.sleep(0)

    assert len(telegram.wire.acknowledged) == COURTESIES_MAX
    assert await telegram.stored() == COURTESIES_MAX + 8


async def test_a_group_is_declined_once_and_nothing_of_it_is_stored(telegram: Door) -> None:
    group = {"id": -100, "type": "group", "title": "Poktan"}
    for number in range(3):
        assert await telegram.signed(update(f"{NIK} {NAME}", number, chat=group)) == 200
    await telegram.signed(update("halo", 9, chat={**group, "id": -200}))
    await asyncio.sleep(0)

    assert telegram.wire.declined == ["-100", "-200"]
    assert await telegram.stored() == 0
    assert await telegram.chat.service.rows("SELECT id FROM chats") == []


async def test_of_more_groups_than_are_remembered_the_silent_are_forgotten(
    telegram: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.hook.DECLINED_REMEMBERED_MAX", 2)
    for number, group in enumerate((-1, -2, -1, -3, -1, -2)):
        await telegram.signed(update("halo", number, chat={"id": group, "type": "group", "title": "Poktan"}))
        await asyncio.sleep(0)

    assert telegram.wire.declined == ["-1", "-2", "-3", "-2"]


async def test_a_group_for_which_nobody_had_time_is_declined_the_next_time(telegram: Door) -> None:
    group = {"id": -1, "type": "group", "title": "Poktan"}
    telegram.wire.slow.clear()
    for number in range(COURTESIES_MAX):
        await telegram.signed(press(number))
    await telegram.signed(update("halo", 100, chat=group))
    await asyncio.sleep(0)
    in_vain = list(telegram.wire.declined)
    telegram.wire.slow.set()
    await asyncio.sleep(0.01)
    await telegram.signed(update("halo", 101, chat=group))
    await asyncio.sleep(0)

    assert (in_vain, telegram.wire.declined) == ([], ["-1"])


# -- asking -----------------------------------------------------------------------------------------------------------


async def test_where_the_gateway_can_not_reach_us_it_is_asked_and_nothing_is_lost(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next is asked for once the last is stored; what failed is asked for again."""
    monkeypatch.setattr("bot.handlers.hook.POLL_PAUSE_S", 0.001)
    asked, last = asyncio.Event(), asyncio.Event()

    async def poll(_wire: object) -> AsyncIterator[Post]:
        for number, words in enumerate(("halo", "satu", "dua")):
            yield Post((Arrival("telegram", "main", "hasna", f"m{number}", Said(words)),))
            if words == "satu" and not asked.is_set():
                asked.set()
                raise OSError("the connection is gone")
        last.set()
        await asyncio.Event().wait()

    async with chatting(database) as chat:
        channel = Pushed("telegram", TELEGRAM.limits, TELEGRAM.admit, TELEGRAM.decode, TELEGRAM.connect, poll=poll)
        hook = Hook(channel, Access(), Courteous(), Told(chat.service.writer, asyncio.sleep), lambda _c, _k: None)
        with capture_logs() as logged:
            hook.start()
            async with asyncio.timeout(5):
                await last.wait()
            await hook.close()

        assert await chat.counted() == ["satu", "dua"]
        assert [(line["event"], line["error"]) for line in logged] == [("poll-failed", "OSError")]
