"""How a membership stands, and when its member is reminded."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cover import Cover, Standing, becomes_inactive, cover
from rules.month import Month
from rules.reminding import MONTHLY_MAX, due_on, reminders

NEW_YEARS_EVE = date(2026, 12, 31)
DAYS = st.dates(date(2023, 1, 1), date(2040, 12, 31))


def test_who_never_paid_owes_from_this_month() -> None:
    assert cover(None, date(2026, 11, 21)) == Cover("not-paid-yet", Month(2026, 11))


@pytest.mark.parametrize(("today", "standing", "left", "unpaid", "pays_for"), [
    (date(2026, 11, 21), "protected", 40, 0, "2027-01"),
    (date(2026, 12, 31), "protected", 0, 0, "2027-01"),
    (date(2027, 1, 1), "arrears", 0, 1, "2027-01"),
    (date(2027, 3, 31), "arrears", 0, 3, "2027-01"),
    (date(2027, 4, 1), "inactive", 0, 3, "2027-04"),
    (date(2028, 6, 9), "inactive", 0, 3, "2028-06"),
])  # fmt: skip
def test_after_three_unpaid_months_it_is_inactive_and_who_returns_owes_nothing_from_before(
    today: date, standing: Standing, left: int, unpaid: int, pays_for: str
) -> None:
    found = cover(NEW_YEARS_EVE, today)

    assert (found.standing, found.days_left, found.unpaid) == (standing, left, unpaid)
    assert str(found.next_month) == pays_for
    assert found.inactive_on == date(2027, 4, 1)


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


@given(DAYS)
def test_no_month_has_more_than_three_and_none_comes_once_it_is_inactive(until: date) -> None:
    all_of_them = reminders(until)

    assert all_of_them
    assert max(Counter(Month.of(one.day) for one in all_of_them).values()) <= MONTHLY_MAX
    assert all(one.day <= one.until < becomes_inactive(until) for one in all_of_them)
    assert all(one.until < following.day for one, following in pairwise(all_of_them))


@given(DAYS, st.integers(-150, 30))
def test_who_is_due_on_a_day_is_found_by_the_end_of_the_cover(until: date, passed: int) -> None:
    day = until + timedelta(days=passed)

    assert due_on(day).get(until) == next((one for one in reminders(until) if one.day == day), None)
