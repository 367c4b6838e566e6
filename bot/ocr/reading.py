"""The reader: joins the stages from bytes to a card. Deterministic; knows no engine but its interface.

Invariant: the one worst fault is named, in the order of what the person must do about it.
"""

from __future__ import annotations

from datetime import date

import cv2
import numpy as np
from msgspec import Struct

from bot.ocr import judge
from bot.ocr.check import with_doubts
from bot.ocr.engine import Engine, Line, Pixels, TooSlow
from bot.ocr.fields import read_card
from bot.ocr.layout import HEIGHT, NIK, VALUE_RIGHT, WIDTH
from bot.ocr.limits import Limits
from bot.ocr.locate import CANONICAL, Corners, Matrix, card_shapes, frame_of, matrix_of, onto, straighten, turned
from bot.ocr.open import open_photo
from bot.ocr.rows import LABELS_MIN, Grid, Label, find_labels, fit_grid, points_of
from rules.card import Card, Unusable

ASIDE_MAX = 0.08
"""Of the card's width: a corner farther outside of the photo means that the card is cut off."""

SKEWED_PX = 10.0
"""A card whose labels are farther than this from their places is straightened again by them."""

WHOLE_SIDE = 1280
"""The photo as a whole is searched for text at this size, in pixels."""


class Found(Struct, frozen=True):
    """A card in the photo: how it lies, its straight picture, and what was read on it."""

    matrix: Matrix
    card: Pixels
    lines: tuple[Line, ...]
    labels: dict[str, Label]
    grid: Grid


def read_photo(photo: bytes, today: date, limits: Limits, engine: Engine) -> Card | Unusable | None:
    """See `bot.ocr.read`."""
    opened = open_photo(photo, limits)
    if isinstance(opened, Unusable):
        return opened
    pixels, scale = opened
    if min(pixels.shape[:2]) * scale < limits.short_side_min or min(pixels.shape[:2]) < 2:
        return Unusable("too-small")
    if judge.is_dark(pixels):
        return Unusable("dark")
    try:
        return _read(pixels, scale, today, limits, engine)
    except TooSlow:
        return None


def _read(pixels: Pixels, scale: float, today: date, limits: Limits, engine: Engine) -> Card | Unusable:
    shapes = card_shapes(pixels)[: limits.places_max]
    found = _first_card(pixels, shapes, engine)
    if isinstance(found, Unusable):
        return found
    if found is None:
        largest = straighten(pixels, matrix_of(shapes[0])) if shapes else pixels
        return Unusable("blurred" if _is_blurred_card(largest) else "not-a-ktp")
    if _width(found.matrix) * scale < limits.card_width_min:
        return Unusable("too-small")
    if judge.is_blurred(found.card):
        return Unusable("blurred")
    card = read_card(found.card, found.lines, found.labels, found.grid, found.matrix, scale, engine, limits)
    if card.nik is None and judge.has_glare(found.card, found.grid.strip(NIK)):
        return Unusable("glare-on-nik")
    if (card.nik is None or card.name is None) and _cut_off(found.matrix, pixels):
        return Unusable("cut-off")
    return with_doubts(card, today)


def _first_card(pixels: Pixels, shapes: list[Corners], engine: Engine) -> Found | Unusable | None:
    for at, shape in enumerate(shapes):
        found = _card_at(pixels, shape, engine)
        if found is not None:
            others = (other for other in shapes[at + 1 :] if cv2.contourArea(other) > cv2.contourArea(shape) / 3)
            several = any(_card_at(pixels, other, engine) for other in others)
            return Unusable("several-cards") if several else found
    if _is_blurred_card(pixels):
        return Unusable("blurred")  # no search by text finds anything in it
    scans = (_card_at(pixels, frame, engine) for frame in frame_of(pixels))
    return next((found for found in scans if found is not None), None) or _card_anywhere(pixels, engine)


def _card_at(pixels: Pixels, corners: Corners, engine: Engine) -> Found | None:
    """The card at a shape, either way up."""
    for quarters in (0, 2):
        found = _look(pixels, matrix_of(turned(corners, quarters)), engine)
        if found is not None:
            return found
    return None


def _card_anywhere(pixels: Pixels, engine: Engine) -> Found | None:
    """The card by its labels alone: a flat scan, a copy, a card whose edges don't show; all four ways up."""
    ratio = min(1.0, WHOLE_SIDE / max(pixels.shape[:2]))
    small = np.asarray(cv2.resize(pixels, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8)
    for quarters in range(4):
        upright = np.ascontiguousarray(np.rot90(small, quarters))
        labels = find_labels(engine.scattered(upright))
        lies = _by_labels(labels) if len(labels) >= LABELS_MIN else None
        if lies is not None:
            return _look(pixels, _scaled(1 / ratio) @ _unturned(small, quarters) @ lies, engine)
    return None


def _look(pixels: Pixels, matrix: Matrix, engine: Engine, tries: int = 2) -> Found | None:
    """What is read if the card lies at `matrix`; straightened again if its labels aren't in their places."""
    card = straighten(pixels, matrix)
    lines = engine.block(np.ascontiguousarray(card[:, :VALUE_RIGHT]))
    labels = find_labels(lines)
    if len(labels) < LABELS_MIN:
        return None
    should, stand = points_of(labels)
    again = _by_labels(labels) if np.median(np.abs(should - stand)) > SKEWED_PX and tries > 1 else None
    if again is not None:
        return _look(pixels, matrix @ again, engine, tries - 1)
    grid, kept = fit_grid(labels)
    return Found(matrix, card, lines, kept, grid)


def _by_labels(labels: dict[str, Label]) -> Matrix | None:
    """From the canonical card to where the labels say it lies: moved, turned, stretched, not leaned."""
    should, stand = points_of(labels)
    moved, _ = cv2.estimateAffine2D(should, stand, method=cv2.RANSAC, ransacReprojThreshold=12.0)
    return None if moved is None else np.vstack([np.asarray(moved, np.float64), [0.0, 0.0, 1.0]])


def _scaled(ratio: float) -> Matrix:
    return np.diag([ratio, ratio, 1.0])


def _unturned(picture: Pixels, quarters: int) -> Matrix:
    """From a picture turned by `np.rot90` back to the picture."""
    height, width = picture.shape[:2]
    moves = {
        0: [[1, 0, 0], [0, 1, 0]], 1: [[0, -1, width], [1, 0, 0]],
        2: [[-1, 0, width], [0, -1, height]], 3: [[0, 1, 0], [-1, 0, height]],
    }  # fmt: skip
    return np.array([*moves[quarters], [0, 0, 1]], np.float64)


def _is_blurred_card(picture: Pixels) -> bool:
    """It may have been a card: blurred, and not just sky."""
    return judge.is_blurred(picture) and not judge.is_flat(picture)


def _width(matrix: Matrix) -> float:
    left, right = onto(matrix, np.array([[0, HEIGHT / 2], [WIDTH, HEIGHT / 2]]))
    return float(np.linalg.norm(right - left))


def _cut_off(matrix: Matrix, pixels: Pixels) -> bool:
    size = np.array([pixels.shape[1], pixels.shape[0]])
    corners = onto(matrix, CANONICAL)
    return bool(np.max(np.maximum(-corners, corners - size)) > ASIDE_MAX * _width(matrix))
