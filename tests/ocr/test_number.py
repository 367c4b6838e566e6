"""The NIK: where it may stand, what of a line it is, and how sure it is when the ways to read it disagree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.ocr.engine import Quad
from bot.ocr.layout import NIK, NUMBER_LEFT, PITCH, ROWS, VALUE_LEFT, VALUE_RIGHT
from bot.ocr.locate import Matrix, onto
from bot.ocr.number import AGREED, ALONE, OUTVOTED, SECOND, number_places, read_number
from bot.ocr.rows import grid_of
from bot.ocr.straight import Straight
from rules.card import SURE
from tests.ktp import HASNA
from tests.ocr.painted import Bar, Painted, bar, line

OTHER = "7312025206799902"
ROW = float(NIK.middle)
BESIDE = np.array([[0.5, 0.0, 200.0], [0.0, 0.5, 100.0], [0.0, 0.0, 1.0]])
"""The card lies in the photo half as large, 200 pixels to the right and 100 below."""


def _straight(lines: Sequence[Quad], photo_lines: Sequence[Quad] = (), matrix: Matrix = BESIDE) -> Straight:
    grid = grid_of({row.name: float(row.middle) for row in ROWS})
    return Straight(Painted([]).picture(), matrix, tuple(lines), tuple(photo_lines), grid)


def _mark(left: float, right: float, middle: float = ROW, tall: float = 40.0) -> Quad:
    half = tall / 2
    return np.array(
        [[left, middle - half], [right, middle - half], [right, middle + half], [left, middle + half]], np.float32
    )


def _in_photo(mark: Quad, matrix: Matrix = BESIDE) -> Quad:
    return np.asarray(onto(matrix, mark), np.float32)


USUAL = _mark(NUMBER_LEFT, VALUE_RIGHT, tall=2 * 0.85 * PITCH)
NUMBER = _mark(200, 800)


def _same(places: Sequence[Quad], expected: Sequence[Quad]) -> bool:
    return len(places) == len(expected) and all(
        np.allclose(one, other, atol=0.6) for one, other in zip(places, expected, strict=True)
    )


def test_the_line_of_its_row_comes_first_and_then_its_usual_place() -> None:
    assert _same(number_places(_straight([NUMBER])), [_in_photo(NUMBER), _in_photo(USUAL)])


def test_without_any_line_it_is_sought_in_its_usual_place() -> None:
    assert _same(number_places(_straight([])), [_in_photo(USUAL)])


@pytest.mark.parametrize(
    "mark",
    [_mark(46, 110), _mark(200, 200 + 4.9 * 40), _mark(200, 800, ROW + PITCH * 1.2), _mark(200, 800, 60)],
    ids=["the label", "too short for 16 digits", "the row of the name", "the heading"],
)
def test_what_cannot_hold_it_is_no_place(mark: Quad) -> None:
    assert _same(number_places(_straight([mark])), [_in_photo(USUAL)])


@pytest.mark.parametrize("left", [-30, 0, 4])
def test_one_that_begins_beside_the_card_is_taken_from_the_lines_of_the_photo(left: float) -> None:
    whole, cut = _in_photo(_mark(-60, 700)), _mark(left, 700)

    places = number_places(_straight([cut], [whole, _in_photo(_mark(46, 110)), _in_photo(_mark(46, 700, 400))]))

    assert _same(places, [whole, _in_photo(USUAL)])


def test_a_number_that_lies_beside_the_card_is_not_taken_for_its_own() -> None:
    beside = _in_photo(_mark(-900, 150))

    assert _same(number_places(_straight([], [beside])), [_in_photo(USUAL)])


def test_one_that_begins_on_the_card_needs_no_line_of_the_photo() -> None:
    places = number_places(_straight([NUMBER], [_in_photo(_mark(-60, 700))]))

    assert _same(places, [_in_photo(NUMBER), _in_photo(USUAL)])


def _read(bars: Sequence[Bar], places: Sequence[Quad], second: str = "") -> tuple[str | None, float, Painted]:
    engine = Painted(bars, second=second)
    number = read_number(engine.picture(), places, engine, engine)
    return (None, 0.0, engine) if number is None else (number.digits, number.confidence, engine)


def _printed(*words: str, confidence: float = 0.99, as_digits: str = "") -> list[Bar]:
    """Words side by side in the row of the NIK."""
    bars, left = list[Bar](), 60.0
    for some in words:
        bars.append(bar(some, left, ROW, confidence, as_digits if len(some) < 16 else ""))
        left = bars[-1].box[2] + 24
    return bars


@pytest.mark.parametrize(
    ("before", "seen_as"),
    [((), ""), ((":",), "1"), (("NIK", ":"), "1"), (("NIK:",), "11"), (("1",), "1"), (("11",), "11"),
     (("NIK",), "")],
    ids=["alone", "a colon like a 1", "label and colon like a 1 each", "both like two digits", "a 1 in any letters",
         "two digits in any letters", "a label that is read as such"],
)  # fmt: skip
def test_it_is_the_last_16_digits_whatever_label_and_colon_were_read_as(before: tuple[str, ...], seen_as: str) -> None:
    bars = _printed(*before, HASNA.nik, as_digits=seen_as)

    digits, confidence, engine = _read(bars, [line(*bars)])

    assert (digits, confidence, engine.asked) == (HASNA.nik, AGREED, 0)


@pytest.mark.parametrize(
    "printed",
    ["111" + HASNA.nik, HASNA.nik[1:], HASNA.nik[:6] + "99" + HASNA.nik[8:], "HASNA", ""],
    ids=["three digits too many", "one too few", "a day that doesn't exist", "no digits", "nothing"],
)
def test_what_is_no_number_is_none(printed: str) -> None:
    bars = _printed(printed)

    assert _read(bars, [line(*bars)])[0] is None


def test_the_place_is_that_of_the_number_that_won() -> None:
    bars = [bar("HASNA", 200, ROW), bar(HASNA.nik, 200, ROW + 100), bar(OTHER, 200, ROW + 200, 0.9)]
    places = [line(one) for one in bars]
    engine = Painted(bars)

    number = read_number(engine.picture(), [*places, places[1]], engine, engine)

    assert number is not None
    assert number.digits == HASNA.nik
    assert np.array_equal(number.place, places[1])


def test_of_several_places_of_one_number_the_likeliest_is_told_and_the_surest_reading_counts() -> None:
    bars = [bar(HASNA.nik, 200, ROW, 0.85), bar(HASNA.nik, 200, ROW + 100, 0.93)]
    places = [line(one) for one in bars]
    engine = Painted(bars)

    number = read_number(engine.picture(), places, engine, engine)

    assert number is not None
    assert (number.confidence, number.place.tolist()) == (0.93, places[0].tolist())


def test_where_two_numbers_were_seen_the_more_frequent_one_is_unsure() -> None:
    bars = [bar(HASNA.nik, 200, ROW), bar(OTHER, 200, ROW + 100), bar(HASNA.nik, 200, ROW + 200)]

    digits, confidence, engine = _read(bars, [line(one) for one in bars])

    assert (digits, confidence) == (HASNA.nik, OUTVOTED)
    assert OUTVOTED < SURE
    assert engine.asked == 1


def test_one_way_alone_is_never_sure_and_asks_another_engine() -> None:
    bars = [bar("no number", 200, ROW)]

    digits, confidence, engine = _read(bars, [line(*bars)], second=OTHER)

    assert (digits, confidence, engine.asked) == (OTHER, ALONE, 1)
    assert ALONE < SURE < SECOND


def test_faint_digits_that_another_engine_confirms_are_sure() -> None:
    bars = _printed(HASNA.nik, confidence=0.7)

    digits, confidence, _engine = _read(bars, [line(*bars)], second=HASNA.nik)

    assert (digits, confidence) == (HASNA.nik, SECOND)
    assert SECOND > SURE


def test_faint_digits_that_no_other_engine_sees_stay_unsure() -> None:
    bars = _printed(HASNA.nik, confidence=0.7)

    digits, confidence, engine = _read(bars, [line(*bars)])

    assert (digits, confidence, engine.asked) == (HASNA.nik, 0.7, 1)


def test_a_number_without_a_place_is_none() -> None:
    assert _read([], [])[0] is None


def test_where_it_starts_left_of_the_values_nothing_of_it_is_cut_off() -> None:
    bars = [bar("NIK", 46, ROW), bar(HASNA.nik, 160, ROW), bar("HASNA", VALUE_LEFT, float(ROWS[1].middle))]
    engine = Painted(bars)
    card = _straight([line(one) for one in bars], matrix=np.eye(3))

    number = read_number(engine.picture(), number_places(card), engine, engine)

    assert number is not None
    assert (number.digits, number.confidence) == (HASNA.nik, AGREED)
    assert np.array_equal(number.place, line(bars[1]))
