"""The NIK, read several ways from its own strip; the ways vote.

Invariant: what one way alone has seen, or two saw differently, comes with a confidence below `SURE`.
"""

from __future__ import annotations

import re
from collections import Counter

import cv2
import numpy as np

from bot.ocr.engine import Engine, Pixels, text_of
from bot.ocr.parse import parse_nik
from rules.nik import DIGITS

AGREED, UNOPPOSED, OUTVOTED, ALONE = 0.95, 0.85, 0.6, 0.5
"""Confidence when all ways say the same; when two do and the third saw no number; when two are against one; else."""

SCALES = (0.4, 0.5, 0.6)
"""The strip is read at these sizes: what differs between them was near to a guess. Measured on drawn cards: the
NIK's own font, OCR-A, is read at these sizes and hardly at all at full size; other fonts don't mind."""


def read_number(strip: Pixels, engine: Engine) -> tuple[str, float] | None:
    """The 16 digits and how sure they are."""
    said = [_number(text_of(engine.digits(_sized(strip, scale)))) for scale in SCALES]
    votes = Counter(number for number in said if number is not None)
    if not votes:
        return None
    number, most = votes.most_common(1)[0]
    return number, _confidence(most, votes.total())


def _confidence(most: int, votes: int) -> float:
    if most == 1:
        return ALONE
    if most < votes:
        return OUTVOTED
    return AGREED if most == len(SCALES) else UNOPPOSED


def _number(text: str) -> str | None:
    digits = re.sub(r"\D", "", text)
    # A 17th digit is the colon before the number; this way still needs another that agrees.
    return parse_nik(digits[1:] if len(digits) == DIGITS + 1 else digits)


def _sized(strip: Pixels, scale: float) -> Pixels:
    size = (max(1, round(strip.shape[1] * scale)), max(1, round(strip.shape[0] * scale)))
    return np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_AREA), np.uint8)
