"""A number of so many digits, such as a code that one person tells to another: "123 456".

Invariant: it is read exactly; nothing but its digits, spaces and dots may stand there.
"""

from __future__ import annotations

import re
from typing import Any

from bot.talk.heard import Said, Shown
from bot.talk.question import Ear, Picked, Question, Understood
from rules.words import Slip, Text, _

DIGITS = 6
"""Of a code of ours."""
CHARS_MAX = 60
"""With all spaces and dots."""
_NUMBER = re.compile(r"(?:\d[ .]*)+", re.ASCII)


class Code(Question[str]):
    """The digits of a code, without the spaces and dots between them."""

    __slots__ = ("digits",)
    wants = "number"

    def __init__(self, name: str, text: Text, *, digits: int = DIGITS, **more: Any) -> None:
        super().__init__(name, text, **more)
        self.digits = digits

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[str]:
        return self.recall(answer.text if isinstance(answer, Said) else None)

    def recall(self, kept: Any) -> str | Slip:
        found = "".join(c for c in kept if c.isdigit()) if isinstance(kept, str) and _is_number(kept) else ""
        return found if len(found) == self.digits else Slip(_("Harus {digits} angka. Ketik angkanya saja.",
                                                              digits=self.digits))  # fmt: skip


def _is_number(text: str) -> bool:
    return len(text) <= CHARS_MAX and _NUMBER.fullmatch(text.strip()) is not None


def in_groups(code: str) -> str:
    """As it is told: "123 456"."""
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"
