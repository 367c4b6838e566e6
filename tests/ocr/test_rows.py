"""Labels and values are told apart by where they stand."""

from __future__ import annotations

from bot.ocr.engine import Line, Word, text_of
from bot.ocr.layout import ROWS
from bot.ocr.rows import LABELS_MIN, find_labels, fit_grid, split_blood, value_at, value_of

PRINTED = ("7312025205799901", "HASNA", "SOPPENG, 12-05-1979", "PEREMPUAN", "DUSUN LAPPA", "004/002", "JAMPU",
           "LILIRIAJA", "ISLAM", "KAWIN", "PETANI/PEKEBUN", "WNI", "SEUMUR HIDUP")  # fmt: skip


def _line(row_at: int, *, label: str | None = None, down: float = 0) -> Line:
    row = ROWS[row_at]
    top, bottom = row.middle - 12 + down, row.middle + 12 + down
    said = row.label if label is None else label
    words = [Word(said, 0.9, (row.left, top, row.left + 150, bottom))] if said else []
    return (*words, Word(":", 0.9, (308, top, 312, bottom)), Word(PRINTED[row_at], 0.9, (328, top, 600, bottom)))


def test_a_garbled_label_is_known() -> None:
    labels = find_labels([_line(at, label=text) for at, text in ((1, "Narna"), (7, "Kecamalan:"), (8, "Agarna"))])

    assert set(labels) == {"name", "district", "religion"}


def test_a_row_without_its_label_is_found_by_its_place() -> None:
    lines = [_line(at, label="" if at == 6 else None, down=9) for at in range(len(ROWS))]

    grid, labels = fit_grid(find_labels(lines))

    assert "village" not in labels
    assert text_of(value_at(lines, grid, ROWS[6])) == "JAMPU"


def test_the_colon_is_no_part_of_a_value_whatever_it_was_read_as() -> None:
    lines = [_line(at) for at in range(len(ROWS))]
    lines[7] = (lines[7][0], Word("1", 0.9, (306, 480, 313, 502)), lines[7][2])

    grid, labels = fit_grid(find_labels(lines))

    assert text_of(value_of(labels["district"], grid)) == "LILIRIAJA"


def test_a_label_out_of_its_place_is_not_believed() -> None:
    lines = [_line(at) for at in range(len(ROWS))]
    lines[3] = _line(3, down=200)

    assert "sex" not in fit_grid(find_labels(lines))[1]


def test_a_letter_with_a_name_and_an_address_is_no_card() -> None:
    lines = [_line(1), _line(4), (Word("Perihal", 0.9, (46, 300, 130, 320)),)]

    assert len(find_labels(lines)) < LABELS_MIN


def test_the_blood_type_stands_in_the_row_of_the_sex() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    words = tuple(Word(text, 0.9, box) for text in ("PEREMPUAN", "Gol.", "Darah", ":", "AB"))

    sex, blood = split_blood(words)

    assert (text_of(sex), text_of(blood)) == ("PEREMPUAN", "AB")
