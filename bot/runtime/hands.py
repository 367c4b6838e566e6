"""Who performs an errand right after the commit that asked for it, so that nobody has to fetch it from the outbox.

Invariant: every promise is either begun or withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from db.outbox import Taken


class Hands(Protocol):
    """Who performs errands right after the commit that asked for them."""

    def promise(self, lane: str) -> bool:
        """Whether a hand is free; it is then kept free until `begin` or `withdraw`."""
        ...

    def begin(self, rows: Sequence[Taken]) -> None:
        """Perform what was promised and is committed."""
        ...

    def withdraw(self, rows: Sequence[Taken]) -> None:
        """What was promised will not come."""
        ...


class NoHands:
    """Nobody performs errands here; they wait in the outbox."""

    def promise(self, lane: str) -> bool:
        return False

    def begin(self, rows: Sequence[Taken]) -> None: ...

    def withdraw(self, rows: Sequence[Taken]) -> None: ...
