"""The bank's day against ours: every rupiah is in one heap, and the heaps add up."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.money import Rupiah
from rules.settlement import Booked, Pair, Settled, Settlement, reconcile

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
ONE = Settled(AT, "va", "8808001", "pay-1", "R1", Rupiah(33_600), Rupiah(2_000))
OURS = Booked("pay-1", "8808001", Rupiah(33_600))


def test_the_same_on_both_sides_is_even() -> None:
    found = reconcile([ONE], [OURS])

    assert found == Settlement(matched=(ONE,))
    assert found.is_even
    assert (found.at_bank, found.with_us, found.fees) == (Rupiah(33_600), Rupiah(33_600), Rupiah(2_000))


def test_nothing_is_even() -> None:
    assert reconcile([], []).is_even


def test_what_only_one_side_has_is_named() -> None:
    unknown = replace(ONE, request="pay-2", number="8808002")

    assert reconcile([unknown], [OURS]) == Settlement(only_at_bank=(unknown,), only_with_us=(OURS,))


def test_another_sum_is_a_pair() -> None:
    other = replace(ONE, amount=Rupiah(34_600))
    found = reconcile([other], [OURS])

    assert found == Settlement(other_amount=(Pair(other, OURS),))
    assert (found.at_bank, found.with_us, found.is_even) == (Rupiah(34_600), Rupiah(33_600), False)


def test_a_bill_that_is_paid_twice_is_told_apart_from_money_that_nobody_knows() -> None:
    again, same = replace(ONE, request="pay-2"), ONE

    assert reconcile([ONE, again], [OURS]) == Settlement(matched=(ONE,), twice=(again,))
    assert reconcile([again, ONE], [OURS]) == Settlement(matched=(ONE,), twice=(again,))
    assert reconcile([ONE, same], [OURS]) == Settlement(matched=(ONE,), twice=(same,))


def test_of_two_payments_that_nobody_knows_one_is_the_second() -> None:
    again = replace(ONE, request="pay-2")

    assert reconcile([ONE, again], []) == Settlement(only_at_bank=(ONE,), twice=(again,))


FEW = st.integers(1, 4)
AMOUNTS = st.sampled_from([8_400, 16_800, 33_600]).map(Rupiah)
ROWS = st.lists(
    st.builds(
        Settled, st.just(AT), st.sampled_from(["va", "qris"]), FEW.map(str), FEW.map(str), st.just("R"), AMOUNTS,
        st.sampled_from([0, 2_000]).map(Rupiah),
    ),
    max_size=8,
)  # fmt: skip
BOOKED = st.lists(st.builds(Booked, FEW.map(str), FEW.map(str), AMOUNTS), max_size=4, unique_by=lambda one: one.request)


@given(ROWS, BOOKED)
def test_both_totals_add_up_and_no_row_is_lost_or_in_two_heaps(rows: list[Settled], booked: list[Booked]) -> None:
    found = reconcile(rows, booked)

    at_bank = [*found.matched, *(pair.at_bank for pair in found.other_amount), *found.only_at_bank, *found.twice]
    with_us = [*(pair.with_us for pair in found.other_amount), *found.only_with_us]
    assert sorted(at_bank, key=repr) == sorted(rows, key=repr)
    assert len(with_us) + len(found.matched) == len(booked)
    assert found.at_bank == sum((row.amount for row in rows), Rupiah(0))
    assert found.with_us == sum((one.amount for one in booked), Rupiah(0))
    assert found.fees == sum((row.fee for row in rows), Rupiah(0))
    assert not found.is_even or found.at_bank == found.with_us


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))), BOOKED)
def test_the_order_of_rows_changes_no_total(orders: tuple[list[Settled], list[Settled]], booked: list[Booked]) -> None:
    one, other = (reconcile(rows, booked) for rows in orders)

    assert (one.at_bank, one.with_us, one.only_with_us) == (other.at_bank, other.with_us, other.only_with_us)
