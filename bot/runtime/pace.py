"""How fast an account of a channel may be sent to.

Invariant: in no second does the channel see more than `per_s` messages of ours, whenever within its flight each of them
was counted: one goes out only a second after the answer to the one that was `per_s` before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta

LOOKS_A_GAP = 4
"""So often within a chat's gap it is looked whether the next message may go."""


class Pace:
    """`clock` counts seconds and never goes back. `gap`: between two messages to one chat, kept by the database."""

    def __init__(self, per_s: float, gap_s: float, clock: Callable[[], float]) -> None:
        self._most = max(1, int(per_s))
        self._span = self._most / per_s
        self._clock, self._under_way = clock, 0
        self._ended: deque[float] = deque(maxlen=self._most)
        self.gap = timedelta(seconds=gap_s)

    def room(self) -> int:
        """How many may go out now."""
        self._forget()
        return max(0, self._most - self._under_way - len(self._ended))

    def pause_s(self, most: float) -> float:
        """How long to pause before there may be something to send again, unless woken; at most `most` seconds."""
        if not self.room():
            return min(most, max(0.0, self._ended[0] + self._span - self._clock())) if self._ended else most
        lately = bool(self._ended or self._under_way)
        return min(most, self.gap.total_seconds() / LOOKS_A_GAP) if lately and self.gap else most

    def begin(self, messages: int) -> None:
        """So many go out."""
        self._under_way += messages

    def end(self) -> None:
        """One was answered, however."""
        self._under_way -= 1
        self._ended.append(self._clock())

    def _forget(self) -> None:
        before = self._clock() - self._span
        while self._ended and self._ended[0] <= before:
            self._ended.popleft()
