"""Makes a message fit a channel: long texts are split at sentences, too many choices fall back to their numbers.

Invariant: no words are lost, and they stay in order; the buttons stand under the last piece, which asks. What
a label loses can still be read in the text, where every option stands with its number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from bot.handlers.contract import Limits
from bot.talk.message import Button, Message

_BREAKS = (re.compile(r"\n+"), re.compile(r"(?<=[.?!])\s+"), re.compile(r"\s+"))
"""Where a text may be cut, best first: lines, sentences, words."""
ELLIPSIS = "…"
PAPER_WORDS_MAX = 200
"""Characters left free in a text below a paper, for what is said should the paper not be had."""


def fit(message: Message, limits: Limits) -> tuple[Message, ...]:
    """The message as one or more that the channel can show."""
    buttons = _buttons(message.buttons, limits)
    picture = message.picture if limits.caption else None
    paper = message.paper if message.paper is not None and not message.paper.link else None
    is_list = len(buttons) > limits.buttons
    alone = picture is not None and (is_list or len(message.text) > limits.caption)
    paper_alone = paper is not None and (
        picture is not None or is_list or len(message.text) > max(limits.caption - PAPER_WORDS_MAX, 0)
    )
    most = (limits.body or limits.text) if buttons else limits.text
    *before, last = _pieces(message.text, most)
    pieces = [Message("", paper=paper)] if paper_alone else []
    if alone:
        pieces.append(Message("", picture=picture))
    pieces += [Message(text) for text in before]
    rest = replace(message, text=last, buttons=buttons, picture=None if alone else picture)
    return (*pieces, replace(rest, paper=None) if paper_alone else rest)


def _buttons(buttons: Sequence[Button], limits: Limits) -> tuple[Button, ...]:
    if len(buttons) > max(limits.buttons, limits.rows):
        return ()
    room = limits.button_label if len(buttons) <= limits.buttons else limits.row_label
    return tuple([Button(shortened(button.label, room), button.data) for button in buttons])


def shortened(label: str, room: int) -> str:
    """The label in at most `room` characters, cut between words where it can be."""
    if len(label) <= room:
        return label
    cut = label[: room - len(ELLIPSIS)]
    whole_words = cut.rpartition(" ")[0] if label[len(cut)] != " " else cut
    return (whole_words if len(whole_words) > room // 2 else cut).rstrip() + ELLIPSIS


def _pieces(text: str, most: int) -> list[str]:
    """The text in pieces of at most `most` characters, none of them blank."""
    pieces: list[str] = []
    text = text.strip()
    while len(text) > most:
        end, start = _cut(text, most)
        pieces.append(text[:end])
        text = text[start:].lstrip()
    return [*pieces, text]


def _cut(text: str, most: int) -> tuple[int, int]:
    """Where the first piece ends, and where the next one starts. A cut in the first half is too early."""
    for breaks in _BREAKS:
        found = [match for match in breaks.finditer(text, 0, most + 1) if most // 2 < match.start() <= most]
        if found:
            return found[-1].start(), found[-1].end()
    return most, most
