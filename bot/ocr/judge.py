"""Whether a photo is good enough to be read, measured. Knows nothing of text.

Thresholds: sharpness was measured on drawn cards that are 1000 px wide; below 6 nothing is read rightly.
"""

from __future__ import annotations

import cv2
import numpy as np

from bot.ocr.engine import Box, Pixels

SHARP_MIN = 6.0
"""Variance of the Laplacian below which a card counts as blurred."""

DARK_MAX = 60.0
"""Grey level, 0 to 255; if 19 of 20 pixels are darker, the photo is dark."""

CONTRAST_MIN = 16.0
"""Standard deviation of grey levels that even a badly blurred card has: ink and photo on pale blue."""

GLARE_LEVEL, GLARE_SHARE = 246, 0.12
"""Grey level of a burnt-out spot, and the part of a strip it must cover to count."""

PAPER_LEVEL = 232
"""Median grey level from which a card is a photocopy: all white, which is no glare."""

_WIDTH = 1000
_CELL = 24


def is_dark(photo: Pixels) -> bool:
    return float(np.percentile(_grey(photo), 95)) < DARK_MAX


def sharpness(card: Pixels) -> float:
    """The variance of the Laplacian (sigma 1) of the picture made 1000 px wide."""
    grey = _grey(card)
    ratio = _WIDTH / grey.shape[1]
    way = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
    sized = cv2.resize(grey, None, fx=ratio, fy=ratio, interpolation=way)
    return float(cv2.Laplacian(cv2.GaussianBlur(sized, (0, 0), 1.0), cv2.CV_64F).var())


def is_blurred(card: Pixels) -> bool:
    return sharpness(card) < SHARP_MIN


def is_flat(card: Pixels) -> bool:
    """Too little contrast for a card, however blurred: sky, table, wall."""
    return float(_grey(card).std()) < CONTRAST_MIN


def has_glare(card: Pixels, strip: Box) -> bool:
    """A burnt-out spot covers a part of the strip that should hold digits."""
    grey = _grey(card)
    if float(np.median(grey)) > PAPER_LEVEL:
        return False
    left, top, right, bottom = (max(0, round(side)) for side in strip)
    field = grey[top:bottom, left:right]
    cells = [field[:, at : at + _CELL] for at in range(0, field.shape[1], _CELL)]
    burnt = sum(1 for cell in cells if cell.size and float(np.median(cell)) >= GLARE_LEVEL)
    return burnt > GLARE_SHARE * len(cells)


def _grey(photo: Pixels) -> Pixels:
    return np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
