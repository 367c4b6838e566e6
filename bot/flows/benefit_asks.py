"""What the conversation about benefits wants from the registry."""

from __future__ import annotations

from msgspec import Struct

from bot.talk.awaited import Lookup
from rules.history import History


class CoveredMember(Struct, frozen=True):
    """A member for whom this chat speaks, with the months that are paid. Of who has died no "if" is said."""

    person: int
    name: str
    history: History
    has_died: bool = False


class CoverHistory(Lookup[list[CoveredMember]], frozen=True):
    """The members of this chat, the latest first; a list of choices at most."""

    day: str  # asked anew each day
