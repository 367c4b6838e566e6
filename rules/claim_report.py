"""What is told of an accident at work (JKK), a death (JKM) or a child at school, and by whom.

The fields follow the public forms: F3 KK1 (accident), F4 (death), Beasiswa (scholarship), as listed at
https://www.bpjsketenagakerjaan.go.id/assets/uploads/formulir/. Nothing medical beyond what KK1 asks for.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from rules.phone import Phone

Kind = Literal["accident", "death", "scholarship"]
PartOfDay = Literal["morning", "noon", "afternoon", "night", "unknown"]
Place = Literal["workplace", "commute", "road", "elsewhere"]
Cause = Literal["work", "other", "unknown"]
Level = Literal["primary", "junior", "senior", "university"]
Relation = Literal["self", "spouse", "child", "parent", "sibling", "in-law", "will", "helper"]
"""Of who reports to the member: an heir, or a helper who is none."""


class Accident(Struct, frozen=True, tag="accident"):
    """An accident at work, or on the usual way to or from it. `village_code` as of Kemendagri; `story` and `injury` in
    the words of who reports; `clinic` is where the injured is treated, "" if nowhere yet."""

    on: date
    part_of_day: PartOfDay
    place: Place
    village_code: str
    story: str
    injury: str
    clinic: str = ""


class Death(Struct, frozen=True, tag="death"):
    """A death; while working, or by an accident at work, it is a claim of JKK."""

    on: date
    cause: Cause


class Scholarship(Struct, frozen=True, tag="scholarship"):
    """A year of school of a child of a member who died or is totally disabled."""

    child_name: str
    child_born: date
    level: Level
    school: str


About = Accident | Death | Scholarship


class Reporter(Struct, frozen=True):
    """Who reports. To a claim of death it is the heir who is to be paid."""

    name: str
    relation: Relation
    phone: Phone | None = None


class Report(Struct, frozen=True):
    """A claim as sent to BPJS. `documents`: the kinds of the photos that follow it, such as "ktp" (rules/claims.py)."""

    kpj: str
    reporter: Reporter
    about: About
    documents: tuple[str, ...] = ()


def kind_of(about: About) -> Kind:
    match about:
        case Accident():
            return "accident"
        case Death():
            return "death"
        case Scholarship():
            return "scholarship"
