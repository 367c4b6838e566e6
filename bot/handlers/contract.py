"""The contract of every channel: what it hands in, what it gets back, what it shows.

A channel decodes what its people send into `Arrival`s and encodes a `Message` for them; it decides nothing. What it
can't do it says in its `Limits`, and others see to it: no message reaches it that is longer or has more buttons.
Invariant: `message_id` is the channel's own, or made by its sender; it alone tells a repeat from a new message.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from bot.talk.heard import FromPerson, Unread
from bot.talk.message import Crop, Line, Message, Paper
from rules.bpjs import TryLater

ACCOUNT = "main"
"""The account of a channel that has only one."""


class Arrival(Struct, frozen=True):
    """One message of one person. A photo comes with its bytes, or with what the channel calls the `file`, which is then
    fetched; `heard.photo` is 0 and gets its id here.

    `sent_at`: when the person sent it. `place` orders the messages of a chat that were sent at the same moment.
    `album`: messages with the same one belong together. `aliases`: addresses under which this person is reached today
    and somebody else may be tomorrow, `address` itself perhaps among them. `token`: what an acknowledgement needs.
    `by_page`: it was answered on our own page.
    """

    channel: str
    account: str
    address: str
    message_id: str
    heard: FromPerson
    photo: bytes | None = None
    sent_at: datetime | None = None
    place: int = 0
    album: str = ""
    file: str = ""
    aliases: tuple[str, ...] = ()
    token: str = ""
    by_page: bool = False


class Receipt(Struct, frozen=True):
    """What was handed in is stored. `new` is False for a repeat."""

    chat: int
    new: bool


class Fate(Struct, frozen=True):
    """What became of a message that the channel took under `ref`. `why` without personal data."""

    ref: str
    state: Literal["sent", "delivered", "read", "failed"]
    why: str = ""
    gone: bool = False  # failed because the person can't be reached there any more


class Presence(Struct, frozen=True):
    """The person blocked the bot, or lets it in again."""

    address: str
    gone: bool


class Post(Struct, frozen=True):
    """What one body of a webhook says. `groups` are addresses of more than one person, to be declined. `ignored` are
    the kinds of what nobody uses, for a counter: they may hold nothing that a person wrote."""

    arrivals: tuple[Arrival, ...] = ()
    fates: tuple[Fate, ...] = ()
    presences: tuple[Presence, ...] = ()
    groups: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


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

    async def paper(self, chat: int, line: int) -> Paper | None:
        """The paper that this line of this chat hands over; None if it hands over none."""


Cut = Callable[[bytes, Crop], Awaitable[bytes | None]]
"""Cuts a part out of a photo: a small JPEG, upright; None if it can't be done."""
Make = Callable[[int, Paper], Awaitable[bytes | None]]
"""The bytes of a paper for a chat; None if it doesn't exist any more, or isn't this chat's. TimeoutError if making it
takes too long now."""


class Delivered(Struct, frozen=True):
    """The channel took the message, and calls it `ref`; "" if it doesn't say."""

    ref: str = ""


class Slow(Struct, frozen=True):
    """The channel took nothing, and wants nothing from this account for so many seconds."""

    after_s: float


class Refused(Struct, frozen=True):
    """A message that the channel will never take; `why` without personal data."""

    why: str


class Gone(Struct, frozen=True):
    """The person can't be reached there any more."""


class Unknown(Struct, frozen=True):
    """It may have arrived or not, so it isn't sent again; `why` without personal data."""

    why: str


Sent = Delivered | TryLater | Slow | Refused | Gone | Unknown
"""How sending one message ended. `TryLater` only if it certainly did not arrive."""


class Limits(Struct, frozen=True):
    """What a channel can show, in characters and pieces, and how fast it may be sent to.

    With more options than `rows` the numbers in the text must do. `window_h`: after so many hours of silence only a
    template reaches the person. `gap_s`: between two messages to one chat.
    """

    text: int
    caption: int = 0  # of a picture or a paper; 0: it shows no pictures
    papers: bool = False  # it sends files
    body: int = 0  # of a text with buttons; 0: like `text`
    buttons: int = 0
    button_label: int = 20
    rows: int = 0  # of a list, where there are more options than buttons
    row_label: int = 24
    per_s: float = 30
    gap_s: float = 0
    window_h: int | None = None


class Access(Struct, frozen=True):
    """What the operator set for a channel, under the names of config.yaml. `hook` is the public address of our webhook;
    "" if the operator gave none. `secret` is what the gateway shows to us, `token` what we show to it."""

    url: str = ""
    secret: str = ""
    token: str = ""
    number: str = ""
    handshake: str = ""
    template: str = ""
    reminder_template: str = ""
    hook: str = ""


class Peer(Struct, frozen=True):
    """To whom a message goes. `is_open`: the person wrote within the channel's window."""

    address: str
    language: str = "id"
    is_open: bool = True


class Wire(Protocol):
    """A pushed channel at work: its library and its connections."""

    async def open(self) -> None:
        """Say hello to the gateway; ConnectionRefusedError with words for the operator if it wants other settings."""

    async def send(self, message: Message, enclosed: bytes | None, to: Peer, key: str) -> Sent:
        """Try once. The same `key` is the same message. `enclosed`: the bytes of the paper that the message hands over,
        or PNG or JPEG of what it shows; a message doesn't do both."""

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        """The bytes of a photo, or why it can't be used, never more than `bytes_max` of it."""

    async def acknowledge(self, arrival: Arrival) -> None:
        """Let the person see that it came, if the channel can. May fail without a word: it is a courtesy."""

    async def retire(self, address: str, ref: str) -> None:
        """Take the buttons off an old message, if the channel can. May fail without a word."""

    async def decline(self, address: str) -> None:
        """Tell a group that this is a chat for one. May fail without a word."""

    async def close(self) -> None: ...


class Pulled(Struct, frozen=True):
    """A channel that fetches its messages itself; they are done when they are written."""

    name: str


class Pushed(Struct, frozen=True):
    """A channel whose gateway posts to us and is posted to.

    `admit(headers, body, access)`: does this come from the gateway? `decode(body, access)`: what is in it; None for
    what isn't even of its format. `connect(access)`: its wire; raises SettingError for what is missing.
    `greet(query, access)`: the answer to the gateway's handshake, None to refuse it. `poll(wire)`: where the gateway
    can't reach us, we ask; the next piece is asked for once the one before is stored. `identity_in_chat`: whether
    identity numbers may be asked for in its chats. `makes_secret`: we make the secret and tell it to the
    gateway.
    """

    name: str
    limits: Limits
    admit: Callable[[Mapping[str, str], bytes, Access], bool]
    decode: Callable[[bytes, Access], Post | None]
    connect: Callable[[Access], Wire]
    greet: Callable[[Mapping[str, str], Access], str | None] | None = None
    poll: Callable[[Wire], AsyncIterator[Post]] | None = None
    identity_in_chat: bool = True
    makes_secret: bool = False


class Elsewhere(Struct, frozen=True):
    """A channel whose file is only loaded where it is set up: its CHANNEL stands in `module`."""

    name: str
    module: str


class SettingError(Exception):
    """A setting of a channel is missing or wrong: its name, and words for the operator."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(name, words)
        self.name, self.words = name, words


Channel = Pulled | Pushed | Elsewhere
