"""An engine that sees only bars of paint: each stands for words, wherever a picture of it is cut out or turned.

So a test says what is printed where, and how sure the engine is, and nothing hangs on a model. Invariant: a bar is read
in a picture of a line whose middle it crosses, and in no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from msgspec import Struct

from bot.ocr.engine import Box, Letter, Pixels, Quad, Said, quad_of
from bot.ocr.layout import HEIGHT, VALUE_LEFT, WIDTH

PAPER, PAINT = 255, 128
SEEN_MIN = 3
"""Columns of a bar, below which its paint is but the rim of another."""
LETTER, TALL = 16, 24
"""Pixels of a printed letter."""


class Bar(Struct, frozen=True):
    """Words and where they are printed; `as_digits` is what they look like to who knows only digits."""

    words: str
    box: Box
    confidence: float = 0.99
    as_digits: str = ""


def bar(words: str, left: float, middle: float, confidence: float = 0.99, as_digits: str = "") -> Bar:
    """Words in the usual size."""
    box = (left, middle - TALL / 2, left + LETTER * max(1, len(words)), middle + TALL / 2)
    return Bar(words, box, confidence, as_digits)


def value(words: str, middle: float, confidence: float = 0.99) -> Bar:
    """Words in the column of values."""
    return bar(words, VALUE_LEFT + 2, middle, confidence)


def line(*bars: Bar) -> Quad:
    """The mark that a detector makes of bars beside each other."""
    lefts, tops, rights, bottoms = zip(*(one.box for one in bars), strict=True)
    return quad_of((min(lefts) - 4, min(tops) - 3, max(rights) + 4, max(bottoms) + 3))


class Painted:
    """An `Engine`, and a `SecondOpinion` that says `second`; `lines` are what it detects in any picture. It keeps
    the pictures that it `searched`, and counts those of lines that it read and how often a second opinion was asked."""

    def __init__(self, bars: Sequence[Bar], lines: Sequence[Quad] = (), second: str = "") -> None:
        self._bars, self._lines, self._second = tuple(bars), tuple(lines), second
        self.searched: list[Pixels] = []
        self.read_lines = self.asked = 0

    def picture(self, width: int = WIDTH, height: int = HEIGHT) -> Pixels:
        """White, with all bars."""
        painted = np.full((height, width, 3), PAPER, np.uint8)
        for number, one in enumerate(self._bars):
            left, top, right, bottom = (round(side) for side in one.box)
            painted[top:bottom, left:right] = (PAINT, number, PAINT)
        return painted

    def detect(self, picture: Pixels, side: int) -> list[Quad]:
        self.searched.append(picture)
        return list(self._lines)

    def read(self, lines: Sequence[Pixels], *alphabets: str) -> list[tuple[Said, ...]]:
        self.read_lines += len(lines)
        return [tuple(self._said(one, alphabet) for alphabet in alphabets) for one in lines]

    def digits(self, picture: Pixels) -> str:
        self.asked += 1
        return self._second

    def _said(self, picture: Pixels, alphabet: str) -> Said:
        said: list[Letter] = []
        for one, start, end in self._seen(picture):
            words = one.words if " " in alphabet else one.as_digits or one.words
            if said and " " in alphabet:
                said.append(Letter(" ", 0.99, (said[-1].at + start) / 2))
            step = (end - start) / max(1, len(words))
            said += [
                Letter(letter, one.confidence, start + (at + 0.5) * step)
                for at, letter in enumerate(words) if letter in alphabet
            ]  # fmt: skip
        return tuple(said)

    def _seen(self, picture: Pixels) -> list[tuple[Bar, float, float]]:
        """The bars along the middle of a picture, and where they start and end, 0 to 1."""
        row, wide, at = picture[picture.shape[0] // 2].tolist(), picture.shape[1], 0
        found = []
        for (red, number, blue), run in groupby(row):
            columns = len(list(run))
            if red == blue == PAINT and columns >= SEEN_MIN:
                found.append((self._bars[number], at / wide, (at + columns) / wide))
            at += columns
        return found
