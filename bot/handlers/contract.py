"""The contract of every channel: what it hands in, what it gets back, what it shows.

A channel decodes what its people send into an `Arrival` and encodes a `Message` for them; it decides nothing.
Invariant: `message_id` is the channel's own, or made by its sender; it alone tells a repeat from a new message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bot.talk.heard import FromPerson
from bot.talk.message import Line


class Arrival(Struct, frozen=True):
    """One message of one person. A photo comes with its bytes; `heard.photo` is then 0 and gets its id here."""

    channel: str
    account: str
    address: str
    message_id: str
    heard: FromPerson
    photo: bytes | None = None


class Receipt(Struct, frozen=True):
    """What was handed in is stored. `new` is False for a repeat."""

    chat: int
    new: bool


class NotStoredError(Exception):
    """What was handed in could not be written; nothing of it happened. Hand it in again later, with the same id."""


class Inbox(Protocol):
    """The one way in, for every channel."""

    async def arrive(self, arrival: Arrival) -> Receipt:
        """Return once it is stored and answered; NotStoredError if it wasn't."""


class Transcript(Protocol):
    """What a chat has said and heard, as the person saw it."""

    async def lines(self, chat: int, after: int, most: int) -> Sequence[Line]:
        """At most `most` lines with an id above `after`, oldest first; with `after` 0 the newest ones."""

    async def chat(self, channel: str, account: str, address: str) -> int | None:
        """The chat of an address; None before its first message."""

    async def photo(self, chat: int, photo: int) -> bytes | None:
        """A photo that this chat sent in; None if it isn't this chat's, or has been destroyed."""
