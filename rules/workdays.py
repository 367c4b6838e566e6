"""Working days of the office: not Saturday, not Sunday, not a holiday with a fixed date.

Holidays that move (Idulfitri, Nyepi, …) are decided each year by a joint decree of three ministers and aren't in the
table: a promise may then fall on such a day, and is told as late one day too early, never too late.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from msgspec import Struct

from rules.packaged import toml_table
from rules.quiet import WITA

TABLE = "rules/data/workdays.toml"
CLOSES = time(16, 0)
"""When the office closes, and a promise for a day ends."""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    holidays: tuple[str, ...]
    source: str


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and f"{day:%m-%d}" not in _HOLIDAYS


def closing_after(moment: datetime, workdays: int) -> datetime:
    """The end of so many working days (1 or more) after an aware moment: who asks in the evening isn't promised the
    same day."""
    here = moment.astimezone(WITA)
    day = here.date()
    for _counted in range(workdays):
        day += timedelta(days=1)
        while not is_workday(day):
            day += timedelta(days=1)
    return datetime.combine(day, CLOSES, WITA)


def closing_on(moment: datetime, days: int) -> datetime:
    """The office's closing time so many days later, moved on to a working day."""
    day = moment.astimezone(WITA).date() + timedelta(days=days)
    while not is_workday(day):
        day += timedelta(days=1)
    return datetime.combine(day, CLOSES, WITA)


_HOLIDAYS = frozenset(toml_table("workdays.toml", _Table).holidays)
