"""The directory of the imitated PLKK: a puskesmas in each kecamatan, a clinic and a hospital, all of them invented.

Invariant: the distances are made up, always the same, and plausible: short within a kecamatan, longer beyond it.
"""

from __future__ import annotations

import hashlib
from functools import cache

from msgspec import Struct

from gateway.sandbox.store import Answer
from rules import areas
from rules.areas import Area

NEAR_MAX = 5
CHECKED_ON = "2026-11-02"
HOSPITAL, CLINIC = "73.12.04", "73.12.02.2005"
"""Where the only hospital stands (a kecamatan), and the only clinic (a village)."""


class Place(Struct, frozen=True):
    """An invented clinic, in a village that there is."""

    id: str
    name: str
    village: Area

    @property
    def phone(self) -> str:
        return f"0484 000 0{self.id[-2:]}"  # nobody has a number that begins with 000


@cache
def places() -> tuple[Place, ...]:
    """All of them; ids are "contoh-01" and so on."""
    named = [(f"Puskesmas Contoh {one.name}", areas.villages(one.code)[0]) for one in areas.districts()]
    named.append(("RS Contoh Watansoppeng", areas.villages(HOSPITAL)[-1]))
    jampu = areas.by_code(CLINIC)
    assert jampu is not None
    named.append((f"Klinik Contoh {jampu.name}", jampu))
    return tuple(Place(f"contoh-{number:02}", *one) for number, one in enumerate(named, 1))


def near(village_code: str) -> list[Answer]:
    """The nearest of them as entries of the contract; none for a village that isn't in the kabupaten."""
    village = areas.by_code(village_code)
    if village is None or village.level != "village":
        return []
    by_distance = sorted((_km(village, place.village), place.id, place) for place in places())
    return [_entry(place, km) for km, _id, place in by_distance[:NEAR_MAX]]


def _entry(place: Place, km: float) -> Answer:
    address = f"{place.village.kind} {place.village.name} (karangan)"
    return {
        "id": place.id, "name": place.name, "address": address, "phone": place.phone, "distance_km": km,
        "checked_on": CHECKED_ON,
    }  # fmt: skip


def _km(one: Area, other: Area) -> float:
    if one == other:
        return 0.5 + _drawn(one.code, 10) / 10
    local = (_drawn(one.code, 30) + _drawn(other.code, 30)) / 10
    if one.parent == other.parent:
        return round(1 + local, 1)
    return round(9 + local + _drawn("".join(sorted((str(one.parent), str(other.parent)))), 25), 1)


def _drawn(text: str, below: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % below
