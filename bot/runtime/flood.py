"""Who writes far more than a person can: those messages wait a little and are answered together, once they are told so.

Invariant: one chat's flood costs the others nothing, and no message is lost: past the limit they are stored unanswered.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

WINDOW = timedelta(seconds=10)
FLOOD_MIN = 60
"""Messages of one chat within the window from which on it is slowed: more than an album and a burst together."""
HEARD_MAX = 200
"""Messages of one chat within the window that are answered at all."""
SLOWED = timedelta(seconds=5)

Verdict = Literal["", "first", "slow", "too-many"]
"""Nothing special; the first message of a flood; one more of it; one too many."""


class Flood:
    """Counts the messages of each chat within a window of time, in this process."""

    def __init__(self) -> None:
        self._numbers: dict[int, dict[str, int]] = {}
        self._since: datetime | None = None

    def judge(self, chat: int, message_id: str, now: datetime) -> Verdict:
        """Count one message; one that is judged again, as when its transaction is repeated, is judged alike."""
        if self._since is None or now - self._since >= WINDOW:
            self._since = now
            self._numbers.clear()
        numbers = self._numbers.setdefault(chat, {})
        number = numbers.setdefault(message_id, len(numbers) + 1)
        if number < FLOOD_MIN:
            return ""
        if number == FLOOD_MIN:
            return "first"
        return "slow" if number <= HEARD_MAX else "too-many"
