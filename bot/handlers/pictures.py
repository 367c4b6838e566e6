"""What kind of file came in, told from its first bytes and never from its name.

Invariant: only still JPEG, PNG and WebP are photos; whatever else comes is named as what the bot can't use.
"""

from __future__ import annotations

from typing import Literal

PNG = b"\x89PNG\r\n\x1a\n"
CHUNKS_MAX = 64
"""Chunks of a PNG looked at; an animation announces itself before the first picture (w3.org/TR/png-3/#acTL-chunk)."""
WEBP_ANIMATED = 0x02
"""Flag of the VP8X chunk (RFC 9649, section 2.7)."""

MediaType = Literal["image/jpeg", "image/png", "image/webp"]
Unusable = Literal["animation", "not-an-image"]


def kind_of(photo: bytes) -> MediaType | Unusable:
    """The media type of a still photo, or why it isn't one."""
    if photo.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if photo.startswith(PNG):
        return "animation" if _png_moves(photo) else "image/png"
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return "animation" if _webp_moves(photo) else "image/webp"
    return "animation" if photo[:6] in (b"GIF87a", b"GIF89a") else "not-an-image"


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
