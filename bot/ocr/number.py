"""The NIK, read several ways from its own strip; the ways vote.

Invariant: what one way alone has seen, or two saw differently, comes with a confidence below `SURE`.
"""

from __future__ import annotations

import re
from collections import Counter

import cv2
import numpy as np

from bot.ocr.engine import Engine, Line, Pixels, text_of
from bot.ocr.parse import parse_nik
from rules.nik import DIGITS

AGREED, OUTVOTED, ALONE = 0.95, 0.6, 0.5
"""Confidence when all ways say the same, when most do, when one alone saw a number."""

SCALES = (1.5, 0.8)
"""The strip is read at these sizes: what differs between them was near to a guess."""


def read_number(strip: Pixels, seen: Line, engine: Engine) -> tuple[str, float] | None:
    """The 16 digits and how sure they are; `seen` is the row as it was read together with the others."""
    said = [_number(text_of(seen))]
    said += [_number(text_of(engine.digits(_sized(strip, scale)))) for scale in SCALES]
    votes = Counter(number for number in said if number is not None)
    if not votes:
        return None
    number, most = votes.most_common(1)[0]
    if most == len(said):
        return number, AGREED
    return number, OUTVOTED if most > 1 else ALONE


def _number(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    # A 17th digit is the colon before the number; this way still needs another that agrees.
    return parse_nik(digits[1:] if len(digits) == DIGITS + 1 else digits)


def _sized(strip: Pixels, scale: float) -> Pixels:
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(strip, None, fx=scale, fy=scale, interpolation=way), np.uint8)
