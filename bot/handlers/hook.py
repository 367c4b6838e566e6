"""The door of a channel that pushes: its gateway posts to us what people send, and is posted what the bot says.

Invariant: only the gateway is listened to; it hears 200 only once everything is stored. A message is sent again only
if it certainly did not arrive.
"""

from __future__ import annotations

import asyncio

import httpx
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.handlers.contract import Access, Inbox, NotStoredError, Pushed, Sent, Unknown
from bot.talk.message import Message
from rules.bpjs import TryLater

log = structlog.get_logger()

HOOK_BYTES_MAX = 256 * 1024
HOOK_SECONDS_MAX = 30
ANSWER_BYTES_MAX = 64 * 1024
CONNECT_S, SEND_S = 5.0, 15.0
"""Seconds to reach the gateway, and for all of one try."""
COME_AGAIN_S = "5"
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The request never left."""


class Hook:
    """One pushed channel at work. `route` is its address on our web server."""

    def __init__(self, channel: Pushed, access: Access, inbox: Inbox, http: httpx.AsyncClient) -> None:
        self._channel, self._access, self._inbox, self._http = channel, access, inbox, http

    def route(self) -> Route:
        return Route(f"/hooks/{self._channel.name}", self.receive, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too long or too slow", 413)
        if not self._channel.admit(request.headers, body, self._access.secret):
            log.warning("bad-hook", channel=self._channel.name)
            return PlainTextResponse("not accepted", 401)
        arrivals = self._channel.decode(body)
        if not arrivals:
            log.warning("nothing-in-hook", channel=self._channel.name)  # 200: it would be no better the next time
        try:
            for arrival in arrivals:
                await self._inbox.arrive(arrival)
        except NotStoredError:
            return PlainTextResponse("come again", 503, {"Retry-After": COME_AGAIN_S})
        return PlainTextResponse("ok")

    async def send(self, message: Message, address: str, key: str) -> Sent:
        """Try once. The same `key` is the same message."""
        request = self._channel.encode(message, address, key, self._access)
        request.extensions["timeout"] = httpx.Timeout(SEND_S, connect=CONNECT_S).as_dict()
        try:
            async with asyncio.timeout(SEND_S):
                return self._channel.judge(*await self._answer(request))
        except _NOT_SENT as error:
            return TryLater(type(error).__name__)
        except (httpx.HTTPError, TimeoutError) as error:
            return Unknown(type(error).__name__)

    async def _answer(self, request: httpx.Request) -> tuple[int, bytes]:
        """Status and the beginning of the body."""
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


async def _body(request: Request) -> bytes | None:
    body = b""
    try:
        async with asyncio.timeout(HOOK_SECONDS_MAX):
            async for piece in request.stream():
                body += piece
                if len(body) > HOOK_BYTES_MAX:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return body
