"""Ours against theirs: the rows of a day, as we wrote them down and as the other side states them.

Pure. Invariant: every row of either side is in exactly one class.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from rules.money import Rupiah

Part = Literal["payment", "member", "claim"]
PARTS: tuple[Part, ...] = ("payment", "member", "claim")
"""In this order: a payment that was missed brings the cover that would otherwise be found different."""

Kind = Literal["not-here", "not-there", "otherwise", "repeated"]
"""not-here: they state it, we don't have it. not-there: we have it, they don't state it. otherwise: both, with other
content. repeated: a side has the subject more than once; all but the first."""


class Row(Struct, frozen=True):
    """What one side says of a subject, such as a payment code. Days are of a payment and of cover."""

    subject: str
    amount: Rupiah | None = None
    on: date | None = None
    since: date | None = None
    until: date | None = None


class Compared(Struct, frozen=True):
    """Pairs are (ours, theirs)."""

    matched: tuple[tuple[Row, Row], ...]
    otherwise: tuple[tuple[Row, Row], ...]
    not_here: tuple[Row, ...]
    not_there: tuple[Row, ...]
    repeated: tuple[Row, ...]


def compare(ours: Sequence[Row], theirs: Sequence[Row]) -> Compared:
    """Sort all rows of both sides into classes."""
    here, more_here = _by_subject(ours)
    there, more_there = _by_subject(theirs)
    both = [(here[subject], row) for subject, row in there.items() if subject in here]
    return Compared(
        matched=tuple(pair for pair in both if pair[0] == pair[1]),
        otherwise=tuple(pair for pair in both if pair[0] != pair[1]),
        not_here=tuple(row for subject, row in there.items() if subject not in here),
        not_there=tuple(row for subject, row in here.items() if subject not in there),
        repeated=(*more_here, *more_there),
    )


def _by_subject(rows: Sequence[Row]) -> tuple[dict[str, Row], list[Row]]:
    """The first row of each subject, and the others."""
    first: dict[str, Row] = {}
    more: list[Row] = []
    for row in rows:
        if row.subject in first:
            more.append(row)
        else:
            first[row.subject] = row
    return first, more
