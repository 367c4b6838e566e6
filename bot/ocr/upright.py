"""Which way the text of a photo runs: quarter turns and slants. Whether it stands on its head only reading can tell.

A photo is turned in numbers, not in pixels: lines are given in an upright frame with the matrix back to the photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from msgspec import Struct

from bot.ocr.engine import LATIN, Engine, Line, Pixels, Quad, Said, Word
from bot.ocr.locate import Matrix, back_of, corners_onto
from bot.ocr.ppocr import line_picture
from bot.ocr.slant import as_level_line

LONG = 2.5
"""Length by height from which a mark in the photo tells a direction."""


class Text(Struct, frozen=True):
    """Lines of text in an upright frame; `matrix` leads from it to the photo."""

    matrix: Matrix
    quads: tuple[Quad, ...]


def find_text(photo: Pixels, side: int, engine: Engine) -> Text:
    """All lines of text of a photo, searched with its long side made `side` pixels; upright, or upside down."""
    quads = engine.detect(photo, side)
    if not quads:
        return Text(np.eye(3), ())
    return _turned(quads, _turning(quads, photo))


def upside_down(photo: Pixels, text: Text) -> Text:
    """The same lines, read the other way up."""
    return _turned([corners_onto(text.matrix, quad) for quad in text.quads], text.matrix @ _half_turn(photo))


def said_in(photo: Pixels, text: Text, quads: Sequence[Quad], engine: Engine) -> tuple[Line, ...]:
    """What these lines of the text say, word by word, in the upright frame."""
    pictures = [line_picture(photo, corners_onto(text.matrix, quad)) for quad in quads]
    read = zip(engine.read(pictures, LATIN), quads, strict=True)
    return tuple(words_of(said, quad) for (said,), quad in read if said)


def words_of(said: Said, quad: Quad) -> Line:
    """The words of a line; a colon is a word of its own."""
    return tuple(_word(said[start:end], 0.5 / len(said), quad) for start, end in _spans(said))


def _spans(said: Said) -> Iterator[tuple[int, int]]:
    """Where words begin and end."""
    start = 0
    for at, letter in enumerate(said):
        if letter.text in " :":
            if start < at:
                yield start, at
            if letter.text == ":":
                yield at, at + 1
            start = at + 1
    if start < len(said):
        yield start, len(said)


def _word(some: Said, half: float, quad: Quad) -> Word:
    """`half` a letter beyond the middles of its outer letters a word ends."""
    first, last = max(0.0, some[0].at - half), min(1.0, some[-1].at + half)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad.tolist()
    left, right, middle = (x0 + x3) / 2, (x1 + x2) / 2, (first + last) / 2
    box = (
        left + (right - left) * first, y0 + (y1 - y0) * middle, left + (right - left) * last, y3 + (y2 - y3) * middle,
    )  # fmt: skip
    return Word("".join(letter.text for letter in some), min(letter.confidence for letter in some), box)


def _turning(quads: Sequence[Quad], photo: Pixels) -> Matrix:
    """From the upright frame to the photo: the usual direction of the long lines, by quarter turn and slant."""
    sides = [quad[1] - quad[0] for quad in quads]
    heights = [float(np.linalg.norm(quad[3] - quad[0])) for quad in quads]
    angles = [
        (float(np.degrees(np.arctan2(side[1], side[0]))), float(np.linalg.norm(side)))
        for side, height in zip(sides, heights, strict=True)
        if np.linalg.norm(side) > LONG * height
    ]
    if not angles:
        return np.eye(3)
    lying = sum(length for angle, length in angles if abs(angle) <= 45)
    standing = sum(length for angle, length in angles if abs(angle) > 45)
    some = [(angle, length) for angle, length in angles if (abs(angle) <= 45) == (lying >= standing)]
    if lying < standing:
        some = [(angle % 180, length) for angle, length in some]
    angle = _median(some)
    height, width = photo.shape[:2]
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0), [0.0, 0.0, 1.0]])
    return np.asarray(turn, np.float64)


def _median(weighted: Sequence[tuple[float, float]]) -> float:
    ordered = sorted(weighted)
    half, reached = sum(weight for _, weight in ordered) / 2, 0.0
    for value, weight in ordered:
        reached += weight
        if reached >= half:
            return value
    return 0.0


def _turned(quads: Sequence[Quad], back: Matrix) -> Text:
    forth = back_of(back)
    return Text(back, tuple(as_level_line(corners_onto(forth, quad)) for quad in quads))


def _half_turn(photo: Pixels) -> Matrix:
    height, width = photo.shape[:2]
    return np.array([[-1, 0, width], [0, -1, height], [0, 0, 1]], np.float64)
