"""How well and how fast KTP photos are read: python -m bench.cards --count 50 [--near] [--degree hard] [--misses].

Drawn cards only: what stands on them is known, but real print, real light and real hands differ.
The figure that matters is a wrong NIK without any doubt: it must be 0.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from datetime import date

from msgspec import Struct

from bot.ocr import read
from rules.card import FIELDS, Card, Unusable
from tests.ktp import DEGREES, Person, draw_card, invent, photograph

TODAY = date(2026, 11, 21)
NIK_DOUBTS = ("low-confidence: nik", "nik-birth-date-mismatch", "nik-sex-mismatch")

COLUMNS = {
    "NIK exact": "nik_exact",
    "NIK wrong silently": "nik_wrong_silently",
    "whole card": "whole",
    "but for punctuation": "loosely",
    "doubted": "doubted",
    "any field wrong silently": "field_wrong_silently",
}
"""Title -> attribute of `Outcome`; each is given in % of the cards. Silently: without a doubt."""


class Outcome(Struct, frozen=True):
    """What came of one card. `whole`: all 17 fields exact; `loosely`: exact but for punctuation and spaces."""

    nik_exact: bool
    nik_wrong_silently: bool
    whole: bool
    loosely: bool
    doubted: bool
    field_wrong_silently: bool
    seconds: float
    missed: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cards")
    parser.add_argument("--count", type=int, default=50, help="cards per degree")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--degree", choices=[*DEGREES], action="append")
    parser.add_argument("--near", action="store_true", help="Liberation Sans and OCR-A, where installed")
    parser.add_argument("--misses", action="store_true", help="also print what is missed most")
    wanted = parser.parse_args()
    print(f"{wanted.count} cards per degree, seed {wanted.seed}, in % of cards; one process")
    print("  ".join(["degree  ", *COLUMNS, "s/card (median, max)"]))
    for degree in wanted.degree or DEGREES:
        outcomes = [_outcome(degree, f"{wanted.seed} {degree} {at}", wanted.near) for at in range(wanted.count)]
        print(_row(degree, outcomes))
        if wanted.misses:
            print("          ", Counter(missed for outcome in outcomes for missed in outcome.missed).most_common(12))


def _outcome(degree: str, seed: str, near: bool) -> Outcome:
    chance = random.Random(seed)
    person = invent(chance)
    photo = photograph(draw_card(person, chance, near=near), degree, chance)
    start = time.perf_counter()
    card = read(photo, today=TODAY)
    seconds = time.perf_counter() - start
    if not isinstance(card, Card):
        why = card.reason if isinstance(card, Unusable) else "not in time"
        return Outcome(False, False, False, False, True, False, seconds, (why,))
    return _compared(card, person, seconds)


def _compared(card: Card, person: Person, seconds: float) -> Outcome:
    fields = {name: getattr(card, name) for name in FIELDS}
    got = {name: field.value if field else "" for name, field in fields.items()}
    truth = person.truth()
    missed = tuple(name for name in FIELDS if got[name] != truth[name])
    return Outcome(
        nik_exact="nik" not in missed,
        nik_wrong_silently=bool(got["nik"]) and "nik" in missed and not set(card.doubts) & set(NIK_DOUBTS),
        whole=not missed,
        loosely=all(_bare(got[name]) == _bare(truth[name]) for name in missed),
        doubted=bool(card.doubts),
        field_wrong_silently=any(got[name] and f"low-confidence: {name}" not in card.doubts for name in missed),
        seconds=seconds,
        missed=missed,
    )


def _bare(value: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", value.upper())


def _row(degree: str, outcomes: list[Outcome]) -> str:
    shares = {
        title: 100 * sum(getattr(outcome, name) for outcome in outcomes) / len(outcomes)
        for title, name in COLUMNS.items()
    }
    cells = [f"{share:{len(title)}.1f}" for title, share in shares.items()]
    seconds = sorted(outcome.seconds for outcome in outcomes)
    return "  ".join([f"{degree:8}", *cells, f"{seconds[len(seconds) // 2]:.2f}, {seconds[-1]:.2f}"])


if __name__ == "__main__":
    main()
