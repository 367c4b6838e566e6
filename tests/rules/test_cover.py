"""How a membership stands."""

from __future__ import annotations

from datetime import date

import pytest

from rules.cover import Cover, Standing, cover
from rules.month import Month

NEW_YEARS_EVE = date(2026, 12, 31)


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
