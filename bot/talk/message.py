"""What the bot says, ready for any channel: a text, numbered options as buttons, a picture, a paper, and what it waits
for.

Invariant: everything a button does can be typed; the options stand in the text with their numbers. A picture only
repeats what the text says, so a channel may leave it out; a paper doesn't, so who can't be given it is told so.
"""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

import msgspec
from msgspec import Struct

Template = Literal["", "reminder"]
BUTTON_LABEL_MAX = 40
"""Characters of a label kept in full; a channel with less room shortens it."""
PAPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,58}\.[a-z]{3,4}", re.ASCII)
"""What a paper may be called: a name that no header and no file system has to quote."""
PAPER_OF_MAX = 500
"""Characters of what a paper is made of: an id, or the text of a QR code."""

MediaType = Literal["application/pdf", "application/json", "image/png"]


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


class Paper(Struct, frozen=True, omit_defaults=True):
    """A file for the person, by what it is: its bytes are made when it is sent or fetched. `kind` names its maker, `of`
    is what that makes it of (an id, or a short text). `private`: where a chat may not show such things, the text leads
    to our own page, and `link` is the number of that link; 0 for a paper that is given in the chat."""

    kind: str
    of: str
    name: str
    media: MediaType
    private: bool = True
    link: int = 0

    def __post_init__(self) -> None:
        if not PAPER_NAME.fullmatch(self.name) or len(self.of) > PAPER_OF_MAX:
            raise ValueError(f"a paper can't be called {self.name!r}, or is made of too much")


class Message(Struct, frozen=True, omit_defaults=True):
    """One bubble. `wants` tells the channel which keyboard or picker helps: "text", "choice", "photo", "number" or
    "nothing". `back` says whether 0 leads anywhere. `private`: it asks for, or shows, what some channels don't allow in
    a chat; there `page` is what our own page shows instead, and the text leads to it. `template`: the kind of news that
    it is, for channels that let only approved words through unasked."""

    text: str
    buttons: tuple[Button, ...] = ()
    wants: str = "nothing"
    back: bool = False
    picture: Picture | None = None
    private: bool = False
    page: Message | None = None
    paper: Paper | None = None
    template: Template = ""


class Line(Struct, frozen=True):
    """One line of a chat as the person saw it. `photo` is the id of a photo that was sent in; `picture` and `paper` are
    ours."""

    id: int
    at: datetime
    mine: bool  # said by the person
    text: str
    photo: int | None = None
    buttons: tuple[Button, ...] = ()
    wants: str = "nothing"
    back: bool = False
    picture: Picture | None = None
    paper: Paper | None = None


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
