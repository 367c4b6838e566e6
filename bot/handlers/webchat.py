"""The web chat: a page that looks like a phone's chat, and the addresses it talks to.

Invariant: a visitor sees and writes only the chat of the own cookie; a message is answered 200 only once it is
stored, and a repeat of it changes nothing. Nothing here logs, and no address carries anything about a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.handlers.contract import Arrival, Cut, Inbox, Make, NotStoredError, Transcript
from bot.handlers.download import download
from bot.handlers.pictures import kind_of
from bot.handlers.samples import samples_in
from bot.handlers.visitor import Visitors, is_foreign
from bot.handlers.webchat_in import Came, Refused, read_message, read_photo
from bot.handlers.webchat_out import LINES_MAX, STATIC, News, Pace, encode, static_address, stream
from bot.talk.message import Crop

__all__ = ["ACCOUNT", "CHANNEL", "News", "Pace", "WebchatSettings", "routes"]

CHANNEL = "web"
ACCOUNT = "main"
ID_MAX = 2**63 - 1
UPLOADS_MAX = 16
"""Photos taken in at the same time, each with its bytes in memory."""
CROPS_MAX = 16
"""Parts of photos asked for at the same time, each with its photo in memory."""
PAPERS_MAX = 16
"""Papers asked for at the same time."""
WHOLE = (0, 0, 1_000_000, 1_000_000)
"""A box that no photo is larger than."""
STREAMS_MAX = 2000
"""Open streams; whoever comes after that asks every few seconds instead."""
RETRY_AFTER_S = 3
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors "
)
SAFE = {
    "content-security-policy": POLICY + "'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",  # for browsers older than frame-ancestors
}
FOREIGN = Refused(403, "Buka lagi halaman chat ini, lalu kirim dari sana.")
BUSY = Refused(503, "Sedang ramai. Pesan akan dikirim lagi sebentar lagi.")
NOT_STORED = Refused(503, "Pesan belum tersimpan. Akan dikirim lagi sebentar lagi.")
NO_ID = Refused(400, "Alamat ini tidak dikenal.")

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


class WebchatSettings(Struct, frozen=True):
    """`samples` is a folder of photos to try the bot with, or None. `framed_by`: the one other site that may show the
    page inside its own; "" for none. Set `closing` when the server shuts down, so that open streams end."""

    cookie_secret: str
    photo_bytes_max: int
    text_chars_max: int
    secure_cookie: bool
    office_name: str
    office_phone: str
    samples: Path | None = None
    framed_by: str = ""
    pace: Pace = Pace()
    closing: asyncio.Event = msgspec.field(default_factory=asyncio.Event)


def routes(
    inbox: Inbox, transcript: Transcript, news: News, cut: Cut, make: Make, settings: WebchatSettings
) -> list[BaseRoute]:
    """The page at /, its addresses under /chat, the sample photos at /contoh."""
    chat = _Webchat(inbox, transcript, news, cut, make, settings)
    private = [Middleware(_Headers, cache="private, no-store")]
    framed = [Middleware(_Headers, cache="private, no-store", framed_by=settings.framed_by)]
    lasting = [Middleware(_Headers, cache="public, max-age=31536000, immutable")]  # their addresses change with them
    return [
        Route("/", chat.page, middleware=framed),
        Route("/chat/messages", chat.take_message, methods=["POST"], middleware=private),
        Route("/chat/photos", chat.take_photo, methods=["POST"], middleware=private),
        Route("/chat/photos/{photo}", chat.photo, middleware=private),
        Route("/chat/crops/{line}", chat.crop, middleware=private),
        Route("/chat/papers/{line}", chat.paper, middleware=private),
        Route("/chat/lines", chat.lines, middleware=private),
        Route("/chat/events", chat.events, middleware=private),
        Route("/contoh", chat.sample_page, middleware=private),
        Route("/contoh/{name}", chat.sample, middleware=private),
        Mount("/chat/static", StaticFiles(directory=STATIC), middleware=lasting),
    ]


class _Webchat:
    def __init__(
        self, inbox: Inbox, transcript: Transcript, news: News, cut: Cut, make: Make, settings: WebchatSettings
    ) -> None:
        self._inbox, self._transcript, self._news, self._settings = inbox, transcript, news, settings
        self._cut, self._make = cut, make
        self._visitors = Visitors(settings.cookie_secret, settings.secure_cookie)
        self._samples = samples_in(settings.samples)
        self._uploads = self._crops = self._papers = self._streams = 0
        self._addresses = {name: static_address(name) for name in ("shared.js", "chat.js", "chat.css", "icon.svg")}

    async def page(self, request: Request) -> Response:
        response = self._render("webchat.html")
        self._visitors.remember(self._visitors.known(request) or self._visitors.new(), response)
        return response

    async def take_message(self, request: Request) -> Response:
        if is_foreign(request):
            return _refusal(FOREIGN)
        return await self._hand_in(request, await read_message(request, self._settings.text_chars_max))

    async def take_photo(self, request: Request) -> Response:
        if is_foreign(request):
            return _refusal(FOREIGN)
        if self._uploads >= UPLOADS_MAX:
            return _refusal(BUSY)
        self._uploads += 1
        try:
            return await self._hand_in(request, await read_photo(request, self._settings.photo_bytes_max))
        finally:
            self._uploads -= 1

    async def lines(self, request: Request) -> Response:
        after = _id(request.query_params.get("after", "0"))
        if after is None:
            return _refusal(NO_ID)
        chat = await self._chat(request)
        lines = [] if chat is None else await self._transcript.lines(chat, after, LINES_MAX)
        return _json({"lines": [encode(line) for line in lines]})

    async def photo(self, request: Request) -> Response:
        chat, photo = await self._chat(request), _id(request.path_params["photo"])
        found = await self._transcript.photo(chat, photo) if chat is not None and photo is not None else None
        if not found or photo is None:
            return Response(status_code=404)
        match kind_of(found):
            case "image/heic" | "application/pdf":  # which not every browser can show
                return await self._jpeg(partial(self._cut, found, Crop(photo, WHOLE)))
            case kind:
                return Response(found, media_type=kind)

    async def crop(self, request: Request) -> Response:
        """The part of a photo that a line shows. Nobody chooses which part: only what the bot has shown is cut out."""
        return await self._jpeg(partial(self._cropped, await self._chat(request), _id(request.path_params["line"])))

    async def paper(self, request: Request) -> Response:
        """A paper that was said to this chat. A HEAD request is told how large it is, or that it is gone."""
        chat, line = await self._chat(request), _id(request.path_params["line"])
        found = await self._transcript.paper(chat, line) if chat is not None and line is not None else None
        if chat is None or found is None:
            return Response(status_code=404)
        if self._papers >= PAPERS_MAX:
            return _refusal(BUSY)
        self._papers += 1
        try:
            content = await self._make(chat, found)
        except TimeoutError:
            return _refusal(BUSY)
        finally:
            self._papers -= 1
        return download(content, found)

    async def events(self, request: Request) -> Response:
        chat = await self._chat(request)
        if chat is None:
            return Response(status_code=204)  # tells the browser not to come back by itself
        if self._streams >= STREAMS_MAX or self._settings.closing.is_set():
            return _refusal(BUSY)
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        return StreamingResponse(
            self._follow(request, chat, _id(asked) or 0),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    async def sample_page(self, _request: Request) -> Response:
        return self._render("samples.html") if self._samples else Response(status_code=404)

    async def sample(self, request: Request) -> Response:
        name = request.path_params["name"]
        found = next((sample for sample in self._samples if sample.name == name), None)
        return FileResponse(found.path, media_type="image/jpeg") if found else Response(status_code=404)

    async def _hand_in(self, request: Request, came: Came | Refused) -> Response:
        if isinstance(came, Refused):
            return _refusal(came)
        known = self._visitors.known(request)
        visitor = known or self._visitors.new()
        # the page's id is scoped to its visitor: nobody can use up the ids of somebody else
        message_id = f"{visitor}.{came.message_id}"
        try:
            receipt = await self._inbox.arrive(Arrival(CHANNEL, ACCOUNT, visitor, message_id, came.heard, came.photo))
        except NotStoredError:
            return _refusal(NOT_STORED)
        response = _json({"new": receipt.new})
        if known is None:
            self._visitors.remember(visitor, response)
        return response

    async def _jpeg(self, made: Callable[[], Awaitable[bytes | None]]) -> Response:
        if self._crops >= CROPS_MAX:
            return _refusal(BUSY)
        self._crops += 1
        try:
            found = await made()
        finally:
            self._crops -= 1
        return Response(found, media_type="image/jpeg") if found else Response(status_code=404)

    async def _cropped(self, chat: int | None, line: int | None) -> bytes | None:
        if chat is None or line is None:
            return None
        crop = await self._transcript.crop(chat, line)
        photo = await self._transcript.photo(chat, crop.photo) if crop is not None else None
        return await self._cut(photo, crop) if crop is not None and photo is not None else None

    async def _chat(self, request: Request) -> int | None:
        visitor = self._visitors.known(request)
        return None if visitor is None else await self._transcript.chat(CHANNEL, ACCOUNT, visitor)

    async def _follow(self, request: Request, chat: int, after: int) -> AsyncIterator[bytes]:
        self._streams += 1
        settings = self._settings
        events = stream(
            chat, after, self._transcript, self._news, settings.pace, settings.closing, request.is_disconnected
        )
        try:
            async for event in events:
                yield event
        finally:
            self._streams -= 1
            await events.aclose()

    def _render(self, template: str) -> Response:
        shown = _pages.get_template(template).render(
            settings=self._settings, samples=self._samples, addresses=self._addresses
        )
        return HTMLResponse(shown)


class _Headers:
    """ASGI middleware: every answer says what a browser may do with it."""

    def __init__(self, app: ASGIApp, cache: str, framed_by: str = "") -> None:
        self._app, self._added = app, SAFE | {"cache-control": cache}
        if framed_by:  # X-Frame-Options can't name a site (RFC 7034's ALLOW-FROM was given up)
            self._added["content-security-policy"] = POLICY + framed_by
            del self._added["x-frame-options"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._added)
            await send(message)

        await self._app(scope, receive, send_safe)


def _id(text: str) -> int | None:
    """The id that is written so; None for what can be none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= ID_MAX else None


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _refusal(refused: Refused) -> Response:
    response = _json({"error": refused.words}, refused.status)
    if refused.status == 503:
        response.headers["retry-after"] = str(RETRY_AFTER_S)
    return response
