"""The header of a card: the province and the regency that issued it, two lines above the NIK."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ocr.engine import LATIN, Engine, Line, Pixels, Quad, box_of, confidence_of, middle_of, text_of
from bot.ocr.layout import HEADER_BOTTOM, WIDTH
from bot.ocr.locate import back_of, corners_onto
from bot.ocr.parse import parse_province, parse_regency
from bot.ocr.ppocr import line_picture
from bot.ocr.straight import Straight, read_lines
from bot.ocr.upright import words_of
from bot.ocr.value import Value, better, printed_of
from rules.card import SURE

TITLES = {"province": parse_province, "regency": parse_regency}
NOISE_MAX = 3
"""Scraps read before a line."""


def read_header(photo: Pixels, card: Straight, engine: Engine) -> dict[str, Value]:
    """Province and regency. The straight card may end below the first line, which then is read in the photo."""
    found = _titles(read_lines(card.picture, [line for line in card.lines if _is_above(line)], engine))
    if len(found) == len(TITLES) and all(value.confidence >= SURE for value in found.values()):
        return found
    back = back_of(card.matrix)
    lines = [(line, corners_onto(back, line)) for line in card.photo_lines]
    above = [(line, place) for line, place in lines if _is_above(place)]
    said = engine.read([line_picture(photo, line) for line, _place in above], LATIN)
    return better(found, _titles([words_of(one, place) for (one,), (_line, place) in zip(said, above, strict=True)]))


def _is_above(line: Quad) -> bool:
    """Whether a line of the straight card stands above the NIK."""
    x, y = middle_of(line)
    return -HEADER_BOTTOM < y < HEADER_BOTTOM and 0 < x < WIDTH


def _titles(lines: Sequence[Line]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for words in (line[start:] for line in lines for start in range(min(NOISE_MAX + 1, len(line)))):
        for name, understood in TITLES.items():
            reading = understood(text_of(words))
            if reading is None:
                continue
            confidence = confidence_of(words) * reading[1]
            if name not in found or confidence > found[name].confidence:
                found[name] = Value(reading[0], confidence, box_of(words), printed_of(reading, words))
    return found
