"""The card made straight by what its own lines show: level, and with the rows of labels that the photo hid."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pytest

from bot.ocr.engine import Quad, text_of
from bot.ocr.labels import Found
from bot.ocr.layout import HEIGHT, PITCH, ROWS, WIDTH
from bot.ocr.locate import Matrix, onto
from bot.ocr.rows import Label
from bot.ocr.straight import read_lines, straight_card
from bot.ocr.views import evened
from tests.ocr.painted import Bar, Painted, bar, line, value

MIDDLES = {row.name: float(row.middle) for row in ROWS}
AS_IT_IS = np.eye(3)
WRAPPED = {name: middle + PITCH * (middle > MIDDLES["address"]) for name, middle in MIDDLES.items()}
"""The address has two lines: all that is below it stands a row lower."""
LOWER = [name for name, middle in MIDDLES.items() if middle > MIDDLES["address"]]


def _found(middles: dict[str, float], missed: Collection[str] = (), matrix: Matrix = AS_IT_IS) -> Found:
    """A card in which some labels were missed; unless told otherwise, the photo is the straight card already."""
    labels = [
        Label(row, row.left, middles[row.name], 24.0, ()) for row in ROWS if row.name not in missed
    ]  # fmt: skip
    return Found(matrix, tuple(labels), (), 0)


def _printed(middles: dict[str, float]) -> dict[str, Bar]:
    return {row.name: bar(row.label, row.left, middles[row.name]) for row in ROWS}


def _values(middles: dict[str, float], words: str = "LILIRIAJA") -> dict[str, Bar]:
    return {name: value(words, middle) for name, middle in middles.items()}


def test_labels_missed_in_the_photo_are_found_on_the_straight_card() -> None:
    labels = _printed(WRAPPED)
    engine = Painted([*labels.values()], [line(one) for one in labels.values()])

    card = straight_card(engine.picture(), _found(WRAPPED, missed=LOWER), engine)

    assert card.grid.middles == pytest.approx([*WRAPPED.values()], abs=2)


def test_a_label_is_found_in_one_mark_with_its_value() -> None:
    labels, values = _printed(WRAPPED), _values(WRAPPED)
    together = [line(labels[name], values[name]) for name in labels]
    engine = Painted([*labels.values(), *values.values()], together)

    card = straight_card(engine.picture(), _found(WRAPPED, missed=LOWER), engine)

    assert card.grid.middles == pytest.approx([*WRAPPED.values()], abs=2)


def test_what_stands_beside_a_label_that_was_found_is_no_other_label() -> None:
    forged = bar("Kewarganegaraan", 46, MIDDLES["name"])
    engine = Painted([forged], [line(forged)])

    card = straight_card(engine.picture(), _found(MIDDLES, missed=["citizenship"]), engine)

    assert card.grid.middles == pytest.approx([*MIDDLES.values()], abs=1)
    assert engine.read_lines == 0


def test_a_value_is_taken_for_no_label() -> None:
    values = _values({name: middle + PITCH / 2 for name, middle in WRAPPED.items()}, "AGAMA")
    engine = Painted([*values.values()], [line(one) for one in values.values()])

    card = straight_card(engine.picture(), _found(WRAPPED, missed=["religion"]), engine)

    assert card.grid.middles == pytest.approx([*WRAPPED.values()], abs=1)
    assert engine.read_lines == 0


def test_nothing_is_read_where_every_label_was_found() -> None:
    between = [bar("Kewarganegaraan", 46, middle + PITCH / 2) for middle in MIDDLES.values()]
    engine = Painted(between, [line(one) for one in between])

    straight_card(engine.picture(), _found(MIDDLES), engine)

    assert engine.read_lines == 0


def test_where_hardly_any_line_is_seen_the_light_is_made_even() -> None:
    values = [*_values(MIDDLES).values()]
    dull, clear = Painted(values, [line(one) for one in values[:3]]), Painted(values, [line(one) for one in values])

    pictures = [straight_card(one.picture(), _found(MIDDLES), one).picture for one in (dull, clear)]

    assert np.array_equal(pictures[0], evened(dull.searched[0]))
    assert np.array_equal(dull.searched[-1], pictures[0])
    assert (len(dull.searched), len(clear.searched)) == (2, 1)
    assert np.array_equal(pictures[1], clear.searched[0])


def test_a_card_that_leans_is_made_level_and_its_lines_stay_on_their_words() -> None:
    leaning = [_leaning(value("LILIRIAJA LILIRIAJA", row.middle), 0.04) for row in ROWS]
    engine = Painted([], leaning)
    turned = np.array([[0.0, -2.0, 1700.0], [2.0, 0.0, 90.0], [0.0, 0.0, 1.0]])

    card = straight_card(engine.picture(), _found(MIDDLES, matrix=turned), engine)

    assert max(abs(float(one[1, 1] - one[0, 1])) for one in card.lines) < 2
    before, after = [onto(turned, one) for one in leaning], [onto(card.matrix, one) for one in card.lines]
    assert np.array(after) == pytest.approx(np.array(before), abs=0.5)


def test_a_level_card_stays_as_it_was_found() -> None:
    level = [line(value("LILIRIAJA", row.middle)) for row in ROWS]
    engine = Painted([], level)
    found = _found(MIDDLES)

    card = straight_card(engine.picture(), found, engine)

    assert card.matrix is found.matrix
    assert np.array(card.lines) == pytest.approx(np.array(level))
    assert card.picture.shape == (HEIGHT, WIDTH, 3)


def test_lines_are_read_behind_their_colons() -> None:
    bars = [bar(": SOPPENG", 300, 200), bar("HASNA", 300, 300), bar(":", 300, 400)]
    engine = Painted(bars)

    said = read_lines(engine.picture(), [line(one) for one in bars], engine)

    assert [text_of(one) for one in said] == ["SOPPENG", "HASNA", ""]


def _leaning(one: Bar, slope: float) -> Quad:
    level = line(one)
    level[:, 1] += slope * (level[:, 0] - ROWS[0].left)
    return level
