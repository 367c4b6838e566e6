"""How a membership stands on a day, by the day until which BPJS says it is protected.

That day is always BPJS's word. What follows from it by rule (unpaid months, the day on which the membership becomes
inactive) is our estimate. The rules are dated entries of rules/data/cover.toml. Invariant: on every day a membership
is exactly one of: not paid yet, protected, in arrears, inactive.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from rules.month import Month
from rules.packaged import toml_table

TABLE = "rules/data/cover.toml"
Standing = Literal["not-paid-yet", "protected", "arrears", "inactive"]


class _Lapse(Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: date
    unpaid_months: int
    source: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    lapses: tuple[_Lapse, ...]


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


def _lapse(protected_until: date) -> _Lapse:
    for lapse in reversed(_LAPSES):
        if lapse.valid_from <= protected_until:
            return lapse
    raise LookupError(f"{TABLE} begins on {_LAPSES[0].valid_from} and holds nothing for {protected_until}")


_LAPSES = toml_table("cover.toml", _Table).lapses
"""From the oldest."""
