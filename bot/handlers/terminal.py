"""The terminal: a line typed is a message, `/foto jalan/ke/foto.jpg` sends a photo; a line of the chat is plain text
with its picture and its paper told in brackets.

Invariant: reads and writes nothing itself; whoever runs the terminal opens the photo.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.talk.heard import FromPerson, Said, Unread
from bot.talk.message import Line

LINE_CHARS_MAX = 4000
PHOTO_WORD = "/foto"
WITA = ZoneInfo("Asia/Makassar")


class PhotoPath(Struct, frozen=True):
    """A photo to be sent."""

    path: Path


def decode(line: str) -> FromPerson | PhotoPath:
    """What was typed. A blank line is `Said("")`, which is not worth handing in."""
    typed = line.strip()
    word, _, rest = typed.partition(" ")
    if word.casefold() == PHOTO_WORD and rest.strip():
        return PhotoPath(Path(rest.strip().strip("'\"")))  # terminals quote a file that is dragged in
    return Said(typed) if len(typed) <= LINE_CHARS_MAX else Unread("too-long")


def encode(line: Line) -> str:
    """The bubble: who and when, then the words. Numbered options stand in the words already."""
    who = "Anda" if line.mine else "Siaga"
    shown = "".join(c for c in words(line) if c == "\n" or c.isprintable())  # no escape sequence gets to the terminal
    return f"{who} {line.at.astimezone(WITA):%H.%M}\n{indent(shown, '  ')}"


def words(line: Line) -> str:
    """What stands in the bubble, a picture as its words in brackets and a paper as its name; so it stands in a
    transcript too."""
    if line.photo is not None:
        return "(foto)"
    paper = [] if line.paper is None else [f"[Berkas: {line.paper.name}]"]
    picture = [] if line.picture is None else [f"[{line.picture.alt}]"]
    return "\n".join([*paper, *picture, line.text]).rstrip("\n")
