"""What happens to people and to their money, and how often: the one place where chance is weighed.

A day's chances are per person, a payment's per payment.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Literal

from msgspec import Struct

from tests.lives.people import Person, Temper

Who = Literal["bpjs", "bank"]
How = Literal["once", "other-sum", "twice", "changed", "told-twice"]

Befalls = Literal["accident", "death", "erasure", "cover", "status"]
BEFALLS: dict[Befalls, int] = {"accident": 30, "death": 9, "erasure": 5, "cover": 9, "status": 47}
"""Of a hundred things that befall people: an accident, death; the data are erased, BPJS changes the cover, somebody
asks for the status."""
ANYTHING = 1 / 540
"""Befalls one person on one day."""
WRITES_AT_NIGHT = 0.05
SAID_TWICE = 0.02
"""A message that its channel delivers a second time."""
LOST = 0.06
"""A webhook of BPJS that never comes."""
BPJS_GOES_ON = 0.35
"""With a claim, on a working day."""
OFFICE_CLEARS = 0.5
OUTAGES_A_MONTH: dict[Who, float] = {"bpjs": 2.0, "bank": 1.5}
OUTAGE_HOURS = (2, 9)
LONG_OUTAGE = timedelta(days=2)


class Paying(Struct, frozen=True):
    """How a code will be paid: after so many days, or never. `amount_off` of what was asked. `told`: BPJS's webhook
    comes. `also`: at the counter, though it is paid at the bank as well."""

    days: int | None
    amount_off: int = 0
    told: bool = True
    how: How = "once"
    also: bool = False


def paying(chance: Random) -> Paying:
    """How somebody pays a code or a bill."""
    days = chance.choices([chance.randint(0, 5), chance.randint(8, 11), None], [93, 3, 4])[0]
    hows: dict[How, int] = {"once": 92, "other-sum": 2, "twice": 3, "changed": 1, "told-twice": 2}
    how = chance.choices(list(hows), list(hows.values()))[0]
    off = chance.choice((-1_000, 1_000, 5_000)) if chance.random() < 0.02 else 0
    return Paying(days, off, chance.random() >= LOST, how, chance.random() < 0.03)


def way(chance: Random) -> Literal["code", "va", "qris"]:
    ways: tuple[Literal["code", "va", "qris"], ...] = ("code", "va", "qris")
    return chance.choices(ways, [60, 25, 15])[0]


def pays_next(temper: Temper, until: date, chance: Random) -> date | None:
    """The day on which somebody whose cover ends then wants to pay again."""
    days = {
        "monthly": (-9, 1), "quarterly": (-12, 3), "half-year": (-14, 4), "yearly": (-20, 5), "harvest": (-20, 25),
        "forgetful": (-5, 75), "returner": (100, 190), "leaver": (0, 0),
    }[temper]  # fmt: skip
    return None if temper == "leaver" else until + timedelta(days=chance.randint(*days))


def stops(person: Person, chance: Random) -> bool:
    """Who is reminded of what they don't want writes STOP."""
    return chance.random() < (0.25 if person.temper in ("leaver", "returner") else 0.01)
