"""Contradictions and unsure fields become doubts; no value changes."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from bot.ocr.check import with_doubts
from rules.card import Card, Field

TODAY = date(2026, 11, 21)
SURE_CARD = Card(
    nik=Field("7312025205799901", 0.95), name=Field("HASNA", 0.9),
    birth_date=Field("1979-05-12", 0.9), sex=Field("female", 0.95),
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "doubts"),
    [
        ({}, ()),
        ({"birth_date": Field("1979-05-13", 0.9)}, ("nik-birth-date-mismatch",)),
        ({"birth_date": None}, ()),
        ({"sex": Field("male", 0.95)}, ("nik-sex-mismatch",)),
        ({"sex": None}, ()),
        ({"nik": None, "sex": Field("male", 0.95)}, ()),
        ({"name": Field("HASNA", 0.79)}, ("low-confidence: name",)),
        ({"name": Field("HASNA", 0.8)}, ()),
        (
            {"nik": Field("7312025205799901", 0.5), "name": Field("H", 0.1)},
            ("low-confidence: nik", "low-confidence: name"),
        ),
    ],
)
def test_what_is_doubted_is_said(change: dict[str, Field | None], doubts: tuple[str, ...]) -> None:
    card = replace(SURE_CARD, **change)

    assert with_doubts(card, TODAY) == replace(card, doubts=doubts)
