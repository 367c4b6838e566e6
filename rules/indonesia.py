"""The provinces, regencies and districts of all of Indonesia: what a KTP or a NIK from anywhere may name.

Codes and names are those of Kepmendagri 300.2.2-2138/2025 (rules/data/areas_of_indonesia.csv). Invariant: an area that
isn't found is no one's fault; provinces have been divided and districts renamed since older cards were printed.
"""

from __future__ import annotations

from collections import defaultdict

from rules.packaged import csv_rows

ALSO_PRINTED: dict[str, tuple[str, ...]] = {
    "31": ("DKI JAKARTA",),
    "34": ("DI YOGYAKARTA", "D.I. YOGYAKARTA"),
}
"""Other forms of a name that stand on cards, by area code; of Jakarta's parts see `printed`."""


def name_of(code: str) -> str | None:
    """The name of the area with this code: "73" Sulawesi Selatan, "73.08" Kabupaten Bone, "73.08.13" Lamuru."""
    return _NAMES.get(code)


def parts_of(code: str) -> tuple[str, ...]:
    """The codes of the areas within this one; of "" the provinces."""
    return tuple(_PARTS.get(code, ()))


def printed(code: str) -> tuple[str, ...]:
    """How the name may stand on a card, in capitals, the usual form first: KABUPATEN BONE, JAKARTA TIMUR."""
    name = _NAMES[code].upper().replace("KABUPATEN ADMINISTRASI ", "KABUPATEN ").removeprefix("KOTA ADMINISTRASI ")
    return (name, *ALSO_PRINTED.get(code, ()))


def issued_in(area_code: str) -> str | None:
    """The kabupaten or kota in which a NIK was issued (`Nik.area_code`), None for one that has another code now."""
    return name_of(area_code.rpartition(".")[0])


def is_known_province(area_code: str) -> bool:
    """Whether the first two digits are those of a province; its regencies may have other codes now."""
    return area_code[:2] in _NAMES


_NAMES = {row["code"]: row["name"] for row in csv_rows("areas_of_indonesia.csv")}

_PARTS: dict[str, list[str]] = defaultdict(list)
for _code in _NAMES:
    _PARTS[_code.rpartition(".")[0]].append(_code)
