"""What reaches a conversation, whatever the channel: words, a pressed button, a photo, a result, a delay.

Invariant: these are values that can be stored; a photo is only referred to by its id.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

UnreadKind = Literal[
    "voice", "video", "document", "sticker", "location", "contact", "animation",
    "photo-too-large", "not-an-image", "too-long", "unknown",
]  # fmt: skip
"""What the bot received and can't use."""


class Said(Struct, frozen=True, tag="said"):
    """Typed words."""

    text: str


class Pressed(Struct, frozen=True, tag="pressed"):
    """A button; `data` is what `message.button_data` wrote. `label` is what the person saw."""

    data: str
    label: str = ""


class Shown(Struct, frozen=True, tag="shown"):
    """A photo, stored and sealed under `photo`."""

    photo: int


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


FromPerson = Said | Pressed | Shown | Unread
Heard = Said | Pressed | Shown | Unread | Result | Delayed
