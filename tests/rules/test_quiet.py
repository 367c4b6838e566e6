"""Nothing is said unasked from 20:00 to 07:30 WITA."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rules.quiet import WITA, allowed_from


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-11-21 07:30", "2026-11-21 07:30"),
        ("2026-11-21 12:00", "2026-11-21 12:00"),
        ("2026-11-21 19:59", "2026-11-21 19:59"),
        ("2026-11-21 20:00", "2026-11-22 07:30"),
        ("2026-11-21 23:59", "2026-11-22 07:30"),
        ("2026-11-22 00:00", "2026-11-22 07:30"),
        ("2026-11-22 07:29", "2026-11-22 07:30"),
        ("2026-12-31 21:00", "2027-01-01 07:30"),
    ],
)
def test_what_comes_at_night_waits_for_the_morning(moment: str, allowed: str) -> None:
    assert allowed_from(_at(moment)) == _at(allowed)


def test_the_clock_is_that_of_soppeng() -> None:
    assert allowed_from(datetime(2026, 11, 21, 12, 30, tzinfo=UTC)) == _at("2026-11-22 07:30")


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=WITA)
