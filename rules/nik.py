"""The NIK, the number of a resident: 16 digits, area of first issue, birth date, serial.

Layout PPKKCC DDMMYY SSSS, 40 added to a woman's day (Perpres 26/2009; Permendagri 74/2015); there is no
check digit. Invariant: `str()` and `repr()` are masked, and no error of this module holds the digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from msgspec import Struct

from rules.words import Slip, Translate, _

DIGITS = 16
WOMAN = 40
"""Added to the day of birth of a woman."""

Sex = Literal["female", "male"]
Mismatch = Literal["birth-date", "sex"]

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015]+")  # spaces, dots, hyphens and the dashes phones make of them
_CENTURIES = 5  # every fourth century has a 29 February in its year 00, and the newest may lie in the future


class Nik(Struct, frozen=True):
    """A NIK whose structure holds. Whether it was ever issued only Dukcapil knows.

    Made from bad digits it raises ValueError; what people type goes through `Nik.parse`.
    """

    digits: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9]{16}", self.digits):
            raise ValueError("a NIK has 16 digits")
        if not _exists(self.digits):
            raise ValueError("the birth date in the NIK doesn't exist")

    @classmethod
    def parse(cls, text: str) -> Nik | Slip:
        """The NIK as a person types it, with spaces, dots or dashes. Nothing is guessed: O and l are no digits."""
        digits = _SEPARATORS.sub("", text)
        if not re.fullmatch(r"[0-9]*", digits):
            return Slip(_("NIK hanya berisi angka 0 sampai 9. Coba periksa lagi, lalu ketik angkanya saja."))
        if len(digits) != DIGITS:
            return Slip(
                _("NIK ada {expected} angka, ini {seen}. Coba periksa lagi.", expected=DIGITS, seen=len(digits))
            )
        if not _exists(digits):
            return Slip(_("Tanggal lahir dalam NIK ini tidak ada di kalender. Coba periksa lagi angka ke-7 sampai 12."))
        return cls(digits)

    @property
    def area_code(self) -> str:
        """The district of first issue, such as "73.12.04". It may differ from where the person lives."""
        return f"{self.digits[:2]}.{self.digits[2:4]}.{self.digits[4:6]}"

    @property
    def sex(self) -> Sex:
        return "female" if _day_as_printed(self.digits) > WOMAN else "male"

    @property
    def serial(self) -> str:
        """The last four digits, the only ones said in a chat."""
        return self.digits[12:]

    def born(self, today: date) -> date:
        """The birth date: the latest one with this day, month and two-digit year that is not after `today`.

        The NIK doesn't hold the century, so a person of a hundred years and more is taken for a child.
        """
        return next(day for day in _birth_dates(self.digits, today.year) if day <= today)

    def masked(self) -> str:
        """ "7312********9901"."""
        return f"{self.digits[:4]}********{self.serial}"

    def tell(self, language: str, translate: Translate) -> str:
        """Masked, also inside a sentence."""
        return self.masked()

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"Nik({self.masked()})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("digits", self.masked())]


def mismatches(nik: Nik, birth_date: date, sex: Sex, today: date) -> tuple[Mismatch, ...]:
    """What the NIK says otherwise than the card. A reason to ask, never to refuse: corrected birth dates keep
    their old NIK, and only the two-digit year is compared, for the NIK doesn't hold the century."""
    found: list[Mismatch] = []
    if birth_date not in _birth_dates(nik.digits, today.year):
        found.append("birth-date")
    if nik.sex != sex:
        found.append("sex")
    return tuple(found)


def _day_as_printed(digits: str) -> int:
    return int(digits[6:8])


def _exists(digits: str) -> bool:
    return any(_birth_dates(digits, 2000))


def _birth_dates(digits: str, latest_year: int) -> Iterator[date]:
    """The dates that day, month and two-digit year may mean, latest first, from `latest_year`'s century."""
    printed = _day_as_printed(digits)
    day = printed - WOMAN if printed > WOMAN else printed
    month, year = int(digits[8:10]), int(digits[10:12])
    newest = latest_year // 100 * 100
    for century in range(newest, newest - _CENTURIES * 100, -100):
        try:
            yield date(century + year, month, day)
        except ValueError:
            continue  # not a day of this century
