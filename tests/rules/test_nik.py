"""A NIK is taken as typed, told apart from a wrong one, read aloud, and never shown in full."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.nik import Nik, Sex, mismatches
from rules.words import Slip, _
from tests.rules.values import TODAY, birth_dates, nik_of, serials, sexes

HASNA = "7312045205799901"  # invented: a woman born on 12 May 1979, issued in Lalabata


class Person(msgspec.Struct, frozen=True):
    nik: Nik


@pytest.mark.parametrize(
    "typed",
    [
        HASNA,
        "7312 0452 0579 9901",
        "731204.520579.9901",
        "731204-520579-9901",
        "  7312 0452\u00a00579\u20119901\n",
    ],
)
def test_is_taken_with_spaces_dots_and_dashes(typed: str) -> None:
    assert Nik.parse(typed) == Nik(HASNA)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("731204520579990", "NIK ada 16 angka, ini 15. Coba periksa lagi."),
        ("73120452057999011", "NIK ada 16 angka, ini 17. Coba periksa lagi."),
        ("", "NIK ada 16 angka, ini 0. Coba periksa lagi."),
        (" - ", "NIK ada 16 angka, ini 0. Coba periksa lagi."),
    ],
)
def test_a_wrong_length_says_how_many_digits_were_seen(typed: str, words: str) -> None:
    assert _said(Nik.parse(typed)) == words


@pytest.mark.parametrize(
    "typed",
    [
        "73120452O5799901",  # the letter O
        "7312o45205799901",
        "73l2045205799901",  # the letter l
        "731204520579990I",
        "٧٣١٢٠٤٥٢٠٥٧٩٩٩٠١",  # Arabic digits
        "７３１２０４５２０５７９９９０１",  # full-width digits
        "7312045205799901²",
        "7312,0452,0579,9901",
        "NIK saya lupa",
    ],
)
def test_nothing_but_ascii_digits_is_ever_taken_for_a_digit(typed: str) -> None:
    assert _said(Nik.parse(typed)).startswith("NIK hanya berisi angka 0 sampai 9.")


@pytest.mark.parametrize(
    ("day_month_year", "sex", "born"),
    [
        ("120579", "male", date(1979, 5, 12)),
        ("520579", "female", date(1979, 5, 12)),
        ("010100", "male", date(2000, 1, 1)),
        ("410100", "female", date(2000, 1, 1)),
        ("311299", "male", date(1999, 12, 31)),
        ("711299", "female", date(1999, 12, 31)),
        ("290200", "male", date(2000, 2, 29)),
        ("690296", "female", date(1996, 2, 29)),
        ("211126", "male", date(2026, 11, 21)),  # born today
        ("221126", "male", date(1926, 11, 22)),  # tomorrow a hundred years old, since no one is born tomorrow
        ("010127", "male", date(1927, 1, 1)),
    ],
)
def test_tells_birth_date_and_sex(day_month_year: str, sex: Sex, born: date) -> None:
    nik = Nik(f"731204{day_month_year}9901")

    assert nik.born(TODAY) == born
    assert nik.sex == sex


@pytest.mark.parametrize(
    "day_month_year",
    ["000579", "320579", "400579", "720579", "991299", "310479", "710479", "290279", "120079", "121379"],
)
def test_a_birth_date_that_does_not_exist_is_a_slip(day_month_year: str) -> None:
    assert "Tanggal lahir" in _said(Nik.parse(f"731204{day_month_year}9901"))
    with pytest.raises(ValueError, match="birth date"):
        Nik(f"731204{day_month_year}9901")


def test_tells_where_it_was_issued_and_its_serial() -> None:
    assert Nik(HASNA).area_code == "73.12.04"
    assert Nik(HASNA).serial == "9901"


def test_an_area_we_do_not_know_is_no_reason_to_refuse() -> None:
    assert isinstance(Nik.parse("9999995205799901"), Nik)


def test_is_never_shown_in_full() -> None:
    nik = Nik(HASNA)
    shown = [str(nik), f"{nik}", repr(nik), repr(Person(nik)), f"{Person(nik)}", repr(nik.__rich_repr__())]

    assert str(nik) == "7312********9901"
    assert _("NIK {nik}", nik=nik).tell("id", str) == "NIK 7312********9901"
    assert not any("04520579" in text for text in shown)


@pytest.mark.parametrize("digits", ["731204520579990", HASNA + "1", "7312 0452 0579 9901", "73120452O5799901", ""])
def test_made_from_bad_digits_is_a_bug_whose_error_does_not_tell_them(digits: str) -> None:
    with pytest.raises(ValueError, match="a NIK has 16 digits") as bug:
        Nik(digits)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert({"nik": {"digits": digits}}, Person)

    assert "052" not in f"{bug.value} {refused.value}"


@pytest.mark.parametrize(
    ("birth_date", "sex", "expected"),
    [
        (date(1979, 5, 12), "female", ()),
        (date(1879, 5, 12), "female", ()),  # the NIK does not hold the century
        (date(1979, 5, 13), "female", ("birth-date",)),
        (date(1978, 5, 12), "female", ("birth-date",)),
        (date(1979, 5, 12), "male", ("sex",)),
        (date(1979, 12, 5), "male", ("birth-date", "sex")),
    ],
)
def test_what_the_card_says_otherwise_is_a_question(birth_date: date, sex: Sex, expected: tuple[str, ...]) -> None:
    assert mismatches(Nik(HASNA), birth_date, sex, TODAY) == expected


@given(birth_dates, sexes, serials)
def test_tells_what_it_was_made_of(born: date, sex: Sex, serial: int) -> None:
    nik = nik_of(born, sex, serial)

    assert (nik.born(TODAY), nik.sex, nik.serial) == (born, sex, str(serial))
    assert mismatches(nik, born, sex, TODAY) == ()
    assert Nik.parse(" ".join(nik.digits)) == nik
    assert msgspec.convert(msgspec.to_builtins(Person(nik)), Person) == Person(nik)


@given(birth_dates, sexes, st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_no_one_is_born_after_today(born: date, sex: Sex, today: date) -> None:
    assert nik_of(born, sex).born(today) <= today


@given(st.text(max_size=30))
def test_whatever_is_typed_gives_a_nik_or_words(typed: str) -> None:
    assert isinstance(Nik.parse(typed), Nik | Slip)


def _said(answer: Nik | Slip) -> str:
    assert isinstance(answer, Slip)
    return answer.words.tell("id", str)
