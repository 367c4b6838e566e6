"""What on a card contradicts itself or is unsure -> doubts. Pure.

Invariant: no doubt is kept silent, and none changes a value: the person decides.
"""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from rules import indonesia
from rules.card import FIELDS, SURE, Card, Field
from rules.nik import Mismatch, Nik, Sex, mismatches
from rules.words import Slip

MISMATCHES: dict[Mismatch, str] = {"birth-date": "nik-birth-date-mismatch", "sex": "nik-sex-mismatch"}


def with_doubts(card: Card, today: date) -> Card:
    """The same card with its doubts: contradictions first, then unsure fields from top to bottom."""
    return replace(card, doubts=(*_contradictions(card, today), *_unsure(card)))


def _contradictions(card: Card, today: date) -> tuple[str, ...]:
    """A moved person's NIK names another area than the address, which is no contradiction."""
    nik = Nik.parse(card.nik.value) if card.nik else None
    if nik is None or isinstance(nik, Slip):
        return ()
    # What wasn't read can't contradict: the NIK's own word stands in for it.
    born = date.fromisoformat(card.birth_date.value) if card.birth_date else nik.born(today)
    sex: Sex = nik.sex if card.sex is None else "female" if card.sex.value == "female" else "male"
    unknown = () if indonesia.is_known_province(nik.area_code) else ("unknown-area",)
    return (*(MISMATCHES[found] for found in mismatches(nik, born, sex, today)), *unknown)


def _unsure(card: Card) -> tuple[str, ...]:
    fields: dict[str, Field | None] = {name: getattr(card, name) for name in FIELDS}
    return tuple(f"low-confidence: {name}" for name, field in fields.items() if field and field.confidence < SURE)
