"""What the web page sends, made into what was heard: words, a button, a photo.

Invariant: never more than its limit is kept of a body; what can't be used is heard as such, so that the bot can
answer it kindly in the chat. Only nonsense, which our own page never sends, is refused here.
"""

from __future__ import annotations

import asyncio
import re

import msgspec
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request

from bot.handlers.pictures import kind_of
from bot.handlers.words import cleaned
from bot.talk.heard import FromPerson, Pressed, Said, Shown, Unread
from bot.talk.message import BUTTON_LABEL_MAX

MESSAGE_BYTES_MAX = 64 * 1024
DRAIN_BYTES_MAX = 32 * 1024 * 1024
"""Read and thrown away of a photo that is too large, so that the browser hears the answer."""
MESSAGE_SECONDS_MAX = 30
PHOTO_SECONDS_MAX = 600
"""8 MB over a weak 2G line."""
BUTTON_DATA_MAX = 64
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class Came(Struct, frozen=True):
    """A readable message. `message_id` was made by the page; it repeats when the page isn't sure."""

    message_id: str
    heard: FromPerson
    photo: bytes | None = None


class Refused(Struct, frozen=True):
    """An HTTP status, and words for the person in case one ever sees it."""

    status: int
    words: str


NONSENSE = Refused(400, "Pesan ini tidak bisa dibaca. Muat ulang halaman, lalu coba lagi.")
EMPTY = Refused(400, "Pesannya kosong. Tulis dulu, lalu kirim.")
NO_PHOTO = Refused(400, "Fotonya kosong. Pilih foto lain.")
TOO_LONG = Refused(413, "Pesannya terlalu panjang. Coba kirim lebih pendek.")
TOO_SLOW = Refused(408, "Sambungan terlalu lambat. Coba lagi.")


class _Body(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    text: str | None = None
    data: str | None = None
    label: str = ""


async def read_message(request: Request, text_chars_max: int) -> Came | Refused:
    """JSON: {id, text} or {id, data, label}."""
    read = await _read(request, MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX, MESSAGE_SECONDS_MAX)
    if isinstance(read, Refused):
        return read
    body, size = read
    return TOO_LONG if size > MESSAGE_BYTES_MAX else decode(body, text_chars_max)


def decode(body: bytes, text_chars_max: int) -> Came | Refused:
    """What stands in the JSON of a message."""
    try:
        return _message(msgspec.json.decode(body, type=_Body), text_chars_max)
    except (msgspec.DecodeError, UnicodeError):
        return NONSENSE


async def read_photo(request: Request, photo_bytes_max: int) -> Came | Refused:
    """The raw bytes of a photo; its id in the header X-Message-Id."""
    message_id = request.headers.get("x-message-id", "")
    if not MESSAGE_ID.fullmatch(message_id):
        return NONSENSE
    read = await _read(request, photo_bytes_max, max(photo_bytes_max, DRAIN_BYTES_MAX), PHOTO_SECONDS_MAX)
    if isinstance(read, Refused):
        return read
    photo, size = read
    if size == 0:
        return NO_PHOTO
    if size > photo_bytes_max:
        return Came(message_id, Unread("photo-too-large"))
    match kind_of(photo):
        case "animation" | "not-an-image" as kind:
            return Came(message_id, Unread(kind))
        case "image/jpeg" | "image/png" | "image/webp" | "image/gif" | "image/heic" | "application/pdf":
            return Came(message_id, Shown(0), photo)


def _message(body: _Body, text_chars_max: int) -> Came | Refused:
    if not MESSAGE_ID.fullmatch(body.id) or (body.text is None) == (body.data is None):
        return NONSENSE
    if body.data is not None:
        fits = 0 < len(body.data) <= BUTTON_DATA_MAX and len(body.label) <= BUTTON_LABEL_MAX
        return Came(body.id, Pressed(cleaned(body.data), cleaned(body.label))) if fits else NONSENSE
    text = cleaned(body.text or "")
    if not text:
        return EMPTY
    return Came(body.id, Said(text) if len(text) <= text_chars_max else Unread("too-long"))


async def _read(request: Request, kept_max: int, read_max: int, seconds: float) -> tuple[bytes, int] | Refused:
    """What fits of the body, and how much came; reading ends soon after `read_max`."""
    kept, size = bytearray(), 0
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                size += len(piece)
                if size > kept_max:
                    kept.clear()
                else:
                    kept += piece
                if size > read_max:
                    break
    except TimeoutError:
        return TOO_SLOW
    except ClientDisconnect:
        return NONSENSE  # nobody is there to read it
    return bytes(kept), size
