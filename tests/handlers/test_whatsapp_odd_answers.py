"""Answers that Meta would not give: they break nothing, and our token is shown to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.handlers.contract import Peer, Refused, Unknown
from bot.handlers.whatsapp_wire import WhatsAppWire
from bot.talk.heard import Unread
from bot.talk.message import Message
from rules.bpjs import TryLater
from tests.gateway.conftest import served
from tests.handlers.pictures import picture
from tests.handlers.whatsapp_posts import ACCESS
from tests.ports import free_ports

HASNA = Peer("ID.A1b2C3")
BYTES_MAX = 1_000_000
JPEG = picture("JPEG")


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[WhatsAppWire]:
    wire = WhatsAppWire(replace(ACCESS, url=url))
    try:
        yield wire
    finally:
        await wire.close()


async def test_a_gateway_that_is_down_got_nothing() -> None:
    (port,) = free_ports(1)

    async with wired(f"http://127.0.0.1:{port}") as wire:
        await wire.open()
        assert await wire.send(Message("halo"), None, HASNA, "key-1") == TryLater("ConnectError")


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "answer", [[], {}, "ok", 7, None, {"messages": []}, {"messages": [{}]}, {"error": "no"}, {"error": {}}]
)
async def test_an_odd_answer_is_doubtful_and_breaks_nothing(answer: object, status: int) -> None:
    with served(JSONResponse(answer, status)) as url:
        async with wired(url) as wire:
            await wire.open()
            sent = await wire.send(Message("halo"), None, HASNA, "key-1")
            photo = await wire.fetch("123456789012345", BYTES_MAX)

    assert isinstance(sent, Unknown | Refused)
    assert status == 400 or isinstance(sent, Unknown)
    assert not isinstance(photo, bytes)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:{port}/stolen",
        "http://127.0.0.1:{other}/stolen",
        "https://fbsbx.com.evil.test/stolen",
        "http://lookaside.fbsbx.com/stolen",
        "https://evilfbsbx.com/stolen",
        "https://[/stolen",
        "/stolen",
        "",
    ],
)
async def test_the_token_is_shown_to_no_host_that_an_answer_names(address: str) -> None:
    visited = []

    async def misleading(scope: Scope, receive: Receive, send: Send) -> None:
        visited.append(scope["path"])
        where = address.format(port=scope["server"][1], other=scope["server"][1] + 1)
        await JSONResponse({"url": where, "file_size": 9})(scope, receive, send)

    with served(misleading) as url:
        async with wired(url) as wire:
            assert await wire.fetch("123456789012345", BYTES_MAX) == Unread("photo-lost")

    assert visited == ["/v26.0/123456789012345"]


async def test_bytes_are_counted_whatever_the_answer_says_of_them() -> None:
    async def understating(scope: Scope, receive: Receive, send: Send) -> None:
        where = {"url": f"http://127.0.0.1:{scope['server'][1]}/photo", "file_size": 9}
        answer = Response(JPEG + bytes(BYTES_MAX)) if scope["path"] == "/photo" else JSONResponse(where)
        await answer(scope, receive, send)

    with served(understating) as url:
        async with wired(url) as wire:
            assert await wire.fetch("123456789012345", BYTES_MAX) == Unread("photo-too-large")


@pytest.mark.parametrize("host", ["lookaside.fbsbx.com", "graph.facebook.com", "mmg.whatsapp.net"])
async def test_metas_hosts_may_see_it(host: str) -> None:
    async with wired("") as wire:
        assert wire._may_see_token(f"https://{host}/whatsapp_business/attachments/?mid=1")
