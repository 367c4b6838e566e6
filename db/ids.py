"""Ids that are known before the row is written and sort by time: milliseconds, then a counter from a random start.

Invariant: within one process each id is greater than the last; 63 bits, so every database holds it as an integer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

_COUNTER_BITS = 20


class Ids:
    """`next()` gives the next id. `clock` gives aware times; `chance` keeps processes apart within a millisecond."""

    def __init__(self, clock: Callable[[], datetime], chance: Random) -> None:
        self._clock, self._chance, self._last = clock, chance, 0

    def next(self) -> int:
        now = int(self._clock().timestamp() * 1000) << _COUNTER_BITS
        fresh = now | self._chance.getrandbits(_COUNTER_BITS - 1)
        self._last = max(self._last + 1, fresh)
        return self._last
