"""The occupations a worker can be registered with, in at most five groups (rules/data/occupations.toml).

Invariant: codes are stable, for they are kept in registrations; names are for people and are translated.
"""

from __future__ import annotations

from msgspec import Struct

from rules import folding
from rules.folding import Found
from rules.packaged import toml_table
from rules.tariff import Sector
from rules.words import Text


class Group(Struct, frozen=True):
    """A choice that leads to its occupations, such as `Group("farm", Text("Tani, ternak, ikan"))`."""

    code: str
    name: Text


class Occupation(Struct, frozen=True):
    """An occupation, such as "tukang-ojek". `sector` decides its tariff; `group` is the code of its group."""

    code: str
    name: Text
    aliases: tuple[str, ...]
    sector: Sector
    group: str


class _GroupRow(Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    aliases: tuple[str, ...]
    group: str
    sector: Sector = "other"


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    groups: tuple[_GroupRow, ...]
    occupations: tuple[_Row, ...]


def groups() -> tuple[Group, ...]:
    """The groups, the most common first; few enough for one question."""
    return _GROUPS


def in_group(group: str) -> tuple[Occupation, ...]:
    """The occupations of the group with this code, the most common first; none for an unknown code."""
    return tuple(occupation for occupation in OCCUPATIONS if occupation.group == group)


def by_code(code: str) -> Occupation | None:
    """The occupation with this code, such as "petani-padi"."""
    return _BY_CODE.get(code)


def find(text: str) -> Found[Occupation]:
    """The occupation a person means: certain, or at most three to ask about."""
    found = folding.find(text, _NAMES)
    exact = None if found.exact is None else _BY_CODE[found.exact]
    return Found(exact, tuple(_BY_CODE[code] for code in found.near))


_TABLE = toml_table("occupations.toml", _Table)
_GROUPS = tuple(Group(row.code, Text(row.name)) for row in _TABLE.groups)

OCCUPATIONS = tuple(
    Occupation(row.code, Text(row.name), row.aliases, row.sector, row.group) for row in _TABLE.occupations
)
"""All occupations, by group, the most common first."""

_BY_CODE = {occupation.code: occupation for occupation in OCCUPATIONS}
_NAMES = {row.code: (row.name, *row.aliases) for row in _TABLE.occupations}
