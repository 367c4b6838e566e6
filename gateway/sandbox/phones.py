"""A page with the phones of three people side by side: the chat page, the imitated Telegram, the imitated WhatsApp.

`python -m gateway.sandbox.phones` serves it. Below each phone stand switches for what may go wrong there.
Invariant: it hands on to the side of the imitations that is made for it (`/_phone`, `/sandbox`) and to the sample
photos, to nothing else; it keeps nothing, and serves a machine of one's own without a password. If the clock of all
of them isn't the real one, it says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.sandbox.pages import PAGES
from gateway.sandbox.served import ahead, now, options, serve
from rules.quiet import WITA, allowed_from

PORT = 8100
TRY_S = 20.0
BODY_BYTES_MAX = 25_000_000
"""A larger photo isn't sent on; what the bot takes is far less."""
PASSED_ON = ("content-type",)
STATIC = Path(__file__).parent / "static"
UNREACHABLE, UNKNOWN, TOO_LONG = 502, 404, 413


class Addresses(Struct, frozen=True):
    """Where the others are, without a slash at the end. `web` is also what a browser opens."""

    telegram: str
    whatsapp: str
    web: str
    bpjs: str


def create_app(addresses: Addresses, clock: Callable[[], datetime], *, is_shifted: bool = False) -> Starlette:
    """The page at /, and what it asks of the others. `clock` is aware; `is_shifted` if it isn't the real time."""
    phones = _Phones(addresses, clock, is_shifted)
    return Starlette(
        routes=[
            Route("/", phones.page),
            Route("/clock", phones.clock),
            Route("/samples", phones.samples),
            Route("/samples/{path}", phones.samples),
            Route("/telegram/{path:path}", phones.telegram, methods=["GET", "POST"]),
            Route("/whatsapp/{path:path}", phones.whatsapp, methods=["GET", "POST"]),
            Route("/bpjs/{path:path}", phones.bpjs, methods=["GET", "POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        lifespan=phones.lifespan,
    )


class _Phones:
    def __init__(self, addresses: Addresses, clock: Callable[[], datetime], is_shifted: bool) -> None:
        self._addresses, self._clock, self._is_shifted = addresses, clock, is_shifted
        self._http: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=TRY_S) as self._http:
            yield

    async def page(self, _: Request) -> Response:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            f"frame-src {self._addresses.web}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        shown = PAGES.get_template("phones.html").render(addresses=self._addresses)
        return HTMLResponse(shown, headers={"content-security-policy": policy, "cache-control": "no-store"})

    async def clock(self, _: Request) -> Response:
        """`{quiet_until, shifted_to}`: when the bot speaks unasked again, null by day; what the clock shows, null if it
        is the real time."""
        here = self._clock()
        begins = allowed_from(here)
        return JSONResponse(
            {
                "quiet_until": f"{begins.astimezone(WITA):%H.%M}" if begins > here else None,
                "shifted_to": f"{here.astimezone(WITA):%H.%M}" if self._is_shifted else None,
            }
        )

    async def samples(self, request: Request) -> Response:
        return await self._hand_on(request, f"{self._addresses.web}/contoh")

    async def telegram(self, request: Request) -> Response:
        return await self._hand_on(request, f"{self._addresses.telegram}/_phone")

    async def whatsapp(self, request: Request) -> Response:
        return await self._hand_on(request, f"{self._addresses.whatsapp}/_phone")

    async def bpjs(self, request: Request) -> Response:
        return await self._hand_on(request, f"{self._addresses.bpjs}/sandbox")

    async def _hand_on(self, request: Request, base: str) -> Response:
        path = request.path_params.get("path", "")
        if {"..", "."} & set(path.split("/")):
            return Response(status_code=UNKNOWN)
        body = await _whole(request)
        if body is None:
            return Response(status_code=TOO_LONG)
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        url = httpx.URL(f"{base}/{path}" if path else base, query=request.url.query.encode())
        assert self._http is not None
        try:
            answer = await self._http.request(request.method, url, content=body, headers=headers)
        except httpx.TransportError:
            return Response(status_code=UNREACHABLE)
        if answer.is_redirect:  # to a page that somebody who pressed a button there would see
            return Response(status_code=204)
        kind = answer.headers.get("content-type", "application/octet-stream")
        return Response(answer.content, answer.status_code, {"content-type": kind, "cache-control": "no-store"})


async def _whole(request: Request) -> bytes | None:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)


def main() -> None:
    parser = options("phones", "Three phones side by side.", PORT)
    parser.add_argument("--web", default="http://127.0.0.1:8000")
    parser.add_argument("--bpjs", default="http://127.0.0.1:8101")
    parser.add_argument("--telegram", default="http://127.0.0.1:8102")
    parser.add_argument("--whatsapp", default="http://127.0.0.1:8103")
    given = parser.parse_args()
    others = (getattr(given, name).rstrip("/") for name in Addresses.__struct_fields__)
    serve(create_app(Addresses(*others), now, is_shifted=ahead() != timedelta(0)), given)


if __name__ == "__main__":
    main()
