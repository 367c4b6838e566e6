"""The ways to look at a photo: as it is, with its light made even, and straightened by edges that may be a card's.

A weak copy shows its labels only where light and ink are made even; a card seen much aslant, only when it is made
straight before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from msgspec import Struct

from bot.ocr.engine import Pixels
from bot.ocr.locate import Matrix, card_shapes, matrix_of, straighten

SHAPES_MAX = 2
AROUND = 1 / 40
"""Of the longer side: how far around a pixel light and ink are measured."""
PAPER, INK, INK_MIN = 160.0, 50.0, 4.0
"""The mean and the standard deviation that grey levels are given; the least deviation that counts as ink."""


class View(Struct, frozen=True):
    """A picture; `matrix` leads from it to the photo."""

    picture: Pixels
    matrix: Matrix


def views(photo: Pixels) -> Iterator[View]:
    """The likeliest first; each is made only when it is asked for."""
    yield View(photo, np.eye(3))
    yield View(evened(photo), np.eye(3))
    for shape in card_shapes(photo)[:SHAPES_MAX]:
        yield View(straighten(photo, matrix_of(shape)), matrix_of(shape))


def evened(photo: Pixels) -> Pixels:
    """In grey, every part as bright and as rich in contrast as any other."""
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    around = max(photo.shape[:2]) * AROUND
    apart = grey - cv2.GaussianBlur(grey, (0, 0), around)
    ink = np.sqrt(cv2.GaussianBlur(apart * apart, (0, 0), around)) + INK_MIN
    return np.asarray(cv2.cvtColor(np.clip(PAPER + apart / ink * INK, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB))
