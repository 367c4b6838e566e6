"""The values of a straight card: what stands in a row, and what is looked at again by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from bot.ocr.engine import Quad
from bot.ocr.fields import NOTHING_SEEN, read_card
from bot.ocr.layout import PITCH, ROWS, VALUE_LEFT
from bot.ocr.limits import Limits
from bot.ocr.rows import grid_of
from bot.ocr.straight import Straight
from bot.ocr.value import Value, better
from rules.card import SURE, Card
from tests.ocr.painted import Bar, Painted, bar, line, value

AT = {row.name: float(row.middle) for row in ROWS}
FAINT = 0.6
BOX = (0.0, 0.0, 1.0, 1.0)


def _read(
    bars: Sequence[Bar],
    lines: Sequence[Quad] | None = None,
    rereads_max: int = 8,
    middles: Mapping[str, float] = AT,
) -> tuple[Card, Painted]:
    """The card on which these bars are printed; each is a line of its own unless lines are given."""
    engine = Painted(bars)
    found = tuple(line(one) for one in bars) if lines is None else tuple(lines)
    picture = engine.picture()
    card = Straight(picture, np.eye(3), found, (), grid_of(dict(middles)))
    return read_card(picture, card, 1.0, engine, engine, Limits(rereads_max=rereads_max)), engine


def _sex_row(*behind: Bar) -> list[Bar]:
    return [value("PEREMPUAN", AT["sex"]), bar("Gol. Darah", 600, AT["sex"]), *behind]


@pytest.mark.parametrize(
    ("row", "first", "second", "read"),
    [("name", "BESSE NURUL AINI", "BINTI LAUPE", "BESSE NURUL AINI BINTI LAUPE"),
     ("address", "JL. POROS PACONGKANG NO. 12", "DUSUN LAPPA", "JL. POROS PACONGKANG NO. 12 DUSUN LAPPA")],
)  # fmt: skip
@pytest.mark.parametrize("confidence", [0.99, FAINT], ids=["sure", "unsure"])
def test_a_value_of_two_lines_stays_whole_even_if_it_is_unsure(
    row: str, first: str, second: str, read: str, confidence: float
) -> None:
    wrapped = {name: middle + PITCH * (middle > AT[row]) for name, middle in AT.items()}
    bars = [value(first, AT[row]), value(second, AT[row] + PITCH, confidence)]

    card, _engine = _read(bars, middles=wrapped)

    field = getattr(card, row)
    assert (field.value, field.confidence) == (read, confidence)


def test_a_line_that_was_missed_is_looked_for_in_its_place() -> None:
    bars = [value("ISLAM", AT["religion"]), value("WNI", AT["citizenship"])]

    card, _engine = _read(bars, lines=[line(bars[1])])

    assert card.religion is not None and card.religion.value == "ISLAM"
    assert card.citizenship is not None and card.citizenship.value == "WNI"


def test_only_so_many_rows_are_looked_at_again() -> None:
    bars = [value("ISLAM", AT["religion"])]

    card, engine = _read(bars, lines=[], rereads_max=0)
    again, more = _read(bars, lines=[], rereads_max=len(ROWS))

    assert card.religion is None
    assert again.religion is not None and again.religion.value == "ISLAM"
    assert more.read_lines == engine.read_lines + len(ROWS) - 1


def test_what_was_seen_twice_is_surer_than_once() -> None:
    card, _engine = _read([value("HASNA", AT["name"], FAINT)])

    assert card.name is not None
    assert SURE < card.name.confidence == pytest.approx(1 - (1 - FAINT) ** 2)


@pytest.mark.parametrize("letter", ["AB", "O", "B-"])
def test_a_missing_blood_type_is_looked_for_behind_its_label(letter: str) -> None:
    bars = _sex_row(bar(letter, 800, AT["sex"]))

    card, _engine = _read(bars, lines=[line(one) for one in bars[:2]])

    assert card.sex is not None and card.sex.value == "female"
    assert card.blood_type is not None and (card.blood_type.value, card.blood_type.confidence) == (letter, 0.99)
    assert card.blood_type.box is not None and card.blood_type.box[0] > 750


def test_a_blood_type_that_was_read_is_looked_for_no_further() -> None:
    beside = _sex_row(bar("AB", 800, AT["sex"]))

    card, engine = _read(beside)
    _bare, without = _read(beside, lines=[line(one) for one in beside[:2]])

    assert card.blood_type is not None and card.blood_type.value == "AB"
    assert engine.read_lines == without.read_lines  # a third line, and no second look


def test_where_nothing_stands_behind_the_label_a_dash_is_taken_unsurely() -> None:
    card, _engine = _read(_sex_row())

    assert card.blood_type is not None
    assert (card.blood_type.value, card.blood_type.confidence) == ("-", NOTHING_SEEN)
    assert NOTHING_SEEN < SURE


def test_without_its_label_no_blood_type_is_looked_for() -> None:
    bars = [value("PEREMPUAN", AT["sex"]), bar("AB", 700, AT["sex"])]

    card, _engine = _read(bars, lines=[line(bars[0])])

    assert card.blood_type is None


def test_what_stands_right_of_a_wide_gap_is_no_part_of_a_value() -> None:
    bars = [value("ISLAM", AT["religion"]), bar("SOPPENG", 800, AT["religion"])]

    card, _engine = _read(bars)

    assert card.religion is not None and card.religion.value == "ISLAM"


@pytest.mark.parametrize(
    ("row", "printed", "mended"),
    [("occupation", "PETANI/PEKEBUM", "PETANI/PEKEBUN"), ("religion", "ISLAN", "ISLAM"),
     ("marital_status", "BELUM KAWLN", "BELUM KAWIN"), ("occupation", "PAWANG HUJAN", None), ("name", "HASNA", None),
     ("citizenship", "WNI", None)],
)  # fmt: skip
def test_what_was_read_is_kept_beside_a_word_that_is_only_close_to_it(
    row: str, printed: str, mended: str | None
) -> None:
    card, _engine = _read([value(printed, AT[row])])

    field = getattr(card, row)
    assert (field.value, field.printed) == ((printed, None) if mended is None else (mended, printed))


def test_an_area_mended_by_the_others_keeps_what_was_read() -> None:
    card, _engine = _read(
        [
            bar("PROVINSI SULAWESI SELATAN", 400, 40), bar("KABUPATEN SOPPENG", 420, 90),
            value("BARINGFNG", AT["village"], 0.7), value("LILIRILAU", AT["district"]),
        ]
    )  # fmt: skip

    village, district = card.village, card.district
    assert village is not None and (village.value, village.printed) == ("BARINGENG", "BARINGFNG")
    assert village.confidence >= SURE
    assert district is not None and (district.value, district.printed) == ("LILIRILAU", None)


@pytest.mark.parametrize(("row", "strange"), [("name", "PEREMPUAN"), ("village", "ISLAM"), ("occupation", "WNI")])
def test_a_value_in_the_row_of_another_makes_all_of_them_unsure(row: str, strange: str) -> None:
    card, _engine = _read([value(strange, AT[row]), value("SEUMUR HIDUP", AT["valid_until"])])

    assert card.valid_until is not None and card.valid_until.confidence < SURE


@pytest.mark.parametrize(
    ("row", "words"), [("name", "BASO RIFALDI"), ("address", "DUSUN OMPO 12"), ("village", "DONRI-DONRI")]
)
def test_words_that_may_well_stand_in_their_row_confuse_nothing(row: str, words: str) -> None:
    card, _engine = _read([value(words, AT[row]), value("SEUMUR HIDUP", AT["valid_until"])])

    assert card.valid_until is not None and card.valid_until.confidence >= SURE


def test_a_box_lies_where_the_value_stands_in_the_photo_as_it_was_sent() -> None:
    bars = [value("LILIRIAJA", AT["district"])]
    engine = Painted(bars)
    shifted = np.array([[1.0, 0.0, 100.0], [0.0, 1.0, 50.0], [0.0, 0.0, 1.0]])
    card = Straight(engine.picture(), shifted, (line(bars[0]),), (), grid_of(AT))

    read = read_card(engine.picture(), card, 2.0, engine, engine, Limits())

    assert read.district is not None and read.district.box is not None
    left, top, right, bottom = bars[0].box
    expected = (2 * (left + 100), 2 * (top + 50), 2 * (right + 100), 2 * (bottom + 50))
    assert read.district.box == pytest.approx(expected, abs=8)
    assert read.district.box[0] > 2 * VALUE_LEFT


@pytest.mark.parametrize(
    ("name", "first", "second", "best"),
    [
        ("district", ("CITTA", 0.5), None, ("CITTA", 0.5)),
        ("district", None, ("CITTA", 0.5), ("CITTA", 0.5)),
        ("district", ("CITTA", 0.5), ("CITTA", 0.6), ("CITTA", 0.8)),
        ("district", ("CITTA", 0.9), ("CITTA", 0.95), ("CITTA", 0.97)),
        ("district", ("CITTA", 0.5), ("GITTA", 0.8), ("GITTA", 0.68)),
        ("district", ("CITTA", 0.8), ("GITTA", 0.5), ("CITTA", 0.68)),
        ("name", ("HASNA BINTI LAUPE", 0.3), ("HASNA", 0.99), ("HASNA BINTI LAUPE", 0.3)),
        ("address", ("DUSUN LAPPA LOMPO", 0.3), ("DUSUN LAPPA", 0.99), ("DUSUN LAPPA LOMPO", 0.3)),
        ("name", None, ("HASNA", 0.99), ("HASNA", 0.99)),
    ],
)
def test_of_two_readings_the_surer_one_stays_and_agreement_makes_surer(
    name: str, first: tuple[str, float] | None, second: tuple[str, float] | None, best: tuple[str, float]
) -> None:
    readings = [{} if one is None else {name: Value(*one, BOX)} for one in (first, second)]

    found = better(*readings)

    assert list(found) == [name]
    assert found[name].value == best[0]
    assert found[name].confidence == pytest.approx(best[1])
