"""Working days: promises end when the office closes."""

from __future__ import annotations

from datetime import datetime

import pytest

from rules.quiet import WITA
from rules.workdays import closing_after, is_workday


@pytest.mark.parametrize(
    ("asked", "days", "closes"),
    [
        ("2026-11-20 09:00", 1, "2026-11-23 16:00"),  # Friday
        ("2026-11-21 09:00", 1, "2026-11-23 16:00"),  # Saturday
        ("2026-11-23 22:00", 1, "2026-11-24 16:00"),  # Monday night
        ("2026-12-24 09:00", 1, "2026-12-28 16:00"),  # before Christmas, a Friday
        ("2026-12-31 09:00", 1, "2027-01-04 16:00"),
        ("2026-11-23 09:00", 5, "2026-11-30 16:00"),
    ],
)
def test_a_promise_of_so_many_working_days_ends_when_the_office_closes(asked: str, days: int, closes: str) -> None:
    moment = datetime.fromisoformat(asked).replace(tzinfo=WITA)
    assert f"{closing_after(moment, days):%Y-%m-%d %H:%M}" == closes


def test_the_office_closes_in_soppeng_wherever_the_moment_was_written_down() -> None:
    utc = datetime.fromisoformat("2026-11-22T20:00:00+00:00")  # Monday, 04.00 there
    assert closing_after(utc, 1).isoformat() == "2026-11-24T16:00:00+08:00"
    assert is_workday(closing_after(utc, 1).date())
