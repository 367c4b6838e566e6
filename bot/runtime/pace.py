"""How fast an account of a channel may be sent to.

Invariant: in no second does the channel see more than `per_s` messages of ours, whenever within its flight each of them
was counted: one goes out only a second after the answer to the one that was `per_s` before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta

LEAD_S = 0.1
"""So long before it may go out a message is taken from the outbox, so that the way there costs no time."""
LOOKS_A_GAP = 10
"""So often within a chat's gap it is looked whether the next message may go."""
SPREAD = 0.5
"""Messages that may all go out at once are sent this far apart, in parts of an even pace: together they would hinder
each other, and all be answered late."""
LOOK_S = 0.005
"""Between two looks while everything is under way."""


class Pace:
    """`clock` counts seconds and never goes back. `gap`: between two messages to one chat, kept by the database.
    `kept`: somebody sends in the background; else all that is due may go out."""

    kept = False

    def __init__(self, per_s: float, gap_s: float, clock: Callable[[], float]) -> None:
        self._most = max(1, int(per_s))
        self._span = self._most / per_s
        self._clock, self._under_way = clock, 0
        self._ended: deque[float] = deque(maxlen=self._most)
        self._next_at = clock()
        self.gap = timedelta(seconds=gap_s)

    def room(self, taken: int) -> int:
        """How many more may be taken, where so many are: they will be able to go out at once, or very soon."""
        soon = self._clock() - self._span + LEAD_S
        return max(0, self._most - taken - sum(1 for ended in self._ended if ended > soon))

    def pause_s(self, taken: int, most: float) -> float:
        """How long to pause before there may be something to take again, unless woken; at most `most` seconds."""
        if not self.room(taken):
            return min(most, max(LOOK_S, self._ended[0] + self._span - LEAD_S - self._clock())) if self._ended else most
        lately = bool(self._ended or self._under_way)
        return min(most, self.gap.total_seconds() / LOOKS_A_GAP) if lately and self.gap else most

    def wait_s(self) -> float:
        """How long to wait before one may go out; 0: now."""
        before = self._clock() - self._span
        while self._ended and self._ended[0] <= before:
            self._ended.popleft()
        if not self.kept:
            return 0.0
        if self._under_way + len(self._ended) < self._most:
            return max(0.0, self._next_at - self._clock())
        return max(LOOK_S, self._ended[0] - before) if self._ended else LOOK_S

    def begin(self) -> None:
        """One goes out."""
        self._under_way += 1
        self._next_at = self._clock() + SPREAD * self._span / self._most

    def end(self) -> None:
        """One was answered, however."""
        self._under_way -= 1
        self._ended.append(self._clock())
