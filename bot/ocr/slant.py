"""How lines of text run: seen aslant, or on a card that was not made quite straight, they are not parallel. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from bot.ocr.engine import Box, Quad
from bot.ocr.locate import Matrix

LINES_MIN = 5
LONG = 4.0
"""Length by height of a line that shows how lines run."""

LEVEL_ENOUGH = 0.01
"""A slope with which lines count as level."""
SLOPE_MAX = 0.25
"""A slope that no card has that was made straight: what was seen are no lines."""


def levelling(quads: Sequence[Quad], within: Box) -> Matrix | None:
    """From a card whose lines are level to this one, in which they may not be. The left side of the box stays where it
    is, its right side is only moved up and down. None where all lines are level enough, or none can be."""
    left, top, right, bottom = within
    slope = slope_of(quads)
    if not LEVEL_ENOUGH < max(abs(slope(top)), abs(slope(bottom))) < SLOPE_MAX:
        return None
    level = [(x, y) for y in (top, bottom) for x in (left, right)]
    stand = [(x, y + slope(y) * (x - left)) for x, y in level]
    view = cv2.getPerspectiveTransform(np.array(level, np.float32), np.array(stand, np.float32))
    return np.asarray(view, np.float64)


def slope_of(quads: Sequence[Quad]) -> Callable[[float], float]:
    """How much a line falls, pixels down by pixels to the right, at a height of the picture."""
    long = [quad for quad in quads if length(quad) > LONG * height(quad)]
    if len(long) < LINES_MIN:
        return lambda _y: 0.0
    heights = [float(quad[:, 1].mean()) for quad in long]
    slopes = [float((quad[1, 1] - quad[0, 1]) / max(1.0, quad[1, 0] - quad[0, 0])) for quad in long]
    rise, base = np.polyfit(heights, slopes, 1, w=[length(quad) for quad in long])
    return lambda y: float(rise * y + base)


def length(quad: Quad) -> float:
    """Of a line, in pixels."""
    return float(np.linalg.norm(quad[1] - quad[0]))


def height(quad: Quad) -> float:
    """Of a line, in pixels."""
    return float(np.linalg.norm(quad[3] - quad[0]))
