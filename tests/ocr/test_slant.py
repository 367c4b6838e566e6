"""Lines that fan out or fall are made level, and the left side of the card stays where it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bot.ocr.engine import Quad
from bot.ocr.layout import NIK, ROWS, VALUE_LEFT
from bot.ocr.locate import Matrix, onto
from bot.ocr.slant import LEVEL_ENOUGH, LINES_MIN, LONG, as_level_line, as_long_line, levelling, slope_of

WITHIN = (float(NIK.left), float(NIK.middle), float(VALUE_LEFT), float(ROWS[-1].middle))
LEFT, TOP, RIGHT, BOTTOM = WITHIN
TALL = 24.0


def _line(middle: float, slope: float, *, left: float = LEFT, long: float = 500.0) -> Quad:
    """A line that falls by `slope`; at its left end it has this middle."""
    fall = slope * long
    return np.array(
        [[left, middle - TALL / 2], [left + long, middle - TALL / 2 + fall],
         [left + long, middle + TALL / 2 + fall], [left, middle + TALL / 2]], np.float32
    )  # fmt: skip


def _fan(above: float, below: float) -> list[Quad]:
    """The rows of a card, which fall by `above` at the NIK and by `below` at the last row."""
    return [
        _line(row.middle, above + (below - above) * (row.middle - TOP) / (BOTTOM - TOP)) for row in ROWS
    ]  # fmt: skip


def _seen(back: Matrix, line: Quad) -> Quad:
    return np.asarray(onto(back, line), np.float32)


STEEP = 0.5
FANS = [(0.05, 0.05), (-0.04, -0.04), (0.04, -0.04), (0.0, 0.05), (-0.06, 0.02)]


@pytest.mark.parametrize(("above", "below"), FANS)
def test_lines_become_level(above: float, below: float) -> None:
    lines = _fan(above, below)

    level = levelling(lines, WITHIN)

    assert level is not None
    back = np.asarray(np.linalg.inv(level), np.float64)
    slope = slope_of([_seen(back, line) for line in lines])
    assert max(abs(slope(TOP)), abs(slope(BOTTOM))) < LEVEL_ENOUGH / 2
    assert levelling([_seen(back, line) for line in lines], WITHIN) is None


@pytest.mark.parametrize(("above", "below"), FANS)
def test_the_left_side_stays_and_the_right_one_moves_only_up_and_down(above: float, below: float) -> None:
    level = levelling(_fan(above, below), WITHIN)

    assert level is not None
    heights = np.linspace(TOP, BOTTOM, 7)
    left = onto(level, np.array([[LEFT, y] for y in heights]))
    right = onto(level, np.array([[RIGHT, y] for y in heights]))
    assert left[:, 0] == pytest.approx(LEFT, abs=0.01)
    assert left[[0, -1], 1] == pytest.approx([TOP, BOTTOM], abs=0.01)
    assert left[:, 1] == pytest.approx(heights, abs=4)
    assert right[:, 0] == pytest.approx(RIGHT, abs=0.01)


def test_what_runs_so_steeply_is_no_line_of_the_card() -> None:
    assert levelling(_fan(STEEP, STEEP), WITHIN) is None


@pytest.mark.parametrize("slope", [0.0, LEVEL_ENOUGH * 0.9, -LEVEL_ENOUGH * 0.9])
def test_lines_that_are_level_enough_stay(slope: float) -> None:
    assert levelling(_fan(slope, slope), WITHIN) is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [_line(200.0 + 44 * at, 0.1) for at in range(LINES_MIN - 1)],
        [_line(200.0 + 44 * at, 0.1, long=(LONG - 0.5) * TALL) for at in range(12)],
    ],
    ids=["none", "too few", "words too short to show it"],
)
def test_too_few_lines_tell_nothing(lines: list[Quad]) -> None:
    assert [slope_of(lines)(y) for y in (TOP, BOTTOM)] == [0.0, 0.0]
    assert levelling(lines, WITHIN) is None


def test_the_slope_is_that_of_the_lines_at_the_height_asked_for() -> None:
    slope = slope_of([_line(y, y / 10_000) for y in (200.0, 300.0, 400.0, 500.0, 600.0)])

    assert [slope(y) for y in (200, 400, 600)] == pytest.approx([0.02, 0.04, 0.06], abs=0.002)


def test_a_long_line_says_more_than_a_short_one() -> None:
    long = [_line(200.0 + 60 * at, 0.05, long=600) for at in range(6)]
    short = [_line(230.0 + 60 * at, -0.05, long=110) for at in range(6)]

    assert slope_of(long + short)(400) > 0.02


@pytest.mark.parametrize("degrees", [-8, -4, -3, 0, 3, 4, 8])
def test_a_line_begins_at_its_left_end_whether_it_falls_or_rises(degrees: float) -> None:
    corners = np.asarray(cv2.boxPoints(((400, 300), (600, 26), degrees)), np.float32)

    for ordered in (as_long_line(corners), as_level_line(corners)):
        first, second, _third, last = ordered
        assert first[0] < second[0] - 500
        assert first[1] < last[1]


def test_a_line_that_stands_is_read_downwards() -> None:
    standing = np.array([[980, 200], [1000, 200], [1000, 500], [980, 500]], np.float32)

    assert as_long_line(standing).tolist() == [[1000, 200], [1000, 500], [980, 500], [980, 200]]


def test_a_mark_that_is_higher_than_wide_stays_upright_in_a_level_text() -> None:
    colon = np.array([[980, 200], [990, 200], [990, 230], [980, 230]], np.float32)

    assert as_level_line(colon).tolist() == colon.tolist()


def test_a_stamp_says_nothing_of_how_lines_run() -> None:
    stamp = np.array([[1000, 200], [1000, 500], [980, 500], [980, 200]], np.float32)

    slope = slope_of([*_fan(0.04, 0.04), stamp])

    assert [slope(TOP), slope(BOTTOM)] == pytest.approx([0.04, 0.04], abs=0.005)
