"""What will happen at BPJS and at the bank because somebody does it there: paid, gone on with, changed.

Invariant: everything is done through the buttons of the imitations, at its hour.
"""

from __future__ import annotations

import heapq
import itertools
from datetime import date, datetime
from urllib.parse import urlencode

from msgspec import Struct

from tests.lives.chances import How
from tests.world import World


class PayCode(Struct, frozen=True):
    """At a counter; None: the sum that was asked for."""

    code: str
    amount: int | None = None
    told: bool = True


class PayBill(Struct, frozen=True):
    """At the bank."""

    number: str
    how: How = "once"


class ClaimGoesOn(Struct, frozen=True):
    reference: str
    told: bool = True


class CoverChanges(Struct, frozen=True):
    """Until this day, or none at all."""

    kpj: str
    until: date | None
    told: bool = True


Act = PayCode | PayBill | ClaimGoesOn | CoverChanges


class Diary:
    """`add` for a moment, `do` what is due."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []
        self._numbers = itertools.count()
        self.done = 0

    def add(self, at: datetime, act: Act) -> None:
        heapq.heappush(self._acts, (at, next(self._numbers), act))

    async def do(self, world: World, until: datetime) -> int:
        """How many were due."""
        count = 0
        while self._acts and self._acts[0][0] <= until:
            await _press(world, heapq.heappop(self._acts)[2])
            count += 1
        self.done += count
        return count


async def _press(world: World, act: Act) -> None:
    match act:
        case PayCode(code, amount, told):
            await world.bpjs("POST", f"/sandbox/payments/{code}/paid" + _query(amount=amount, told=told))
        case PayBill(number, how):
            await world.bank("POST", f"/sandbox/bills/{number}/paid" + _query(how=how))
        case ClaimGoesOn(reference, told):
            await world.bpjs("POST", f"/sandbox/claims/{reference}/next" + _query(told=told))
        case CoverChanges(kpj, until, told):
            await world.bpjs("POST", f"/sandbox/members/{kpj}/cover" + _query(until=until, told=told))


def _query(**given: object) -> str:
    return "?" + urlencode({name: str(value) for name, value in given.items() if value is not None})
