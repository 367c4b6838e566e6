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
STEEP = 0.5
"""A slope that no line of a card has: a stamp."""
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
    long = [quad for quad in quads if length(quad) > LONG * height(quad) and _slope(quad) < STEEP]
    if len(long) < LINES_MIN:
        return lambda _y: 0.0
    heights = [float(quad[:, 1].mean()) for quad in long]
    slopes = [float((quad[1, 1] - quad[0, 1]) / (quad[1, 0] - quad[0, 0])) for quad in long]
    rise, base = np.polyfit(heights, slopes, 1, w=[length(quad) for quad in long])
    return lambda y: float(rise * y + base)


def as_long_line(corners: Quad) -> Quad:
    """Four corners in the order of a line: clockwise, the first side a long one, from the left, or from above where it
    stands. A line that rises still begins at its left end."""
    around, sides = _clockwise(corners)
    lengths = np.linalg.norm(sides, axis=1)
    long = 0 if lengths[0] + lengths[2] >= lengths[1] + lengths[3] else 1
    lies = abs(sides[long][0]) >= abs(sides[long][1])
    return _from(around, long if sides[long][0 if lies else 1] >= 0 else long + 2)


def as_level_line(corners: Quad) -> Quad:
    """The same where lines are known to be about level: the first side the flatter one, however short it is."""
    around, sides = _clockwise(corners)
    flat = 0 if abs(sides[0][0] * sides[1][1]) >= abs(sides[1][0] * sides[0][1]) else 1
    return _from(around, flat if sides[flat][0] >= 0 else flat + 2)


def _clockwise(corners: Quad) -> tuple[Quad, Quad]:
    """The corners, and the sides that begin at them."""
    middle = corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    return around, np.roll(around, -1, axis=0) - around


def _from(around: Quad, start: int) -> Quad:
    return np.asarray(np.roll(around, -start, axis=0), np.float32)


def length(quad: Quad) -> float:
    """Of a line, in pixels."""
    return float(np.linalg.norm(quad[1] - quad[0]))


def height(quad: Quad) -> float:
    """Of a line, in pixels."""
    return float(np.linalg.norm(quad[3] - quad[0]))


def _slope(quad: Quad) -> float:
    """However it runs."""
    (x0, y0), (x1, y1) = quad[0], quad[1]
    return float(abs(y1 - y0) / max(abs(x1 - x0), 1e-6))
