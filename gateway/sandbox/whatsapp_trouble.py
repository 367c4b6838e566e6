"""Mischief on demand: errors, silence and broken connections in front of the imitated Cloud API.

Invariant: a trouble hits as many requests as were planned, then the API is itself again.
"""

from __future__ import annotations

import asyncio
import contextlib
from enum import StrEnum

import msgspec
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sandbox.whatsapp_faults import Fault, as_answer

HANG_S = 60.0


class Cut(StrEnum):
    """Troubles that are no answer of the API. LOST: the request had no effect; STORED: it had, and nobody heard."""

    CLOSED_LOST = "closed_lost"
    CLOSED_STORED = "closed_stored"
    SILENT_LOST = "silent_lost"
    SILENT_STORED = "silent_stored"
    NONSENSE = "nonsense"  # a page of some proxy instead of JSON


class Planned(msgspec.Struct):
    trouble: Cut | Fault
    on: str
    times: int


class Troubles:
    """`hang_s`: how long a silent request is held before the connection is closed."""

    def __init__(self, hang_s: float = HANG_S) -> None:
        self.hang_s = hang_s
        self._planned: list[Planned] = []

    def plan(self, trouble: Cut | int, *, times: int = 1, on: str = "messages", status: int | None = None) -> None:
        """For the next `times` requests with `on` in their path ("_media" for downloads, "" for all). An int is a code
        of `whatsapp_faults.KNOWN`; `status` answers it with another HTTP status than the documented one, 429 say."""
        self._planned.append(Planned(trouble if isinstance(trouble, Cut) else Fault(trouble, status=status), on, times))

    def planned(self) -> int:
        """How many requests are still to be hit."""
        return sum(planned.times for planned in self._planned)

    def take(self, path: str) -> Cut | Fault | None:
        for planned in self._planned:
            if planned.times and planned.on in path:
                planned.times -= 1
                return planned.trouble
        return None


async def go_through(
    trouble: Cut | Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send, hang_s: float
) -> None:
    """One troubled request."""
    if isinstance(trouble, Fault):
        await JSONResponse(as_answer(trouble, "A0"), trouble.http_status)(scope, receive, send)
        return
    if trouble is Cut.NONSENSE:
        await HTMLResponse("<html><body>Bad gateway</body></html>", 502)(scope, receive, send)
        return
    if trouble in {Cut.CLOSED_STORED, Cut.SILENT_STORED}:
        await app(scope, receive, _unheard)
    if trouble in {Cut.SILENT_LOST, Cut.SILENT_STORED}:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_hung_up(receive), hang_s)
    await _close(receive, send)


async def _unheard(_: Message) -> None:
    """The answer that nobody gets."""


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":  # ends with the body and the connection
        pass


async def _close(receive: Receive, send: Send) -> None:
    """End the connection without an answer. ASGI has no word for it, so this asks uvicorn for its transport."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await _hung_up(receive)
