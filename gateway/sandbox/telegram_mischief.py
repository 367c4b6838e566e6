"""The mischief of an imitated Telegram: what a test may ask the network and the far end to do wrong.

Invariant: it happens only when asked for, in the order asked for, and as often as asked for.
"""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass, field
from random import Random
from typing import Any

from msgspec import Struct
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sandbox.telegram_wire import Refusal, refuse

METHOD = re.compile(r"/bot[^/]+/(\w+)")
WAIT_S = 30.0
POLL_S = 0.005


class Fails(Struct, frozen=True):
    """Answers 500 or 502 (an HTML page, as Telegram's proxy does); nothing is done."""

    status: int = 500


class TooMany(Struct, frozen=True):
    """Answers 429; nothing is done."""

    retry_after_s: int


class TimesOut(Struct, frozen=True):
    """Never answers: hangs up when the client has, or after `wait_s`. `done`: the request had its effect."""

    done: bool
    wait_s: float = WAIT_S


class HangsUp(Struct, frozen=True):
    """Closes the connection without an answer. `done`: the request had its effect."""

    done: bool


Fault = Fails | TooMany | TimesOut | HangsUp


@dataclass
class Mischief:
    """Set by a test at any time, from any thread."""

    chance: Random
    repeats: int = 1
    """How often every update is told: a webhook gets the repeats at once, getUpdates in one list."""
    shuffled: bool = False
    """Updates of different chats change places; those of one chat keep theirs."""
    held: bool = False
    """Updates are kept back, webhook and getUpdates alike, until it is False again."""
    done: list[str] = field(default_factory=list)
    """The methods whose answer was spoilt, in order."""
    _planned: list[tuple[str | None, Fault]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, fault: Fault, times: int = 1, method: str | None = None) -> None:
        """Spoil the next requests, or the next of one method."""
        with self._lock:
            self._planned += [(method, fault)] * times

    def planned(self) -> int:
        """How many requests are still to be spoilt."""
        return len(self._planned)

    def end(self) -> None:
        """Nothing more goes wrong."""
        with self._lock:
            self._planned.clear()
        self.repeats, self.shuffled, self.held = 1, False, False

    def take(self, method: str) -> Fault | None:
        with self._lock:
            for place, (wanted, fault) in enumerate(self._planned):
                if wanted in (None, method):
                    del self._planned[place]
                    self.done.append(method)
                    return fault
        return None


class Spoiler:
    """ASGI middleware before the Bot API. It isn't before /_phone/ and /file/."""

    def __init__(self, app: ASGIApp, mischief: Mischief) -> None:
        self._app = app
        self._mischief = mischief

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = METHOD.fullmatch(scope["path"]) if scope["type"] == "http" else None
        fault = self._mischief.take(asked[1]) if asked else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        match fault:
            case Fails(502):
                await self._answer(HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502), scope, receive, send)
            case Fails(status):
                await self._answer(refuse(Refusal(status)), scope, receive, send)
            case TooMany(retry_after_s):
                await self._answer(refuse(Refusal(429, retry_after_s=retry_after_s)), scope, receive, send)
            case HangsUp(done):
                await self._heard(done, scope, receive)
                await _hang_up(receive)
            case TimesOut(done, wait_s):
                await self._heard(done, scope, receive)
                await _gone(receive, wait_s)
                await _hang_up(receive)

    async def _answer(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        await _read(receive)  # or the client is still sending when the connection is reused
        await response(scope, receive, send)

    async def _heard(self, done: bool, scope: Scope, receive: Receive) -> None:
        if done:
            await self._app(scope, receive, _nobody)
        else:
            await _read(receive)


async def _nobody(_: Message) -> None:
    """Where the answer of a request goes whose asker will not hear it."""


async def _read(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass


async def _gone(receive: Receive, wait_s: float) -> None:
    try:
        async with asyncio.timeout(wait_s):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


async def _hang_up(receive: Receive) -> None:
    """ASGI knows no way to close a connection unanswered, so uvicorn's own is taken."""
    cycle: Any = getattr(receive, "__self__")  # noqa: B009  not part of the type
    cycle.transport.abort()
    while not cycle.disconnected:  # noqa: ASYNC110  ends with the connection, in the next turn of the loop
        await asyncio.sleep(POLL_S)
