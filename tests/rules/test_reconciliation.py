"""Ours against theirs: nothing falls between the classes, and nothing is in two."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rules.money import Rupiah
from rules.reconciliation import Row, compare

DAY = date(2026, 11, 20)
HASNA, DEWI, LINA = (Row(f"88-{number}", Rupiah(8_400), DAY) for number in range(3))

rows = st.lists(
    st.builds(Row, st.sampled_from("ABCDEF"), st.sampled_from([None, Rupiah(8_400), Rupiah(16_800)])), max_size=12
)


@given(ours=rows, theirs=rows)
def test_every_row_of_either_side_is_in_exactly_one_class(ours: list[Row], theirs: list[Row]) -> None:
    found = compare(ours, theirs)

    pairs = [*found.matched, *found.otherwise]
    sorted_out = Counter([row for pair in pairs for row in pair])
    sorted_out += Counter([*found.not_here, *found.not_there, *found.repeated])
    assert sorted_out == Counter([*ours, *theirs])
    subjects = [pair[0].subject for pair in pairs] + [row.subject for row in (*found.not_here, *found.not_there)]
    assert len(subjects) == len(set(subjects))


@given(ours=rows, theirs=rows)
def test_the_classes_are_what_they_are_called(ours: list[Row], theirs: list[Row]) -> None:
    found = compare(ours, theirs)

    assert all(here == there for here, there in found.matched)
    assert all(here != there and here.subject == there.subject for here, there in found.otherwise)
    assert not {row.subject for row in found.not_here} & {row.subject for row in ours}
    assert not {row.subject for row in found.not_there} & {row.subject for row in theirs}


def test_a_missing_payment_a_strange_one_and_another_sum() -> None:
    other = Row(DEWI.subject, Rupiah(16_800), DAY)

    found = compare([HASNA, DEWI], [HASNA, other, LINA])

    assert found.matched == ((HASNA, HASNA),)
    assert found.otherwise == ((DEWI, other),)
    assert found.not_here == (LINA,)
    assert found.not_there == found.repeated == ()
    assert compare([HASNA], []).not_there == (HASNA,)
    assert compare([HASNA], [HASNA, HASNA]).repeated == (HASNA,)
