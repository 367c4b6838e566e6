"""What the bot says, ready for any channel: a text, numbered options as buttons, a picture, and what it waits for.

Invariant: everything a button does can be typed; the options stand in the text with their numbers. A picture only
repeats what the text says, so a channel may leave it out.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

BUTTON_LABEL_MAX = 40
"""Characters of a label kept in full; a channel with less room shortens it."""


class Button(Struct, frozen=True):
    """`data` comes back in `Pressed`: conversation, question and option, so that an old button is recognised."""

    label: str
    data: str


class Drawing(Struct, frozen=True, tag="drawing"):
    """One of our own drawings, by its name."""

    name: str


class Crop(Struct, frozen=True, tag="crop"):
    """A part of a photo that this chat sent in. `box` is (left, top, right, bottom) in pixels of the photo after EXIF
    rotation; `turn` quarter turns clockwise set it upright."""

    photo: int
    box: tuple[int, int, int, int]
    turn: int = 0


class Picture(Struct, frozen=True):
    """Stands above the text. `alt` says in a few words what there is to see."""

    alt: str
    shows: Drawing | Crop


class Message(Struct, frozen=True, omit_defaults=True):
    """One bubble. `wants` tells the channel which keyboard or picker helps: "text", "choice", "photo", "number" or
    "nothing". `back` says whether 0 leads anywhere. `private`: it asks for, or shows, what some channels don't allow in
    a chat; there `page` is what our own page shows instead, and the text leads to it."""

    text: str
    buttons: tuple[Button, ...] = ()
    wants: str = "nothing"
    back: bool = False
    picture: Picture | None = None
    private: bool = False
    page: Message | None = None


class Line(Struct, frozen=True):
    """One line of a chat as the person saw it. `photo` is the id of a photo that was sent in; `picture` is ours."""

    id: int
    at: datetime
    mine: bool  # said by the person
    text: str
    photo: int | None = None
    buttons: tuple[Button, ...] = ()
    wants: str = "nothing"
    back: bool = False
    picture: Picture | None = None


def digest(value: Any) -> str:
    """A short fingerprint of a plain value: 12 hexadecimal digits, stable between processes and releases."""
    return blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=6).hexdigest()


def button_data(conversation: int, token: str, option: str) -> str:
    """At most 64 bytes, the limit of a Telegram callback (core.telegram.org/bots/api#inlinekeyboardbutton)."""
    return f"{conversation:x}.{token}.{option}"


def read_button(data: str) -> tuple[int, str, str] | None:
    """(conversation, question token, option) of a button of ours; None if it isn't one."""
    parts = data.split(".", 2)
    if len(parts) != 3:
        return None
    try:
        return int(parts[0], 16), parts[1], parts[2]
    except ValueError:
        return None
