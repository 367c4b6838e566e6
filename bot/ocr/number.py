"""The NIK, read several ways from its own place; the ways vote.

Invariant: what one way alone has seen, or two saw differently, comes with a confidence below `SURE`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct

from bot.ocr.engine import DIGITS, LATIN, Engine, Pixels, Quad, Said, SecondOpinion
from bot.ocr.parse import parse_nik
from bot.ocr.ppocr import line_picture
from bot.ocr.show import Show, unseen
from rules import nik
from rules.card import SURE

AGREED, OUTVOTED, ALONE = 0.95, 0.6, 0.5
"""Confidence at most when all ways say the same; when some say otherwise; when only one saw a number."""

BEFORE_MAX = 2
"""Digits that the label and the colon before the number may be read as."""
SECOND = 0.85
"""How sure a number of the second opinion is, which tells no confidence that holds."""


class Number(Struct, frozen=True):
    """16 digits and how sure they are."""

    digits: str
    confidence: float


def read_number(
    photo: Pixels, places: Sequence[Quad], engine: Engine, second: SecondOpinion, show: Show = unseen
) -> Number | None:
    """The NIK at these places of the photo, each read as digits and as any letters, tightly and with room around. The
    second opinion is asked only where these don't agree."""
    pictures = [line_picture(photo, quad) for place in places for quad in _ways(place)]
    for picture in pictures:
        show("nik", picture)
    said = [line for both in engine.read(pictures, DIGITS, LATIN) for line in both]
    numbers = [one for line in said if (one := _number(line)) is not None]
    number = _elected(numbers)
    if number is not None and number.confidence >= SURE:
        return number
    others = [Number(found, SECOND) for picture in pictures[:1] if (found := parse_nik(second.digits(picture)))]
    return _elected([*numbers, *others])


def _elected(numbers: Sequence[Number]) -> Number | None:
    votes = Counter(number.digits for number in numbers)
    if not votes:
        return None
    digits, most = votes.most_common(1)[0]
    surest = max(number.confidence for number in numbers if number.digits == digits)
    if most == 1:
        return Number(digits, min(ALONE, surest))
    return Number(digits, min(surest, AGREED if most == len(numbers) else OUTVOTED))


def _ways(place: Quad) -> Iterator[Quad]:
    yield place
    middle = place.mean(axis=0)
    yield np.asarray(middle + (place - middle) * np.array([1.02, 1.2], np.float32), np.float32)


def _number(said: Said) -> Number | None:
    """The last 16 digits of a line, which may begin with the label and its colon, read as one digit or two."""
    digits = [letter for letter in said if re.fullmatch(r"\d", letter.text)]
    if not nik.DIGITS <= len(digits) <= nik.DIGITS + BEFORE_MAX:
        return None
    digits = digits[-nik.DIGITS :]
    found = parse_nik("".join(letter.text for letter in digits))
    return Number(found, min(letter.confidence for letter in digits)) if found is not None else None
