"""Labels and values are told apart by where they stand."""

from __future__ import annotations

import numpy as np
import pytest

from bot.ocr.engine import Line, Quad, Word, text_of
from bot.ocr.layout import PITCH, ROWS, VALUE_LEFT, VALUE_RIGHT
from bot.ocr.rows import LABELS_MIN, find_labels, grid_of, split_blood, value_part, without_colon

BOX = (0.0, 0.0, 1.0, 1.0)
MIDDLES = {row.name: float(row.middle) for row in ROWS}


def _label(words: str) -> Line:
    return tuple(Word(word, 0.9, BOX) for word in words.split())


def _quad(left: float, right: float) -> Quad:
    return np.array([[left, 0], [right, 0], [right, 20], [left, 20]], np.float32)


def test_a_garbled_label_is_known() -> None:
    labels = find_labels([_label(words) for words in ("Jenis Kelarnin", "Kecamalan:", "Status Perkawlnan")])

    assert {label.row.name for label in labels} == {"sex", "district", "marital_status"}


def test_a_letter_with_a_name_and_an_address_is_no_card() -> None:
    assert len(find_labels([_label(words) for words in ("Nama", "Alamat", "Perihal")])) < LABELS_MIN


def test_a_row_without_its_label_lies_between_its_neighbours() -> None:
    seen = {name: middle + 9 for name, middle in MIDDLES.items() if name not in ("village", "valid_until")}

    grid = grid_of(seen)

    assert grid.middles == pytest.approx([middle + 9 for middle in MIDDLES.values()], abs=1)


def test_a_label_out_of_the_order_of_the_card_is_not_believed() -> None:
    grid = grid_of({**MIDDLES, "sex": MIDDLES["district"]})

    assert grid.middles == pytest.approx([*MIDDLES.values()], abs=1)


@pytest.mark.parametrize(
    ("down", "row"),
    [(0.0, "address"), (PITCH, "address"), (2 * PITCH, "rt_rw")],
    ids=["beside its label", "below it, before the next label", "beside the next label"],
)
def test_a_line_belongs_to_the_label_beside_it_or_else_above_it(down: float, row: str) -> None:
    wrapped = {name: middle + (PITCH if middle > MIDDLES["address"] else 0) for name, middle in MIDDLES.items()}

    found = grid_of(wrapped).row_at(MIDDLES["address"] + down)

    assert found is not None and found.name == row


def test_what_stands_above_the_number_belongs_to_no_row() -> None:
    assert grid_of(MIDDLES).row_at(60) is None


@pytest.mark.parametrize(
    ("left", "right", "kept"),
    [(VALUE_LEFT - 18, 600, VALUE_LEFT - 18), (46, 600, VALUE_LEFT - 20), (46, 250, None),
     (VALUE_RIGHT + 9, 1200, None)],
    ids=["a value", "label and value in one", "a label", "the photo"],
)  # fmt: skip
def test_only_what_stands_in_the_column_of_values_is_read(left: float, right: float, kept: float | None) -> None:
    part = value_part(_quad(left, right))

    assert (None if part is None else float(part[0, 0])) == (None if kept is None else pytest.approx(kept, abs=1))


@pytest.mark.parametrize("colon", [":", ".", ";", "'"])
def test_the_colon_is_no_part_of_a_value_whatever_it_was_read_as(colon: str) -> None:
    assert text_of(without_colon(_label(f"{colon} LILIRIAJA"))) == "LILIRIAJA"


def test_the_blood_type_stands_in_the_row_of_the_sex() -> None:
    sex, blood = split_blood(_label("PEREMPUAN Gol. Darah : AB"))

    assert (text_of(sex), text_of(blood)) == ("PEREMPUAN", "AB")
