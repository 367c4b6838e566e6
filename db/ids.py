"""Ids that are known before the row is written and sort by time: milliseconds, a counter, and who made it.

Invariant: within one process each id is greater than the last; two processes with different tags never make the same
one; 63 bits, so every database holds it as an integer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

BELOW_MILLISECOND_BITS = 20
_TAG_BITS = 12
"""The tag stands lowest, so counting on never reaches another's ids: 256 a millisecond, then those of the next one."""


class Ids:
    """`next()` gives the next id. `clock` gives aware times; `chance` draws the tag of this process, and codes: for
    these it must be one that nobody can foresee (SystemRandom)."""

    def __init__(self, clock: Callable[[], datetime], chance: Random) -> None:
        self._clock, self._chance, self._tag, self._last = clock, chance, chance.getrandbits(_TAG_BITS), 0

    def next(self) -> int:
        now = first_at(self._clock())
        self._last = max(self._last + (1 << _TAG_BITS), now | self._tag)
        return self._last

    def digits(self, count: int) -> str:
        """A code of so many digits, each as likely as any other."""
        return f"{self._chance.randrange(10**count):0{count}}"


def first_at(moment: datetime) -> int:
    """No id made before this aware moment is as great, and every one made from then on is."""
    return int(moment.timestamp() * 1000) << BELOW_MILLISECOND_BITS


def made_at(number: int) -> datetime:
    """When this id was made, to the millisecond, in UTC."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=number >> BELOW_MILLISECOND_BITS)
