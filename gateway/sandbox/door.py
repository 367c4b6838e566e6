"""The door of a sandbox: only signed, fresh, never seen requests of the one known client pass to /v1/.

Invariant: nothing behind the door runs for a request that it refuses, and a nonce passes once.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.signing import CLIENT_ID, Unsigned, verify

GUARDED = "/v1/"
BODY_BYTES_MAX = 64 * 1024
NOWHERE = re.compile(r"(?!)")


class Doorkeeper(Protocol):
    """What the door remembers between requests and restarts."""

    def down(self) -> bool: ...

    def first_time(self, nonce: str, now: datetime) -> bool:
        """Store the nonce; False if it was stored before."""


class Door:
    """ASGI middleware. Refusals are `{"error": code}` with 401, 409 (replayed nonce), 413 or 503 (outage drill).
    `wider`: the addresses that take a longer body than the others, and how long."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        keeper: Doorkeeper,
        client_id: str,
        secret: str,
        clock: Callable[[], datetime],
        wider: tuple[re.Pattern[str], int] = (NOWHERE, BODY_BYTES_MAX),
    ) -> None:
        self._app = app
        self._keeper = keeper
        self._client_id = client_id
        self._secret = secret
        self._clock = clock
        self._wider, self._wider_bytes_max = wider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(GUARDED):
            await self._app(scope, receive, send)
            return
        longest = self._wider_bytes_max if self._wider.fullmatch(scope["path"]) else BODY_BYTES_MAX
        body = await whole(receive, longest)
        refusal = self._refusal(scope, body) if body is not None else problem(413, "too-long")
        if refusal is not None or body is None:
            await (refusal or problem(413, "too-long"))(scope, receive, send)
            return
        await self._app(scope, again(body, receive), send)

    def _refusal(self, scope: Scope, body: bytes) -> JSONResponse | None:
        if self._keeper.down():
            return problem(503, "down")
        headers = Headers(scope=scope)
        if not hmac.compare_digest(headers.get(CLIENT_ID, "").encode(), self._client_id.encode()):
            return problem(401, "unknown-client")
        now = self._clock()
        seal = verify(headers, self._secret, scope["method"], _target(scope), body, now=now)
        if isinstance(seal, Unsigned):
            return problem(401, seal.fault)
        return None if self._keeper.first_time(seal.nonce, now) else problem(409, "nonce-replayed")


def problem(status: int, error: str, **more: list[str]) -> JSONResponse:
    return JSONResponse({"error": error, **more}, status)


def _target(scope: Scope) -> str:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


async def whole(receive: Receive, longest: int = BODY_BYTES_MAX) -> bytes | None:
    """The body of a request; None if it is too long."""
    body = bytearray()
    while True:  # ends with the body, the connection or the limit
        message = await receive()
        body += message.get("body", b"")
        if len(body) > longest:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def again(body: bytes, receive: Receive) -> Receive:
    """The body that was read already, then what really comes (the end of the connection)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
