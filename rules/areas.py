"""The areas of Kabupaten Soppeng: the kabupaten, its 8 kecamatan and their 70 kelurahan and desa.

Codes and names are those of Kepmendagri 300.2.2-2430/2025 (rules/data/soppeng_areas.csv). Invariant: an area
outside the kabupaten is unknown to us, which is never anyone's fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from rules import folding
from rules.folding import Found
from rules.packaged import csv_rows

Level = Literal["regency", "district", "village"]
Kind = Literal["Kabupaten", "Kecamatan", "Kelurahan", "Desa"]

ALIASES: dict[str, tuple[str, ...]] = {
    "73.12.04": ("Watansoppeng",),  # the capital, a town and not an area of its own
    "73.12.03.1002": ("Cabbenge",),
    "73.12.05.1001": ("Batu2",),  # a doubled word, as it is written in messages
    "73.12.06": ("Donri2",),
    "73.12.06.2002": ("Donri2",),
}
"""Other spellings of a name, by area code. Those that differ in spaces, hyphens or accents only need no entry."""

_TITLES = re.compile(r"^\s*(?:kabupaten|kab|kecamatan|kec|kelurahan|kel|desa|ds)\b[.\s]*", re.IGNORECASE)


class Area(Struct, frozen=True):
    """An area such as `Area("73.12.02.2005", "Jampu", "village", parent="73.12.02")`. The kabupaten has no parent."""

    code: str
    name: str
    level: Level
    parent: str | None

    @property
    def kind(self) -> Kind:
        """What the area is called before its name: a village numbered 1xxx is a kelurahan, 2xxx a desa."""
        match self.level:
            case "regency":
                return "Kabupaten"
            case "district":
                return "Kecamatan"
            case "village":
                return "Kelurahan" if self.code[9] == "1" else "Desa"


def districts() -> tuple[Area, ...]:
    """The 8 kecamatan, by code."""
    return tuple(area for area in AREAS if area.level == "district")


def villages(district_code: str | None = None) -> tuple[Area, ...]:
    """The kelurahan and desa of a kecamatan, or all 70, by code."""
    return tuple(area for area in AREAS if area.level == "village" and district_code in (None, area.parent))


def by_code(code: str) -> Area | None:
    """The area with this Kemendagri code, such as "73.12.02.2005"."""
    return _BY_CODE.get(code)


def issued_at(area_code: str) -> Area | None:
    """The kecamatan in which a NIK was issued (`Nik.area_code`), or None for one outside Soppeng."""
    area = by_code(area_code)
    return area if area is not None and area.level == "district" else None


def find(text: str, among: Iterable[Area]) -> Found[Area]:
    """The area that a person means, among those that can be meant: "desa batu-batu", "Kec. Donri donri"."""
    names = {area: (area.name, *ALIASES.get(area.code, ())) for area in among}
    return folding.find(_TITLES.sub("", text), names)


def _read() -> Iterable[Area]:
    levels: dict[int, Level] = {1: "regency", 2: "district", 3: "village"}
    for row in csv_rows("soppeng_areas.csv"):
        code = row["code"]
        level = levels[code.count(".")]
        parent = None if level == "regency" else code.rpartition(".")[0]
        yield Area(code, row["name"].removeprefix("Kabupaten "), level, parent)


AREAS = tuple(_read())
"""All 79, by code."""

_BY_CODE = {area.code: area for area in AREAS}
