"""A telephone number is taken however it is written, and shown only in part. All numbers are invented."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.phone import TEXT_MAX, Phone
from rules.words import Slip, _

NUMBER = Phone("+6281234567890")


@pytest.mark.parametrize(
    "typed",
    [
        "0812-3456-7890",
        "081234567890",
        "0812 3456 7890",
        "+62 812 3456 7890",
        "+62 812-3456-7890",
        "62812 3456 7890",
        "6281234567890",
        "(0812) 3456.7890",
        "812 3456 7890",
        " 0812\u20113456\u20117890 ",
    ],
)
def test_an_indonesian_number_is_taken_however_it_is_written(typed: str) -> None:
    assert Phone.parse(typed) == NUMBER


@pytest.mark.parametrize(
    ("typed", "e164", "written"),
    [
        ("+60 12-345 6789", "+60123456789", "+60 12-345 6789"),
        ("+966 51 234 5678", "+966512345678", "+966 51 234 5678"),
        ("+65 8123 4567", "+6581234567", "+65 8123 4567"),
    ],
)
def test_a_foreign_number_is_taken_with_its_plus(typed: str, e164: str, written: str) -> None:
    phone = Phone.parse(typed)

    assert isinstance(phone, Phone)
    assert (phone.e164, phone.national) == (e164, written)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0812",
        "08123456789012345",
        "0812-FLOWERS",
        "O812-3456-7890",
        "٠٨١٢٣٤٥٦٧٨٩٠",
        "+",
        "--",
        "+1 555",
        "0812-3456-7890 ext 5",
        "0" * (TEXT_MAX + 1),
        "7312045205799901",
    ],
)
def test_anything_else_is_a_slip(typed: str) -> None:
    slip = Phone.parse(typed)

    assert isinstance(slip, Slip)
    assert "contohnya 0812-3456-7890" in slip.words.tell("id", str)


def test_is_shown_in_part_unless_asked_in_full() -> None:
    shown = [str(NUMBER), f"{NUMBER}", repr(NUMBER), repr(NUMBER.__rich_repr__())]

    assert NUMBER.masked() == str(NUMBER) == "0812xxxx890"
    assert NUMBER.national == "0812-3456-7890"
    assert _("HP {phone}", phone=NUMBER).tell("id", str) == "HP 0812xxxx890"
    assert Phone("+60123456789").masked() == "+60xxxx789"
    assert not any("34567" in text for text in shown)


@pytest.mark.parametrize("e164", ["081234567890", "+0812345678", "+62 812", "+62", "", "+62812345678901234"])
def test_made_from_anything_but_e164_is_a_bug(e164: str) -> None:
    with pytest.raises(ValueError, match=r"E\.164"):
        Phone(e164)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"e164": e164}, Phone)


@given(st.integers(0, 9_999_999))
def test_survives_being_stored_and_written(subscriber: int) -> None:
    phone = Phone.parse(f"08123{subscriber:07}")

    assert isinstance(phone, Phone)
    assert msgspec.convert(msgspec.to_builtins(phone), Phone) == phone
    assert Phone.parse(phone.national) == phone


@given(st.text(max_size=50))
def test_whatever_is_typed_gives_a_number_or_words(typed: str) -> None:
    assert isinstance(Phone.parse(typed), Phone | Slip)
