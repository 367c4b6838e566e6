"""Province and regency stand above the NIK, on the straight card or, where it ends too low, in the photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from bot.ocr.engine import Quad
from bot.ocr.header import read_header
from bot.ocr.layout import ROWS
from bot.ocr.locate import onto, straighten
from bot.ocr.rows import grid_of
from bot.ocr.straight import Straight
from tests.ocr.painted import Bar, Painted, bar, line

PROVINCE, REGENCY = bar("PROVINSI SULAWESI SELATAN", 400, 40), bar("KABUPATEN SOPPENG", 430, 90)
BOTH = {"province": "SULAWESI SELATAN", "regency": "KABUPATEN SOPPENG"}


def _read(
    bars: Sequence[Bar], lines: Sequence[Quad], photo_lines: Sequence[Quad] = (), lower: float = 0.0
) -> dict[str, str]:
    """Of a photo with these bars, in which the card was found `lower` than it lies; all places are in the photo."""
    engine = Painted(bars)
    photo = engine.picture()
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, lower], [0.0, 0.0, 1.0]])
    back = np.asarray(np.linalg.inv(matrix), np.float64)
    on_card = tuple(np.asarray(onto(back, one), np.float32) for one in lines)
    grid = grid_of({row.name: float(row.middle) for row in ROWS})
    card = Straight(straighten(photo, matrix), matrix, on_card, tuple(photo_lines), grid)
    return {name: value.value for name, value in read_header(photo, card, engine).items()}


def test_both_lines_are_read_on_the_card() -> None:
    assert _read([PROVINCE, REGENCY], [line(PROVINCE), line(REGENCY)]) == BOTH


@pytest.mark.parametrize("scraps", [("-",), ("|", "."), ("CONTOH", "A1B2C", "IXLMNOPQRST")])
def test_scraps_before_a_line_are_passed_over(scraps: tuple[str, ...]) -> None:
    before = [bar(scrap, 100 + 60 * at, 40) for at, scrap in enumerate(scraps)]

    assert _read([*before, PROVINCE, REGENCY], [line(*before, PROVINCE), line(REGENCY)]) == BOTH


def test_what_the_card_ends_below_is_read_in_the_photo() -> None:
    found = _read([PROVINCE, REGENCY], [line(REGENCY)], [line(PROVINCE), line(REGENCY)], lower=60)

    assert found == BOTH


def test_what_stands_among_the_values_is_no_heading() -> None:
    among = bar("KABUPATEN SOPPENG", 330, 300)

    assert _read([PROVINCE, among], [line(PROVINCE), line(among)], [line(among)]) == {"province": "SULAWESI SELATAN"}


def test_without_a_line_above_the_number_there_is_none() -> None:
    assert _read([], []) == {}


@pytest.mark.parametrize(
    ("below", "regency"),
    [
        ((bar("KABUPATEN SOPPENG", 430, 80, 0.97), bar("KOTA XY", 430, 115, 0.3)), "KABUPATEN SOPPENG"),
        ((bar("KABUPATEN KOTA BARU", 430, 90),), "KABUPATEN KOTA BARU"),
    ],
    ids=["of two lines the surer one", "the whole line, not its end"],
)
def test_the_regency_is_the_line_that_was_read_best(below: tuple[Bar, ...], regency: str) -> None:
    bars = (PROVINCE, *below)

    assert _read(bars, [line(one) for one in bars])["regency"] == regency
