"""A calendar month, the unit in which contributions are owed and paid.

Invariant: 1 to 12 within the years that `date` knows; months order as they pass.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import overload

from babel.dates import format_date
from msgspec import Struct

from rules.words import Translate, _

SPAN_MAX = 1200
"""The longest row of months anyone may ask for: a hundred years."""


class Month(Struct, frozen=True, order=True):
    """A month such as November 2026: `Month(2026, 11)`. ValueError for a month that doesn't exist."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and date.min.year <= self.year <= date.max.year):
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which `day` lies (of a datetime: in its own time zone)."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month written "2026-11", as in data tables and addresses. ValueError for any other writing."""
        written = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        if written is None:
            raise ValueError("a month is written as 2026-11")
        return cls(int(written[1]), int(written[2]))

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def until(self, months: int) -> tuple[Month, ...]:
        """This month and those after it, `months` in all; none for 0."""
        if not 0 <= months <= SPAN_MAX:
            raise ValueError(f"a span has 0 to {SPAN_MAX} months, not {months}")
        return tuple(self + passed for passed in range(months))

    def through(self, last: Month) -> tuple[Month, ...]:
        """This month to `last`, both included; none if `last` is earlier."""
        return self.until(max(0, last - self + 1))

    def __add__(self, months: int) -> Month:
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)

    @overload
    def __sub__(self, other: int) -> Month: ...
    @overload
    def __sub__(self, other: Month) -> int: ...
    def __sub__(self, other: int | Month) -> Month | int:
        """`other` months earlier, or how many months have passed since the month `other`."""
        if isinstance(other, Month):
            return (self.year - other.year) * 12 + self.month - other.month
        return self + -other

    def tell(self, language: str, translate: Translate) -> str:
        """ "November 2026" in the reader's language."""
        return format_date(self.first_day, "MMMM y", locale=language)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


class MonthSpan(Struct, frozen=True):
    """Months in a row, both ends included, as told to people."""

    first: Month
    last: Month

    def tell(self, language: str, translate: Translate) -> str:
        """ "November 2026", "Desember 2026 sampai Maret 2027"."""
        if self.first == self.last:
            return self.first.tell(language, translate)
        return _("{first} sampai {last}", first=self.first, last=self.last).tell(language, translate)


class Months(Struct, frozen=True):
    """Months, perhaps with gaps between them, from the first; at least one."""

    all: tuple[Month, ...]

    def tell(self, language: str, translate: Translate) -> str:
        """ "Desember 2026, Februari 2027 sampai April 2027"."""
        spans: list[MonthSpan] = []
        for month in self.all:
            if spans and month == spans[-1].last + 1:
                spans[-1] = MonthSpan(spans[-1].first, month)
            else:
                spans.append(MonthSpan(month, month))
        return ", ".join(span.tell(language, translate) for span in spans)
