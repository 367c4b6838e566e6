"""A date as people write it: "12-05-1979", "12/5/79", "12 Mei 1979", "12 Agt 79".

Invariant: the day comes first, then the month; nothing else is guessed but the century, of a year that has begun.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from bot.talk.heard import Said, Shown
from bot.talk.question import Ear, Picked, Question, Understood, convert
from rules.words import Slip, _
from rules.words import Text as Words

_MONTHS = (
    ("januari", "january", "jan"),
    ("februari", "pebruari", "february", "feb", "peb"),
    ("maret", "march", "mar", "mrt"),
    ("april", "apr"),
    ("mei", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("agustus", "august", "agu", "agt", "ags", "agus", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nopember", "nov", "nop"),
    ("desember", "december", "des", "dec"),
)
"""As written in Indonesian and in English, short forms included."""
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_BETWEEN = r" ?[-/., ] ?"
_MONTH = rf"{_BETWEEN}(\d{{1,2}}){_BETWEEN}|[-/., ]*([a-z]+)[-/., ]*"
_DATE = re.compile(rf"(\d{{1,2}})(?:{_MONTH})([1-9]\d{{3}}|\d{{2}})", re.ASCII)
CENTURY = 100


class Day(Question[date]):
    """A date; the text gives an example. `check` may refuse it with words, for instance a birth date in the
    future."""

    __slots__ = ("check",)
    wants = "number"

    def __init__(self, name: str, text: Words, *, check: Callable[[date], Slip | None] | None = None, **more: Any):
        super().__init__(name, text, **more)
        self.check = check

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[date]:
        if not isinstance(answer, Said):
            return Slip(_("Untuk ini saya perlu tulisan, bukan foto."))
        read = _read(answer.text, ear.now.year)
        if read is None:
            return Slip(_("Tulis tanggal, bulan, tahun."))
        try:
            day = date(*read)
        except ValueError:
            return Slip(_("Tanggal itu tidak ada di kalender."))
        return self._checked(day)

    def _checked(self, day: date) -> date | Slip:
        return (self.check(day) if self.check else None) or day

    def recall(self, kept: Any) -> date | Slip:
        day = convert(kept, date)
        return day if isinstance(day, Slip) else self._checked(day)


def _read(text: str, this_year: int) -> tuple[int, int, int] | None:
    """Year, month and day as written, which may be in no calendar; None if it isn't written as a date. Two digits are
    the latest such year up to this one."""
    match = _DATE.fullmatch(" ".join(text.lower().split()))
    month = match and (match[2] or _MONTH_OF.get(match[3]))
    if not match or not month:
        return None
    year = int(match[4])
    if year < CENTURY:
        year = this_year - (this_year - year) % CENTURY
    return year, int(month), int(match[1])
