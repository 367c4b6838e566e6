"""Money: whole rupiah, never a fraction, never a bare int.

Invariant: an amount plus, minus or times something is an amount again; only `amount` leads back to int.
"""

from __future__ import annotations

from functools import lru_cache

from babel.numbers import format_decimal
from msgspec import Struct

from rules.words import Translate

REMEMBERED = 4096
"""Amounts kept as told: the tariff has few."""


class Rupiah(Struct, frozen=True, order=True):
    """Whole rupiah. May be negative (a correction in a ledger). Falsy when zero.

    Add many with `sum(amounts, Rupiah(0))`.
    """

    amount: int

    def __add__(self, other: Rupiah) -> Rupiah:
        return Rupiah(self.amount + other.amount)

    def __sub__(self, other: Rupiah) -> Rupiah:
        return Rupiah(self.amount - other.amount)

    def __neg__(self) -> Rupiah:
        return Rupiah(-self.amount)

    def __mul__(self, times: int) -> Rupiah:
        return Rupiah(self.amount * times)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.amount != 0

    def half(self) -> Rupiah:
        """Half of it, exact for even amounts; an odd one is rounded up, so that two halves never fall short."""
        return Rupiah(-(-self.amount // 2))

    def percent(self, rate: int) -> Rupiah:
        """`rate` % of it, a fraction of a rupiah rounded up."""
        return Rupiah(-(-self.amount * rate // 100))

    def tell(self, language: str, translate: Translate) -> str:
        """ "Rp8.400" to an Indonesian reader, "Rp8,400" to an English one."""
        return _told(self.amount, language)

    def __str__(self) -> str:
        return self.tell("id", str)


@lru_cache(maxsize=REMEMBERED)
def _told(amount: int, language: str) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{format_decimal(abs(amount), locale=language)}"
