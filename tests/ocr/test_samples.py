"""The sample photos: the good ones are read wholly right, the bad ones are refused for what is wrong with them."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from bot.ocr import read
from rules.card import Card, Fault, Unusable
from tests.ktp.samples import FOLDER, GOOD, SPOILT, people

TODAY = date(2026, 11, 21)


@cache
def _read(name: str) -> Card | Unusable | None:
    return read((FOLDER / f"{name}.jpg").read_bytes(), today=TODAY)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_photo_is_read_wholly_right(name: str) -> None:
    card = _read(name)

    assert isinstance(card, Card)
    truth = people()[name].truth()
    assert {field: getattr(card, field).value for field in truth} == truth
    assert card.doubts == ()


@pytest.mark.parametrize("fault", SPOILT)
def test_a_bad_photo_is_refused_for_its_fault(fault: Fault) -> None:
    assert _read(fault) == Unusable(fault)


def test_a_box_says_where_in_the_photo_a_value_stands() -> None:
    card = _read("hasna")

    assert isinstance(card, Card)
    boxes = [field.box for field in (card.nik, card.name, card.village, card.valid_until) if field and field.box]
    assert len(boxes) == 4
    assert all(0 <= left < right <= 1280 and 0 <= top < bottom <= 960 for left, top, right, bottom in boxes)
    assert boxes == sorted(boxes, key=lambda box: box[1])
