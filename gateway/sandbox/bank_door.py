"""The door of the imitated bank: only the office's signed questions pass, and each as the standard asks.

Invariant: nothing behind the door runs for a question that it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import snap
from gateway.sandbox.bank_books import Books
from gateway.sandbox.door import again, whole
from gateway.snap import Service
from gateway.snap_door import Answer, Call, Caller, Passed, admit, answer, give_token

SERVICES: dict[str, Service] = {
    snap.TOKEN_PATH: "73", snap.CREATE_PATH: "27", snap.STATUS_PATH: "26", snap.DELETE_PATH: "31",
    snap.QR_MAKE_PATH: "47", snap.QR_QUERY_PATH: "51",
}  # fmt: skip


class BankDoor:
    """ASGI middleware. It answers questions for a token by itself."""

    def __init__(
        self, app: ASGIApp, *, books: Books, office: Caller, clock: Callable[[], datetime], nonce: Callable[[], str]
    ) -> None:
        self._app, self._books, self._office = app, books, office
        self._clock, self._nonce = clock, nonce

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = SERVICES.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if service is None:
            await self._app(scope, receive, send)
            return
        body = await whole(receive)
        judged = self._judged(service, scope, body)
        if isinstance(judged, Answer) or body is None:
            await told(judged if isinstance(judged, Answer) else answer(service, "bad-request"))(scope, receive, send)
            return
        await self._app(scope, again(body, receive), send)

    def _judged(self, service: Service, scope: Scope, body: bytes | None) -> Passed | Answer:
        if self._books.down():
            return down(service)
        if body is None:
            return answer(service, "bad-request")
        call = Call(scope["method"], scope["raw_path"].decode("latin-1"), Headers(scope=scope), body)
        if service == "73":
            return give_token(call, self._office, now=self._clock(), nonce=self._nonce())
        return admit(service, call, self._office, now=self._clock())


def told(one: Answer) -> JSONResponse:
    """An answer as it travels."""
    return JSONResponse(one.body, one.status)


def down(service: Service) -> Answer:
    return Answer(503, {"responseCode": f"503{service}00", "responseMessage": "Service Unavailable"})
