"""What the stages of the reader share: pictures, words with boxes, and what an engine for text can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture: height x width x 3 (RGB) or height x width (grey)."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

Quad = NDArray[np.float32]
"""Four corners (x, y) of a line of text, clockwise from the upper left as it is read."""


class Word(Struct, frozen=True):
    """A word as the engine saw it; `confidence` is 0 to 1."""

    text: str
    confidence: float
    box: Box


Line = tuple[Word, ...]
"""Words of one line, from left to right; never empty."""


class Letter(Struct, frozen=True):
    """A letter that was read: how sure, and where its middle is, 0 to 1 along the line."""

    text: str
    confidence: float
    at: float


Said = tuple[Letter, ...]
"""What one line says; () for nothing."""

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;'\"()/-+&_|"
DIGITS = "0123456789"


class Engine(Protocol):
    """Finds and reads printed text. No picture whatever makes it raise."""

    def detect(self, picture: Pixels, side: int) -> list[Quad]:
        """The lines of text in a picture (RGB), searched with its long side made `side` pixels, or less."""
        ...

    def read(self, lines: Sequence[Pixels], *alphabets: str) -> list[tuple[Said, ...]]:
        """What each straight picture of one line says, once in letters of each of the alphabets."""
        ...


class SecondOpinion(Protocol):
    """Another engine, asked where the first one isn't sure."""

    def digits(self, picture: Pixels) -> str:
        """The digits in a picture of one line; "" for none, or when it takes too long."""
        ...


def text_of(line: Line) -> str:
    """The words of a line with single spaces."""
    return " ".join(word.text for word in line)


def confidence_of(line: Line) -> float:
    """The confidence of a line: that of its least certain word, 0 for an empty line."""
    return min((word.confidence for word in line), default=0.0)


def box_of(line: Line) -> Box:
    """The box around a line that is not empty."""
    lefts, tops, rights, bottoms = zip(*(word.box for word in line), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def quad_of(box: Box) -> Quad:
    """A box as a line."""
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def ends_of(quad: Quad) -> tuple[float, float]:
    """Where a line begins and ends, from the left."""
    return float(quad[[0, 3], 0].mean()), float(quad[[1, 2], 0].mean())


def middle_of(quad: Quad) -> tuple[float, float]:
    """The middle of a line."""
    x, y = quad.mean(axis=0)
    return float(x), float(y)
