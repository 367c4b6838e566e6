"""The areas named on a card, each mended by what the others say it must be: regencies lie in provinces, districts in
regencies, villages in districts.

All provinces, regencies and districts of Indonesia are known, and the villages of our own kabupaten. Invariant: a name
becomes only the one name that is close to it, and never for the sake of a space or a hyphen. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from rapidfuzz import fuzz, process

from rules import areas, indonesia

CLOSE = 80.0
"""Similarity, 0 to 100, of a name as read to the one that it must be: of all within the area above it."""
APART = 5.0
"""How much less similar the next name must be."""
DISTRICT_CLOSE = 60.0
"""The same of the few districts that have a village of this name."""
LEVELS = ("province", "regency", "district")
"""As the fields of a card and as the parts of an area code."""


def settled(read: Mapping[str, str], unsure: Collection[str]) -> dict[str, str]:
    """The names that are known where they stand, as they were read or as they must be, by the card's field: "province",
    "regency", "district", "village". `unsure` are the fields that weren't read for sure."""
    found: dict[str, str] = {}
    codes: Iterable[str] = ("",)
    for level in LEVELS:
        within = [part for code in codes for part in indonesia.parts_of(code)]
        known = {name for code in within for name in indonesia.printed(code)}
        found |= _known(level, read, known, CLOSE, is_sure=level not in unsure)
        codes = [code for code in within if found.get(level) in indonesia.printed(code)] or within
    return found | _known_here(dict(read) | found)


def _known_here(names: Mapping[str, str]) -> dict[str, str]:
    """Village and district of our own kabupaten: the one that is exactly right mends the other."""
    mine = [area for area in areas.districts() if area.name.upper() == names.get("district")]
    if mine:
        return _known("village", names, {area.name.upper() for area in areas.villages(mine[0].code)}, CLOSE)
    parents = {area.parent for area in areas.villages() if area.name.upper() == names.get("village")}
    districts = {area.name.upper() for area in areas.districts() if area.code in parents}
    return _known("district", names, districts, DISTRICT_CLOSE)


def _known(
    level: str, names: Mapping[str, str], known: Collection[str], close: float, is_sure: bool = False
) -> dict[str, str]:
    """The name as it was read, if it is one of those that are known, or the one that is close to it. What was read for
    sure may only have an I for a J: lists spell some names otherwise than cards do."""
    read = names.get(level, "")
    if read in known:
        return {level: read}
    found = process.extract(read, known, scorer=fuzz.ratio, limit=2, score_cutoff=close - APART)
    if not found or found[0][1] < close or (len(found) == 2 and found[1][1] > found[0][1] - APART):
        return {}
    name = found[0][0]
    if _bare(name) == _bare(read):
        return {level: read}
    return {level: name} if not is_sure or len(name) == len(read) else {}


def _bare(name: str) -> str:
    return re.sub(r"[^A-Z]", "", name)
