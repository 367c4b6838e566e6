"""Our drawings as PNG, for channels that show no SVG: `python -m tests.drawings` draws them anew in Chromium.

Invariant: a PNG names the SVG that it was drawn from, by a digest, so one that is out of date is noticed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image

from bot.handlers.pictures import DRAWINGS

SOURCE = "Source"
"""The key under which the digest stands in the PNG (w3.org/TR/png-3/#11keywords)."""


def digest(svg: Path) -> str:
    return hashlib.sha256(svg.read_bytes()).hexdigest()


def drawn_from(png: Path) -> str:
    """The digest of the SVG that the PNG was drawn from."""
    with Image.open(png) as picture:
        picture.load()
        return str(picture.info.get(SOURCE, ""))


def svgs() -> list[Path]:
    return sorted(DRAWINGS.glob("*.svg"))
