"""What a claim needs, and who is paid after a death."""

from __future__ import annotations

from datetime import date

import pytest

from rules.claim_documents import DOCUMENTS, before, missing, needed
from rules.claim_report import About, Accident, Death, Place, Relation, Reporter, Scholarship

DEATH = Death(date(2026, 11, 20), "other")


def accident(place: Place) -> Accident:
    return Accident(date(2026, 11, 20), "morning", place, "73.12.02.2005", "Jatuh dari pohon", "kaki")


def kinds(about: About, relation: Relation) -> list[str]:
    return [one.kind for one in needed(about, Reporter("LA BACO", relation))]


def test_an_accident_on_the_road_needs_the_polices_report() -> None:
    assert "police-report" in kinds(accident("road"), "self")
    assert "police-report" in kinds(accident("commute"), "self")
    assert "police-report" not in kinds(accident("workplace"), "self")


def test_only_a_husband_or_a_wife_shows_the_marriage_book() -> None:
    assert "marriage-book" in kinds(DEATH, "spouse")
    assert "marriage-book" not in kinds(DEATH, "child")


def test_what_is_missing_is_needed_and_not_there() -> None:
    child = Scholarship("ANDI", date(2015, 5, 1), "primary", "SDN 1")
    lacking = missing(child, Reporter("HASNA", "spouse"), {"family-card", "ktp"})
    assert [one.kind for one in lacking] == [
        "account-book", "birth-certificate", "school-letter", "school-report", "guardian-ktp",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("relation", "nearer"),
    [
        ("spouse", ()),
        ("child", ()),
        ("parent", ("spouse", "child")),
        ("sibling", ("spouse", "child", "parent")),
        ("helper", ("spouse", "child", "parent", "sibling", "in-law", "will")),
    ],
)
def test_spouse_and_children_come_first_then_parents_then_siblings(
    relation: Relation, nearer: tuple[Relation, ...]
) -> None:
    assert before(relation) == nearer


def test_every_list_names_its_source() -> None:
    assert all(one.source for one in DOCUMENTS)
    assert len({one.kind for one in DOCUMENTS}) == len(DOCUMENTS)
