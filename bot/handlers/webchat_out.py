"""What a chat has said, made into what the web page understands: JSON lines, and a stream of them.

Invariant: ids leave as strings, since they are larger than a number of JavaScript can hold; a stream ends by itself
and picks up where it was left, by the id of the last line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date
from msgspec import Struct

from bot.handlers.contract import Transcript
from bot.talk.message import Button, Line

LINES_MAX = 100
"""Lines in one answer."""
LATE = 10_000 << 20
"""Ids sort by when they were made (db/ids.py), and a line may be committed after one that was made later: by this much,
ten seconds, a stream looks back."""
RETRY_MS = 1000
"""How soon a browser comes back after a stream has ended."""
WITA = ZoneInfo("Asia/Makassar")


class News(Protocol):
    """Tells when a chat has something new."""

    async def wait(self, chat: int, seconds: float) -> None:
        """Return when something new of the chat was committed after the call, or when the time is over."""


class WireLine(Struct, frozen=True):
    """A line on the page. `clock` is "14.05" and `day` "21 November 2026", both WITA; `photo` is an address."""

    id: str
    at: str
    clock: str
    day: str
    mine: bool
    text: str
    photo: str | None
    buttons: tuple[Button, ...]
    wants: str
    back: bool


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
        line.buttons,
        line.wants,
        line.back,
    )


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
    end, began, told, is_first = clock() + pace.life, after, set[int](), True
    closed = asyncio.ensure_future(closing.wait())
    try:
        while clock() < end and not closing.is_set() and not await gone():
            # listening starts before reading: what is committed in between is heard
            heard = asyncio.ensure_future(news.wait(chat, min(pace.beat, end - clock())))
            try:
                lines = await transcript.lines(chat, after and max(1, after - LATE), LINES_MAX)
                for line in lines:
                    if line.id not in told and (line.id > began or not is_first):
                        yield _event(line)
                    told.add(line.id)
                    after = max(after, line.id)
                is_first = False
                if len(lines) < LINES_MAX:
                    await asyncio.wait((heard, closed), return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _end(heard)
            yield b":\n\n"
    finally:
        await _end(closed)


def _event(line: Line) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (line.id, msgspec.json.encode(encode(line)))


async def _end(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
        await asyncio.wait((task,))
    if not task.cancelled():
        task.result()  # a failure of the port is not swallowed
