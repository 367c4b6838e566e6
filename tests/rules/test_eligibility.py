"""From the 18th birthday until the day before the 65th."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.eligibility import eligible
from rules.words import Slip
from tests.rules.values import TODAY


@pytest.mark.parametrize(
    ("born", "on"),
    [
        (date(2008, 11, 21), TODAY),  # 18 today
        (date(1961, 11, 22), TODAY),  # 65 tomorrow
        (date(1979, 5, 12), TODAY),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(1964, 2, 29), date(2029, 2, 28)),
    ],
)
def test_may_be_registered(born: date, on: date) -> None:
    assert eligible(born, on) is None


@pytest.mark.parametrize(
    ("born", "on", "words"),
    [
        (date(2008, 11, 22), TODAY, "Pendaftaran mulai umur 18 tahun. Bisa daftar mulai 22 November 2026."),
        (date(2008, 2, 29), date(2026, 2, 28), "Pendaftaran mulai umur 18 tahun. Bisa daftar mulai 1 Maret 2026."),
        (TODAY, TODAY, "Pendaftaran mulai umur 18 tahun. Bisa daftar mulai 21 November 2044."),
        (
            date(1961, 11, 21),
            TODAY,
            "Maaf, pendaftaran baru hanya untuk yang belum berumur 65 tahun. Kalau tanggal lahirnya keliru, "
            "petugas siap membantu.",
        ),
        (date(2026, 11, 22), TODAY, "Tanggal lahir ini belum terjadi. Coba periksa lagi tahunnya."),
    ],
)
def test_may_not_and_hears_kindly_why(born: date, on: date, words: str) -> None:
    slip = eligible(born, on)

    assert isinstance(slip, Slip)
    assert slip.words.tell("id", str) == words


@given(st.dates(date(1900, 1, 1), date(2080, 12, 31)))
def test_every_birth_date_has_an_answer(born: date) -> None:
    assert (eligible(born, TODAY) is None) == (date(1961, 11, 22) <= born <= date(2008, 11, 21))


def test_a_day_before_the_table_is_a_bug_that_names_the_table() -> None:
    with pytest.raises(LookupError, match=r"eligibility\.toml"):
        eligible(date(1979, 5, 12), date(2021, 11, 28))
