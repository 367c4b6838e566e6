"""The paid months of a member: whether the cover holds on a day, and how old the unbroken membership is by then.

Invariant: what isn't known counts against age. Of a membership whose first day BPJS didn't tell the last day of its
first month is taken, and months before a break make it no older, since no source says that they do.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from rules.month import Month


class History(Struct, frozen=True):
    """`tier` as in rules/tariff.py; `paid` are the months that are paid by the word of whoever collects, in any order.
    Both days are BPJS's word: the first day of the first cover, and the last day of the present one."""

    tier: int
    paid: tuple[Month, ...] = ()
    covered_from: date | None = None
    protected_until: date | None = None

    def covers(self, on: date) -> bool:
        """Whether the member is protected on that day."""
        if self.protected_until is None or on > self.protected_until:
            return False
        return self.covered_from is None or self.covered_from <= on

    def begun(self, on: date) -> date:
        """The day since which no month was missed. The last day of the month of `on` if that isn't paid."""
        first = self._first(on)
        if first is None:
            return Month.of(on).last_day
        if self.covered_from is not None and first <= Month.of(self.covered_from) <= Month.of(on):
            return self.covered_from
        return first.last_day

    def full_on(self, months: int, on: date) -> date:
        """The day on which so many months without a break are full."""
        begun = self.begun(on)
        month = Month.of(begun) + months
        return date(month.year, month.month, min(begun.day, month.last_day.day))

    def has_break(self, on: date) -> bool:
        """Whether something was paid before a month that was not."""
        first = self._first(on) or Month.of(on)
        return any(month < first for month in self.paid)

    def _first(self, on: date) -> Month | None:
        """The first month of the unbroken row that ends with the month of `on`."""
        paid, month = frozenset(self.paid), Month.of(on)
        if month not in paid:
            return None
        while month - 1 in paid:  # as many times as months are paid, at most
            month -= 1
        return month


def newcomer(tier: int, on: date) -> History:
    """Who joins on that day."""
    month = Month.of(on)
    return History(tier, (month,), covered_from=on, protected_until=month.last_day)
