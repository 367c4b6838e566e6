"""Faults and contradictions that no sample shows, on cards drawn here."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from bot.ocr import Limits, read
from bot.ocr.engine import Line, Pixels, TooSlow, Word
from bot.ocr.layout import ROWS
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


class _Babbler:
    """An engine that sees the words of a KTP anywhere, in any order and size."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def block(self, picture: Pixels) -> tuple[Line, ...]:
        return tuple(self.line(picture) for _ in range(self._chance.randrange(40)))

    scattered = block

    def line(self, picture: Pixels) -> Line:
        return tuple(self._word(picture) for _ in range(self._chance.randrange(1, 5)))

    digits = line

    def _word(self, picture: Pixels) -> Word:
        x, y = (
            sorted(self._chance.uniform(0, picture.shape[1]) for _ in "ab"),
            self._chance.uniform(-9, picture.shape[0]),
        )
        box = (x[0], y, x[1], y + self._chance.uniform(0, 90))
        return Word(self._chance.choice((*(row.label for row in ROWS), *SAID)), self._chance.random(), box)


SAID = (
    ":",
    "|",
    "-",
    "7312025205799901",
    "12-05-1979",
    "31-02-0000",
    "HASNA",
    "Gol.",
    "PROVINSI",
    "KABUPATEN",
    "Z" * 300,
)


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False))
def test_nothing_an_engine_may_say_makes_it_raise(chance: random.Random) -> None:
    photo = to_jpeg(draw_card(HASNA, random.Random(8), scale=0.9), 60)

    assert isinstance(read_photo(photo, TODAY, Limits(card_width_min=0), _Babbler(chance)), Card | Unusable)


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
