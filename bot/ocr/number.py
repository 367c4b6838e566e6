"""The NIK, read several ways from its own place; the ways vote.

Invariant: what one way alone has seen, or two saw differently, comes with a confidence below `SURE`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bot.ocr.engine import DIGITS, LATIN, Engine, Pixels, Quad, Said, SecondOpinion, ends_of, middle_of, quad_of
from bot.ocr.layout import NIK, VALUE_RIGHT
from bot.ocr.locate import back_of, corners_onto
from bot.ocr.parse import parse_nik
from bot.ocr.ppocr import line_picture
from bot.ocr.rows import Grid
from bot.ocr.show import Show, unseen
from bot.ocr.straight import Straight
from rules import nik
from rules.card import SURE

AGREED, OUTVOTED, ALONE = 0.95, 0.6, 0.5
"""Confidence at most when all ways say the same; when some say otherwise; when only one saw a number."""

BEFORE_MAX = 2
"""Digits that the label and the colon before the number may be read as."""
LONG = 5.0
"""Length by height of the shortest line that may hold 16 digits."""
ON_CARD_MIN = 0.4
"""Of the length of a line that begins beside the card: so much of it must lie on it."""
EDGE = 4
"""Pixels of the straight card: what begins nearer to its left edge may begin outside of it."""
SECOND = 0.85
"""How sure a number of the second opinion is, which tells no confidence that holds."""


class Number(Struct, frozen=True):
    """16 digits, how sure they are, and where in the photo they stand."""

    digits: str
    confidence: float
    place: Quad


def read_number(
    photo: Pixels, places: Sequence[Quad], engine: Engine, second: SecondOpinion, show: Show = unseen
) -> Number | None:
    """The NIK at these places of the photo, each read as digits and as any letters, tightly and with room around. The
    second opinion is asked only where these don't agree."""
    tried = [(place, line_picture(photo, quad)) for place in places for quad in _ways(place)]
    pictures = [picture for _place, picture in tried]
    for picture in pictures:
        show("nik", picture)
    said = zip(tried, engine.read(pictures, DIGITS, LATIN), strict=True)
    numbers = [one for (place, _), both in said for line in both if (one := _number(line, place)) is not None]
    number = _elected(numbers)
    if number is not None and number.confidence >= SURE:
        return number
    others = [
        Number(found, SECOND, place) for place, picture in tried[:1] if (found := parse_nik(second.digits(picture)))
    ]
    return _elected([*numbers, *others])


def number_places(card: Straight) -> list[Quad]:
    """Where the NIK may stand in the photo: lines of its row, found on the straight card or, where they begin beside
    it, in the photo; and its usual place."""
    back = back_of(card.matrix)
    within = [line for line in card.lines if _is_long_enough(line, card.grid) and line[[0, 3], 0].min() > EDGE]
    usual = quad_of(card.grid.strip(NIK))
    seen = [corners_onto(card.matrix, line) for line in (*within, usual)]
    if within:
        return seen
    placed = [(line, corners_onto(back, line)) for line in card.photo_lines]
    return [line for line, place in placed if _is_long_enough(place, card.grid) and _is_on_card(place)] + seen


def _is_long_enough(line: Quad, grid: Grid) -> bool:
    """Whether a line of the straight card stands in the row of the NIK and may hold 16 digits."""
    sides = np.linalg.norm(line - np.roll(line, 1, axis=0), axis=1)
    return bool(grid.row_at(middle_of(line)[1]) is NIK and sides.max() > LONG * sides.min())


def _is_on_card(line: Quad) -> bool:
    """Whether enough of a line that may begin beside the straight card stands on it: other numbers lie about."""
    left, right = ends_of(line)
    return min(right, VALUE_RIGHT) - max(left, 0.0) > ON_CARD_MIN * (right - left)


def _elected(numbers: Sequence[Number]) -> Number | None:
    votes = Counter(number.digits for number in numbers)
    if not votes:
        return None
    digits, most = votes.most_common(1)[0]
    elected = [number for number in numbers if number.digits == digits]
    surest = max(number.confidence for number in elected)
    at_most = ALONE if most == 1 else AGREED if most == len(numbers) else OUTVOTED
    return replace(elected[0], confidence=min(surest, at_most))


def _ways(place: Quad) -> Iterator[Quad]:
    yield place
    middle = place.mean(axis=0)
    yield np.asarray(middle + (place - middle) * np.array([1.02, 1.2], np.float32), np.float32)


def _number(said: Said, place: Quad) -> Number | None:
    """The last 16 digits of a line, which may begin with the label and its colon, read as one digit or two."""
    digits = [letter for letter in said if re.fullmatch(r"\d", letter.text)]
    if not nik.DIGITS <= len(digits) <= nik.DIGITS + BEFORE_MAX:
        return None
    digits = digits[-nik.DIGITS :]
    found = parse_nik("".join(letter.text for letter in digits))
    return None if found is None else Number(found, min(letter.confidence for letter in digits), place)
