"""What reaches a conversation, whatever the channel: words, a pressed button, a photo, a result, a delay.

Invariant: these are values that can be stored; a photo is only referred to by its id.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

UnreadKind = Literal[
    "voice", "video", "document", "sticker", "location", "contact", "animation",
    "photo-too-large", "not-an-image", "photo-lost", "too-long", "unknown",
]  # fmt: skip
"""What the bot received and can't use."""


class Said(Struct, frozen=True, tag="said", omit_defaults=True):
    """Typed words. `ref`: what the channel calls the message, if its people can edit what they sent."""

    text: str
    ref: str = ""


class Edited(Struct, frozen=True, tag="edited"):
    """The message `ref` now has these words."""

    text: str
    ref: str


class Contact(Struct, frozen=True, tag="contact"):
    """A telephone number handed over as a contact. `own`: the channel vouches that it is the sender's."""

    phone: str
    own: bool


class Pressed(Struct, frozen=True, tag="pressed"):
    """A button; `data` is what `message.button_data` wrote. `label` is what the person saw."""

    data: str
    label: str = ""


class Shown(Struct, frozen=True, tag="shown", omit_defaults=True):
    """A photo, stored and sealed under `photo`; of an album the first one, `more` are the others."""

    photo: int
    more: tuple[int, ...] = ()


class Unread(Struct, frozen=True, tag="unread"):
    """Something that can't be used; it is answered kindly and changes nothing."""

    kind: UnreadKind


class Result(Struct, frozen=True, tag="result"):
    """What the outside world answered to the errand `key` of a conversation, as plain JSON values."""

    conversation: int
    key: str
    value: Any


class Delayed(Struct, frozen=True, tag="delayed"):
    """The errand `key` takes longer than its patience."""

    conversation: int
    key: str


class HandedBack(Struct, frozen=True, tag="handed-back"):
    """A person of the office answered in this chat, and is done."""


FromPerson = Said | Edited | Pressed | Shown | Contact | Unread
Heard = Said | Edited | Pressed | Shown | Contact | Unread | Result | Delayed | HandedBack
