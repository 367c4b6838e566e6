"""A partner that rests after failures in a row, as the outbox sees it: while it rests nothing is tried, and once it is
back what waited is done in the order in which it was asked for.

Invariant: nobody gives up an errand; it only waits. One that fails by itself, while others get through, waits alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from gateway.breaker import Breaker

SETTLES = timedelta(seconds=2)
"""After so long, what was still being put back when the partner came back is looked for once more."""


class Resting:
    """`asked_by` are the lanes whose errands ask the partner."""

    def __init__(self, breaker: Breaker, asked_by: Collection[str], clock: Callable[[], datetime]) -> None:
        self.asked_by = frozenset(asked_by)
        self._breaker, self._clock = breaker, clock
        self._wake_at = [clock()]  # what waited for a process before us
        breaker.on_back.append(self._back)

    def lanes(self) -> frozenset[str]:
        """Those from which nothing need be taken now."""
        return self.asked_by if self._breaker.rest_s(self._clock()) > 0 else frozenset()

    def room(self, most: int) -> int:
        """How many of so many may be taken: when a rest is over, one, who finds out for all."""
        return min(most, 1) if self._breaker.awaits_probe(self._clock()) else most

    def is_back(self) -> bool:
        """Whether it is time to wake what waits."""
        return any(at <= self._clock() for at in self._wake_at)

    def woken(self) -> None:
        """What waits was woken."""
        self._wake_at = [at for at in self._wake_at if at > self._clock()]

    def _back(self) -> None:
        now = self._clock()
        self._wake_at = [now, now + SETTLES]
