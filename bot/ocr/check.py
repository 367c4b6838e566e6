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

NEEDED = ("nik", "name", "birth_date", "sex")
"""Each of them vouches for another: the NIK holds birth date and sex."""
WORDS = ("name", "birth_place", "blood_type", "address", "rt_rw", "village", "occupation")
POOR = 0.75
"""How sure free words of a poor photo are at most."""
UNREAD_MAX = 2
"""Fields of a card that was read well and may be missing."""


def is_read_well(card: Card) -> bool:
    """Whether a card with its doubts was read well although its photo is poor."""
    unread = sum(getattr(card, name) is None for name in FIELDS)
    sure = all((field := getattr(card, name)) is not None and field.confidence >= SURE for name in NEEDED)
    return sure and unread <= UNREAD_MAX and not any(doubt in card.doubts for doubt in MISMATCHES.values())


def with_doubts(card: Card, today: date) -> Card:
    """The same card with its doubts: contradictions first, then unsure fields from top to bottom."""
    return replace(card, doubts=(*_contradictions(card, today), *_unsure(card)))


def with_words_doubted(card: Card) -> Card:
    """The same card from a poor photo: only the NIK, vouched for by birth date and sex, and what has few possible
    values are as sure as they seem."""
    words: dict[str, Field | None] = {name: getattr(card, name) for name in WORDS}
    capped = {name: replace(word, confidence=min(word.confidence, POOR)) for name, word in words.items() if word}
    doubted = replace(card, **capped)
    contradictions = tuple(doubt for doubt in card.doubts if not doubt.startswith("low-confidence"))
    return replace(doubted, doubts=(*contradictions, *_unsure(doubted)))


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
