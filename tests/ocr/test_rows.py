"""Labels and values are told apart by where they stand."""

from __future__ import annotations

import numpy as np
import pytest

from bot.ocr.engine import Line, Quad, Word, text_of
from bot.ocr.layout import PITCH, ROWS, VALUE_LEFT, VALUE_RIGHT
from bot.ocr.rows import (
    LABELS_MIN,
    blood_label,
    find_labels,
    grid_of,
    label_part,
    split_blood,
    value_part,
    without_colon,
)  # fmt: skip

BOX = (0.0, 0.0, 1.0, 1.0)
MIDDLES = {row.name: float(row.middle) for row in ROWS}


def _label(words: str) -> Line:
    return tuple(Word(word, 0.9, BOX) for word in words.split())


def _quad(left: float, right: float) -> Quad:
    return np.array([[left, 0], [right, 0], [right, 20], [left, 20]], np.float32)


def test_a_garbled_label_is_known() -> None:
    labels = find_labels([_label(words) for words in ("Jenis Kelarnin", "Kecamalan:", "Status Perkawlnan")])

    assert {label.row.name for label in labels} == {"sex", "district", "marital_status"}


@pytest.mark.parametrize(
    "words",
    ["Tempat / Tgl Lahir", "Tempat/Tgl Lahir", "Tempat/Tgl. Lahir", "TempatTglLahir", "Tempat / Tgl Lahir : SOPPENG",
     "- Tempat / Tgl Lahir", "Tempat / Tgl Lahlr:"],
)  # fmt: skip
def test_the_label_of_birth_is_known_in_however_many_pieces(words: str) -> None:
    (label,) = find_labels([_label(words)])

    assert label.row.name == "birth"


def test_what_stands_behind_a_label_of_four_pieces_is_its_value() -> None:
    (label,) = find_labels([_label("Tempat / Tgl Lahir : SOPPENG, 12-05-1979")])

    assert text_of(without_colon(label.value)) == "SOPPENG, 12-05-1979"


def test_a_letter_with_a_name_and_an_address_is_no_card() -> None:
    assert len(find_labels([_label(words) for words in ("Nama", "Alamat", "Perihal")])) < LABELS_MIN


def test_a_row_without_its_label_lies_between_its_neighbours() -> None:
    seen = {name: middle + 9 for name, middle in MIDDLES.items() if name not in ("village", "valid_until")}

    grid = grid_of(seen)

    assert grid.middles == pytest.approx([middle + 9 for middle in MIDDLES.values()], abs=1)


def test_a_label_out_of_the_order_of_the_card_is_not_believed() -> None:
    grid = grid_of({**MIDDLES, "sex": MIDDLES["district"]})

    assert grid.middles == pytest.approx([*MIDDLES.values()], abs=1)


def test_a_label_off_the_middle_of_its_even_neighbours_is_not_believed() -> None:
    grid = grid_of({**MIDDLES, "religion": MIDDLES["religion"] + PITCH * 0.45})

    assert grid.middles == pytest.approx([*MIDDLES.values()], abs=1)


def test_the_label_between_the_two_lines_of_its_value_is_believed() -> None:
    seen = {
        name: middle + PITCH * (0.5 if name == "address" else middle > MIDDLES["address"])
        for name, middle in MIDDLES.items()
    }

    assert grid_of(seen).middles == pytest.approx([*seen.values()], abs=1)


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


@pytest.mark.parametrize(
    ("left", "right", "kept"),
    [(46, 250, 250), (46, 600, VALUE_LEFT - 20), (46, VALUE_LEFT - 1, VALUE_LEFT - 1), (VALUE_LEFT - 18, 600, None),
     (VALUE_RIGHT + 9, 1200, None)],
    ids=["a label", "label and value in one", "a label with its colon", "a value", "the photo"],
)  # fmt: skip
def test_only_what_stands_in_the_column_of_labels_may_be_one(left: float, right: float, kept: float | None) -> None:
    part = label_part(_quad(left, right))

    assert (None if part is None else float(part[1, 0])) == (None if kept is None else pytest.approx(kept, abs=1))
    assert part is None or float(part[0, 0]) == left


def test_a_line_of_both_is_parted_at_one_place_and_aslant_like_itself() -> None:
    leaning = np.array([[46, 100], [646, 130], [646, 160], [46, 130]], np.float32)

    label, value = label_part(leaning), value_part(leaning)

    assert label is not None and value is not None
    assert np.allclose(label[1], value[0], atol=0.01) and np.allclose(label[2], value[3], atol=0.01)
    assert np.allclose(label[0], leaning[0]) and np.allclose(value[1], leaning[1], atol=0.01)
    assert label[1, 1] - label[0, 1] == pytest.approx((label[1, 0] - label[0, 0]) * 30 / 600, abs=0.1)


@pytest.mark.parametrize("colon", [":", ".", ";", "'"])
def test_the_colon_is_no_part_of_a_value_whatever_it_was_read_as(colon: str) -> None:
    assert text_of(without_colon(_label(f"{colon} LILIRIAJA"))) == "LILIRIAJA"


@pytest.mark.parametrize(
    ("row", "sex", "label", "blood"),
    [
        ("PEREMPUAN Gol. Darah : AB", "PEREMPUAN", "Gol. Darah", "AB"),
        ("PEREMPUAN Gol Darah: O+", "PEREMPUAN", "Gol Darah:", "O+"),
        ("LAKI-LAKI Gol.Darah : -", "LAKI-LAKI", "Gol.Darah", "-"),
        ("LAKI-LAKI Gol, Darab B", "LAKI-LAKI", "Gol, Darab", "B"),
        ("LAKI-LAKI Gol. Darah", "LAKI-LAKI", "Gol. Darah", ""),
        ("LAKI-LAKI Gol.", "LAKI-LAKI", "Gol.", ""),
        ("LAKI-LAKI Gol. A", "LAKI-LAKI", "Gol.", "A"),
        ("Gol. Darah : A", "", "Gol. Darah", "A"),
        ("PEREMPUAN", "PEREMPUAN", "", ""),
        ("LAKI - LAKI O", "LAKI - LAKI O", "", ""),
        ("", "", "", ""),
    ],
)
def test_the_blood_type_stands_in_the_row_of_the_sex(row: str, sex: str, label: str, blood: str) -> None:
    words = _label(row)

    before, behind = split_blood(words)

    assert (text_of(before), text_of(blood_label(words)), text_of(behind)) == (sex, label, blood)
