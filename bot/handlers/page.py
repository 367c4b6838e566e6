"""Our own page for what may not be asked or shown in a chat: one question at a time, answered into the same chat.

Invariant: looking at the address uses nothing up and shows nothing; the first browser that goes on, and no other, sees
the questions, as long as the link lives. Nothing here logs, and no address carries anything about a person.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.handlers.contract import Cut, NotStoredError
from bot.handlers.page_out import encode
from bot.handlers.page_port import Asked, Pages, Standing, Visit
from bot.handlers.page_words import INDONESIAN, Words, spoken
from bot.handlers.visitor import is_foreign
from bot.handlers.webchat import BUSY, FOREIGN, ID_MAX, RETRY_AFTER_S, SAFE
from bot.handlers.webchat_in import Came, Refused, read_message, read_photo
from bot.handlers.webchat_out import STATIC, static_address
from bot.talk.message import Drawing

__all__ = ["PageSettings", "Pages", "routes"]

COOKIE = "siaga_page"
COOKIE_S = 2 * 3600
"""Longer than any link lives: who comes back is told what became of it."""
BROWSER = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
BROWSER_BYTES = 24
WAIT_S = 25.0
"""How long an answer to "what now?" may take; proxies cut a silent line off after 30 s and more."""
WAITS_MAX = 1000
UPLOADS_MAX = 16
"""Photos taken in at the same time, each with its bytes in memory."""
CROPS_MAX = 16
"""Parts of photos asked for at the same time, each with its photo in memory."""
MOVED_ON = Refused(409, "Pertanyaannya sudah berganti.")
UNKNOWN = Refused(404, INDONESIAN.unknown)

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


class PageSettings(Struct, frozen=True):
    """`wait_s`: how long to wait for what the bot says next."""

    photo_bytes_max: int
    text_chars_max: int
    secure_cookie: bool
    office_name: str
    wait_s: float = WAIT_S


def routes(pages: Pages, cut: Cut, settings: PageSettings) -> list[BaseRoute]:
    """All under /b/{token}; the page's script and style lie with those of the web chat."""
    page = _Page(pages, cut, settings)
    return [
        Route("/b/{token}", page.page),
        Route("/b/{token}/open", page.open, methods=["POST"]),
        Route("/b/{token}/now", page.now),
        Route("/b/{token}/messages", page.take_message, methods=["POST"]),
        Route("/b/{token}/photos", page.take_photo, methods=["POST"]),
        Route("/b/{token}/picture", page.picture),
    ]


class _Page:
    def __init__(self, pages: Pages, cut: Cut, settings: PageSettings) -> None:
        self._pages, self._cut, self._settings = pages, cut, settings
        self._uploads = self._crops = self._waits = 0
        self._addresses = {name: static_address(name) for name in ("page.js", "shrink.js", "page.css", "icon.svg")}

    async def page(self, request: Request) -> Response:
        """Says who we are, or what became of the link. The cookie is set here already, so that an answer which gets
        lost on the way doesn't lock its browser out; it opens nothing until the person goes on."""
        visit = await self._visit(request, "fresh", "mine")
        if isinstance(visit, Refused):
            return self._render(spoken(visit.language), visit.status, visit.words)
        response = self._render(spoken(visit.language), is_open=visit.standing == "mine")
        self._remember(_browser(request) or _new_browser(), visit.token, response)
        return response

    async def open(self, request: Request) -> Response:
        """The person goes on: from now on the link is this browser's."""
        if is_foreign(request):
            return _refusal(FOREIGN)
        visit = await self._visit(request, "fresh", "mine")
        if isinstance(visit, Refused):
            return _refusal(visit)
        browser = _browser(request) or _new_browser()
        if not await self._pages.open(visit, _digest(visit.token, browser)):
            return _refusal(_no_entry(visit, "taken"))
        response = _json({"open": True})
        self._remember(browser, visit.token, response)
        return response
