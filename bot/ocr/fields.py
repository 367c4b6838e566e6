"""A straight card with its rows -> fields: values understood, unsure rows read once more by themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bot.ocr import parse
from bot.ocr.engine import LATIN, Box, Engine, Line, Pixels, Quad, SecondOpinion, box_of, confidence_of, text_of
from bot.ocr.labels import Found
from bot.ocr.layout import HEADER_BOTTOM, NIK, PITCH, ROWS, VALUE_LEFT, Row
from bot.ocr.limits import Limits
from bot.ocr.locate import box_onto, onto, straighten
from bot.ocr.number import read_number
from bot.ocr.places import settled
from bot.ocr.ppocr import line_picture
from bot.ocr.rows import Grid, Label, find_labels, grid_of, label_part, split_blood, value_part, without_colon
from bot.ocr.show import Show, unseen
from bot.ocr.slant import levelling
from bot.ocr.upright import words_of
from rules.card import SURE, Card, Field

SEARCH_SIDE = 1024
"""The straight card's width while its lines are searched."""
AREAS = ("province", "regency", "district", "village")
WIDER = 1.3
"""Values are read so much wider than they are printed. On 1,195 drawn lines (seeds "tune 50 0" to "tune 50 59" of
tests/ktp, four levels) 21 were read wrongly at 1.0, 12 at 1.2 to 1.4, and 13 at 1.5."""
NUMBER_LONG = 5.0
"""Length by height of the shortest line that may hold 16 digits."""
EDGE = 4
"""Pixels of the straight card: what begins nearer to its left edge may begin outside of it."""
GAP_MAX = 90
"""Pixels between two lines of one value."""
_NOISE_MAX = 3  # scraps read before a line of the header


class _Value(Struct, frozen=True):
    value: str
    confidence: float
    box: Box
    printed: str | None = None


def read_card(
    photo: Pixels,
    found: Found,
    scale: float,
    engine: Engine,
    second: SecondOpinion,
    limits: Limits,
    show: Show = unseen,
) -> Card:
    """The fields of the card found in a photo; boxes in pixels of the photo as it was sent."""
    found, card, quads = _levelled(photo, found, engine)
    grid = grid_of({label.row.name: label.middle for label in _labels(card, quads, found, engine)})
    places = _places(quads, grid)
    lines = _read(card, [quad for _row, quad in places], engine)
    show("rows", card, [(text_of(line), quad) for (_row, quad), line in zip(places, lines, strict=True)])
    values: dict[str, _Value] = {}
    rereads = limits.rereads_max
    for row in ROWS[1:]:
        mine = [line for (at, _quad), line in zip(places, lines, strict=True) if at is row and line]
        read = _values(row, mine)
        if rereads > 0 and _unsure(row, read):
            rereads -= 1
            read = _better(read, _values(row, _read(card, [_quad_of(grid.strip(row))], engine)))
        values |= read
    values |= _header(_read(card, [quad for quad in quads if _middle(quad)[1] < HEADER_BOTTOM], engine))
    number = read_number(photo, _number_places(quads, grid, found), engine, second, show)
    if number is not None:
        values["nik"] = _Value(number.digits, number.confidence, grid.strip(NIK))
    values |= _settled(values)
    return replace(Card(), **{name: _field(value, found, scale) for name, value in values.items()})


def _levelled(photo: Pixels, found: Found, engine: Engine) -> tuple[Found, Pixels, list[Quad]]:
    """The card, its picture and its lines, made level as its lines show it."""
    card = straighten(photo, found.matrix)
    quads = engine.detect(card, SEARCH_SIDE)
    level = levelling(quads, (NIK.left, NIK.middle, VALUE_LEFT, ROWS[-1].middle))
    if level is None:
        return found, card, quads
    found = replace(found, matrix=found.matrix @ level)
    back = np.asarray(np.linalg.inv(level), np.float64)
    return found, straighten(photo, found.matrix), [np.asarray(onto(back, quad), np.float32) for quad in quads]


def _labels(card: Pixels, quads: Sequence[Quad], found: Found, engine: Engine) -> list[Label]:
    """The labels found in the photo, and those that are seen only on the straight card."""
    missing = {row.name for row in ROWS} - {label.row.name for label in found.labels}
    if not missing:
        return [*found.labels]
    parts = [part for quad in quads if not _is_labelled(quad, found) and (part := label_part(quad)) is not None]
    more = find_labels([line for line in _read(card, parts, engine) if line])
    return [*found.labels, *(label for label in more if label.row.name in missing)]


def _is_labelled(quad: Quad, found: Found) -> bool:
    return any(abs(_middle(quad)[1] - label.middle) < PITCH / 3 for label in found.labels)


def _number_places(quads: Sequence[Quad], grid: Grid, found: Found) -> list[Quad]:
    """Where the NIK may stand in the photo: lines of its row, found on the card or, where they begin beside it, in the
    photo; and its usual place."""
    back = np.asarray(np.linalg.inv(found.matrix), np.float64)
    within = [quad for quad in quads if _is_number(quad, grid) and quad[[0, 3], 0].min() > EDGE]
    seen = [np.asarray(onto(found.matrix, quad), np.float32) for quad in (*within, _quad_of(grid.strip(NIK)))]
    if within:
        return seen
    return [line for line in found.lines if _is_number(np.asarray(onto(back, line), np.float32), grid)] + seen


def _is_number(quad: Quad, grid: Grid) -> bool:
    """Whether a line of the card stands in the row of the NIK and is long enough to be it."""
    sides = np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1)
    return grid.row_at(_middle(quad)[1]) is NIK and sides.max() > NUMBER_LONG * sides.min()


def _places(quads: Sequence[Quad], grid: Grid) -> list[tuple[Row, Quad]]:
    """The lines of the value column with their rows, from top to bottom, a row's lines from left to right."""
    placed: list[tuple[Row, Quad]] = []
    for quad in quads:
        row = grid.row_at(_middle(quad)[1])
        part = value_part(quad)
        if part is not None and row is not None and row is not NIK:
            placed.append((row, part))
    return _connected(sorted(placed, key=lambda one: (round(_middle(one[1])[1] / 22), _middle(one[1])[0])))


def _connected(placed: Sequence[tuple[Row, Quad]]) -> list[tuple[Row, Quad]]:
    """Without what stands right of a wide gap: it belongs to the photo. Only the blood type stands so far right."""
    kept: list[tuple[Row, Quad]] = []
    for row, quad in placed:
        left, middle = float(quad[0, 0]), _middle(quad)[1]
        ends = [float(other[1, 0]) for at, other in kept if at is row and abs(_middle(other)[1] - middle) < PITCH / 2]
        if row.name == "sex" or left - max(ends, default=float(VALUE_LEFT)) < GAP_MAX:
            kept.append((row, quad))
    return kept


def _read(card: Pixels, quads: Sequence[Quad], engine: Engine) -> list[Line]:
    said = engine.read([line_picture(card, quad, WIDER) for quad in quads], LATIN)
    return [without_colon(words_of(one, quad)) for (one,), quad in zip(said, quads, strict=True)]


def _quad_of(box: Box) -> Quad:
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _middle(quad: Quad) -> tuple[float, float]:
    x, y = quad.mean(axis=0)
    return float(x), float(y)


def _field(value: _Value, found: Found, scale: float) -> Field:
    box = box_onto(found.matrix, value.box, scale)
    return Field(value.value, round(value.confidence, 3), box, value.printed)


def _values(row: Row, lines: Sequence[Line]) -> dict[str, _Value]:
    """The one or two fields of a row, from the words of its value."""
    words = tuple(word for line in lines for word in line)
    if row.name == "sex":
        sex, blood = split_blood(words)
        readings = {
            "sex": (parse.parse_sex(text_of(sex)), sex),
            "blood_type": (parse.parse_blood(text_of(blood)), blood),
        }
    elif row.name == "birth":
        place, day = parse.parse_birth(text_of(words))
        readings = {"birth_place": (place, words), "birth_date": (day, words)}
    else:
        readings = {row.name: (parse.VALUES[row.name](text_of(words)), words)}
    return {
        name: _Value(reading[0], _confidence(name, reading, seen), box_of(seen), _printed(reading, seen))
        for name, (reading, seen) in readings.items()
        if reading is not None and seen
    }


def _confidence(name: str, reading: parse.Reading, words: Line) -> float:
    """Nearness to a closed list says more than the engine; elsewhere both must hold."""
    if name in parse.CLOSED and reading[1] >= 0.9:
        return max(confidence_of(words), reading[1] * 0.95)
    return confidence_of(words) * reading[1]


def _printed(reading: parse.Reading, words: Line) -> str | None:
    """What was read, where it is only close to the value."""
    return text_of(words) if reading[1] < 1.0 else None


def _fields_of(row: Row) -> tuple[str, ...]:
    return {"birth": ("birth_place", "birth_date"), "sex": ("sex",)}.get(row.name, (row.name,))


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
            best[name] = replace(other, confidence=min(0.97, both))
        else:
            surer = max(other, value, key=lambda one: one.confidence)
            best[name] = replace(surer, confidence=surer.confidence * 0.85)
    return best


def _settled(values: dict[str, _Value]) -> dict[str, _Value]:
    """The areas, each mended by the others."""
    read = {field: values[field].value for field in AREAS if field in values}
    mended = settled(read, [field for field in read if values[field].confidence < SURE])
    return {
        field: replace(
            values[field], value=name, confidence=max(SURE, values[field].confidence), printed=values[field].value
        )
        for field, name in mended.items()
    }


def _header(lines: Sequence[Line]) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for line in lines:
        for start in range(min(_NOISE_MAX + 1, len(line))):
            words = line[start:]
            for name, understood in (("province", parse.parse_province), ("regency", parse.parse_regency)):
                reading = understood(text_of(words))
                if reading is not None and reading[1] > (found[name].confidence if name in found else 0.0):
                    confidence = confidence_of(words) * reading[1]
                    found[name] = _Value(reading[0], confidence, box_of(words), _printed(reading, words))
    return found
