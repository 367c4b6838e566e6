"""A year, such as that of a birth: "1979".

Invariant: it is read exactly, four digits and nothing else.
"""

from __future__ import annotations

import re
from typing import Any

from bot.talk.heard import Said, Shown
from bot.talk.question import Ear, Picked, Question, Understood
from rules.words import Slip, _

_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_FOUR_DIGITS = _("Tulis tahunnya saja, 4 angka. Contoh: 1979.")


class Year(Question[int]):
    """A year of the last century or this one."""

    __slots__ = ()
    wants = "number"

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[int]:
        typed = answer.text.strip() if isinstance(answer, Said) else ""
        return int(typed) if _YEAR.fullmatch(typed) else Slip(_FOUR_DIGITS)

    def recall(self, kept: Any) -> int | Slip:
        return kept if type(kept) is int and _YEAR.fullmatch(str(kept)) else Slip(_FOUR_DIGITS)
