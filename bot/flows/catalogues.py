"""The long lists that people pick from: villages by kecamatan, occupations by group."""

from __future__ import annotations

from collections.abc import Sequence

from rules import areas, occupations
from rules.folding import Found
from rules.words import Text


class Villages:
    """The 70 desa and kelurahan; groups are the 8 kecamatan."""

    def items(self, group: str) -> Sequence[str]:
        return [area.code for area in areas.villages(group)] if group else []

    def find(self, text: str) -> Found[str]:
        found = areas.find(text, (*areas.villages(), *areas.districts()))
        return Found(found.exact.code if found.exact else None, tuple(area.code for area in found.near))

    def label(self, code: str) -> Text:
        area = areas.by_code(code)
        return Text(area.name if area and area.level == "village" else f"Kec. {area.name}" if area else code)

    def __contains__(self, code: object) -> bool:
        area = areas.by_code(code) if isinstance(code, str) else None
        return area is not None and area.level == "village"


class Occupations:
    """The occupations; groups as in rules/data/occupations.toml."""

    def items(self, group: str) -> Sequence[str]:
        return [occupation.code for occupation in occupations.in_group(group)]

    def find(self, text: str) -> Found[str]:
        found = occupations.find(text)
        return Found(found.exact.code if found.exact else None, tuple(one.code for one in found.near))

    def label(self, code: str) -> Text:
        occupation = occupations.by_code(code)
        if occupation is not None:
            return occupation.name
        return next((group.name for group in occupations.groups() if group.code == code), Text(code))

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and occupations.by_code(code) is not None


VILLAGES = Villages()
OCCUPATIONS = Occupations()
DISTRICTS = tuple(area.code for area in areas.districts())
GROUPS = tuple(group.code for group in occupations.groups())
