"""What kind of file came in, told from its first bytes and never from its name.

Invariant: only what `bot.ocr` can read is a photo: still JPEG, PNG, WebP and GIF, HEIC, and PDF of a scan; whatever
else comes is named as what the bot can't use.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

PNG = b"\x89PNG\r\n\x1a\n"
CHUNKS_MAX = 64
"""Chunks of a PNG looked at; an animation announces itself before the first picture (w3.org/TR/png-3/#acTL-chunk)."""
WEBP_ANIMATED = 0x02
"""Flag of the VP8X chunk (RFC 9649, section 2.7)."""
GIF = (b"GIF87a", b"GIF89a")
BLOCKS_MAX = 100_000
"""Blocks of a GIF looked at, each of up to 255 bytes; in one that is longer nobody looks for a second picture."""
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
"""Brands of ISO/IEC 23008-12; the phones' "live" photos among them have a main picture."""
PDF, PDF_WITHIN, BEFORE_PDF = b"%PDF-", 1024, b"\xef\xbb\xbf\x00 \t\r\n"
"""The head of a PDF, how late it may come, and what may stand before it."""

MediaType = Literal["image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "application/pdf"]
Unusable = Literal["animation", "not-an-image"]


def kind_of(photo: bytes) -> MediaType | Unusable:
    """The media type of a still photo, or why it isn't one."""
    if photo.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if photo.startswith(PNG):
        return "animation" if _png_moves(photo) else "image/png"
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return "animation" if _webp_moves(photo) else "image/webp"
    if photo.startswith(GIF):
        return "animation" if _gif_moves(photo) else "image/gif"
    if photo[4:8] == b"ftyp" and photo[8:12] in HEIC:
        return "image/heic"
    return "application/pdf" if photo[:PDF_WITHIN].lstrip(BEFORE_PDF).startswith(PDF) else "not-an-image"


def _png_moves(photo: bytes) -> bool:
    place = len(PNG)
    for _ in range(CHUNKS_MAX):
        size, name = int.from_bytes(photo[place : place + 4]), photo[place + 4 : place + 8]
        if name == b"acTL":
            return True
        if name == b"IDAT" or len(name) < 4:
            return False
        place += 12 + size  # length, name and checksum, 4 bytes each
    return False


def _webp_moves(photo: bytes) -> bool:
    return photo[12:16] == b"VP8X" and len(photo) > 20 and bool(photo[20] & WEBP_ANIMATED)


def _gif_moves(photo: bytes) -> bool:
    """Is there a second picture (www.w3.org/Graphics/GIF/spec-gif89a.txt)?"""
    place, pictures, within = 13 + _colours(photo[10:11]), 0, False
    for _ in range(BLOCKS_MAX):
        kind = photo[place : place + 1]
        if within:  # blocks, each with its size; the last has none
            place, within = place + 1 + int.from_bytes(kind), kind not in (b"\x00", b"")
        elif kind == b"," and pictures:
            return True
        elif kind == b",":  # a picture: ten bytes, its colours, the size of its codes, blocks
            place, pictures, within = place + 11 + _colours(photo[place + 9 : place + 10]), 1, True
        elif kind == b"!":  # an extension: two bytes, blocks
            place, within = place + 2, True
        else:
            return False
    return False


def _colours(flags: bytes) -> int:
    """Bytes of the table of colours that these flags announce."""
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


DRAWINGS = Path(__file__).parent / "static" / "drawings"


@cache
def drawing(name: str) -> bytes | None:
    """One of our drawings as PNG, for channels that show no SVG; None for one that is gone."""
    file = DRAWINGS / f"{name}.png"
    return file.read_bytes() if file.is_file() else None
