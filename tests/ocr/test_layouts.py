"""Cards as different offices print them: the NIK stands in no column, and labels are worded in several ways."""

from __future__ import annotations

import random
from datetime import date

import pytest
from msgspec.structs import replace

from bot.ocr import read
from rules.card import Card
from tests.ktp import HASNA, draw_card, to_jpeg
from tests.ktp.layout import any_style

TODAY = date(2026, 11, 21)
SCALE = 1.2


@pytest.mark.parametrize(("number_x", "value_x"), [(150.0, 310.0), (220.0, 236.0)], ids=["far left", "in the column"])
def test_the_number_is_read_wherever_it_starts(number_x: float, value_x: float) -> None:
    chance = random.Random(1)
    style = replace(any_style(chance), number_x=number_x, value_x=value_x, tilt=0.0)

    card = read(to_jpeg(draw_card(HASNA, chance, scale=SCALE, style=style), 85), today=TODAY)

    assert isinstance(card, Card)
    assert card.nik is not None and card.nik.box is not None and card.name is not None and card.name.box is not None
    assert (card.nik.value, card.name.value) == (HASNA.nik, "HASNA")
    assert card.nik.box[0] == pytest.approx((number_x + 20) * SCALE, abs=30)
    assert card.name.box[0] == pytest.approx(value_x * SCALE, abs=30)


@pytest.mark.parametrize("wording", [0, 1, 2])
def test_labels_are_known_however_an_office_words_them(wording: int) -> None:
    chance = random.Random(2)
    style = replace(any_style(chance), wording=wording, comma=",")

    card = read(to_jpeg(draw_card(HASNA, chance, scale=SCALE, style=style), 85), today=TODAY)

    assert isinstance(card, Card)
    fields = (card.birth_place, card.birth_date, card.sex, card.rt_rw, card.village)
    assert [field and field.value for field in fields] == [
        HASNA.birth_place, HASNA.birth_date.isoformat(), HASNA.sex, HASNA.rt_rw, HASNA.village,
    ]  # fmt: skip
