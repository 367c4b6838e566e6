"""What a month of cover costs: a function of the month, the income tier, the sector, the programmes and the payer.

All figures are dated entries of rules/data/tariff.toml, each with its source. Invariant: every month is priced at
its own rate, so that paying ahead over a change of rates costs what the months cost one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, TypeVar

from msgspec import Struct

from rules.money import Rupiah
from rules.month import Month
from rules.packaged import toml_table

Payer = Literal["self", "asn", "csr", "apbd", "apbn"]
Sector = Literal["transport", "other"]
Priced = tuple[tuple[Month, Rupiah], ...]
"""Months, each with its price."""

TABLE = "rules/data/tariff.toml"
MONTHS_REMEMBERED = 4096
"""Answers kept: the tables don't change while the process lives, and every replay of an enrolment asks again."""


class NoTariffError(LookupError):
    """Our table doesn't hold the month that was asked for: a bug or a missing entry, not anyone's slip."""


class Tier(Struct, frozen=True):
    """A band of monthly income, from `income_from` to below `income_until` (None: no end), and its nominal `base`."""

    number: int
    income_from: Rupiah
    income_until: Rupiah | None
    base: Rupiah


class Contribution(Struct, frozen=True):
    """The contribution of one month by programme. `source` names the rules it follows from."""

    jkk: Rupiah
    jkm: Rupiah
    jht: Rupiah
    relief: bool
    source: str

    @property
    def total(self) -> Rupiah:
        return self.jkk + self.jkm + self.jht


class _Dated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    valid_from: str
    valid_until: str | None = None
    source: str

    def holds(self, month: Month) -> bool:
        return str(month) >= self.valid_from and (self.valid_until is None or str(month) <= self.valid_until)


class _Rates(_Dated, frozen=True, kw_only=True):
    jkk_percent: int
    jkm: int
    jht_percent: int


class _Scale(_Dated, frozen=True, kw_only=True):
    tiers: tuple[tuple[int, int, int], ...]  # number, income from, base


class _Relief(_Dated, frozen=True, kw_only=True):
    sector: Sector
    percent_off: int
    not_for: tuple[Payer, ...]


class _Tables(Struct, frozen=True, forbid_unknown_fields=True):
    rates: tuple[_Rates, ...]
    scales: tuple[_Scale, ...]
    reliefs: tuple[_Relief, ...]


@lru_cache(maxsize=MONTHS_REMEMBERED)
def tiers(month: Month | None = None) -> tuple[Tier, ...]:
    """The tiers in force in `month` (default: the newest scale), from the lowest."""
    scale = _TABLES.scales[-1] if month is None else _in_force(_TABLES.scales, month)
    ends = [Rupiah(start) for _number, start, _base in scale.tiers[1:]]
    return tuple(
        Tier(number, Rupiah(start), end, Rupiah(base))
        for (number, start, base), end in zip(scale.tiers, [*ends, None], strict=True)
    )


def tier(number: int, month: Month | None = None) -> Tier:
    """The tier with this number, 1 to 33. NoTariffError for any other."""
    for candidate in tiers(month):
        if candidate.number == number:
            return candidate
    raise NoTariffError(f"{TABLE} has no tier {number}")


def tier_of(income: Rupiah, month: Month | None = None) -> Tier:
    """The tier of a monthly income. ValueError for a negative one."""
    if income < Rupiah(0):
        raise ValueError("an income isn't negative")
    return max((candidate for candidate in tiers(month) if candidate.income_from <= income), key=lambda it: it.number)


@lru_cache(maxsize=MONTHS_REMEMBERED)
def contribution(month: Month, *, tier: Tier | int, sector: Sector, payer: Payer, jht: bool = False) -> Contribution:
    """What `month` costs one worker. NoTariffError for a month that the table doesn't hold."""
    number = tier.number if isinstance(tier, Tier) else tier
    rates, scale, base = _in_force(_TABLES.rates, month), _in_force(_TABLES.scales, month), _base(number, month)
    relief = _relief(month, sector, payer)
    due_percent = 100 - (relief.percent_off if relief else 0)
    return Contribution(
        jkk=base.percent(rates.jkk_percent).percent(due_percent),
        jkm=Rupiah(rates.jkm).percent(due_percent),
        jht=base.percent(rates.jht_percent) if jht else Rupiah(0),
        relief=relief is not None,
        source="; ".join(rule.source for rule in (rates, scale, relief) if rule),
    )


def priced(months: Iterable[Month], *, tier: Tier | int, sector: Sector, payer: Payer, jht: bool = False) -> Priced:
    """The months, each with what it costs at its own rate."""
    return tuple((month, contribution(month, tier=tier, sector=sector, payer=payer, jht=jht).total) for month in months)


def cost(priced: Priced) -> Rupiah:
    """What the months cost together."""
    return sum((amount for _month, amount in priced), Rupiah(0))


def total(months: Iterable[Month], *, tier: Tier | int, sector: Sector, payer: Payer, jht: bool = False) -> Rupiah:
    """What the months cost together, each at its own rate."""
    return cost(priced(months, tier=tier, sector=sector, payer=payer, jht=jht))


def _base(number: int, month: Month) -> Rupiah:
    return tier(number, month).base


def _relief(month: Month, sector: Sector, payer: Payer) -> _Relief | None:
    for relief in _TABLES.reliefs:
        if relief.holds(month) and relief.sector == sector and payer not in relief.not_for:
            return relief
    return None


_Rule = TypeVar("_Rule", bound=_Dated)


def _in_force(rules: Sequence[_Rule], month: Month) -> _Rule:
    for rule in reversed(rules):
        if rule.holds(month):
            return rule
    raise NoTariffError(f"{TABLE} begins in {rules[0].valid_from} and holds nothing for {month}")


_TABLES = toml_table("tariff.toml", _Tables)
