"""The consents we ask for, each for one purpose, in versioned words (rules/data/consent.toml).

UU 27/2022 art. 20-24. Invariant: words that were shown never change; `digest` proves which they were.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Literal

from msgspec import Struct

from rules.packaged import toml_table
from rules.words import Text

Purpose = Literal["registration", "reminders", "sharing"]

PURPOSES: tuple[Purpose, ...] = ("registration", "reminders", "sharing")
TABLE = "rules/data/consent.toml"


class Consent(Struct, frozen=True):
    """A request for consent: its words, and the day `since` which this version of them is used."""

    purpose: Purpose
    version: int
    words: Text
    since: date

    @property
    def digest(self) -> str:
        """SHA-256 of the words in the source language, UTF-8, as 64 hexadecimal digits."""
        return hashlib.sha256(self.words.msgid.encode()).hexdigest()


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    purpose: Purpose
    version: int
    since: date
    words: str
    source: str


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    consents: tuple[_Row, ...]


def current(purpose: Purpose, on: date) -> Consent:
    """The version to show on the day `on`. LookupError for a day before the first."""
    begun = [consent for consent in CONSENTS if consent.purpose == purpose and consent.since <= on]
    if not begun:
        raise LookupError(f"{TABLE} holds no words for {purpose} on {on}")
    return max(begun, key=lambda consent: consent.version)


CONSENTS = tuple(
    Consent(row.purpose, row.version, Text(row.words), row.since) for row in toml_table("consent.toml", _Table).consents
)
"""Every version there ever was."""
