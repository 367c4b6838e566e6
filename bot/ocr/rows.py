"""Lines of words -> rows of the card: which label stands where, and which words are its value. Pure.

Invariant: a row is known by its label or by its place among the labels found, never by its content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from rapidfuzz import fuzz

from bot.ocr.engine import Box, Line, Word, box_of
from bot.ocr.layout import ROW_HEIGHT, ROWS, VALUE_LEFT, VALUE_RIGHT, WIDTH, Row

LABEL_CLOSE = 76.0
"""Similarity, 0 to 100, of letters only, from which words are taken for a label."""

LABELS_MIN = 5
"""Of 13: with fewer we don't say that it is a KTP; other cards have a name and an address, too."""

GAP_MAX = 90
"""Pixels between two words of one value; what is farther away belongs to the photo or is a scrap."""

ASTRAY_MAX = 24
"""Pixels from the column's left edge beyond which a value may have lost its first letters."""

BEFORE = 8
"""Pixels between the colon's column and the first letter of a value."""

_STARTS_MAX, _WORDS_MAX = 3, 3  # noise may stand before a label; a label has at most three pieces
_OFF_MAX = 16.0  # pixels a label may be off its place among the others

_LETTERS = {row.name: re.sub(r"[^A-Z]", "", row.label.upper()) for row in ROWS}


class Label(Struct, frozen=True):
    """A label that was found: its row, its left edge and middle, and the words behind it."""

    row: Row
    left: float
    middle: float
    value: Line


class Grid(Struct, frozen=True):
    """Where the rows really are: y = top + stretch x canonical y, and x is shifted by `shift` pixels."""

    stretch: float = 1.0
    top: float = 0.0
    shift: float = 0.0

    def middle(self, row: Row) -> float:
        return self.top + self.stretch * row.middle

    def strip(self, row: Row) -> Box:
        """The place of a row's value, without the colon's column."""
        middle, half = self.middle(row), ROW_HEIGHT * (0.75 if row.name == "nik" else 0.52)
        return VALUE_LEFT + self.shift - BEFORE, middle - half, VALUE_RIGHT + self.shift, middle + half


def find_labels(lines: Sequence[Line]) -> dict[str, Label]:
    """Row name -> the best place where its label stands."""
    best: dict[str, tuple[float, Label]] = {}
    for line in lines:
        found = _label_of(tuple(_pieces(line)))
        if found is not None and found[0] > best.get(found[1].row.name, (0.0,))[0]:
            best[found[1].row.name] = found
    return {name: label for name, (_, label) in best.items()}


def points_of(labels: dict[str, Label]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where labels and values should start on the canonical card, and where they do: two arrays n x 2."""
    pairs = [((label.row.left, label.row.middle), (label.left, label.middle)) for label in labels.values()]
    for label in labels.values():
        value = [word for word in label.value if re.search(r"\w\w", word.text)]
        if value and label.row.name != "nik":  # its digits are larger and start elsewhere
            pairs.append(((VALUE_LEFT, label.row.middle), (value[0].box[0], label.middle)))
    should, stand = zip(*pairs, strict=True)
    return np.array(should, np.float64), np.array(stand, np.float64)


def fit_grid(labels: dict[str, Label]) -> tuple[Grid, dict[str, Label]]:
    """The grid that agrees with most labels, and the labels that agree with it."""
    kept = dict(labels)
    while len(kept) >= LABELS_MIN:
        should, stand = points_of(kept)
        stretch, top = (float(part) for part in np.polyfit(should[:, 1], stand[:, 1], 1))
        grid = Grid(stretch, top, float(np.median((stand - should)[should[:, 0] == VALUE_LEFT, 0])))
        off = {name: abs(label.middle - grid.middle(label.row)) for name, label in kept.items()}
        worst = max(off, key=lambda name: off[name])
        if off[worst] <= _OFF_MAX:
            return grid, kept
        del kept[worst]
    return Grid(), labels


def value_at(lines: Sequence[Line], grid: Grid, row: Row) -> Line:
    """The words in the value column at a row whose label was not found."""
    left, top, right, bottom = grid.strip(row)
    words = [word for line in lines for word in _pieces(line) if _inside(word.box, (left, top, right, bottom))]
    return trimmed(tuple(sorted(words, key=lambda word: word.box[0])), grid)


def value_of(label: Label, grid: Grid) -> Line:
    """The words behind a label, without the colon and what reaches into the photo."""
    return trimmed(label.value, grid)


def is_astray(left: float, grid: Grid) -> bool:
    """A value that doesn't start where values start: its beginning may be hidden."""
    return abs(left - VALUE_LEFT - grid.shift) > ASTRAY_MAX


def together(value: Line) -> Line:
    """The words up to the first wide gap."""
    for at, (word, after) in enumerate(pairwise(value), 1):
        if after.box[0] - word.box[2] > GAP_MAX:
            return value[:at]
    return value


def split_blood(value: Line) -> tuple[Line, Line]:
    """The row of the sex holds the blood type, too: "PEREMPUAN  Gol. Darah : O"."""
    for at, word in enumerate(value):
        if (
            fuzz.ratio(_bare(word.text), "GOL") >= LABEL_CLOSE
            or fuzz.ratio(_bare(word.text), "GOLDARAH") >= LABEL_CLOSE
        ):
            rest = value[at + 1 :]
            skip = 1 if rest and fuzz.ratio(_bare(rest[0].text), "DARAH") >= LABEL_CLOSE else 0
            return value[:at], tuple(word for word in rest[skip:] if re.search(r"[\w\-—~]", word.text))
    return value, ()


def _label_of(words: Line) -> tuple[float, Label] | None:
    best: tuple[float, Label] | None = None
    for start in range(min(_STARTS_MAX, len(words))):
        if not _bare(words[start].text):
            continue  # a scrap of the card's edge is no part of a label
        for end in range(start + 1, min(start + _WORDS_MAX, len(words)) + 1):
            letters = "".join(_bare(word.text) for word in words[start:end])
            for row in ROWS:
                score = fuzz.ratio(letters, _LETTERS[row.name], score_cutoff=LABEL_CLOSE)
                if score > (best[0] if best else 0.0):
                    left, top, _, bottom = box_of(words[start:end])
                    best = score, Label(row, left, (top + bottom) / 2, words[end:])
    return best


def _pieces(line: Line) -> Iterator[Word]:
    """The words of a line with glued colons taken off: "Kecamatan:LILIRIAJA" is three."""
    for word in line:
        parts = [part for part in re.split(r"(:)", word.text) if part]
        left, top, right, bottom = word.box
        step, at = (right - left) / max(1, len(word.text)), left
        for part in parts:
            yield Word(part, word.confidence, (at, top, at + step * len(part), bottom))
            at += step * len(part)


def trimmed(value: Line, grid: Grid) -> Line:
    """The value without its colon and without what reaches into the photo."""
    right = VALUE_RIGHT + grid.shift
    kept = [word for word in value if (word.box[0] + word.box[2]) / 2 < min(right, WIDTH)]
    while kept and _is_colon(kept[0], VALUE_LEFT + grid.shift):
        kept.pop(0)
    return tuple(kept)


def _is_colon(word: Word, value_left: float) -> bool:
    """Whatever the colon was read as: it stands before the values, or is a mark that starts no value."""
    left, _, right, _ = word.box
    return (left + right) / 2 < value_left - BEFORE / 2 or not re.search(r"[\w|\-—]", word.text)


def _inside(box: Box, around: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return around[0] - ROW_HEIGHT / 2 <= x <= around[2] and around[1] <= y <= around[3]


def _bare(text: str) -> str:
    return re.sub(r"[^A-Z]", "", text.upper().replace("0", "O").replace("1", "I")).replace("RN", "M")
