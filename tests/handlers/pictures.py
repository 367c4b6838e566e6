"""Small files of every kind that people send."""

from __future__ import annotations

import io

import pillow_heif
from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj\n"
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"


def picture(kind: str, frames: int = 1) -> bytes:
    """A picture of 8 x 8 pixels: "JPEG", "PNG", "WEBP", "GIF", "TIFF" or "HEIF"; of several frames it moves."""
    written = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(Image.new("RGB", (8, 8))).save(written)
        return written.getvalue()
    first, *more = [Image.new("RGB", (8, 8), (40 * n, 90, 20)) for n in range(frames)]
    if more:
        first.save(written, kind, save_all=True, append_images=more, duration=100)
    else:
        first.save(written, kind)
    return written.getvalue()
