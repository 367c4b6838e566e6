"""A straight card with its rows -> fields: values understood, unsure rows read once more by themselves."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bot.ocr import parse
from bot.ocr.engine import Box, Engine, Line, Pixels, Word, box_of, confidence_of, text_of
from bot.ocr.layout import HEADER_BOTTOM, NIK, ROWS, WIDTH, Row
from bot.ocr.limits import Limits
from bot.ocr.locate import Matrix, box_onto
from bot.ocr.number import read_number
from bot.ocr.rows import Grid, Label, is_astray, split_blood, together, trimmed, value_at, value_of
from rules.card import SURE, Card, Field

PROVINCES = ("PROVINSI",)
REGENCIES = ("KABUPATEN", "KOTA")

_ASTRAY = 0.6  # what remains of the confidence in a value that doesn't start in its column
_NOISE_MAX = 3  # scraps read before a line of the header
_MARGIN = 24  # pixels: what lies at the edge of the card is table, not text


class _Value(Struct, frozen=True):
    value: str
    confidence: float
    box: Box


def read_card(
    card: Pixels, lines: tuple[Line, ...], labels: dict[str, Label], grid: Grid, matrix: Matrix, scale: float,
    engine: Engine, limits: Limits,
) -> Card:  # fmt: skip
    """The fields of a straight card; boxes in pixels of the photo as it was sent."""
    seen = {row.name: _seen(row, lines, labels, grid) for row in ROWS[1:]}
    values: dict[str, _Value] = {}
    rereads = limits.rereads_max
    for row in ROWS[1:]:
        read = _values(row, seen[row.name], grid)
        if rereads > 0 and _unsure(row, read):
            rereads -= 1
            read = _better(read, _values(row, _reread(card, row, grid, engine), grid))
        values |= read
    values |= _header(engine.block(_cut(card, (_MARGIN, 0, WIDTH - _MARGIN, HEADER_BOTTOM + grid.top))))
    number = read_number(_cut(card, grid.strip(NIK)), engine)
    if number is not None:
        values["nik"] = _Value(*number, grid.strip(NIK))
    return replace(Card(), **{name: _field(value, matrix, scale) for name, value in values.items()})


def _reread(card: Pixels, row: Row, grid: Grid, engine: Engine) -> Line:
    """The words of a row's value, read by itself; boxes on the card."""
    strip = grid.strip(row)
    left, top = max(0.0, strip[0]), max(0.0, strip[1])
    words = tuple(
        Word(word.text, word.confidence, (x0 + left, y0 + top, x1 + left, y1 + top))
        for word in engine.line(_cut(card, strip))
        for x0, y0, x1, y1 in (word.box,)
    )
    return trimmed(words, grid)


def _field(value: _Value, matrix: Matrix, scale: float) -> Field:
    return Field(value.value, round(value.confidence, 3), box_onto(matrix, value.box, scale))


def _seen(row: Row, lines: tuple[Line, ...], labels: dict[str, Label], grid: Grid) -> Line:
    return value_of(labels[row.name], grid) if row.name in labels else value_at(lines, grid, row)


def _values(row: Row, words: Line, grid: Grid) -> dict[str, _Value]:
    """The one or two fields of a row, from the words of its value."""
    if row.name == "sex":
        sex, blood = split_blood(words)
        readings = {
            "sex": (parse.parse_sex(text_of(sex)), sex),
            "blood_type": (parse.parse_blood(text_of(blood)), blood),
        }
    elif row.name == "birth":
        words = together(words)
        place, day = parse.parse_birth(text_of(words))
        readings = {"birth_place": (place, words), "birth_date": (day, words)}
    else:
        words = together(words)
        readings = {row.name: (parse.VALUES[row.name](text_of(words)), words)}
    astray = bool(words) and is_astray(words[0].box[0], grid)
    return {
        name: _Value(reading[0], _confidence(name, reading, seen) * (_ASTRAY if astray else 1), box_of(seen))
        for name, (reading, seen) in readings.items()
        if reading is not None and seen
    }


def _confidence(name: str, reading: parse.Reading, words: Line) -> float:
    """Nearness to a closed list says more than the engine; elsewhere both must hold."""
    if name in parse.CLOSED and reading[1] >= 0.9:
        return max(confidence_of(words), reading[1] * 0.95)
    return confidence_of(words) * reading[1]


def _fields_of(row: Row) -> tuple[str, ...]:
    return {"birth": ("birth_place", "birth_date"), "sex": ("sex", "blood_type")}.get(row.name, (row.name,))


def _unsure(row: Row, read: dict[str, _Value]) -> bool:
    return any(name not in read or read[name].confidence < SURE for name in _fields_of(row))


def _better(first: dict[str, _Value], second: dict[str, _Value]) -> dict[str, _Value]:
    """Of two readings the surer one; the same value seen twice is surer, two different ones less sure."""
    best = dict(first)
    for name, value in second.items():
        other = first.get(name)
        if other is None:
            best[name] = value
        elif other.value == value.value:
            both = 1 - (1 - other.confidence) * (1 - value.confidence)
            best[name] = _Value(value.value, min(0.97, both), other.box)
        else:
            surer = max(other, value, key=lambda one: one.confidence)
            best[name] = _Value(surer.value, surer.confidence * 0.85, surer.box)
    return best


def _header(lines: tuple[Line, ...]) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for line in lines:
        for start in range(min(_NOISE_MAX + 1, len(line))):
            for name, kinds in (("province", PROVINCES), ("regency", REGENCIES)):
                reading = parse.parse_header(text_of(line[start:]), kinds)
                if reading is not None and name not in found:
                    value = reading[0].removeprefix("PROVINSI ")
                    confidence = confidence_of(line[start:]) * reading[1]
                    found[name] = _Value(value, confidence, box_of(line[start:]))
    return found


def _cut(card: Pixels, box: Box) -> Pixels:
    """What is in the box, at least one pixel: rows may have been found outside of the card."""
    left, top, right, bottom = (round(side) for side in box)
    top, left = min(max(0, top), card.shape[0] - 1), min(max(0, left), card.shape[1] - 1)
    return np.ascontiguousarray(card[top : max(bottom, top + 1), left : max(right, left + 1)])
