"""On which days a member is reminded."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cover import becomes_inactive
from rules.month import Month
from rules.reminding import (
    MONTHLY_MAX,
    WARNING_DAYS,
    due,
    ends_due,
    first_reminders,
    registrations_due,
    reminders,
)

NEW_YEARS_EVE = date(2026, 12, 31)
LONG_AGO = date(2026, 1, 5)
DAYS = st.dates(date(2023, 1, 1), date(2040, 12, 31))


def test_reminders_come_before_the_end_after_it_each_month_and_before_it_is_too_late() -> None:
    assert [(one.day.isoformat(), one.kind, one.until.isoformat()) for one in reminders(NEW_YEARS_EVE)] == [
        ("2026-12-17", "ends-soon", "2026-12-17"),
        ("2026-12-24", "ends-soon", "2026-12-24"),
        ("2026-12-30", "ends-soon", "2026-12-30"),
        ("2027-01-03", "ended", "2027-02-02"),
        ("2027-02-03", "unpaid", "2027-03-02"),
        ("2027-03-03", "unpaid", "2027-03-24"),
        ("2027-03-25", "inactive-soon", "2027-03-31"),
    ]


def test_who_never_paid_is_reminded_after_three_and_seven_days_and_twice_more() -> None:
    assert [(one.day.isoformat(), one.until.isoformat()) for one in first_reminders(date(2026, 11, 21))] == [
        ("2026-11-24", "2026-11-27"),
        ("2026-11-28", "2026-12-27"),
        ("2026-12-28", "2027-01-26"),
        ("2027-01-27", "2027-02-26"),
    ]


@given(DAYS)
def test_no_month_has_more_than_three_and_none_comes_once_it_is_inactive(until: date) -> None:
    all_of_them = reminders(until)

    assert max(Counter(Month.of(one.day) for one in all_of_them).values()) <= MONTHLY_MAX
    assert all(one.day <= one.until < becomes_inactive(until) for one in all_of_them)
    assert all(one.until < following.day for one, following in pairwise(all_of_them))


@given(DAYS)
def test_everybody_is_warned_fourteen_days_before_the_end(until: date) -> None:
    assert reminders(until)[0].day == until - timedelta(days=WARNING_DAYS)


@given(DAYS, st.integers(-150, 30))
def test_who_is_due_on_a_day_is_found_by_the_end_of_the_cover(until: date, passed: int) -> None:
    day = until + timedelta(days=passed)
    planned = next((one for one in reminders(until) if one.day == day), None)

    assert due(day, until, LONG_AGO, 0) == planned
    assert (until in ends_due(day)) == (planned is not None)


@given(DAYS, st.integers(0, 90))
def test_who_never_paid_and_is_due_is_found_by_the_registration(registered_on: date, passed: int) -> None:
    day = registered_on + timedelta(days=passed)
    planned = next((one for one in first_reminders(registered_on) if one.day == day), None)

    assert due(day, None, registered_on, 0) == planned
    assert (registered_on in registrations_due(day)) == (planned is not None)


@pytest.mark.parametrize(("reminded", "days"), [
    (0, [17, 24, 30]), (1, [17, 30]), (2, [17]), (3, []),
])  # fmt: skip
def test_of_what_is_too_much_for_a_month_the_warning_and_the_last_day_stay(reminded: int, days: list[int]) -> None:
    """So many times something else was said in December before."""
    told: list[int] = []

    for day in range(10, 32):
        if due(date(2026, 12, day), NEW_YEARS_EVE, LONG_AGO, reminded + len(told)) is not None:
            told.append(day)

    assert told == days
