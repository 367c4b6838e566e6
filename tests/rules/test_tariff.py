"""What a month of cover costs: tiers, programmes, and the relief of 2026 and 2027."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.money import Rupiah
from rules.month import Month
from rules.tariff import NoTariffError, Payer, Sector, contribution, tier, tier_of, tiers, total
from tests.rules.values import incomes, months, payers, sectors, tier_numbers

# PP 44/2015 Annex II: tier, first rupiah of income, base, JKK, JKK and JKM, JHT
ANNEX = [
    (1, 0, 1_000_000, 10_000, 16_800, 20_000),
    (2, 1_100_000, 1_200_000, 12_000, 18_800, 24_000),
    (9, 2_500_000, 2_600_000, 26_000, 32_800, 52_000),
    (10, 2_700_000, 2_950_000, 29_500, 36_300, 59_000),
    (11, 3_200_000, 3_450_000, 34_500, 41_300, 69_000),
    (20, 7_700_000, 7_950_000, 79_500, 86_300, 159_000),
    (21, 8_200_000, 8_700_000, 87_000, 93_800, 174_000),
    (22, 9_200_000, 9_700_000, 97_000, 103_800, 194_000),
    (33, 20_200_000, 20_700_000, 207_000, 213_800, 414_000),
]
FULL_PRICE = Month(2025, 11)


@pytest.mark.parametrize(("number", "start", "base", "jkk", "both", "jht"), ANNEX)
def test_a_tier_costs_what_the_annex_says(number: int, start: int, base: int, jkk: int, both: int, jht: int) -> None:
    month = contribution(FULL_PRICE, tier=number, sector="other", payer="self", jht=True)

    assert (tier(number).income_from, tier(number).base) == (Rupiah(start), Rupiah(base))
    assert (month.jkk, month.jkk + month.jkm, month.jht) == (Rupiah(jkk), Rupiah(both), Rupiah(jht))
    assert not month.relief


@pytest.mark.parametrize(
    ("income", "number"),
    [(0, 1), (1_099_000, 1), (1_099_500, 1), (1_099_999, 1), (1_100_000, 2), (2_699_999, 9), (2_700_000, 10),
     (20_199_999, 32), (20_200_000, 33), (1_000_000_000, 33)],
)  # fmt: skip
def test_an_income_falls_into_one_tier(income: int, number: int) -> None:
    assert tier_of(Rupiah(income)).number == number


def test_tiers_follow_each_other_without_a_hole() -> None:
    scale = tiers()

    assert [each.number for each in scale] == list(range(1, 34))
    assert scale[0].income_from == Rupiah(0)
    assert [each.income_until for each in scale] == [*(each.income_from for each in scale[1:]), None]
    assert all(each.income_from < each.base for each in scale)


@given(incomes)
def test_every_income_has_its_tier(income: Rupiah) -> None:
    found = tier_of(income)

    assert found.income_from <= income
    assert found.income_until is None or income < found.income_until


@pytest.mark.parametrize(
    ("month", "sector", "payer", "due"),
    [
        # PP 50/2025: farmers, fishers, traders from April to December 2026
        (Month(2026, 3), "other", "self", 16_800),
        (Month(2026, 4), "other", "self", 8_400),
        (Month(2026, 11), "other", "self", 8_400),
        (Month(2026, 12), "other", "self", 8_400),
        (Month(2027, 1), "other", "self", 16_800),
        # transport from January 2026 to March 2027
        (Month(2025, 12), "transport", "self", 16_800),
        (Month(2026, 1), "transport", "self", 8_400),
        (Month(2027, 3), "transport", "self", 8_400),
        (Month(2027, 4), "transport", "self", 16_800),
        # an ASN's or a company's own money is no public money
        (Month(2026, 11), "other", "asn", 8_400),
        (Month(2026, 11), "other", "csr", 8_400),
        # not for dues paid from APBN or APBD
        (Month(2026, 11), "other", "apbd", 16_800),
        (Month(2026, 11), "other", "apbn", 16_800),
        (Month(2026, 11), "transport", "apbd", 16_800),
    ],
)
def test_the_relief_of_2026(month: Month, sector: Sector, payer: Payer, due: int) -> None:
    price = contribution(month, tier=1, sector=sector, payer=payer)

    assert price.total == Rupiah(due)
    assert price.relief == (due == 8_400)
    assert ("PP 50/2025" in price.source) == price.relief


def test_the_relief_halves_jkk_and_jkm_but_not_jht() -> None:
    price = contribution(Month(2026, 11), tier=10, sector="other", payer="self", jht=True)

    assert (price.jkk, price.jkm, price.jht) == (Rupiah(14_750), Rupiah(3_400), Rupiah(59_000))


def test_paying_ahead_over_new_year_prices_each_month_at_its_own_rate() -> None:
    ahead = Month(2026, 11).until(3)

    assert total(ahead, tier=1, sector="other", payer="self") == Rupiah(8_400 + 8_400 + 16_800)


@given(months, st.integers(0, 36), st.integers(0, 36), tier_numbers, sectors, payers, st.booleans())
def test_a_span_costs_what_its_parts_cost(
    first: Month, some: int, more: int, number: int, sector: Sector, payer: Payer, jht: bool
) -> None:
    def cost(span: tuple[Month, ...]) -> Rupiah:
        return total(span, tier=number, sector=sector, payer=payer, jht=jht)

    assert cost(first.until(some)) + cost((first + some).until(more)) == cost(first.until(some + more))


@given(months, tier_numbers, sectors, payers, st.booleans())
def test_a_month_costs_its_programmes_or_half(
    month: Month, number: int, sector: Sector, payer: Payer, jht: bool
) -> None:
    price = contribution(month, tier=number, sector=sector, payer=payer, jht=jht)
    full = contribution(FULL_PRICE, tier=number, sector=sector, payer=payer, jht=jht)

    assert price.total == price.jkk + price.jkm + price.jht
    assert price.jht == full.jht
    assert (price.jkk, price.jkm) == ((full.jkk.half(), full.jkm.half()) if price.relief else (full.jkk, full.jkm))
    assert contribution(month, tier=tier(number), sector=sector, payer=payer, jht=jht) == price


def test_a_month_before_the_table_is_a_bug_that_names_the_table() -> None:
    with pytest.raises(NoTariffError, match=r"tariff\.toml begins in 2021-12 and holds nothing for 2021-11"):
        contribution(Month(2021, 11), tier=1, sector="other", payer="self")


@pytest.mark.parametrize("number", [0, 34, -1])
def test_an_unknown_tier_is_a_bug(number: int) -> None:
    with pytest.raises(NoTariffError, match="no tier"):
        tier(number)


def test_a_negative_income_is_a_bug() -> None:
    with pytest.raises(ValueError, match="negative"):
        tier_of(Rupiah(-1))
