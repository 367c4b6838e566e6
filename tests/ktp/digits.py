"""Two digit faces of our own, in strokes: square like OCR-A and round like OCR-B, as NIKs are printed.

So that a NIK can be drawn unlike any font on a machine that has few. Invariant: a stroke stays within its cell.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw

Point = tuple[float, float]
Stroke = tuple[Point, ...]

OVERSAMPLED = 4
CELL_ASPECT = 0.62  # of the height, from one edge of a digit to the other

SQUARE: dict[str, tuple[Stroke, ...]] = {
    "0": (((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)),),
    "1": (((0.15, 0), (0.55, 0), (0.55, 1)), ((0.1, 1), (1, 1), (1, 0.72))),
    "2": (((0, 0), (1, 0), (1, 0.48), (0, 0.48), (0, 1), (1, 1)),),
    "3": (((0, 0), (0.9, 0), (0.9, 0.46), (0.3, 0.46)), ((0.9, 0.46), (1, 0.56), (1, 1), (0, 1))),
    "4": (((0, 0), (0, 0.62), (1, 0.62)), ((0.78, 0.34), (0.78, 1))),
    "5": (((1, 0), (0, 0), (0, 0.44), (1, 0.44), (1, 1), (0, 1)),),
    "6": (((0.05, 0), (0, 0.1), (0, 1), (1, 1), (1, 0.48), (0, 0.48)),),
    "7": (((0, 0.2), (0, 0), (1, 0), (1, 0.3), (0.42, 0.62), (0.42, 1)),),
    "8": (((0.12, 0), (0.88, 0), (0.88, 0.46), (0.12, 0.46), (0.12, 0)),
          ((0.12, 0.46), (0, 0.54), (0, 1), (1, 1), (1, 0.54), (0.88, 0.46))),
    "9": (((1, 0.5), (0, 0.5), (0, 0), (1, 0), (1, 1)),),
}  # fmt: skip
ROUND: dict[str, tuple[Stroke, ...]] = {
    "0": (((0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5), (0, 0), (0.5, 0)),),
    "1": (((0.1, 0.24), (0.55, 0), (0.55, 0.5), (0.55, 1)),),
    "2": (((0, 0.22), (0.1, 0), (0.95, -0.05), (1.1, 0.3), (0.6, 0.62), (0, 1), (0, 1), (1, 1)),),
    "3": (((0, 0), (0.95, 0), (0.95, 0), (0.4, 0.4), (0.4, 0.4), (1.05, 0.36), (1.05, 0.98), (0.5, 1.02), (0, 0.94)),),
    "4": (((0.6, 0), (0, 0.7), (0, 0.7), (1, 0.7)), ((0.74, 0.42), (0.74, 1))),
    "5": (((0.92, 0), (0.1, 0), (0.1, 0), (0.06, 0.44), (0.06, 0.44), (1.05, 0.34), (1.08, 1.02), (0.4, 1.02),
           (0, 0.94)),),
    "6": (((0.78, 0), (0.1, 0.44), (-0.06, 0.9), (0.4, 1.05), (1, 1), (1.06, 0.5), (0.5, 0.36), (0.06, 0.62)),),
    "7": (((0, 0), (1, 0), (1, 0), (0.6, 0.5), (0.34, 1)),),
    "8": (((0.5, 0), (1, 0), (0.95, 0.42), (0.5, 0.48), (0.05, 0.42), (0, 0), (0.5, 0)),
          ((0.5, 0.48), (1.02, 0.54), (1.06, 1), (0.5, 1), (-0.06, 1), (-0.02, 0.54), (0.5, 0.48))),
    "9": (((0.22, 1), (0.9, 0.56), (1.06, 0.1), (0.6, -0.05), (0, 0), (-0.06, 0.5), (0.5, 0.64), (0.94, 0.38)),),
}  # fmt: skip
FACES = {"square": (SQUARE, 1), "round": (ROUND, 3)}
"""Name -> strokes in a unit cell, and how often corners are cut."""


@lru_cache(maxsize=512)
def digit_tile(face: str, digit: str, height: int, weight: float) -> Image.Image:
    """The ink of a digit, mode L, 255 where ink is; `height` in pixels, `weight` of a stroke over the height."""
    strokes, cuts = FACES[face]
    tall = height * OVERSAMPLED
    thick = max(2, round(weight * tall))
    wide = round(tall * CELL_ASPECT)
    tile = Image.new("L", (wide, tall), 0)
    pen = ImageDraw.Draw(tile)
    for stroke in strokes[digit]:
        points = [_placed(point, (wide, tall), thick) for point in _rounded(stroke, cuts)]
        pen.line(points, 255, thick, joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), 255)
    return tile.resize((round(wide / OVERSAMPLED), height), Image.Resampling.BOX)


def _placed(point: Point, size: tuple[int, int], thick: int) -> Point:
    (x, y), (wide, tall) = point, size
    room_x, room_y = wide - 1.1 * thick, tall - 1.1 * thick
    return 0.55 * thick + min(1.0, max(0.0, x)) * room_x, 0.55 * thick + min(1.0, max(0.0, y)) * room_y


def _rounded(stroke: Stroke, cuts: int) -> Stroke:
    """Chaikin: every corner is cut, `cuts` times; the ends stay."""
    for _ in range(cuts):
        near = 0.12 if cuts == 1 else 0.25
        cut = [stroke[0]]
        for (ax, ay), (bx, by) in pairwise(stroke):
            cut.append((ax + (bx - ax) * near, ay + (by - ay) * near))
            cut.append((bx - (bx - ax) * near, by - (by - ay) * near))
        stroke = (*cut, stroke[-1])
    return stroke
