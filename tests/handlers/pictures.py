"""Small files of every kind that people send."""

from __future__ import annotations

import io

from PIL import Image

PDF = b"%PDF-1.7\n1 0 obj\n"


def picture(kind: str, frames: int = 1) -> bytes:
    """A picture of 8 x 8 pixels: "JPEG", "PNG", "WEBP" or "GIF"; of several frames it moves."""
    written = io.BytesIO()
    first, *more = [Image.new("RGB", (8, 8), (40 * n, 90, 20)) for n in range(frames)]
    if more:
        first.save(written, kind, save_all=True, append_images=more, duration=100)
    else:
        first.save(written, kind)
    return written.getvalue()
