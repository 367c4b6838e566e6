"""How an heir is related to the worker: a closed list, short enough for one question."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from rules.words import Text, _

Kinship = Literal["spouse", "child", "parent", "sibling", "other"]


class Relation(Struct, frozen=True):
    """A kind of kinship and what people call it."""

    code: Kinship
    name: Text


RELATIONS = (
    Relation("spouse", _("Suami atau istri")),
    Relation("child", _("Anak")),
    Relation("parent", _("Orang tua")),
    Relation("sibling", _("Saudara")),
    Relation("other", _("Lainnya")),
)
"""In the order in which heirs are usually named."""


def by_code(code: str) -> Relation | None:
    """The relation with this code, such as "spouse"."""
    return next((relation for relation in RELATIONS if relation.code == code), None)
