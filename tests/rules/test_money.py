"""Amounts are whole rupiah, stay amounts under arithmetic, and are told in the reader's way."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.money import Rupiah
from rules.words import _

amounts = st.integers(-(10**12), 10**12).map(Rupiah)


class Bill(msgspec.Struct, frozen=True):
    due: Rupiah
    parts: tuple[Rupiah, ...] = ()


@pytest.mark.parametrize(
    ("amount", "indonesian", "english"),
    [
        (0, "Rp0", "Rp0"),
        (8_400, "Rp8.400", "Rp8,400"),
        (174_000_000, "Rp174.000.000", "Rp174,000,000"),
        (-8_400, "-Rp8.400", "-Rp8,400"),
    ],
)
def test_is_told_in_the_readers_way(amount: int, indonesian: str, english: str) -> None:
    assert str(Rupiah(amount)) == Rupiah(amount).tell("id", str) == indonesian
    assert Rupiah(amount).tell("en", str) == english


def test_is_told_inside_a_sentence() -> None:
    assert _("Iuran {due}.", due=Rupiah(16_800)).tell("id", str) == "Iuran Rp16.800."


def test_arithmetic_gives_amounts() -> None:
    assert sum([Rupiah(8_400), Rupiah(8_400), Rupiah(16_800)], Rupiah(0)) == Rupiah(33_600)
    assert Rupiah(16_800) * 3 == 3 * Rupiah(16_800) == Rupiah(50_400)
    assert Rupiah(16_800) - Rupiah(8_400) == Rupiah(8_400) == -Rupiah(-8_400)
    assert max(Rupiah(8_400), Rupiah(16_800)) == Rupiah(16_800)
    assert Rupiah(1) and not Rupiah(0)


@pytest.mark.parametrize(("amount", "half"), [(6_800, 3_400), (29_500, 14_750), (0, 0), (1, 1), (7, 4)])
def test_half_is_exact_or_rounded_up(amount: int, half: int) -> None:
    assert Rupiah(amount).half() == Rupiah(half)


@given(amounts, amounts, st.integers(-1000, 1000))
def test_amounts_behave_as_whole_numbers(one: Rupiah, other: Rupiah, times: int) -> None:
    assert (one + other).amount == one.amount + other.amount
    assert (one + other) * times == one * times + other * times
    assert (one < other) == (one.amount < other.amount)
    assert one.percent(100) == one and one.percent(50) == one.half()
    assert one.half() * 2 - one in (Rupiah(0), Rupiah(1))


@given(amounts)
def test_survives_being_stored(amount: Rupiah) -> None:
    bill = Bill(amount, (amount, amount))

    assert msgspec.convert(msgspec.to_builtins(amount), Rupiah) == amount
    assert msgspec.convert(msgspec.to_builtins(bill), Bill) == bill
    assert msgspec.json.decode(msgspec.json.encode(bill), type=Bill) == bill
