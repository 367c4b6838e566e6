"""Why no card was found: it may be cut off, too far away, or no card at all.

Invariant: only what the photo shows is said; what shows nothing of a KTP is not a KTP.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from rapidfuzz import fuzz

from bot.ocr.engine import Engine, Line, Pixels, confidence_of, text_of
from bot.ocr.labels import SIDES
from bot.ocr.locate import AREA_MIN, Corners, card_shapes
from bot.ocr.rows import find_labels
from bot.ocr.upright import Text, find_text, said_in, upside_down
from rules.card import Fault

WORDS = ("PROVINSI", "KABUPATEN", "SEUMUR HIDUP", "GOL. DARAH")
"""Printed on every KTP, or nearly, beside the labels."""
WORD_CLOSE = 82.0
CLEAR, LETTERS_MIN = 0.6, 5
"""Confidence and length from which a line says something."""
SIGNS_MIN = 2
"""Labels and words of a KTP from which a part of one was seen."""
LINES_MAX = 40
FAR_AREA_MIN = 0.004
"""Of the photo: the smallest card that is looked for."""
FAR_SHAPES_MAX = 3
FAR_LINES_MIN, FAR_SIDE = 8, 736
"""Lines of text of a card that is far away, and the side in pixels to which it is drawn larger."""
NEAR_EDGE = 0.02
"""Of the photo's longer side."""


def why_not_found(photo: Pixels, engine: Engine) -> Fault | None:
    """ "cut-off" or "too-small"; None if nothing speaks for a card."""
    upright = find_text(photo, SIDES[0], engine)
    if _near_edge(photo, upright):
        for text in (upright, upside_down(photo, upright)):
            if _signs(said_in(photo, text, text.quads[:LINES_MAX], engine)) >= SIGNS_MIN:
                return "cut-off"
    far = [shape for shape in card_shapes(photo, FAR_AREA_MIN) if _share(photo, shape) < AREA_MIN]
    return "too-small" if any(_is_card_far_away(photo, shape, engine) for shape in far[:FAR_SHAPES_MAX]) else None


def _signs(lines: Sequence[Line]) -> int:
    clear = [line for line in lines if confidence_of(line) >= CLEAR]
    said = [text for line in clear if len(text := text_of(line).upper()) >= LETTERS_MIN]
    words = sum(any(fuzz.partial_ratio(word, text) >= WORD_CLOSE for text in said) for word in WORDS)
    return words + len({label.row.name for label in find_labels(clear)})


def _near_edge(photo: Pixels, text: Text) -> bool:
    """Whether some of the text runs into the edge of the photo."""
    size = np.array([photo.shape[1], photo.shape[0]])
    room = NEAR_EDGE * max(photo.shape[:2])
    corners = [cv2.perspectiveTransform(quad[None].astype(np.float64), text.matrix)[0] for quad in text.quads]
    return any(bool((points < room).any() or (points > size - room).any()) for points in corners)


def _share(photo: Pixels, shape: Corners) -> float:
    covered: float = cv2.contourArea(shape)
    return covered / float(photo.shape[0] * photo.shape[1])


def _is_card_far_away(photo: Pixels, shape: Corners, engine: Engine) -> bool:
    left, top, width, height = cv2.boundingRect(shape)
    part = photo[max(0, top) : top + height, max(0, left) : left + width]
    return part.size > 0 and len(engine.detect(np.ascontiguousarray(part), FAR_SIDE)) >= FAR_LINES_MIN
