"""The door of a channel that pushes: its gateway posts to us what people send, or is asked for it.

Invariant: only the gateway is listened to; it hears 200 only once all is stored. What isn't used is counted by its
kind and never logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

import structlog
from starlette.datastructures import Headers, QueryParams
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from bot.handlers.contract import Access, Fate, Inbox, NotStoredError, Post, Presence, Pushed, Wire

log = structlog.get_logger()

HOOK_BYTES_MAX = 3 * 1024 * 1024
"""The largest that a gateway of ours announces (developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks:
payloads of up to 3 MB)."""
HOOK_SECONDS_MAX = 30
COME_AGAIN_S = "5"
COURTESIES_MAX = 32
"""Acknowledgements under way at the same time; those beyond it are left out."""
DECLINED_REMEMBERED_MAX = 1_000
"""Groups; past that the one that was silent longest is forgotten."""
POLL_PAUSE_S = 3.0
_STORED: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
_END: Message = {"type": "http.response.body", "body": b""}


class Told(Inbox, Protocol):
    """What a hook hands in, beside arrivals."""

    async def became(self, channel: str, fates: Sequence[Fate]) -> None:
        """Store what became of messages; NotStoredError if it can't be."""

    async def presence(self, channel: str, presences: Sequence[Presence]) -> None:
        """Store who left or came back; NotStoredError if it can't be."""


class Hook:
    """One pushed channel's way in. `count(kind)` is told what was forged, broken or not used."""

    def __init__(
        self, channel: Pushed, access: Access, wire: Wire, told: Told, count: Callable[[str, str], None]
    ) -> None:
        self._channel, self._access, self._wire, self._told, self._count = channel, access, wire, told, count
        self._courtesies: set[asyncio.Task[None]] = set()
        self._declined: dict[str, None] = {}  # the group that spoke last at the end
        self._polling: asyncio.Task[None] | None = None

    def route(self) -> Route:
        return Route(f"/hooks/{self._channel.name}", self)  # ASGI itself: it is what a channel's traffic goes through

    def start(self) -> None:
        """Ask the gateway from now on, if it can't reach us."""
        if self._channel.poll is not None and not self._access.hook:
            self._polling = asyncio.create_task(self._poll(), name=f"poll {self._channel.name}")

    async def close(self) -> None:
        for task in [*self._courtesies, *([self._polling] if self._polling else [])]:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["method"]:
            case "POST":
                response = await self._receive(Headers(scope=scope), receive)
            case "GET" | "HEAD":
                response = self._greet(QueryParams(scope["query_string"]))
            case _:
                response = PlainTextResponse("not allowed", 405, {"Allow": "GET, POST"})
        if response is None:
            await send(_STORED)
            await send(_END)
        else:
            await response(scope, receive, send)

    async def _receive(self, headers: Headers, receive: Receive) -> Response | None:
        """None: all of it is stored."""
        body = await _body(receive)
        if body is None:
            return self._refuse("too-long", 413)
        if not self._channel.admit(headers, body, self._access):
            log.warning("bad-hook", channel=self._channel.name)
            return self._refuse("forged", 401)
        post = self._channel.decode(body, self._access)
        if post is None:
            return self._refuse("broken", 400)
        try:
            await self.take(post)
        except NotStoredError:
            return PlainTextResponse("come again", 503, {"Retry-After": COME_AGAIN_S})
        return None

    async def take(self, post: Post) -> None:
        """Store all that a body says. NotStoredError if something wasn't; then all of it is to come again."""
        name = self._channel.name
        for kind in post.ignored:
            self._count(name, kind)
        if len(post.arrivals) == 1:
            await self._told.arrive(post.arrivals[0])
        elif post.arrivals:
            await asyncio.gather(*[self._told.arrive(arrival) for arrival in post.arrivals])
        if post.fates:
            await self._told.became(name, post.fates)
        if post.presences:
            await self._told.presence(name, post.presences)
        for arrival in post.arrivals:
            if arrival.token or arrival.file:
                self._be_courteous(self._wire.acknowledge(arrival))
        for group in post.groups:
            self._decline(group)

    def _greet(self, query: QueryParams) -> Response:
        """The handshake by which a gateway learns that the address is ours."""
        word = self._channel.greet(query, self._access) if self._channel.greet else None
        return PlainTextResponse(word) if word is not None else self._refuse("handshake", 403)

    def _refuse(self, kind: str, status: int) -> Response:
        self._count(self._channel.name, kind)
        return PlainTextResponse(kind, status)

    def _decline(self, group: str) -> None:
        """Once for each group, as long as we remember it: in this process, and while not too many others speak.

        One that is forgotten is declined again when it speaks. That costs a sentence; and it doesn't happen by itself,
        because a group that was declined is left: it has to invite us anew.
        """
        if group in self._declined:
            del self._declined[group]
        elif not self._be_courteous(self._wire.decline(group)):
            return
        self._declined[group] = None
        if len(self._declined) > DECLINED_REMEMBERED_MAX:
            del self._declined[next(iter(self._declined))]

    def _be_courteous(self, courtesy: Awaitable[None]) -> bool:
        """Whether there was a hand free for it."""
        if len(self._courtesies) >= COURTESIES_MAX:
            if asyncio.iscoroutine(courtesy):
                courtesy.close()
            return False
        task = asyncio.ensure_future(courtesy)
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)
        return True

    async def _poll(self) -> None:
        """Ask for ever; the next is asked for once the last is stored."""
        assert self._channel.poll is not None
        while True:
            try:
                async for post in self._channel.poll(self._wire):
                    await self._taken(post)
            except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
                log.error("poll-failed", channel=self._channel.name, error=type(error).__name__)
            await asyncio.sleep(POLL_PAUSE_S)

    async def _taken(self, post: Post) -> None:
        while True:
            try:
                return await self.take(post)
            except NotStoredError:  # the writer has told the operator
                await asyncio.sleep(POLL_PAUSE_S)


async def _body(receive: Receive) -> bytes | None:
    """The body; None if it is too long, too slow, or its sender is gone."""
    body = bytearray()
    try:
        async with asyncio.timeout(HOOK_SECONDS_MAX):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                if len(body) > HOOK_BYTES_MAX:
                    return None
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return None
