"""What the reader wants of an engine for text: a picture -> lines of words with boxes and confidences.

Another engine (ONNX models) is another class of this shape, given to `reading.read_photo`.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture: height x width x 3 (RGB) or height x width (grey)."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


class Word(Struct, frozen=True):
    """A word as the engine saw it; `confidence` is 0 to 1."""

    text: str
    confidence: float
    box: Box


Line = tuple[Word, ...]
"""Words of one line, from left to right; never empty."""


class TooSlow(Exception):  # noqa: N818 - a state of the engine, not an error of ours
    """The engine didn't finish within its time limit."""


class Engine(Protocol):
    """An engine for printed Latin text, upright. Each method raises `TooSlow`, and nothing else, on any picture."""

    def block(self, picture: Pixels) -> tuple[Line, ...]:
        """All lines of a picture that holds one column of text, from top to bottom."""
        ...

    def scattered(self, picture: Pixels) -> tuple[Line, ...]:
        """Whatever text there is in a picture of anything, in no particular order."""
        ...

    def line(self, picture: Pixels) -> Line:
        """The words of a picture that holds one line; () if there are none."""
        ...

    def digits(self, picture: Pixels) -> Line:
        """As `line`, for a picture that holds digits only."""
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
