"""Which papers a claim needs, which of them are missing, and who is paid after a death.

From the dated lists of rules/data/claims.toml. Invariant: what is missing is needed and not there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from msgspec import Struct

from rules.claim_report import About, Accident, Kind, Relation, Reporter, kind_of
from rules.packaged import toml_table
from rules.words import Text

Only = Literal["", "traffic", "spouse"]


class Document(Struct, frozen=True, forbid_unknown_fields=True):
    """A paper. `of`: the claims that need it; `only`: of them those after an accident in traffic, or by a spouse."""

    kind: str
    name: str
    how: str
    of: tuple[Kind, ...]
    source: str
    only: Only = ""

    @property
    def title(self) -> Text:
        return Text(self.name)

    @property
    def advice(self) -> Text:
        return Text(self.how)


class _Heirs(Struct, frozen=True):
    order: tuple[Relation, ...]
    source: str


class _Table(Struct, frozen=True):
    documents: tuple[Document, ...]
    heirs: _Heirs


def needed(about: About, reporter: Reporter) -> tuple[Document, ...]:
    """The papers of this claim, in the order in which they are asked for."""
    return tuple(one for one in DOCUMENTS if kind_of(about) in one.of and _applies(one.only, about, reporter))


def missing(about: About, reporter: Reporter, there: Collection[str]) -> tuple[Document, ...]:
    return tuple(one for one in needed(about, reporter) if one.kind not in there)


def document(kind: str) -> Document | None:
    return _BY_KIND.get(kind)


def before(relation: Relation) -> tuple[Relation, ...]:
    """Who is paid before somebody of this relation, if there is one and lives. Spouse and children stand side by side.
    Everybody, for who is no heir at all."""
    if relation not in HEIRS:
        return HEIRS
    ahead = HEIRS[: HEIRS.index(relation)]
    return () if relation in _FIRST else ahead


def is_heir(relation: Relation) -> bool:
    return relation in HEIRS


def _applies(only: Only, about: About, reporter: Reporter) -> bool:
    match only:
        case "":
            return True
        case "traffic":
            return isinstance(about, Accident) and about.place in ("road", "commute")
        case "spouse":
            return reporter.relation == "spouse"


_TABLE = toml_table("claims.toml", _Table)
DOCUMENTS = _TABLE.documents
HEIRS = _TABLE.heirs.order
_FIRST = ("spouse", "child")
_BY_KIND = {one.kind: one for one in DOCUMENTS}
