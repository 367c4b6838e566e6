"""A telephone number, kept as E.164, checked with the numbering plans of the phonenumbers library.

Invariant: `str()` and `repr()` are masked. A number without "+" is Indonesian; a foreign one starts with "+".
"""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from msgspec import Struct
from phonenumbers import PhoneNumberFormat

from rules.words import Slip, Translate, _

REGION = "ID"
INDONESIA = "+62"
TEXT_MAX = 40
"""Characters of a typed number, separators included. ITU-T E.164 allows 15 digits."""


class Phone(Struct, frozen=True):
    """A telephone number such as "+6281234567890". Made from anything else it raises ValueError.

    Only the form is checked here, for numbering plans change and a stored number must stay readable.
    """

    e164: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", self.e164):
            raise ValueError("a telephone number in E.164 is + and 7 to 15 digits")

    @classmethod
    def parse(cls, text: str) -> Phone | Slip:
        """The number as a person types it: "0812-3456-7890", "+62 812 …", "62812…", or a foreign one with "+"."""
        typed = text.strip()
        if len(typed) > TEXT_MAX or not re.fullmatch(r"\+?[0-9\s().\-/\u2010-\u2015]+", typed):
            return _slip()
        try:
            number = phonenumbers.parse(typed, REGION)
        except phonenumbers.NumberParseException:
            return _slip()
        if not phonenumbers.is_valid_number(number):
            return _slip()
        return cls(phonenumbers.format_number(number, PhoneNumberFormat.E164))

    @property
    def national(self) -> str:
        """The full number as people write it: "0812-3456-7890"; of a foreign one "+60 12-345 6789"."""
        number = phonenumbers.parse(self.e164)
        form = PhoneNumberFormat.NATIONAL if self._indonesian else PhoneNumberFormat.INTERNATIONAL
        return str(phonenumbers.format_number(number, form))

    def masked(self) -> str:
        """ "0812xxxx890": enough to know one's own number by, always the same length."""
        start = "0" + self.e164[3:6] if self._indonesian else self.e164[:3]
        return f"{start}xxxx{self.e164[-3:]}"

    def tell(self, language: str, translate: Translate) -> str:
        """Masked, also inside a sentence."""
        return self.masked()

    @property
    def _indonesian(self) -> bool:
        return self.e164.startswith(INDONESIA)

    def __str__(self) -> str:
        return self.masked()

    def __repr__(self) -> str:
        return f"Phone({self.masked()})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("e164", self.masked())]


def _slip() -> Slip:
    return Slip(_("Nomor HP ini belum cocok. Ketik angkanya lengkap, contohnya 0812-3456-7890."))
