"""The invented members: who they are, on whose phone, and how they go about paying.

Invariant: the same seed makes the same people; every NIK is of our reserved range, every name is somebody's alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Literal

from msgspec import Struct

Temper = Literal["monthly", "quarterly", "half-year", "yearly", "harvest", "forgetful", "leaver", "returner"]
TEMPERS: dict[Temper, int] = {
    "monthly": 30, "quarterly": 18, "half-year": 8, "yearly": 4, "harvest": 12, "forgetful": 14, "leaver": 7,
    "returner": 7,
}  # fmt: skip
"""How many of a hundred."""
MONTHS: dict[Temper, int] = {
    "monthly": 1, "quarterly": 3, "half-year": 6, "yearly": 12, "harvest": 0, "forgetful": 1, "leaver": 1,
    "returner": 1,
}  # fmt: skip
"""For how many months they pay at once; 0: until the harvest."""
SERIALS = {"9990": 1, "9991": 1, "9995": 1, "9970": 1, "9971": 2, "9972": 3}
"""How many of a hundred have a NIK that the imitated BPJS treats in its own way; the others end in 9901."""
SHARED = 0.1
"""Of the phones; on these somebody helps others."""
HELPED_MAX = 5
FIRST_WEEKS = 0.4
"""Of the people enrol within three weeks; the others over eight months."""
FIRST = (
    "Hasna Besse Sitti Rosmini Nurhayati Darmawati Kasma Jumriah Salmiah Asriani Marlina Halijah Indotang Nurbaya "
    "Suriani Hamsina Baso Ambo Sudirman Muhtar Rustam Lahaji Sainuddin Kamaruddin Burhan Syamsul Idris Tahir Jafar "
    "Mappa Sultan Haruna"
).split()
LAST = (
    "Latif Baco Upe Laupe Mattola Paweroi Sennang Tenri Massepe Pallawa Gau Lolo Parenrengi Manggabarani Tajang Siming "
    "Dalle Rahing Wellang Cambang Kulau Sanusi Marzuki Beddu Nontji Makkasau Taming Sikki Ranreng Laso Padu Kanna"
).split()
JOBS = ("petani padi", "petani padi", "petani padi", "tukang ojek", "penjahit")
HEIRS = ("La Baco", "Indo Masse", "Becce Ranna")


class Person(Struct):
    """Somebody, and what is known of them on the phone that speaks for them."""

    number: int
    name: str
    nik: str
    born: date
    phone: str
    helped: bool  # by whoever has the phone
    temper: Temper
    job: str
    income: str
    heir: str
    agrees: bool  # to be reminded
    joins: date
    kpj: str = ""
    code: str = ""
    amount: int = 0
    way: Literal["code", "va", "qris"] = "code"
    pays_on: date | None = None
    until: date | None = None
    is_gone: bool = False  # died, or had everything erased


def invented(count: int, first: date, days: int, chance: Random) -> list[Person]:
    """So many people, who enrol from that day on; within so many days, for a short run."""
    phones = _phones(chance)
    names = _names(chance)
    return [
        _person(number, name, phone, _joins(first, days, chance), chance)
        for number, name, phone in zip(range(count), names, phones, strict=False)
    ]


def _person(number: int, name: str, phone: tuple[str, bool], joins: date, chance: Random) -> Person:
    born = date(1972, 1, 1) + timedelta(days=number)
    serial = chance.choices([*SERIALS, "9901"], [*SERIALS.values(), 100 - sum(SERIALS.values())])[0]
    day = born.day + 40 * chance.randrange(2)
    return Person(
        number, name, f"731202{day:02}{born:%m%y}{serial}", born, *phone,
        temper=chance.choices(list(TEMPERS), list(TEMPERS.values()))[0], job=chance.choice(JOBS),
        income=str(chance.choice((1, 1, 1, 2, 3))), heir=chance.choice(HEIRS),
        agrees=chance.random() < 0.95, joins=joins,
    )  # fmt: skip


def _phones(chance: Random) -> Iterator[tuple[str, bool]]:
    for number in itertools.count(1):
        is_shared = chance.random() < SHARED
        for _one in range(chance.randint(2, HELPED_MAX) if is_shared else 1):
            yield f"phone-{number}", is_shared


def _names(chance: Random) -> Iterator[str]:
    pairs = [f"{first} {last}" for first in FIRST for last in LAST]
    chance.shuffle(pairs)
    yield from pairs
    for more in itertools.product(pairs, LAST):
        yield " ".join(more)


def _joins(first: date, days: int, chance: Random) -> date:
    span = min(days // 2, 21 if chance.random() < FIRST_WEEKS else 240)
    return first + timedelta(days=chance.randint(0, span))
