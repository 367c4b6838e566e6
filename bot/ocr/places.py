"""Village and district against each other: each lies in or holds the other, so one that was read well tells what the
other must be.

Only areas of our own kabupaten are known. Invariant: a name is changed only if the other one is exactly right and it
is close to what it then must be; whoever comes from elsewhere is left as read. Pure.
"""

from __future__ import annotations

from rapidfuzz import fuzz

from rules import areas

VILLAGE_CLOSE, DISTRICT_CLOSE = 80.0, 60.0
"""Similarity, 0 to 100, of a name as read to the one that it must be: of the villages of a district, or of the few
districts that have a village of this name."""


def settled(village: str, district: str) -> tuple[str, str]:
    """The names as they must be."""
    mine = [area for area in areas.districts() if area.name.upper() == district]
    if mine:
        villages = [area.name.upper() for area in areas.villages(mine[0].code)]
        return _closest(village, villages, VILLAGE_CLOSE), district
    parents = {area.parent for area in areas.villages() if area.name.upper() == village}
    districts = [area.name.upper() for area in areas.districts() if area.code in parents]
    return village, _closest(district, districts, DISTRICT_CLOSE)


def _closest(read: str, names: list[str], close: float) -> str:
    near = [name for name in names if fuzz.ratio(read, name) >= close]
    return near[0] if read not in names and len(near) == 1 else read
