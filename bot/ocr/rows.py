"""Lines of text -> rows of the card: which label stands where, and which lines are a row's value. Pure.

Invariant: a row is known by its label or by its place among the labels found, never by its content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from rapidfuzz import fuzz

from bot.ocr.engine import Line, Quad, Word, box_of, ends_of
from bot.ocr.layout import NIK, NUMBER_LEFT, PITCH, ROWS, VALUE_LEFT, VALUE_RIGHT, Row

LABEL_CLOSE = 76.0
"""Similarity, 0 to 100, of letters only, from which words are taken for a label."""

LABELS_MIN = 5
"""Of 13: with fewer we don't say that it is a KTP; other cards have a name and an address, too."""

ABOVE = 0.5
"""Of a row's height: a line that starts no higher than this above a label's middle belongs to its row."""

EVEN = tuple(
    at for at, row in enumerate(ROWS) if at and row.name not in ("name", "birth", "address", "rt_rw", "valid_until")
)
"""Rows that stand evenly between their neighbours: only a name and an address go on in a second line."""
OFF_MAX = 0.35
"""Of the pitch, how far such a row may be off."""

_STARTS_MAX, _WORDS_MAX = 3, 4  # noise may stand before a label; "Tempat / Tgl Lahir" has four pieces

_LETTERS = {row.name: re.sub(r"[^A-Z]", "", row.label.upper()) for row in ROWS}


class Label(Struct, frozen=True):
    """A label that was found: its row, its left edge, its middle and height, and the words behind it."""

    row: Row
    left: float
    middle: float
    height: float
    value: Line


class Grid(Struct, frozen=True):
    """The middle of each row on the straight card, from top to bottom, in the order of ROWS."""

    middles: tuple[float, ...]

    def row_at(self, y: float) -> Row | None:
        """The row to which a line with this middle belongs: that of the label beside it, or above it if it is the
        second line of a long value. None above the first row."""
        found = None
        for row, top in zip(ROWS, self.tops(), strict=True):
            found = row if y >= top else found
        return found

    def tops(self) -> tuple[float, ...]:
        """Where each row begins."""
        return tuple(middle - ABOVE * self.pitch(at) for at, middle in enumerate(self.middles))

    def pitch(self, at: int) -> float:
        """The height of a line about this row: never more than what is usual, however far the next label is."""
        above = self.middles[at] - self.middles[at - 1] if at > 1 else PITCH
        return float(min(PITCH, max(above, PITCH / 2)))

    def strip(self, row: Row) -> tuple[float, float, float, float]:
        """The place of a row's value: left, top, right, bottom."""
        at = ROWS.index(row)
        half = self.pitch(at) * (0.85 if row is NIK else 0.56)
        left = NUMBER_LEFT if row is NIK else VALUE_LEFT - 8
        return left, self.middles[at] - half, VALUE_RIGHT, self.middles[at] + half


def find_labels(lines: Sequence[Line]) -> list[Label]:
    """The best place of each label; two places of one label are both kept if they are equally good."""
    found = [one for line in lines if (one := _label_of(tuple(_pieces(line)))) is not None]
    best: dict[str, float] = {}
    for score, label in found:
        best[label.row.name] = max(score, best.get(label.row.name, 0.0))
    return [label for score, label in found if score == best[label.row.name]]


def grid_of(middles: dict[str, float]) -> Grid:
    """The grid through the labels found; where one is missing, its row lies evenly between its neighbours."""
    known = [(at, middles[row.name]) for at, row in enumerate(ROWS) if row.name in middles]
    known = _even(_rising(known))
    places, heights = zip(*known, strict=True)
    inside = np.interp(np.arange(len(ROWS)), places, heights)
    below, above = places[0], places[-1]
    return Grid(
        tuple(
            float(inside[at]) if below <= at <= above
            else heights[0 if at < below else -1] + ROWS[at].middle - ROWS[below if at < below else above].middle
            for at in range(len(ROWS))
        )
    )  # fmt: skip


def _even(known: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Without labels that don't stand in the middle of their neighbours, where no long value moves them apart."""
    at_row = dict(known)
    return [
        (at, middle) for at, middle in known
        if at not in EVEN or at - 1 not in at_row or at + 1 not in at_row
        or abs(middle - (at_row[at - 1] + at_row[at + 1]) / 2) < OFF_MAX * PITCH
    ]  # fmt: skip


def _rising(known: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The longest part of the labels that go down the card in their order."""
    best: list[list[tuple[int, float]]] = []
    for at, one in enumerate(known):
        before = [best[other] for other in range(at) if known[other][1] < one[1] - PITCH / 3]
        best.append([*max(before, key=len, default=[]), one])
    return max(best, key=len)


def value_part(quad: Quad) -> Quad | None:
    """What of a line lies in the column of values; None if nothing does."""
    left, right = ends_of(quad)
    if right < VALUE_LEFT + 8 or left > VALUE_RIGHT:
        return None
    return quad if left > VALUE_LEFT - 40 else _part(quad, (VALUE_LEFT - 20 - left) / (right - left), 1.0)


def label_part(quad: Quad) -> Quad | None:
    """What of a line lies in the column of labels; None if nothing does."""
    left, right = ends_of(quad)
    if left > VALUE_LEFT - 40:
        return None
    return quad if right < VALUE_LEFT else _part(quad, 0.0, (VALUE_LEFT - 20 - left) / (right - left))


def _part(quad: Quad, start: float, end: float) -> Quad:
    """From one share of its length to another."""
    (upper_left, upper_right, lower_right, lower_left) = quad
    upper, lower = upper_right - upper_left, lower_right - lower_left
    return np.stack(
        [upper_left + upper * start, upper_left + upper * end, lower_left + lower * end, lower_left + lower * start]
    )


def without_colon(line: Line) -> Line:
    """The words behind the colon, whatever it was read as: it starts no value."""
    kept = list(line)
    while kept and not re.search(r"[\w\-—]", kept[0].text):
        kept.pop(0)
    return tuple(kept)


def split_blood(value: Line) -> tuple[Line, Line]:
    """The row of the sex holds the blood type, too: "PEREMPUAN  Gol. Darah : O"."""
    start, end = _blood_label(value)
    return value[:start], tuple(word for word in value[end:] if re.search(r"[\w\-—~]", word.text))


def blood_label(value: Line) -> Line:
    """The words "Gol. Darah" in the row of the sex; () if they weren't read."""
    start, end = _blood_label(value)
    return value[start:end]


def _blood_label(value: Line) -> tuple[int, int]:
    """Where it starts and ends; both at the end of the row if it isn't there."""
    for at, word in enumerate(value):
        bare = _bare(word.text)
        if max(fuzz.ratio(bare, "GOL"), fuzz.ratio(bare, "GOLDARAH")) >= LABEL_CLOSE:
            rest = value[at + 1 :]
            return at, at + 2 if rest and fuzz.ratio(_bare(rest[0].text), "DARAH") >= LABEL_CLOSE else at + 1
    return len(value), len(value)


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
                    best = score, Label(row, left, (top + bottom) / 2, bottom - top, words[end:])
    return best


def _bare(text: str) -> str:
    return re.sub(r"[^A-Z]", "", text.upper())


def _pieces(line: Line) -> Iterator[Word]:
    """The words of a line with glued colons taken off: "Kecamatan:LILIRIAJA" is three."""
    for word in line:
        parts = [part for part in re.split(r"(:)", word.text) if part]
        left, top, right, bottom = word.box
        step, at = (right - left) / max(1, len(word.text)), left
        for part in parts:
            yield Word(part, word.confidence, (at, top, at + step * len(part), bottom))
            at += step * len(part)
