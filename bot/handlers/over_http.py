"""The wire of a channel whose gateway is posted one request a message: two pure functions and a client.

Invariant: a message is sent again only if it certainly did not arrive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx

from bot.handlers.contract import Access, Arrival, Peer, Sent, Unknown, Wire
from bot.talk.heard import Unread
from bot.talk.message import Message
from rules.bpjs import TryLater

ANSWER_BYTES_MAX = 64 * 1024
CONNECT_S, SEND_S = 5.0, 15.0
"""Seconds to reach the gateway, and for all of one try."""
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The request never left."""

Encode = Callable[[Message, str, str, Access], httpx.Request]
"""(message, address, key, access): the request that sends it; the same `key` is the same message."""
Judge = Callable[[int, bytes], Sent]
"""(status, body): what the gateway's answer means."""


def over_http(encode: Encode, judge: Judge) -> Callable[[Access], Wire]:
    """What makes the wire of such a channel."""
    return lambda access: HttpWire(encode, judge, access)


class HttpWire:
    """It shows no pictures, sends no papers, fetches nothing and is not asked for courtesies."""

    def __init__(self, encode: Encode, judge: Judge, access: Access) -> None:
        self._encode, self._judge, self._access = encode, judge, access
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(SEND_S, connect=CONNECT_S))

    async def open(self) -> None: ...

    async def send(self, message: Message, enclosed: bytes | None, to: Peer, key: str) -> Sent:
        try:
            async with asyncio.timeout(SEND_S):
                return self._judge(*await self._answer(self._encode(message, to.address, key, self._access)))
        except NOT_SENT as error:
            return TryLater(type(error).__name__)
        except (httpx.HTTPError, TimeoutError) as error:
            return Unknown(type(error).__name__)

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        return Unread("photo-lost")

    async def acknowledge(self, arrival: Arrival) -> None: ...

    async def retire(self, address: str, ref: str) -> None: ...

    async def decline(self, address: str) -> None: ...

    async def close(self) -> None:
        await self._http.aclose()

    async def _answer(self, request: httpx.Request) -> tuple[int, bytes]:
        """Status and the beginning of the body."""
        request.extensions["timeout"] = self._http.timeout.as_dict()
        response = await self._http.send(request, stream=True)
        try:
            body = b""
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) >= ANSWER_BYTES_MAX:
                    break
            return response.status_code, body[:ANSWER_BYTES_MAX]
        finally:
            await response.aclose()
