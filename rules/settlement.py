"""What the bank says to have received, against what was booked: does every rupiah have its payment, and the other way?

Pure. Invariant: the bank's total is that of the matched and of every difference on its side, and ours likewise, in
whatever order the rows come; no row is in two heaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from rules.bank import Kind
from rules.money import Rupiah

ZERO = Rupiah(0)


class Settled(Struct, frozen=True):
    """A row of the bank's settlement. `request`: its id of the payment; `number`: of our bill; the fee is on top, never
    taken off `amount`."""

    at: datetime
    kind: Kind
    number: str
    request: str
    reference: str
    amount: Rupiah
    fee: Rupiah = ZERO


class Booked(Struct, frozen=True):
    """A payment as we have it."""

    request: str
    number: str
    amount: Rupiah


class Pair(Struct, frozen=True):
    """The same payment on both sides, with other sums."""

    at_bank: Settled
    with_us: Booked


class Settlement(Struct, frozen=True):
    """Every row of either side, in one heap. `twice`: more than one payment of a bill, or the same payment again."""

    matched: tuple[Settled, ...] = ()
    other_amount: tuple[Pair, ...] = ()
    only_at_bank: tuple[Settled, ...] = ()
    twice: tuple[Settled, ...] = ()
    only_with_us: tuple[Booked, ...] = ()

    @property
    def is_even(self) -> bool:
        return not (self.other_amount or self.only_at_bank or self.twice or self.only_with_us)

    @property
    def at_bank(self) -> Rupiah:
        """The bank's total."""
        return _sum(one.amount for one in self._rows)

    @property
    def with_us(self) -> Rupiah:
        """Our total."""
        alike, differing = (one.amount for one in self.matched), (pair.with_us.amount for pair in self.other_amount)
        return _sum((*alike, *differing, *(one.amount for one in self.only_with_us)))

    @property
    def fees(self) -> Rupiah:
        """What the bank keeps for all of it."""
        return _sum(one.fee for one in self._rows)

    @property
    def _rows(self) -> tuple[Settled, ...]:
        return (*self.matched, *(pair.at_bank for pair in self.other_amount), *self.only_at_bank, *self.twice)


def reconcile(at_bank: Sequence[Settled], with_us: Sequence[Booked]) -> Settlement:
    """Lay both sides beside each other, by the bank's id of a payment; ours has each id once."""
    ours = {one.request: one for one in with_us}
    matched: list[Settled] = []
    other: list[Pair] = []
    left: list[Settled] = []
    met: set[str] = set()
    for row in at_bank:
        known = ours.get(row.request)
        if known is None or row.request in met:
            left.append(row)
        elif known.amount == row.amount:
            matched.append(row)
        else:
            other.append(Pair(row, known))
        met.add(row.request)
    paid = {row.number for row in matched} | {pair.at_bank.number for pair in other}
    twice, only = _apart(left, paid)
    return Settlement(
        tuple(matched), tuple(other), only, twice, tuple(one for one in with_us if one.request not in met)
    )


def _apart(left: Iterable[Settled], paid: set[str]) -> tuple[tuple[Settled, ...], tuple[Settled, ...]]:
    """Rows of bills that another row paid already, and the others."""
    twice: list[Settled] = []
    only: list[Settled] = []
    for row in left:
        (twice if row.number in paid else only).append(row)
        paid.add(row.number)
    return tuple(twice), tuple(only)


def _sum(amounts: Iterable[Rupiah]) -> Rupiah:
    return sum(amounts, ZERO)
