"""What a chat has said, made into what the web page understands: JSON lines, and a stream of them.

Invariant: ids leave as strings, since they are larger than a number of JavaScript can hold; a stream ends by itself
and picks up where it was left, by the id of the last line.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date
from msgspec import Struct

from bot.handlers.contract import Transcript
from bot.talk.message import Button, Crop, Drawing, Line

LINES_MAX = 100
"""Lines in one answer."""
LATE = 10_000 << 20
"""Ids sort by when they were made (db/ids.py), and a line may be committed after one that was made later: by this much,
ten seconds, a stream looks back."""
RETRY_MS = 1000
"""How soon a browser comes back after a stream has ended."""
WITA = ZoneInfo("Asia/Makassar")
STATIC = Path(__file__).parent / "static"


class News(Protocol):
    """Tells when a chat has something new."""

    async def wait(self, chat: int, seconds: float) -> None:
        """Return when something new of the chat was committed after the call, or when the time is over."""


class WirePicture(Struct, frozen=True):
    """Where it is, and what stands there if it can't be shown."""

    address: str
    alt: str


class WirePaper(Struct, frozen=True):
    """Where it can be fetched, its file name, and whether it is a picture, to be shown."""

    address: str
    name: str
    is_picture: bool


class WireLine(Struct, frozen=True):
    """A line on the page. `clock` is "14.05" and `day` "21 November 2026", both WITA; `photo` is an address."""

    id: str
    at: str
    clock: str
    day: str
    mine: bool
    text: str
    photo: str | None
    picture: WirePicture | None
    buttons: tuple[Button, ...]
    wants: str
    back: bool
    paper: WirePaper | None


class Pace(Struct, frozen=True):
    """Of one stream, in seconds: a sign of life at the latest after `beat`, the end after `life`."""

    beat: float = 15
    life: float = 300


def encode(line: Line) -> WireLine:
    at = line.at.astimezone(WITA)
    photo = None if line.photo is None else f"/chat/photos/{line.photo}"
    return WireLine(
        str(line.id),
        at.isoformat(timespec="seconds"),
        f"{at:%H.%M}",
        format_date(at, "d MMMM y", locale="id"),
        line.mine,
        line.text,
        photo,
        _picture(line),
        line.buttons,
        line.wants,
        line.back,
        _paper(line),
    )


def _paper(line: Line) -> WirePaper | None:
    paper = line.paper
    if paper is None:
        return None
    return WirePaper(f"/chat/papers/{line.id}", paper.name, paper.media == "image/png")


def _picture(line: Line) -> WirePicture | None:
    if line.picture is None:
        return None
    match line.picture.shows:
        case Drawing(name):
            return WirePicture(static_address(f"drawings/{name}.svg"), line.picture.alt)
        case Crop():
            return WirePicture(f"/chat/crops/{line.id}", line.picture.alt)


@cache
def static_address(name: str) -> str:
    """The address of a file of ours, another one when the file changes. One that is gone keeps a plain address: an old
    line may still name it."""
    file = STATIC / name
    if not file.is_file():
        return f"/chat/static/{name}"
    return f"/chat/static/{name}?v={hashlib.blake2b(file.read_bytes(), digest_size=6).hexdigest()}"


async def stream(
    chat: int,
    after: int,
    transcript: Transcript,
    news: News,
    pace: Pace,
    closing: asyncio.Event,
    gone: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[bytes]:
    """Server-sent events: every line above `after`, then each new one, until the time is over, the browser is gone
    or the server closes (html.spec.whatwg.org/multipage/server-sent-events.html)."""
    yield b"retry: %d\n\n" % RETRY_MS
    clock = asyncio.get_running_loop().time
    end, untold = clock() + pace.life, _Untold(chat, after, transcript)
    closed = asyncio.ensure_future(closing.wait())
    try:
        while clock() < end and not closing.is_set() and not await gone():
            # listening starts before reading: what is committed in between is heard
            heard = asyncio.ensure_future(news.wait(chat, min(pace.beat, end - clock())))
            try:
                lines, are_all = await untold.take()
                for line in lines:
                    yield _event(line)
                if are_all:
                    await asyncio.wait((heard, closed), return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _end(heard)
            yield b":\n\n"
    finally:
        await _end(closed)


class _Untold:
    """The lines of a chat that a stream hasn't told yet. What the page had when it came isn't told again."""

    def __init__(self, chat: int, after: int, transcript: Transcript) -> None:
        self._chat, self._after, self._transcript = chat, after, transcript
        self._floor = 1 if after else 0
        self._told: set[int] | None = None

    async def take(self) -> tuple[list[Line], bool]:
        """The next lines, and whether these are all."""
        lines = await self._lines(max(self._floor, self._after - LATE))
        if len(lines) == LINES_MAX and self._after:  # too many to look back over: only onwards
            lines = await self._lines(self._after)
        known = {line.id for line in lines if line.id <= self._after} if self._told is None else self._told
        new = [line for line in lines if line.id not in known]
        self._told = known | {line.id for line in new}
        if lines:
            self._floor = self._floor or (1 if len(lines) < LINES_MAX else lines[0].id)  # not what came long before
            self._after = max(self._after, lines[-1].id)
        return new, len(lines) < LINES_MAX

    async def _lines(self, above: int) -> Sequence[Line]:
        return await self._transcript.lines(self._chat, above, LINES_MAX)


def _event(line: Line) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (line.id, msgspec.json.encode(encode(line)))


async def _end(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait((task,))
    if not task.cancelled():
        task.result()  # a failure of the port is not swallowed
