"""A part of a photo, cut out for the person to look at: a small JPEG, upright.

Invariant: never more than `BYTES_MAX`, and nothing of the photo's own metadata.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from bot.ocr.limits import Limits
from bot.ocr.open import open_photo
from rules.card import Unusable

BYTES_MAX = 60_000
"""A picture that a weak line carries in a moment."""
SIDES = (720, 540, 360, 240)
"""Pixels of the longer side, tried from the largest."""
SIDE_GROWS_MAX = 3
"""A crop of few pixels is made so many times larger at most."""
QUALITY = 80
MARGIN = 0.4
"""Of the box's shorter side, on every side: the words stand in their surroundings."""

Box = tuple[int, int, int, int]


def cut(photo: bytes, box: Box, turn: int, limits: Limits) -> bytes | None:
    """The JPEG of `box` (left, top, right, bottom in pixels of the photo after EXIF rotation), `turn` quarter turns
    clockwise; None if there is no such part, or no such photo."""
    opened = open_photo(photo, limits)
    if isinstance(opened, Unusable):
        return None
    pixels, scale = opened
    left, top, right, bottom = _within(box, scale, pixels.shape[1], pixels.shape[0])
    if right - left < 1 or bottom - top < 1:
        return None
    part = Image.fromarray(np.rot90(pixels[top:bottom, left:right], -turn).copy())
    written = (_jpeg(part, side) for side in SIDES)
    return next((jpeg for jpeg in written if len(jpeg) <= BYTES_MAX), None)


def _within(box: Box, scale: float, width: int, height: int) -> Box:
    """The box with its margin, in pixels of the opened photo, no farther than its edges."""
    left, top, right, bottom = (side / scale for side in box)
    margin = MARGIN * min(right - left, bottom - top)
    return (
        max(0, round(left - margin)), max(0, round(top - margin)),
        min(width, round(right + margin)), min(height, round(bottom + margin)),
    )  # fmt: skip


def _jpeg(part: Image.Image, side: int) -> bytes:
    times = min(side / max(part.size), SIDE_GROWS_MAX)
    size = (max(1, round(part.width * times)), max(1, round(part.height * times)))
    written = io.BytesIO()
    part.resize(size, Image.Resampling.LANCZOS).save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
