"""On which days a member is reminded of the contribution, and who registered and never paid.

The days are our own choice, to be tested with the people of Soppeng: no rule names them. Invariant: nobody is reminded
more than three times in a month, and before the cover ends the warning of 14 days goes before every other; after the
last reminder the membership is inactive; each says until when it is of use, and none of them reaches into the next.
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

Kind = Literal["ends-soon", "ended", "unpaid", "inactive-soon", "never-paid"]
WARNING_DAYS = 14
"""So long before it ends everybody hears of it: time to sell something first."""
DAYS_BEFORE = (WARNING_DAYS, 7, 1)
DAYS_AFTER = 3
DAYS_BEFORE_INACTIVE = 7
DAYS_REGISTERED = (3, 7, 37, 67)
"""After the registration, as long as nothing was ever paid; then never again."""
LAST_DAYS = 30
"""So long the last reminder of who never paid is of use."""
MONTHLY_MAX = 3
"""Reminders to one member in a month."""
AFTER_THE_END: frozenset[Kind] = frozenset({"ended", "unpaid", "inactive-soon", "never-paid"})
"""While these are sent the member isn't protected."""
REMEMBERED = 4_096


class Reminder(Struct, frozen=True):
    """`until` is the last day on which it may still be said; one that counts days holds on its own day alone."""

    day: date
    kind: Kind
    until: date


@lru_cache(maxsize=REMEMBERED)
def reminders(protected_until: date) -> tuple[Reminder, ...]:
    """All reminders of a membership whose cover ends so, from the first, as long as nothing is paid."""
    days = _at_most(MONTHLY_MAX, sorted(_days(protected_until)), protected_until)
    ends = [day - timedelta(days=1) for day, _kind in days[1:]]
    ends.append(becomes_inactive(protected_until) - timedelta(days=1))
    return tuple(
        Reminder(day, kind, day if kind == "ends-soon" else end) for (day, kind), end in zip(days, ends, strict=True)
    )


@lru_cache(maxsize=REMEMBERED)
def first_reminders(registered_on: date) -> tuple[Reminder, ...]:
    """All reminders of a membership that was registered on this day, as long as nothing was ever paid."""
    days = [registered_on + timedelta(days=passed) for passed in DAYS_REGISTERED]
    ends = [*(day - timedelta(days=1) for day in days[1:]), days[-1] + timedelta(days=LAST_DAYS)]
    return tuple(Reminder(day, "never-paid", end) for day, end in zip(days, ends, strict=True))


def planned(day: date, protected_until: date | None, registered_on: date) -> Reminder | None:
    """What a member is to be reminded of on this day, if there is room for it. `protected_until` is None before the
    first payment."""
    return next((one for one in _plan(protected_until, registered_on) if one.day == day), None)


def due(day: date, protected_until: date | None, registered_on: date, reminded: int) -> Reminder | None:
    """The same, with an eye on the month. `reminded`: on how many of its days that was done already."""
    plan = _plan(protected_until, registered_on)
    rest = [one for one in plan if one.day >= day and Month.of(one.day) == Month.of(day)]
    warning = None if protected_until is None else protected_until - timedelta(days=WARNING_DAYS)
    rest.sort(key=lambda one: (one.day == warning, one.day), reverse=True)
    return next((one for one in rest[: max(0, MONTHLY_MAX - reminded)] if one.day == day), None)


def ends_due(day: date) -> list[date]:
    """The last days of cover whose members may be due on this day."""
    end, ends = day + timedelta(days=WARNING_DAYS), list[date]()
    while becomes_inactive(end) > day:
        if any(reminder.day == day for reminder in reminders(end)):
            ends.append(end)
        end -= timedelta(days=1)
    return ends


def registrations_due(day: date) -> list[date]:
    """The days of registration whose members may be due on this day, if they never paid."""
    return [day - timedelta(days=passed) for passed in DAYS_REGISTERED]


def _plan(protected_until: date | None, registered_on: date) -> tuple[Reminder, ...]:
    return first_reminders(registered_on) if protected_until is None else reminders(protected_until)


def _at_most(most: int, days: Sequence[tuple[date, Kind]], protected_until: date) -> list[tuple[date, Kind]]:
    """Of each month the warning, and the last ones: the nearer the end, the more it matters."""
    warning = protected_until - timedelta(days=WARNING_DAYS)
    kept: list[tuple[date, Kind]] = []
    for _month, some in groupby(days, key=lambda one: Month.of(one[0])):
        kept += sorted(sorted(some, key=lambda one: (one[0] == warning, one[0]))[-most:])
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
