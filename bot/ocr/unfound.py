"""Why no card was found: it may be cut off, too far away, or no card at all.

Invariant: only what the photo shows is said; what shows nothing of a KTP is not a KTP.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from rapidfuzz import fuzz

from bot.ocr.engine import Engine, Line, Pixels, Quad, confidence_of, text_of
from bot.ocr.labels import SIDES
from bot.ocr.locate import AREA_MIN, Corners, card_shapes, corners_onto
from bot.ocr.rows import find_labels
from bot.ocr.upright import find_text, said_in, upside_down
from rules import indonesia
from rules.card import Fault

WORDS = ("PROVINSI", "KABUPATEN", "SEUMUR HIDUP", "GOL. DARAH")
"""Printed on every KTP, or nearly, beside the labels."""
VALUES = (
    "KAWIN", "PEREMPUAN", "LAKI-LAKI",
    *(name for code in indonesia.parts_of("") for name in indonesia.printed(code) if len(name) > 8),
)  # fmt: skip
"""Printed on a KTP and elsewhere."""
WORD_CLOSE = 82.0
CLEAR, LETTERS_MIN = 0.6, 5
"""Confidence and length from which a line says something."""
ORDINARY = {"nik", "name", "address", "religion", "occupation"}
"""Labels that are words of any letter or chat."""
SIGNS_MIN, ALL_MIN = 2, 3
"""Words from which a part of a KTP was seen, if one of them stands on nothing else; if none does."""
LINES_MAX = 40
FAR_AREA_MIN = 0.004
"""Of the photo: the smallest card that is looked for."""
FAR_SHAPES_MAX = 3
FAR_LINES_MIN, FAR_SIDE = 3, 736
"""Lines of text of a card that is far away, and the side in pixels to which it is drawn larger."""
FAR_DETAIL_MIN = 4.0
"""Sharpness of a card that is far away, by that of the photo: print on an even table."""
NEAR_EDGE = 0.02
"""Of the photo's longer side."""


def why_not_found(photo: Pixels, engine: Engine) -> Fault | None:
    """ "cut-off" or "too-small"; None if nothing speaks for a card."""
    upright = find_text(photo, SIDES[0], engine)
    if runs_out(photo, [corners_onto(upright.matrix, quad) for quad in upright.quads]):
        for text in (upright, upside_down(photo, upright)):
            if _is_part(said_in(photo, text, text.quads[:LINES_MAX], engine)):
                return "cut-off"
    far = [shape for shape in card_shapes(photo, FAR_AREA_MIN) if _share(photo, shape) < AREA_MIN]
    return "too-small" if any(_is_card_far_away(photo, shape, engine) for shape in far[:FAR_SHAPES_MAX]) else None


def runs_out(photo: Pixels, lines: Sequence[Quad]) -> bool:
    """Whether some of the text runs into the edge of the photo."""
    size = np.array([photo.shape[1], photo.shape[0]])
    room = NEAR_EDGE * max(photo.shape[:2])
    return any(bool((line < room).any() or (line > size - room).any()) for line in lines)


def _is_part(lines: Sequence[Line]) -> bool:
    """Whether these lines stand on a part of a KTP."""
    clear = [line for line in lines if confidence_of(line) >= CLEAR]
    said = [text for line in clear if len(text := text_of(line).upper()) >= LETTERS_MIN]
    labels = {label.row.name for label in find_labels(clear)}
    signs = _said(WORDS, said) + len(labels - ORDINARY)
    values = _said(VALUES, said)
    return (signs > 0 and signs + values >= SIGNS_MIN) or signs + values + len(labels & ORDINARY) >= ALL_MIN


def _said(words: Sequence[str], lines: Sequence[str]) -> int:
    return sum(any(fuzz.partial_ratio(word, line) >= WORD_CLOSE for line in lines) for word in words)


def _share(photo: Pixels, shape: Corners) -> float:
    covered: float = cv2.contourArea(shape)
    return covered / float(photo.shape[0] * photo.shape[1])


def _is_card_far_away(photo: Pixels, shape: Corners, engine: Engine) -> bool:
    left, top, width, height = cv2.boundingRect(shape)
    part = np.ascontiguousarray(photo[max(0, top) : top + height, max(0, left) : left + width])
    if part.size == 0 or _detail(part) < FAR_DETAIL_MIN * _detail(photo):
        return False
    return len(engine.detect(part, FAR_SIDE)) >= FAR_LINES_MIN


def _detail(picture: Pixels) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())
