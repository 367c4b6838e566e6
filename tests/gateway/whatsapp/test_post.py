"""Webhooks are signed, packed as wished, and sent until they are answered 200."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response

from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_wire import Layout
from tests.gateway.conftest import Clock, Partner
from tests.gateway.whatsapp_served import VERIFY_TOKEN, Whatsapp, values


@pytest.mark.parametrize(
    ("layout", "shape"),
    [
        (Layout.BODIES, [[1], [1], [1], [1]]),
        (Layout.ENTRIES, [[1, 1, 1, 1]]),
        (Layout.CHANGES, [[4]]),
        (Layout.VALUES, [[1]]),
    ],
)
async def test_what_waits_is_packed(
    whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient, layout: Layout, shape: list[list[int]]
) -> None:
    hasna.says("satu")
    await whatsapp.say(http)
    whatsapp.world.person("Rahman").says("dua")
    whatsapp.post.layout = layout

    bodies = await whatsapp.told(http)

    assert [[len(entry["changes"]) for entry in body["entry"]] for body in bodies] == shape
    packed = [value for body in bodies for value in values(body)]
    texts = [told["text"]["body"] for value in packed for told in value.get("messages", [])]
    assert texts == ["satu", "dua"]
    assert sum(len(value.get("statuses", [])) for value in packed) == 2
    if layout is Layout.VALUES:
        assert [contact["profile"]["name"] for contact in packed[0]["contacts"]] == ["Hasna", "Rahman"]


async def test_order_may_be_mixed(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    written = [hasna.says(str(n)) for n in range(20)]
    whatsapp.post.shuffles = True

    bodies = await whatsapp.told(http)

    arrived = [values(body)[0]["messages"][0]["id"] for body in bodies]
    assert arrived != written
    assert sorted(arrived) == sorted(written)


async def test_webhooks_may_come_several_times_and_all_at_once(
    whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient
) -> None:
    hasna.says("satu")
    hasna.says("dua")
    whatsapp.post.repeats, whatsapp.post.together = 3, True

    assert len(await whatsapp.told(http)) == 6
    assert whatsapp.post.waiting == []


async def test_a_webhook_is_sent_until_it_is_answered_200(
    whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    receiver.answers = [Response(status_code=503), Response(status_code=204), Response()]
    hasna.says("halo")

    first = await whatsapp.told(http)
    assert await whatsapp.told(http) == []  # not yet again
    clock.passes(1)
    second = await whatsapp.told(http)
    clock.passes(2)
    third = await whatsapp.told(http)

    assert first == second == third != []
    assert whatsapp.post.waiting == []


async def test_a_webhook_is_given_up_after_seven_days(
    whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    receiver.answers = [Response(status_code=500)]
    hasna.says("halo")

    await whatsapp.told(http)
    clock.passes(7 * 24 * 3600 + 1)
    await whatsapp.told(http)

    assert whatsapp.post.waiting == []


async def test_only_the_raw_bytes_can_be_verified(
    whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient, receiver: Partner
) -> None:
    hasna.says("é/")

    await whatsapp.post.deliver(http)

    assert rb"\u00e9\/" in receiver.next_asked()[1]


async def test_the_handshake(whatsapp: Whatsapp, http: httpx.AsyncClient, receiver: Partner) -> None:
    receiver.answers = [PlainTextResponse("another"), Response(status_code=403)]
    assert not await whatsapp.post.handshake(http)
    assert not await whatsapp.post.handshake(http)


async def test_the_handshake_is_passed_by_an_echo(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        known = asked["hub.mode"] == "subscribe" and asked["hub.verify_token"] == VERIFY_TOKEN
        return httpx.Response(200, text=asked["hub.challenge"]) if known else httpx.Response(403)

    async with httpx.AsyncClient(transport=httpx.MockTransport(echo)) as business:
        assert await whatsapp.post.handshake(business)
