"""The numbered summary before something is sent: "ya" sends, a number changes one field.

Invariant: a bare "1" is answered with what it might mean. Elsewhere 1 means yes; here it is the number of a
field, and sending by habit what was not checked can void a claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from bot.talk.fold import fold, number_in, yes_or_no
from bot.talk.heard import Said, Shown
from bot.talk.question import Ear, Edit, Option, Picked, Question, Understood, convert
from rules.words import Slip, Told, _
from rules.words import Text as Words

FIELDS_MAX = 8
"""9 is help and 0 is back, everywhere."""
_EDIT = re.compile(
    r"(?:ubah|ganti|salah|perbaiki|edit|change)(?: (?:no|nomor))?\.? ?(\d)|(?:(?:no|nomor)\.? ?)?(\d) salah", re.ASCII
)
_FIELD = re.compile(r"\d", re.ASCII)
_SEND = "send"


class Row(Struct, frozen=True):
    """One numbered line of the summary. `names` are the questions (or scopes) behind it."""

    label: Words
    value: str | Told
    names: tuple[str, ...]


class Review(Question[bool]):
    """Everything once more, numbered. The answer is True, about exactly these values."""

    __slots__ = ("rows",)
    wants = "choice"
    numbered = False

    def __init__(self, name: str, text: Words, rows: Sequence[Row], *, about: Any, **more: Any) -> None:
        if len(rows) > FIELDS_MAX:
            raise ValueError(f"a summary has at most {FIELDS_MAX} fields")
        super().__init__(name, text, about=about, **more)
        self.rows = rows

    def lines(self, ear: Ear) -> list[str]:
        rows = [
            ear.tell(Words("{number} {label}: {value}", {"number": n, "label": row.label, "value": row.value}))
            for n, row in enumerate(self.rows, 1)
        ]
        return [ear.tell(self.text), *rows, ear.tell(_ASK)]

    def options(self) -> Sequence[Option]:
        edits = [Option(str(n), _("Ubah {number}", number=n)) for n in range(1, len(self.rows) + 1)]
        return [Option(_SEND, _("Ya, kirim")), *edits]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[bool]:
        match answer:
            case Picked(option):
                return self._picked(option)
            case Said(text):
                return self._typed(text)
            case Shown():
                return Slip(_HOW)

    def _picked(self, option: str) -> Understood[bool]:
        if option == _SEND:
            return True
        return self._edit(int(option)) if _FIELD.fullmatch(option) else Slip(_HOW)

    def _typed(self, text: str) -> Understood[bool]:
        asked = _EDIT.fullmatch(fold(text))
        if asked:
            return self._edit(int(asked[1] or asked[2]))
        number = number_in(text)
        if number == 1:
            return Slip(_("Untuk kirim, balas ya. Untuk mengganti nomor 1, balas ubah 1."))
        if number is not None:
            return self._edit(number)
        return True if yes_or_no(text) else Slip(_HOW)

    def _edit(self, number: int) -> Understood[bool]:
        if 1 <= number <= len(self.rows):
            return Edit(self.rows[number - 1].names)
        return Slip(_HOW)

    def recall(self, kept: Any) -> bool | Slip:
        return convert(kept, bool)


_ASK = _("Semua benar? Balas ya untuk kirim. Ada yang salah, balas nomornya.")
_HOW = _("Balas ya untuk kirim, atau nomor yang salah. Contoh: ubah 3.")
