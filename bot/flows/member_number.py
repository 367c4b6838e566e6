"""Which number of a member somebody has: asked by its kind, and taken at once if it is typed instead.

Invariant: a number is known by how many digits it has; it is never told again.
"""

from __future__ import annotations

import re
from typing import Any

from bot.talk.ask import Choice
from bot.talk.question import Ear, Understood
from rules.nik import DIGITS as NIK_DIGITS
from rules.nik import Nik
from rules.words import Slip, Text

KPJ_DIGITS = 11
_BETWEEN = re.compile(r"[ .-]")


class MemberNumber(Choice[str]):
    """The word "kpj" or "nik", or the digits of one of them."""

    __slots__ = ()

    def _typed(self, text: str, ear: Ear) -> Understood[str]:
        digits = _BETWEEN.sub("", text)
        if not _kind(digits):
            return super()._typed(text, ear)
        nik = Nik.parse(digits) if _kind(digits) == "nik" else None
        return nik if isinstance(nik, Slip) else digits

    def recall(self, kept: Any) -> str | Slip:
        return kept if isinstance(kept, str) and _kind(kept) else super().recall(kept)

    def called(self, kept: Any) -> Text:
        return super().called(_kind(str(kept)) or kept)


def as_typed(number: str) -> tuple[str, Nik | None]:
    """The KPJ or else the NIK among the answers; "" and None for what isn't typed yet."""
    return number if _kind(number) == "kpj" else "", Nik(number) if _kind(number) == "nik" else None


def _kind(digits: str) -> str:
    """ "kpj" or "nik"; "" for what is neither."""
    if not (digits.isascii() and digits.isdecimal()):
        return ""
    return {KPJ_DIGITS: "kpj", NIK_DIGITS: "nik"}.get(len(digits), "")
