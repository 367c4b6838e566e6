"""A photo by level or kind and seed, with what is to be read on it. Seeds are any text: "bench 1 17", "tune 4".

Invariant: level (or kind) and seed decide every byte, on machines with the same fonts.
"""

from __future__ import annotations

import random
from datetime import timedelta

from msgspec.structs import replace

from rules.card import Fault
from tests.ktp.damage import photograph
from tests.ktp.draw import draw_card
from tests.ktp.people import Person
from tests.ktp.residents import resident
from tests.ktp.unusable import UNUSABLE, spoilt


def photo(level: str, seed: str) -> tuple[bytes, Person]:
    """A readable JPEG photo of a level of `LEVELS`, and who stands on it."""
    chance = random.Random(f"{level} {seed}")
    person = resident(chance)
    card = draw_card(person, chance, scale=chance.choice((1.3, 1.5, 1.8)))
    return photograph(card, level, chance), person


def mismatched(seed: str) -> tuple[bytes, Person]:
    """A phone's photo of a card whose NIK contradicts its birth date or its sex, as corrected data do."""
    chance = random.Random(f"mismatched {seed}")
    person = resident(chance)
    if chance.random() < 0.5:
        person = replace(person, birth_date=person.birth_date + timedelta(days=chance.randrange(1, 400)))
    else:
        person = replace(person, sex="male" if person.sex == "female" else "female")
    return photograph(draw_card(person, chance), "phone", chance), person


def unusable(kind: str, seed: str) -> tuple[bytes, Fault]:
    """A JPEG photo of a kind of `UNUSABLE`, and the fault it has."""
    chance = random.Random(f"{kind} {seed}")
    person = resident(chance)
    return spoilt(draw_card(person, chance), person, kind, chance), UNUSABLE[kind]
