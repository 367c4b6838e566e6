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
EVENED_SIDE = 1280
"""Pixels of the longer side of a photo whose light is made even: as many as labels are searched in."""
AROUND = 1 / 40
"""Of the longer side: how far around a pixel light and ink are measured."""
SMALL = 400
"""Pixels of the longer side on which that is done."""
PAPER, INK, INK_MIN = np.float32(160.0), np.float32(40.0), np.float32(3.0)
"""The mean and the mean deviation that grey levels are given; the least deviation that counts as ink."""


class View(Struct, frozen=True):
    """A picture; `matrix` leads from it to the photo, which it may be itself."""

    picture: Pixels
    matrix: Matrix
    is_photo: bool = False


def views(photo: Pixels) -> Iterator[View]:
    """The likeliest first; each is made only when it is asked for."""
    yield View(photo, np.eye(3), is_photo=True)
    ratio = min(1.0, EVENED_SIDE / max(photo.shape[:2]))
    small = np.asarray(cv2.resize(photo, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8)
    yield View(evened(small), np.diag([1 / ratio, 1 / ratio, 1.0]))
    for shape in card_shapes(photo)[:SHAPES_MAX]:
        yield View(straighten(photo, matrix_of(shape)), matrix_of(shape))


def evened(photo: Pixels) -> Pixels:
    """In grey, every part as bright and as rich in contrast as any other."""
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8)
    paper = _around(grey)
    apart = cv2.subtract(grey, paper, dtype=cv2.CV_16S)
    ink = _around(np.asarray(cv2.convertScaleAbs(apart), np.uint8))
    flat = PAPER + apart * (INK / (ink.astype(np.float32) + INK_MIN))
    return np.asarray(cv2.cvtColor(np.clip(flat, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB))


def _around(plane: Pixels) -> Pixels:
    """What is usual around each pixel, worked out on a smaller picture."""
    height, width = (max(1, round(side * SMALL / max(plane.shape))) for side in plane.shape)
    small = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
    usual = cv2.GaussianBlur(small, (0, 0), SMALL * AROUND)
    return np.asarray(cv2.resize(usual, plane.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
