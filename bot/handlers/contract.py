"""The contract of every channel: what it hands in, what it gets back, what it shows.

A channel decodes what its people send into an `Arrival` and encodes a `Message` for them; it decides nothing.
Invariant: `message_id` is the channel's own, or made by its sender; it alone tells a repeat from a new message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import httpx
from msgspec import Struct

from bot.talk.heard import FromPerson
from bot.talk.message import Crop, Line, Message
from rules.bpjs import TryLater

ACCOUNT = "main"
"""The account of a channel that has only one."""


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

    async def crop(self, chat: int, line: int) -> Crop | None:
        """The part of a photo that this line of this chat shows; None if it shows none."""


Cut = Callable[[bytes, Crop], Awaitable[bytes | None]]
"""Cuts a part out of a photo: a small JPEG, upright; None if it can't be done."""


class Delivered(Struct, frozen=True):
    """The channel took the message."""


class Refused(Struct, frozen=True):
    """A message that the channel will never take; `why` without personal data."""

    why: str


class Gone(Struct, frozen=True):
    """The person can't be reached there any more."""


class Unknown(Struct, frozen=True):
    """It may have arrived or not, so it isn't sent again; `why` without personal data."""

    why: str


Sent = Delivered | TryLater | Refused | Gone | Unknown
"""How sending one message ended. `TryLater` only if it certainly did not arrive."""


class Access(Struct, frozen=True):
    """What the operator set for a channel: where its gateway is, and the secret shared with it."""

    url: str
    secret: str


class Pulled(Struct, frozen=True):
    """A channel that fetches its messages itself; they are done when they are written."""

    name: str


class Pushed(Struct, frozen=True):
    """A channel whose gateway posts to us and is posted to, as four pure functions.

    `admit(headers, body, secret)`: does this come from the gateway? `decode(body)`: the messages in it, none for what
    isn't one. `encode(message, address, key, access)`: the request that sends it; the same `key` is the same message.
    `judge(status, body)`: what the gateway's answer to that means.
    """

    name: str
    admit: Callable[[Mapping[str, str], bytes, str], bool]
    decode: Callable[[bytes], Sequence[Arrival]]
    encode: Callable[[Message, str, str, Access], httpx.Request]
    judge: Callable[[int, bytes], Sent]


Channel = Pulled | Pushed
