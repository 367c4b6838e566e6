"""A month knows its days, counts across years and orders as time passes."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.month import SPAN_MAX, Month, Months
from rules.words import _
from tests.rules.values import months


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        (Month(2026, 11), date(2026, 11, 1), date(2026, 11, 30)),
        (Month(2026, 12), date(2026, 12, 1), date(2026, 12, 31)),
        (Month(2027, 2), date(2027, 2, 1), date(2027, 2, 28)),
        (Month(2028, 2), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_knows_its_first_and_last_day(month: Month, first: date, last: date) -> None:
    assert (month.first_day, month.last_day) == (first, last)
    assert Month.of(first) == Month.of(last) == month


def test_months_are_told_as_spans_with_their_gaps() -> None:
    months = (Month(2026, 12), Month(2027, 2), Month(2027, 3))

    assert Months(months).tell("id", str) == "Desember 2026, Februari 2027 sampai Maret 2027"
    assert Months(months[:1]).tell("id", str) == "Desember 2026"


def test_is_told_in_the_readers_way() -> None:
    assert str(Month(2026, 11)) == "2026-11"
    assert Month(2026, 8).tell("id", str) == "Agustus 2026"
    assert Month(2026, 8).tell("en", str) == "August 2026"
    assert _("Iuran {month}.", month=Month(2026, 11)).tell("id", str) == "Iuran November 2026."


def test_counts_across_the_year() -> None:
    assert Month(2026, 11) + 2 == Month(2027, 1)
    assert Month(2027, 1) - 2 == Month(2026, 11)
    assert Month(2027, 1) - Month(2026, 11) == 2
    assert Month(2026, 11).until(3) == (Month(2026, 11), Month(2026, 12), Month(2027, 1))
    assert Month(2026, 11).through(Month(2027, 1)) == Month(2026, 11).until(3)
    assert Month(2026, 11).until(0) == Month(2026, 11).through(Month(2026, 10)) == ()


@given(months, st.integers(-120, 120), st.integers(-120, 120))
def test_counting_is_consistent(month: Month, some: int, more: int) -> None:
    assert month + some + more == month + (some + more)
    assert (month + some) - month == some
    assert (month + some < month) == (some < 0)


@given(months)
def test_survives_being_stored_and_written(month: Month) -> None:
    assert msgspec.convert(msgspec.to_builtins(month), Month) == month
    assert Month.parse(str(month)) == month


@pytest.mark.parametrize("month", [(2026, 0), (2026, 13), (0, 1), (10000, 1)])
def test_a_month_that_does_not_exist_is_a_bug(month: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no such month"):
        Month(*month)


@pytest.mark.parametrize("text", ["2026-1", "2026-13", "11-2026", "2026-11-01", "", "२०२६-११"])
def test_only_one_writing_is_read(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)


def test_a_span_has_a_limit() -> None:
    assert len(Month(2026, 1).until(SPAN_MAX)) == SPAN_MAX
    with pytest.raises(ValueError, match="span"):
        Month(2026, 1).until(SPAN_MAX + 1)
