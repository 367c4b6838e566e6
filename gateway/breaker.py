"""When to leave a partner alone: a circuit breaker, and how long to wait between quick tries.

Invariant: after `FAILURES_MAX` failures in a row nothing is sent for `REST`; then one probe goes out, and only its
answer closes the breaker. Also a probe that is never heard of again (cancelled) costs no more than another `REST`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

FAILURES_MAX = 5
"""Failures in a row that open the breaker."""

REST = timedelta(seconds=30)
"""How long an open breaker lets nothing through."""

BACKOFF_BASE_S = 0.2
BACKOFF_MAX_S = 2.0


class Breaker:
    """Counts failures in a row of one partner, for the calls of one process. `on_back` are told when it answers again
    after a rest."""

    def __init__(self, *, failures_max: int = FAILURES_MAX, rest: timedelta = REST) -> None:
        self._failures_max = failures_max
        self._rest = rest
        self._failures = 0
        self._open_until: datetime | None = None
        self.on_back: list[Callable[[], None]] = []

    def lets_through(self, now: datetime) -> bool:
        """Whether to send now. When a rest is over, the first to ask is the probe and the others go on resting."""
        if self._open_until is None:
            return True
        if now < self._open_until:
            return False
        self._open_until = now + self._rest
        return True

    def rest_s(self, now: datetime) -> float:
        """Seconds until the next probe; 0 when closed."""
        return max(0.0, (self._open_until - now).total_seconds()) if self._open_until else 0.0

    def awaits_probe(self, now: datetime) -> bool:
        """Whether a rest is over and nobody has tried since."""
        return self._open_until is not None and now >= self._open_until

    def answered(self) -> None:
        """The partner is there, whatever it said."""
        was_open, self._open_until = self._open_until is not None, None
        self._failures = 0
        if was_open:
            for tell in self.on_back:
                tell()

    def failed(self, now: datetime) -> None:
        self._failures += 1
        if self._failures >= self._failures_max:
            self._open_until = now + self._rest


def backoff_s(tries: int, chance: Random) -> float:
    """Seconds to wait after `tries` failed ones (1 or more): exponential, with full jitter so that many clients of
    one partner don't come back in step."""
    return chance.uniform(0.0, min(BACKOFF_MAX_S, BACKOFF_BASE_S * 2.0 ** (tries - 1)))
