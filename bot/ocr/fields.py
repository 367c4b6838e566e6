"""A straight card with its rows -> fields: values understood, unsure rows read once more by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace
from rapidfuzz.distance import Levenshtein

from bot.ocr import parse
from bot.ocr.engine import (
    Engine,
    Line,
    Pixels,
    Quad,
    SecondOpinion,
    box_of,
    confidence_of,
    middle_of,
    quad_of,
    text_of,
)
from bot.ocr.header import read_header
from bot.ocr.layout import NIK, PITCH, ROWS, VALUE_LEFT, Row
from bot.ocr.limits import Limits
from bot.ocr.locate import Matrix, box_around, box_onto
from bot.ocr.number import number_places, read_number
from bot.ocr.places import settled
from bot.ocr.rows import Grid, blood_label, split_blood, value_part
from bot.ocr.show import Show, unseen
from bot.ocr.straight import Straight, read_lines
from bot.ocr.value import Value, better, printed_of
from rules.card import SURE, Card, Field

FREE = ("name", "birth_place", "address", "village", "district", "occupation")
LABEL_ENDS = {
    "birth_place": ("LAHIR", "AHIR", "HIR"), "village": ("DESA", "ESA", "SA"),
    "district": ("ECAMATAN", "CAMATAN", "AMATAN", "MATAN", "ATAN", "TAN"),
}  # fmt: skip
"""What is read of "Lahir", "Kel/Desa" and "Kecamatan" where the values are thought too far left."""
CONFUSED = 0.5
"""How sure any value is at most once one of them was read in another's row."""
VOUCHED = 0.85
"""How sure a name is, however it was read, that is known and stands beside the one that it belongs to."""
AREAS = ("province", "regency", "district", "village")
BLOOD_WIDE = 110
"""Pixels of the straight card behind the label of the blood type."""
LIKELY = 0.5
"""From which a blood type, one of a few, counts as sure. It is chosen, as are the figures above and below."""
NOTHING_SEEN = 0.6
"""How sure it is that nothing, or only a dash, stands where nothing was read."""
GAP_MAX = 90
"""Pixels between two lines of one value."""


def read_card(
    photo: Pixels,
    straight: Straight,
    scale: float,
    engine: Engine,
    second: SecondOpinion,
    limits: Limits,
    show: Show = unseen,
) -> Card:
    """The fields of a card that was made straight; boxes in pixels of the photo as it was sent."""
    card, quads, grid = straight.picture, straight.lines, straight.grid
    places = _places(quads, grid)
    lines = read_lines(card, [quad for _row, quad in places], engine)
    show("rows", card, [(text_of(line), quad) for (_row, quad), line in zip(places, lines, strict=True)])
    placed = [(row, line) for (row, _quad), line in zip(places, lines, strict=True) if line]
    values = _of_rows(card, placed, grid, engine, limits.rereads_max)
    values |= read_header(photo, straight, engine)
    number = read_number(photo, number_places(straight), engine, second, show)
    values |= _settled(values)
    if _are_rows_confused(values):
        values = {name: replace(value, confidence=min(CONFUSED, value.confidence)) for name, value in values.items()}
    fields = {name: _field(value, straight.matrix, scale) for name, value in values.items()}
    if number is not None:
        fields["nik"] = Field(number.digits, round(number.confidence, 3), box_around(number.place * scale))
    return replace(Card(), **fields)


def _of_rows(
    card: Pixels, placed: Sequence[tuple[Row, Line]], grid: Grid, engine: Engine, rereads: int
) -> dict[str, Value]:
    """The values of all rows below the NIK; so many unsure ones are read once more by their place."""
    values: dict[str, Value] = {}
    for row in ROWS[1:]:
        mine = [line for at, line in placed if at is row]
        read = _values(row, mine)
        if rereads > 0 and _unsure(row, read):
            rereads -= 1
            read = better(read, _values(row, read_lines(card, [quad_of(grid.strip(row))], engine)))
        if row.name == "sex" and "blood_type" not in read:
            read |= _blood(card, mine, engine)
        values |= read
    return values


def _places(quads: Sequence[Quad], grid: Grid) -> list[tuple[Row, Quad]]:
    """The lines of the value column with their rows, from top to bottom, a row's lines from left to right."""
    placed: list[tuple[Row, Quad]] = []
    for quad in quads:
        row = grid.row_at(middle_of(quad)[1])
        part = value_part(quad)
        if part is not None and row is not None and row is not NIK:
            placed.append((row, part))
    return _connected(sorted(placed, key=lambda one: (round(middle_of(one[1])[1] / 22), middle_of(one[1])[0])))


def _connected(placed: Sequence[tuple[Row, Quad]]) -> list[tuple[Row, Quad]]:
    """Without what stands right of a wide gap: it belongs to the photo. Only the blood type stands so far right."""
    kept: list[tuple[Row, Quad]] = []
    for row, quad in placed:
        left, middle = float(quad[0, 0]), middle_of(quad)[1]
        ends = [float(other[1, 0]) for at, other in kept if at is row and abs(middle_of(other)[1] - middle) < PITCH / 2]
        if row.name == "sex" or left - max(ends, default=float(VALUE_LEFT)) < GAP_MAX:
            kept.append((row, quad))
    return kept


def _field(value: Value, matrix: Matrix, scale: float) -> Field:
    box = box_onto(matrix, value.box, scale)
    return Field(value.value, round(value.confidence, 3), box, value.printed)


def _values(row: Row, lines: Sequence[Line]) -> dict[str, Value]:
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
        name: Value(reading[0], _confidence(name, reading, seen), box_of(seen), printed_of(reading, seen))
        for name, (reading, seen) in readings.items()
        if reading is not None and seen
    }


def _confidence(name: str, reading: parse.Reading, words: Line) -> float:
    """Nearness to a closed list says more than the engine; elsewhere both must hold."""
    if name == "blood_type":
        return _sure_if_likely(confidence_of(words))
    if name in parse.CLOSED and reading[1] >= 0.9 and not reading[0][0].isdigit():
        return max(confidence_of(words), reading[1] * 0.95)
    return confidence_of(words) * reading[1]


def _blood(card: Pixels, lines: Sequence[Line], engine: Engine) -> dict[str, Value]:
    """The blood type by its place, behind its label: a single letter or dash is easily missed."""
    label = blood_label(tuple(word for line in lines for word in line))
    if not label:
        return {}
    _left, top, right, bottom = box_of(label)
    (line,) = read_lines(card, [quad_of((right, top, right + BLOOD_WIDE, bottom))], engine)
    reading = parse.parse_blood(text_of(line))
    if reading is None:
        return {"blood_type": Value("-", NOTHING_SEEN, box_of(label))}
    return {"blood_type": Value(reading[0], _sure_if_likely(confidence_of(line)), box_of(line))}


def _sure_if_likely(confidence: float) -> float:
    """Of a blood type, which is one of a few: what is likelier than not is sure."""
    return max(SURE, confidence) if confidence >= LIKELY else confidence


def _are_rows_confused(values: dict[str, Value]) -> bool:
    """Whether a value stands where only another row's can, or is the end of its own label."""
    free = {values[name].value for name in FREE if name in values}
    if any(values[name].value.split(" ")[0] in ends for name, ends in LABEL_ENDS.items() if name in values):
        return True
    return not free.isdisjoint(parse.ELSEWHERE) or any(re.fullmatch(r"[0-9]{3}/[0-9]{3}", value) for value in free)


def _fields_of(row: Row) -> tuple[str, ...]:
    return {"birth": ("birth_place", "birth_date"), "sex": ("sex",)}.get(row.name, (row.name,))


def _unsure(row: Row, read: dict[str, Value]) -> bool:
    return any(name not in read or read[name].confidence < SURE for name in _fields_of(row))


def _settled(values: dict[str, Value]) -> dict[str, Value]:
    """The areas, each mended by the others; one that is known to lie where the card says is sure."""
    read = {field: values[field].value for field in AREAS if field in values}
    names = settled(read, [field for field in read if values[field].confidence < SURE])
    return {field: _vouched(values[field], name) for field, name in names.items()}


def _vouched(value: Value, name: str) -> Value:
    if name == value.value:
        return replace(value, confidence=max(VOUCHED, value.confidence))
    is_near = Levenshtein.distance(name, value.value) <= parse.LETTERS_OFF_MAX
    confidence = max(VOUCHED, value.confidence) if is_near else value.confidence
    return replace(value, value=name, confidence=confidence, printed=value.printed or value.value)
