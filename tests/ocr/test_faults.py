"""Faults and contradictions that no sample shows, on cards drawn here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from bot.ocr import Limits, read
from bot.ocr.engine import Letter, Pixels, Quad, Said
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

    card = read(photograph(draw_card(altered, chance), "phone", chance), today=TODAY)

    assert isinstance(card, Card)
    assert card.nik is not None and card.nik.value == HASNA.nik
    assert card.birth_date is not None and card.birth_date.value == "1989-05-12"
    assert card.doubts[0] == "nik-birth-date-mismatch"


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

    def detect(self, picture: Pixels, side: int) -> list[Quad]:
        return [self._quad(picture) for _ in range(self._chance.randrange(40))]

    def read(self, lines: Sequence[Pixels], *alphabets: str) -> list[tuple[Said, ...]]:
        return [tuple(self._said() for _ in alphabets) for _ in lines]

    def digits(self, picture: Pixels) -> str:
        return self._chance.choice(SAID)

    def _quad(self, picture: Pixels) -> Quad:
        height, width = picture.shape[:2]
        corners = [(self._chance.uniform(-9, width), self._chance.uniform(-9, height)) for _ in range(4)]
        return np.array(corners, np.float32)

    def _said(self) -> Said:
        words = self._chance.choice((*(row.label for row in ROWS), *SAID))
        return tuple(Letter(letter, self._chance.random(), at / len(words)) for at, letter in enumerate(words))


SAID = (
    ":", "|", "-", "7312025205799901", "12-05-1979", "31-02-0000", "HASNA", "Gol. Darah : O", "PROVINSI", "KABUPATEN",
    "Nama : HASNA", "Z" * 300, "",
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_nothing_an_engine_may_say_makes_it_raise(chance: random.Random) -> None:
    photo = to_jpeg(draw_card(HASNA, random.Random(8), scale=0.9), 60)
    babbler = _Babbler(chance)

    found = read_photo(photo, TODAY, Limits(card_width_min=0), babbler, babbler)

    assert isinstance(found, Card | Unusable)
