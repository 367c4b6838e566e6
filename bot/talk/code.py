"""A code of six digits, as one person tells it to another: "123 456".

Invariant: it is read exactly; nothing but its digits, spaces and dots may stand there.
"""

from __future__ import annotations

import re
from typing import Any

from bot.talk.heard import Said, Shown
from bot.talk.question import Ear, Picked, Question, Understood
from rules.words import Slip, _

DIGITS = 6
_CODE = re.compile(rf"(?:\d[ .]*){{{DIGITS}}}", re.ASCII)
_SIX_DIGITS = _("Kodenya {digits} angka. Ketik angkanya saja.", digits=DIGITS)


class Code(Question[str]):
    """The six digits of a code, without the spaces and dots between them."""

    __slots__ = ()
    wants = "number"

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[str]:
        return self.recall(answer.text) if isinstance(answer, Said) else Slip(_SIX_DIGITS)

    def recall(self, kept: Any) -> str | Slip:
        if not isinstance(kept, str) or not _CODE.fullmatch(kept.strip()):
            return Slip(_SIX_DIGITS)
        return "".join(c for c in kept if c.isdigit())


def in_groups(code: str) -> str:
    """As it is told: "123 456"."""
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"
