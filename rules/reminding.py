"""On which days a member is reminded of the contribution.

The days are our own choice, to be tested with the people of Soppeng: no rule names them. Invariant: after the last one
the membership is inactive; each says until when it is of use, and none of them reaches into the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Literal

from msgspec import Struct

from rules.cover import becomes_inactive
from rules.month import Month

Kind = Literal["ends-soon", "ended", "unpaid", "inactive-soon"]
DAYS_BEFORE = (14, 7, 1)
DAYS_AFTER = 3
DAYS_BEFORE_INACTIVE = 7
MONTHLY_MAX = 3
"""Reminders to one member in a month."""
REMEMBERED = 4_096


class Reminder(Struct, frozen=True):
    """`until` is the last day on which it may still be said; one that counts days holds on its own day alone."""

    day: date
    kind: Kind
    until: date


@lru_cache(maxsize=REMEMBERED)
def reminders(protected_until: date) -> tuple[Reminder, ...]:
    """All reminders of a membership whose cover ends so, from the first, as long as nothing is paid."""
    days = _at_most(MONTHLY_MAX, sorted(_days(protected_until)))
    ends = [day - timedelta(days=1) for day, _kind in days[1:]]
    ends.append(becomes_inactive(protected_until) - timedelta(days=1))
    return tuple(
        Reminder(day, kind, day if kind == "ends-soon" else end) for (day, kind), end in zip(days, ends, strict=True)
    )


def due_on(day: date) -> dict[date, Reminder]:
    """The reminders of this day, by the day on which the cover ends: whoever's ends on none of them is not reminded."""
    due: dict[date, Reminder] = {}
    end = day + timedelta(days=max(DAYS_BEFORE))
    while becomes_inactive(end) > day:
        for reminder in reminders(end):
            if reminder.day == day:
                due[end] = reminder
        end -= timedelta(days=1)
    return due


def _at_most(most: int, days: Sequence[tuple[date, Kind]]) -> list[tuple[date, Kind]]:
    """Of each month the last ones: the nearer the end, the more it matters."""
    kept: list[tuple[date, Kind]] = []
    for _month, some in groupby(days, key=lambda one: Month.of(one[0])):
        kept += list(some)[-most:]
    return kept


def _days(protected_until: date) -> Iterator[tuple[date, Kind]]:
    for before in DAYS_BEFORE:
        yield protected_until - timedelta(days=before), "ends-soon"
    yield protected_until + timedelta(days=DAYS_AFTER), "ended"
    inactive = becomes_inactive(protected_until)
    last = inactive - timedelta(days=DAYS_BEFORE_INACTIVE)
    month = Month.of(protected_until + timedelta(days=DAYS_AFTER)) + 1
    while (day := month.first_day + timedelta(days=DAYS_AFTER - 1)) < last:
        yield day, "unpaid"
        month += 1
    yield last, "inactive-soon"
