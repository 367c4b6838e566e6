"""What came of one photo, and what many outcomes say together. Pure.

A whole card is right if twelve fields are: `WHOLE`. An error is silent if the card raises no doubt about it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from rules.card import FIELDS, Card, Unusable
from tests.ktp import Person

WHOLE = (
    "nik", "name", "birth_place", "birth_date", "sex", "address", "rt_rw", "village", "district", "religion",
    "marital_status", "occupation",
)  # fmt: skip
NIK_DOUBTS = ("low-confidence: nik", "nik-birth-date-mismatch", "nik-sex-mismatch")
MISMATCHES = ("nik-birth-date-mismatch", "nik-sex-mismatch")
CLAIMED = 0.95
"""A field said to be at least so sure is counted for the calibration."""

NOT_IN_TIME = "not in time"


class Plain(Struct, frozen=True):
    """What a whole-card Tesseract made of the same photo."""

    exact: bool
    wrong: bool
    seconds: float


class Read(Struct, frozen=True):
    """A readable photo. `refused` is the reason, or "" where a card came back; `missed` holds (field, truth, got)."""

    seed: str
    refused: str
    missed: tuple[tuple[str, str, str], ...]
    silent: bool
    alarmed: bool
    claims: tuple[bool, ...]
    seconds: float
    plain: Plain | None = None

    def exact(self, fields: Sequence[str]) -> bool:
        return not self.refused and not any(field in fields for field, _, _ in self.missed)

    def loosely(self, fields: Sequence[str]) -> bool:
        """Exact but for punctuation and spaces."""
        wrong = (truth for field, truth, got in self.missed if field in fields and _bare(truth) != _bare(got))
        return not self.refused and not any(wrong)


class Refusal(Struct, frozen=True):
    """A photo that can't be used, and what was said to it: the reason, "doubted" or "taken for a card"."""

    seed: str
    kind: str
    said: str
    refused: bool
    right: bool
    seconds: float


def compared(seed: str, card: Card | Unusable | None, person: Person, seconds: float, plain: Plain | None) -> Read:
    """A readable photo's outcome, against what stands on the card."""
    if not isinstance(card, Card):
        reason = card.reason if isinstance(card, Unusable) else NOT_IN_TIME
        return Read(seed, reason, (), False, False, (), seconds, plain)
    truth = person.truth()
    got = {name: field.value if (field := getattr(card, name)) else "" for name in FIELDS}
    sure = [name for name in FIELDS if (field := getattr(card, name)) and field.confidence >= CLAIMED]
    return Read(
        seed=seed,
        refused="",
        missed=tuple((name, truth[name], got[name]) for name in FIELDS if got[name] != truth[name]),
        silent=bool(got["nik"]) and got["nik"] != truth["nik"] and not set(card.doubts) & set(NIK_DOUBTS),
        alarmed=bool(set(card.doubts) & set(MISMATCHES)),
        claims=tuple(got[name] == truth[name] for name in sure),
        seconds=seconds,
        plain=plain,
    )


def refusal(seed: str, kind: str, fault: str, doubtable: bool, card: Card | Unusable | None, seconds: float) -> Refusal:
    """The outcome of a photo that can't be used; `doubtable`: a card without a sure NIK is as right."""
    if isinstance(card, Unusable):
        return Refusal(seed, kind, card.reason, True, card.reason == fault, seconds)
    if card is None:
        return Refusal(seed, kind, NOT_IN_TIME, True, False, seconds)
    doubted = card.nik is None or bool(set(card.doubts) & set(NIK_DOUBTS))
    said = "doubted" if doubted else "taken for a card"
    return Refusal(seed, kind, said, doubtable and doubted, doubtable and doubted, seconds)


def share(hits: Iterable[bool]) -> float:
    """In percent; not a number without any."""
    all_hits = list(hits)
    return 100 * sum(all_hits) / len(all_hits) if all_hits else math.nan


def percentile(numbers: Iterable[float], part: float) -> float:
    """The nearest rank; not a number without any."""
    ranked = sorted(numbers)
    return ranked[min(len(ranked) - 1, math.ceil(part * len(ranked)) - 1)] if ranked else math.nan


def at_most(hits: int, of: int) -> float:
    """The one-sided 95 % upper bound of a share, in percent (Clopper-Pearson); for 0 hits nearly 300 / of."""
    if hits >= of:
        return 100.0
    low, high = hits / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most_hits(hits, of, middle) > 0.05 else (low, middle)
    return 100 * high


def _at_most_hits(hits: int, of: int, chance: float) -> float:
    """The probability of no more than `hits`."""
    logs = (
        math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        + k * math.log(chance or 1e-300) + (of - k) * math.log1p(-min(chance, 1 - 1e-16))
        for k in range(hits + 1)
    )  # fmt: skip
    return math.fsum(math.exp(log) for log in logs)


def _bare(value: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", value.upper())
