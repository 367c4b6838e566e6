"""Our own page for what may not be asked or shown in a chat: one question at a time, answered into the same chat.

Invariant: looking at the address uses nothing up and shows nothing; the first browser that goes on, and no other, sees
the questions, as long as the link lives. Nothing here logs, and no address carries anything about a person.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot.handlers.contract import Cut, NotStoredError
from bot.handlers.download import download
from bot.handlers.page_browser import browser_of, remember
from bot.handlers.page_out import encode
from bot.handlers.page_port import Asked, Pages, Visit
from bot.handlers.page_words import INDONESIAN, Words, spoken
from bot.handlers.visitor import is_foreign
from bot.handlers.webchat import BUSY, FOREIGN, NOT_STORED, RETRY_AFTER_S, SAFE
from bot.handlers.webchat_in import Came, Refused, read_message, read_photo
from bot.handlers.webchat_out import STATIC, static_address
from bot.talk.message import Crop, Drawing

__all__ = ["PageSettings", "Pages", "routes"]

WAIT_S = 25.0
"""How long an answer to "what now?" may take; proxies cut a silent line off after 30 s and more."""
WAITS_MAX = 1000
ID_DIGITS_MAX = 19
UPLOADS_MAX = 16
"""Photos taken in at the same time, each with its bytes in memory."""
CROPS_MAX = 16
"""Parts of photos asked for at the same time, each with its photo in memory."""
PAPERS_MAX = 16
"""Papers asked for at the same time."""
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
        Route("/b/{token}/paper", page.paper),
    ]


class _Page:
    def __init__(self, pages: Pages, cut: Cut, settings: PageSettings) -> None:
        self._pages, self._cut, self._settings = pages, cut, settings
        self._uploads = self._crops = self._papers = self._waits = 0
        self._addresses = {name: static_address(name) for name in ("page.js", "shared.js", "page.css", "icon.svg")}

    async def page(self, request: Request) -> Response:
        """Who we are, or what became of the link. The cookie comes here already, so that an answer to `open` which is
        lost on the way locks nobody out; it opens nothing until the person goes on."""
        visit = await self._visit(request)
        if isinstance(visit, Refused):
            return self._render(INDONESIAN, refused=visit)
        words = spoken(visit.language)
        if visit.standing not in ("fresh", "mine"):
            return self._render(words, refused=_no_entry(visit, words))
        response = self._render(words, is_open=visit.standing == "mine", is_paper=visit.is_paper)
        remember(request, response, secure=self._settings.secure_cookie)
        return response

    async def open(self, request: Request) -> Response:
        """The person goes on: from now on the link is this browser's."""
        visit = FOREIGN if is_foreign(request) else await self._visit(request)
        if isinstance(visit, Refused):
            return _refusal(visit)
        response, words = _json({"open": True}), spoken(visit.language)
        if visit.standing == "mine":
            return response
        if visit.standing != "fresh":
            return _refusal(_no_entry(visit, words))
        browser = remember(request, response, secure=self._settings.secure_cookie)
        try:
            if await self._pages.open(visit, browser):
                return response
        except NotStoredError:
            return _refusal(BUSY)
        return _refusal(_no_entry(replace(visit, standing="taken"), words))

    async def now(self, request: Request) -> Response:
        """The open question, as soon as it is another one than `besides`."""
        visit, besides = await self._let_in(request), _question(request, "besides")
        if isinstance(visit, Refused):
            return _refusal(visit)
        if self._waits >= WAITS_MAX:
            return _refusal(BUSY)
        self._waits += 1
        try:
            return _json(encode(await self._pages.stage(visit, besides, self._settings.wait_s)))
        except NotStoredError:
            return _refusal(BUSY)
        finally:
            self._waits -= 1

    async def take_message(self, request: Request) -> Response:
        visit = await self._let_in(request)
        if isinstance(visit, Refused):
            return _refusal(visit)
        return await self._answer(request, visit, await read_message(request, self._settings.text_chars_max))

    async def take_photo(self, request: Request) -> Response:
        visit = await self._let_in(request)
        if isinstance(visit, Refused):
            return _refusal(visit)
        if self._uploads >= UPLOADS_MAX:
            return _refusal(BUSY)
        self._uploads += 1
        try:
            return await self._answer(request, visit, await read_photo(request, self._settings.photo_bytes_max))
        finally:
            self._uploads -= 1

    async def picture(self, request: Request) -> Response:
        """What stands above the open question. Nobody chooses what is cut out: only what the bot shows."""
        visit = await self._visit(request)
        if isinstance(visit, Refused) or visit.standing != "mine":
            return _private(Response(status_code=404))
        match await self._shown(visit, _question(request, "of")):
            case Drawing(name) if (STATIC / "drawings" / f"{name}.svg").is_file():
                return _private(FileResponse(STATIC / "drawings" / f"{name}.svg"))
            case Crop() as crop:
                return await self._cropped(visit.chat, crop)
            case _:
                return _private(Response(status_code=404))

    async def paper(self, request: Request) -> Response:
        """The paper that the link is for. A HEAD request is told how large it is, or that it is gone."""
        visit = await self._visit(request)
        if isinstance(visit, Refused) or visit.standing != "mine":
            return _private(Response(status_code=404))
        if self._papers >= PAPERS_MAX:
            return _refusal(BUSY)
        self._papers += 1
        try:
            found = await self._pages.paper(visit)
        except TimeoutError:
            return _refusal(BUSY)
        finally:
            self._papers -= 1
        return _private(download(found[1], found[0]) if found else Response(status_code=404))

    async def _answer(self, request: Request, visit: Visit, came: Came | Refused) -> Response:
        if isinstance(came, Refused):
            return _refusal(came)
        try:
            is_heard = await self._pages.answer(visit, _question(request, "of"), came)
        except NotStoredError:
            return _refusal(NOT_STORED)
        return _json({"heard": True}) if is_heard else _refusal(MOVED_ON)

    async def _visit(self, request: Request) -> Visit | Refused:
        try:
            visit = await self._pages.visit(str(request.path_params["token"]), browser_of(request))
        except NotStoredError:
            return BUSY
        return UNKNOWN if visit is None else visit

    async def _let_in(self, request: Request) -> Visit | Refused:
        """The visit of a browser to which the link belongs."""
        if is_foreign(request):
            return FOREIGN
        visit = await self._visit(request)
        if isinstance(visit, Refused) or visit.standing == "mine":
            return visit
        return _no_entry(visit, spoken(visit.language))

    async def _shown(self, visit: Visit, question: int) -> Drawing | Crop | None:
        try:
            stage = await self._pages.stage(visit)
        except NotStoredError:
            return None
        if not isinstance(stage, Asked) or stage.id != question or stage.message.picture is None:
            return None
        return stage.message.picture.shows

    async def _cropped(self, chat: int, crop: Crop) -> Response:
        if self._crops >= CROPS_MAX:
            return _refusal(BUSY)
        self._crops += 1
        try:
            photo = await self._pages.photo(chat, crop.photo)
            part = await self._cut(photo, crop) if photo is not None else None
        finally:
            self._crops -= 1
        return _private(Response(part, media_type="image/jpeg") if part else Response(status_code=404))

    def _render(
        self, words: Words, *, is_open: bool = False, is_paper: bool = False, refused: Refused | None = None
    ) -> Response:
        shown = _pages.get_template("page.html").render(
            words=words, settings=self._settings, addresses=self._addresses, is_open=is_open, refused=refused,
            is_paper=is_paper,
            for_script=msgspec.to_builtins(words),
        )  # fmt: skip
        return _private(HTMLResponse(shown, refused.status if refused else 200))


def _no_entry(visit: Visit, words: Words) -> Refused:
    match visit.standing:
        case "fresh" | "mine":
            return Refused(403, words.not_open)
        case "taken":
            return Refused(410, words.paper_taken if visit.is_paper else words.taken)
        case "expired":
            return Refused(410, words.paper_expired if visit.is_paper else words.expired)
        case "done":
            return Refused(410, words.done)


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _question(request: Request, name: str) -> int:
    """The id of a question; 0, which none has, for what isn't one."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= ID_DIGITS_MAX else 0


def _json(content: Any, status: int = 200) -> Response:
    return _private(Response(msgspec.json.encode(content), status, media_type="application/json"))


def _refusal(refused: Refused) -> Response:
    response = _json({"error": refused.words}, refused.status)
    if refused.status == 503:
        response.headers["retry-after"] = str(RETRY_AFTER_S)
    return response


def _private(response: Response) -> Response:
    response.headers.update(SAFE | {"cache-control": "private, no-store"})
    return response
