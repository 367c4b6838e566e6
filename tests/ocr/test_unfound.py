"""Photos in which no card is found, or not all of it: each has its own reason."""

from __future__ import annotations

from datetime import date

import pytest

from bot.ocr import read
from rules.card import Fault, Unusable
from tests.ktp import unusable

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("kind", "seed", "fault"),
    [
        ("cut-off", "tune u 1", "cut-off"),  # the labels are cut off
        ("cut-off", "tune u 4", "cut-off"),  # an address may go on where the photo ends
        ("cut-off", "tune u 7", "cut-off"),  # only the first rows are there
        ("too-small", "tune u 0", "too-small"),  # far away
        ("too-small", "tune u 4", "too-small"),  # a thumbnail
        ("receipt", "tune u 0", "not-a-ktp"),
        ("other-card", "tune u 0", "not-a-ktp"),
    ],
)
def test_the_reason_is_the_right_one(kind: str, seed: str, fault: Fault) -> None:
    taken, _fault = unusable(kind, seed)

    assert read(taken, today=TODAY) == Unusable(fault)
