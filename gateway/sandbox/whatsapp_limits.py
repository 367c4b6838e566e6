"""How fast the Cloud API lets a business send: to one person, and over all.

Invariant: a refused message changes nothing, so waiting always helps.
Sources: developers.facebook.com/docs/whatsapp/cloud-api/overview#pair-rate-limits ("1 message every 6 seconds to the
same user … up to 45 messages in 6 seconds as a burst", then the time those would have taken must pass) and
developers.facebook.com/documentation/business-messaging/whatsapp/throughput (80 messages a second by default).
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

PAIR_S = 6
PAIR_BURST_MAX = 45
THROUGHPUT_S = 80
SECOND = timedelta(seconds=1)


class PairRate:
    """One business number and its people; `burst_max` 1 gives the plain rate."""

    def __init__(self, burst_max: int = PAIR_BURST_MAX) -> None:
        self.burst_max = burst_max
        self._bursts: dict[str, tuple[datetime, int]] = {}

    def takes(self, person: str, now: datetime) -> bool:
        began, count = self._bursts.get(person, (now, 0))
        if now >= began + timedelta(seconds=PAIR_S * count):
            self._bursts[person] = now, 1
            return True
        if now < began + timedelta(seconds=PAIR_S) and count < self.burst_max:
            self._bursts[person] = began, count + 1
            return True
        return False


class Throughput:
    """All messages of one business number within any one second."""

    def __init__(self, most_s: int = THROUGHPUT_S) -> None:
        self.most_s = most_s
        self._sent: deque[datetime] = deque()

    def takes(self, now: datetime) -> bool:
        while self._sent and self._sent[0] <= now - SECOND:
            self._sent.popleft()
        if len(self._sent) >= self.most_s:
            return False
        self._sent.append(now)
        return True
