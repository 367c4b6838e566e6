"""How a membership stands on a day, by the day until which BPJS says it is protected.

That day is always BPJS's word. What follows from it by rule (unpaid months, the day on which the membership becomes
inactive) is our estimate. The rules are dated entries of rules/data/cover.toml. Invariant: on every day a membership
is exactly one of: not paid yet, protected, in arrears, inactive.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, TypeVar

from msgspec import Struct

from rules.month import Month
from rules.packaged import toml_table

TABLE = "rules/data/cover.toml"
Standing = Literal["not-paid-yet", "protected", "arrears", "inactive"]


class _Lapse(Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: date
    unpaid_months: int
    source: str


class _Wait(Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: date
    months: int
    source: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    lapses: tuple[_Lapse, ...]
    waits: tuple[_Wait, ...]


class Cover(Struct, frozen=True):
    """`next_month`: the first that a payment would be for. `days_left`: after today while protected, 0 on the last day.
    `unpaid`: months begun without cover. `inactive_on`: the first inactive day if nothing is paid, our estimate."""

    standing: Standing
    next_month: Month
    days_left: int = 0
    unpaid: int = 0
    inactive_on: date | None = None


def cover(protected_until: date | None, today: date) -> Cover:
    """How a membership stands. `protected_until` is None before the first payment."""
    if protected_until is None:
        return Cover("not-paid-yet", Month.of(today))
    last = Month.of(protected_until)
    inactive_on = becomes_inactive(protected_until)
    if today <= protected_until:
        return Cover("protected", last + 1, days_left=(protected_until - today).days, inactive_on=inactive_on)
    if today < inactive_on:
        return Cover("arrears", last + 1, unpaid=max(1, Month.of(today) - last), inactive_on=inactive_on)
    return Cover("inactive", Month.of(today), unpaid=_lapse(protected_until).unpaid_months, inactive_on=inactive_on)


def becomes_inactive(protected_until: date) -> date:
    """The first day on which a membership is inactive whose cover ends so. LookupError before the table begins."""
    return (Month.of(protected_until) + _lapse(protected_until).unpaid_months + 1).first_day


def death_benefit_waits(today: date) -> int:
    """Months of contributions after joining before JKM pays the whole sum; perhaps after a return, too. LookupError
    before the table begins."""
    return _in_force(_TABLE.waits, today).months


def _lapse(protected_until: date) -> _Lapse:
    return _in_force(_TABLE.lapses, protected_until)


_Dated = TypeVar("_Dated", _Lapse, _Wait)


def _in_force(rules: Sequence[_Dated], day: date) -> _Dated:
    for rule in reversed(rules):
        if rule.valid_from <= day:
            return rule
    raise LookupError(f"{TABLE} begins on {rules[0].valid_from} and holds nothing for {day}")


_TABLE = toml_table("cover.toml", _Table)
"""Each list from the oldest."""
