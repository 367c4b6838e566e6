"""Contradictions and unsure fields become doubts; no value changes."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from bot.ocr.check import NEEDED, POOR, UNREAD_MAX, WORDS, is_read_well, with_doubts, with_words_doubted
from rules.card import FIELDS, SURE, Card, Field

TODAY = date(2026, 11, 21)
SURE_CARD = Card(
    nik=Field("7312025205799901", 0.95), name=Field("HASNA", 0.9),
    birth_date=Field("1979-05-12", 0.9), sex=Field("female", 0.95),
)  # fmt: skip
WHOLE = replace(SURE_CARD, **{name: Field("X", 0.9) for name in FIELDS if getattr(SURE_CARD, name) is None})


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
        ({"nik": Field("9801025205799901", 0.95)}, ("unknown-area",)),
        ({"nik": Field("0001025205799901", 0.95)}, ("unknown-area",)),
        ({"nik": Field("3171025205799901", 0.95), "village": Field("JAMPU", 0.9)}, ()),  # who moved keeps the number
        ({"nik": Field("7399025205799901", 0.95)}, ()),  # a regency may have had another code
        (
            {"nik": Field("9801025205799901", 0.5), "sex": Field("male", 0.95)},
            ("nik-sex-mismatch", "unknown-area", "low-confidence: nik"),
        ),
    ],
)
def test_what_is_doubted_is_said(change: dict[str, Field | None], doubts: tuple[str, ...]) -> None:
    card = replace(SURE_CARD, **change)

    assert with_doubts(card, TODAY) == replace(card, doubts=doubts)


def _with(**changes: Field | None) -> Card:
    return with_doubts(replace(WHOLE, **changes), TODAY)


def _without(count: int) -> Card:
    others = [name for name in FIELDS if name not in NEEDED]
    return _with(**dict.fromkeys(others[:count]))


def test_a_card_is_read_well_if_what_vouches_for_another_is_sure_and_hardly_anything_is_missing() -> None:
    assert is_read_well(_with())
    assert is_read_well(_without(UNREAD_MAX))
    assert not is_read_well(_without(UNREAD_MAX + 1))


@pytest.mark.parametrize("name", NEEDED)
def test_a_card_is_not_read_well_without_what_is_needed(name: str) -> None:
    kept = getattr(WHOLE, name).value

    assert not is_read_well(_with(**{name: None}))
    assert not is_read_well(_with(**{name: Field(kept, SURE - 0.01)}))
    assert is_read_well(_with(**{name: Field(kept, SURE)}))


def test_an_unsure_value_that_vouches_for_nothing_does_no_harm() -> None:
    assert is_read_well(_with(address=Field("DUSUN LAPPA", 0.3), village=Field("JAMPU", 0.3)))


@pytest.mark.parametrize("contradiction", [{"birth_date": Field("1979-05-13", 0.9)}, {"sex": Field("male", 0.9)}])
def test_a_card_that_contradicts_itself_is_not_read_well(contradiction: dict[str, Field]) -> None:
    assert not is_read_well(_with(**contradiction))


def test_an_area_that_is_unknown_says_nothing_of_the_photo() -> None:
    card = _with(nik=Field("9801025205799901", 0.95))

    assert card.doubts == ("unknown-area",)
    assert is_read_well(card)


def test_of_a_poor_photo_every_free_word_is_doubted_and_nothing_else() -> None:
    card = with_words_doubted(_with(address=None, village=Field("JAMPU", 0.3)))

    words = [name for name in FIELDS if name in WORDS and name != "address"]
    confidences = {name: field.confidence for name in words if (field := getattr(card, name)) is not None}
    assert confidences == {name: 0.3 if name == "village" else POOR for name in words}
    assert card.doubts == tuple(f"low-confidence: {name}" for name in words)
    assert (card.nik, card.birth_date, card.sex) == (WHOLE.nik, WHOLE.birth_date, WHOLE.sex)


def test_of_a_poor_photo_contradictions_are_still_said_first() -> None:
    card = with_words_doubted(_with(nik=Field("9801025205799901", 0.95)))

    assert card.doubts[:2] == ("unknown-area", "low-confidence: name")
