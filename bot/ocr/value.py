"""A value while it is read, and which of two readings of it is better. Pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from bot.ocr.engine import Box, Line, text_of
from bot.ocr.parse import Reading

OF_TWO_LINES = ("name", "address")


class Value(Struct, frozen=True):
    """As `rules.card.Field`, with its box (left, top, right, bottom) on the straight card."""

    value: str
    confidence: float
    box: Box
    printed: str | None = None


def printed_of(reading: Reading, words: Line) -> str | None:
    """What was read, where it is only close to the value."""
    return text_of(words) if reading[1] < 1.0 else None


def better(first: dict[str, Value], second: dict[str, Value]) -> dict[str, Value]:
    """Of two readings the surer one; the same value seen twice is surer, two different ones less sure. The second one,
    of a row's place, sees only the first line of what may have two."""
    best = dict(first)
    for name, value in second.items():
        other = first.get(name)
        if other is None:
            best[name] = value
        elif other.value == value.value:
            both = 1 - (1 - other.confidence) * (1 - value.confidence)
            best[name] = replace(other, confidence=min(0.97, both))
        elif name not in OF_TWO_LINES:
            surer = max(other, value, key=lambda one: one.confidence)
            best[name] = replace(surer, confidence=surer.confidence * 0.85)
    return best
