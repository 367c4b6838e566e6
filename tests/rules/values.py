"""Invented values for the properties: NIKs of the reserved serials 9900 to 9999, months, incomes."""

from __future__ import annotations

from datetime import date
from typing import get_args

from hypothesis import strategies as st

from rules.money import Rupiah
from rules.month import Month
from rules.nik import WOMAN, Nik, Sex
from rules.tariff import Payer, Sector

TODAY = date(2026, 11, 21)

months = st.builds(Month, st.integers(2022, 2035), st.integers(1, 12))
incomes = st.integers(0, 100_000_000).map(Rupiah)
tier_numbers = st.integers(1, 33)
sectors: st.SearchStrategy[Sector] = st.sampled_from(get_args(Sector))
payers: st.SearchStrategy[Payer] = st.sampled_from(get_args(Payer))
sexes: st.SearchStrategy[Sex] = st.sampled_from(get_args(Sex))
birth_dates = st.dates(date(1926, 11, 22), TODAY)
serials = st.integers(9900, 9999)


def nik_of(born: date, sex: Sex, serial: int = 9901, area: str = "731204") -> Nik:
    """The NIK that an invented person born then would have."""
    day = born.day + (WOMAN if sex == "female" else 0)
    return Nik(f"{area}{day:02}{born:%m%y}{serial}")
