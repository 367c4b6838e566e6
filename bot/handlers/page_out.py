"""What happens in a chat, made into what our page understands.

Invariant: ids leave as strings, since they are larger than a number of JavaScript can hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from bot.handlers.page_port import Asked, Handed, Stage
from bot.talk.message import BUTTON_LABEL_MAX, Button, Message

_NUMBERED = re.compile(r"(\d{1,2}) (.+)")


class Option(Struct, frozen=True):
    """A way to answer, with its number and all its words. `data` and `label` go back when it is pressed."""

    number: str
    words: str
    label: str
    data: str


class WireStage(Struct, frozen=True, omit_defaults=True):
    """`stage` is "question", "paper", "reading", "office" or "done". Of a question: what stands there, and `alt`, what
    its picture shows, "" where it has none. Of a paper: its file name as `paper`, and whether it `is_picture`, to be
    shown."""

    stage: str
    id: str = ""
    words: str = ""
    options: tuple[Option, ...] = ()
    wants: str = "nothing"
    back: bool = False
    alt: str = ""
    paper: str = ""
    is_picture: bool = False


def encode(stage: Stage) -> WireStage:
    if isinstance(stage, Handed):
        return WireStage("paper", paper=stage.paper.name, is_picture=stage.paper.media == "image/png")
    if not isinstance(stage, Asked):
        return WireStage(stage)
    message = stage.message
    words, options = _apart(message)
    alt = message.picture.alt if message.picture else ""
    return WireStage("question", str(stage.id), words, options, message.wants, message.back, alt)


def _apart(message: Message) -> tuple[str, tuple[Option, ...]]:
    """The words, and the options that stand below them with their numbers (bot/talk/prompt.py): on a page they are
    buttons, and stand there once."""
    lines, count = message.text.split("\n"), len(message.buttons)
    numbered = [_option(*both) for both in zip(lines[-count:], message.buttons, strict=False)] if count else []
    options = tuple(option for option in numbered if option is not None)
    if len(options) < count:
        return message.text, _bare(message.buttons)
    return "\n".join(lines[: len(lines) - count]), options


def _option(line: str, button: Button) -> Option | None:
    found = _NUMBERED.fullmatch(line)
    if found is None or found[2][:BUTTON_LABEL_MAX] != button.label:
        return None
    return Option(found[1], found[2], button.label, button.data)


def _bare(buttons: Sequence[Button]) -> tuple[Option, ...]:
    return tuple(Option("", button.label, button.label, button.data) for button in buttons)
