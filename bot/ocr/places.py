"""The areas named on a card, each mended by what the others say it must be: regencies lie in provinces, districts in
regencies, villages in districts.

All provinces, regencies and districts of Indonesia are known, and the villages of our own kabupaten. Invariant: a name
becomes only the one name that is close to it, never for the sake of a space or a hyphen, and never if an area of its
level has this name anywhere. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from rules import areas, indonesia

CLOSE = 80.0
"""Similarity, 0 to 100, of a name as read to the one that it must be: of all within the area above it."""
APART = 5.0
"""How much less similar the next name must be."""
DISTRICT_CLOSE = 60.0
"""The same of the few districts that have a village of this name."""
ALIKE = ({"I", "J"}, {"I", "L"}, {"J", "L"}, {"O", "Q"}, {"O", "D"}, {"U", "V"})
TITLES = ("KABUPATEN", "KOTA")
HERE = "KABUPATEN SOPPENG"


def settled(read: Mapping[str, str], unsure: Collection[str]) -> dict[str, str]:
    """The names that are known where they stand, as they were read or as they must be, by the card's field: "province",
    "regency", "district", "village". `unsure` are the fields that weren't read for sure."""
    found: dict[str, str] = {}
    codes: Iterable[str] = ("",)
    for level, all_names in ALL.items():
        within = [part for code in codes for part in indonesia.parts_of(code)]
        name = read.get(level, "")
        known = {other for code in within for other in indonesia.printed(code)}
        if name in known or name not in all_names:  # what lies elsewhere now may have lain here when it was printed
            found |= _known(level, name, known, CLOSE, is_sure=level not in unsure)
        codes = [code for code in within if found.get(level) in indonesia.printed(code)] or within
    names = dict(read) | found
    return found | (_known_here(names) if names.get("regency", HERE) == HERE else {})


def _known_here(names: Mapping[str, str]) -> dict[str, str]:
    """Village and district of our own kabupaten: the one that is exactly right mends the other."""
    village, district = names.get("village", ""), names.get("district", "")
    mine = [area for area in areas.districts() if area.name.upper() == district]
    if mine:
        return _known("village", village, {area.name.upper() for area in areas.villages(mine[0].code)}, CLOSE)
    parents = {area.parent for area in areas.villages() if area.name.upper() == village}
    if district in ALL["district"]:
        return {}
    return _known(
        "district", district, {area.name.upper() for area in areas.districts() if area.code in parents}, DISTRICT_CLOSE
    )


def _known(level: str, read: str, known: Collection[str], close: float, is_sure: bool = False) -> dict[str, str]:
    """The name as it was read, if it is one of those that are known, or the one that is close to it. What was read for
    sure may only have an I for a J and the like: lists spell some names otherwise than cards do."""
    if read in known:
        return {level: read}
    title, rest = _parted(read)
    same_title = {_parted(name)[1]: name for name in known if _parted(name)[0] == title}
    name = same_title.get(_closest(rest, same_title.keys(), close), "")
    if not name:
        return {}
    if _bare(name) == _bare(read):
        return {level: read}
    return {level: name} if not is_sure or _looks_alike(name, read) else {}


def _closest(read: str, known: Collection[str], close: float) -> str:
    """The one known name that differs in a letter, or else the one that is close and clearly the closest; "" if there
    is none."""
    near = [name for name in known if Levenshtein.distance(read, name, score_cutoff=1) <= 1]
    if near:
        return near[0] if len(near) == 1 else ""
    found = process.extract(read, known, scorer=fuzz.ratio, limit=2, score_cutoff=close - APART)
    is_clear = len(found) == 1 or (len(found) == 2 and found[1][1] <= found[0][1] - APART)
    return found[0][0] if is_clear and found[0][1] >= close else ""


def _looks_alike(name: str, read: str) -> bool:
    """Whether they differ only in letters that look alike."""
    return len(name) == len(read) and all(a == b or {a, b} in ALIKE for a, b in zip(name, read, strict=True))


def _parted(name: str) -> tuple[str, str]:
    """KABUPATEN BONE in two; another name has no title."""
    title, _, rest = name.partition(" ")
    return (title, rest) if title in TITLES and rest else ("", name)


def _bare(name: str) -> str:
    return re.sub(r"[ '\-]", "", name)


def _all_names() -> dict[str, frozenset[str]]:
    """All names of a level, as they may be printed."""
    levels: dict[str, frozenset[str]] = {}
    codes: tuple[str, ...] = ("",)
    for level in ("province", "regency", "district"):
        codes = tuple(part for code in codes for part in indonesia.parts_of(code))
        levels[level] = frozenset(name for code in codes for name in indonesia.printed(code))
    return levels


ALL = _all_names()
