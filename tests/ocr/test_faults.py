"""Faults and contradictions that no sample shows, on cards drawn here."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from bot.ocr import Limits, read
from bot.ocr.engine import Line, Pixels, TooSlow
from bot.ocr.reading import read_photo
from rules.card import Card, Fault, Unusable
from tests.ktp import HASNA, draw_card, photograph, spoil, to_jpeg

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("fault", ["too-small", "several-cards"])
def test_the_fault_is_named(fault: Fault) -> None:
    chance = random.Random(3)

    assert read(spoil(draw_card(HASNA, chance), fault, chance), today=TODAY) == Unusable(fault)


def test_an_altered_birth_date_is_doubted_and_not_mended() -> None:
    chance = random.Random(4)
    altered = replace(HASNA, birth_date=date(1989, 5, 12))

    card = read(photograph(draw_card(altered, chance), "clean", chance), today=TODAY)

    assert isinstance(card, Card)
    assert card.nik is not None and card.nik.value == HASNA.nik
    assert card.birth_date is not None and card.birth_date.value == "1989-05-12"
    assert card.doubts == ("nik-birth-date-mismatch",)


def test_a_flat_scan_that_lies_on_its_side_is_read() -> None:
    scan = np.rot90(np.asarray(draw_card(HASNA, random.Random(5), scale=1.2)))

    card = read(to_jpeg(Image.fromarray(np.ascontiguousarray(scan)), 85), today=TODAY)

    assert isinstance(card, Card)
    assert card.nik is not None and card.nik.value == HASNA.nik


def test_a_card_on_a_larger_sheet_is_found_by_its_labels() -> None:
    sheet = Image.new("RGB", (1400, 1800), "white")
    card = draw_card(HASNA, random.Random(6), scale=1.1).convert("L").point(lambda level: min(255, level * 2))
    sheet.paste(card, (140, 300))

    found = read(to_jpeg(sheet, 85), today=TODAY)

    assert isinstance(found, Card)
    assert found.nik is not None and found.nik.value == HASNA.nik
    assert found.name is not None and found.name.value == "HASNA"


def test_a_plain_wall_is_no_card() -> None:
    assert read(to_jpeg(Image.new("RGB", (1200, 900), (200, 200, 190)), 80), today=TODAY) == Unusable("not-a-ktp")


class _Asleep:
    """An engine that never finishes."""

    def block(self, picture: Pixels) -> tuple[Line, ...]:
        raise TooSlow

    scattered = block

    def line(self, picture: Pixels) -> Line:
        raise TooSlow

    digits = line


def test_an_engine_that_is_too_slow_says_nothing_about_the_photo() -> None:
    chance = random.Random(7)
    photo = photograph(draw_card(HASNA, chance), "clean", chance)

    assert read_photo(photo, TODAY, Limits(), _Asleep()) is None
