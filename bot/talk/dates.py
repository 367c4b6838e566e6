"""A date as people write it: "12-05-1979", "12/5/79", "12 Mei 1979", "12 Agt 79".

Invariant: the day comes first, then the month; nothing else is guessed but the century, of a year that has begun.
"""

from __future__ import annotations

import re

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
_DATE = re.compile(
    rf"(\d{{1,2}})(?:{_BETWEEN}(\d{{1,2}}){_BETWEEN}|[-/., ]*([a-z]+)[-/., ]*)(\d{{4}}|\d{{2}})", re.ASCII
)
CENTURY = 100


def read_date(text: str, this_year: int) -> tuple[int, int, int] | None:
    """Year, month and day as written, which may be in no calendar; None if it isn't written as a date. Two digits are
    the latest such year up to this one."""
    match = _DATE.fullmatch(" ".join(text.lower().split()))
    month = match and (match[2] or _MONTH_OF.get(match[3]))
    if not match or not month:
        return None
    year = int(match[4])
    if len(match[4]) == 2:  # noqa: PLR2004  # digits
        year = this_year - (this_year - year) % CENTURY
    return year, int(month), int(match[1])
