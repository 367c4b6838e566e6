"""Where in the photo a card may lie, and the card made straight. Knows nothing of text.

Corners are four points (x, y) in pixels of the photo, clockwise from the card's upper left; a matrix is a 3 x 3
homography from the canonical card to the photo.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from bot.ocr.engine import Box, Pixels
from bot.ocr.layout import HEIGHT, WIDTH

Corners = NDArray[np.float32]
Matrix = NDArray[np.float64]

SEARCH_SIDE = 800
"""The photo is made this small, in pixels, to look for edges."""

AREA_MIN = 0.08
"""Of the photo: a smaller shape can't be a card with legible digits."""

RATIO_MIN, RATIO_MAX = 1.3, 1.95
"""Width over height; 1.586 seen aslant."""

FRAME_SHARE = 0.95
"""Of the photo: a larger shape is the photo's own frame."""

CANONICAL: Corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)


def card_shapes(photo: Pixels, share: float = AREA_MIN) -> list[Corners]:
    """Shapes in the photo that look like a card and cover at least this share of it, the largest first, each place
    once."""
    ratio = SEARCH_SIDE / max(photo.shape[:2])
    small = np.asarray(cv2.resize(photo, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8)
    area_min = share * small.shape[0] * small.shape[1]
    frame = small.shape[0] * small.shape[1] * FRAME_SHARE
    found = sorted(
        (quad for quad in _quads(small, area_min) if cv2.contourArea(quad) < frame), key=cv2.contourArea, reverse=True
    )
    apart: list[Corners] = []
    for quad in found:
        if not any(_same_place(quad, other) for other in apart):
            apart.append(quad)
    return [(quad / ratio).astype(np.float32) for quad in apart]


def matrix_of(corners: Corners) -> Matrix:
    """From the canonical card to the photo."""
    return np.asarray(cv2.getPerspectiveTransform(CANONICAL, corners.astype(np.float32)), np.float64)


def straighten(photo: Pixels, matrix: Matrix) -> Pixels:
    """The card at `matrix` as WIDTH x HEIGHT pixels."""
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    card = cv2.warpPerspective(photo, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(card, np.uint8)


def onto(matrix: Matrix, points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Points (n x 2) of the canonical card in the photo."""
    moved = cv2.perspectiveTransform(points.reshape(-1, 1, 2).astype(np.float64), matrix)
    return np.asarray(moved, np.float64).reshape(-1, 2)


def corners_onto(matrix: Matrix, corners: Corners) -> Corners:
    """The corners of a shape or of a line of text, moved as `onto` does."""
    return np.asarray(onto(matrix, corners), np.float32)


def back_of(matrix: Matrix) -> Matrix:
    """The way back."""
    return np.asarray(np.linalg.inv(matrix), np.float64)


def box_onto(matrix: Matrix, box: Box, scale: float) -> tuple[int, int, int, int]:
    """A box of the canonical card in the photo as it was sent, `scale` times larger than what was decoded."""
    left, top, right, bottom = box
    return box_around(onto(matrix, np.array([[left, top], [right, top], [right, bottom], [left, bottom]])) * scale)


def box_around(points: NDArray[np.floating]) -> tuple[int, int, int, int]:
    """The left, top, right and bottom of points (n x 2), in whole pixels."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return round(float(x0)), round(float(y0)), round(float(x1)), round(float(y1))


def _quads(small: Pixels, area_min: float) -> Iterator[Corners]:
    for mask in _masks(small):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            quad = _quad(np.asarray(contour, np.int32), area_min)
            if quad is not None:
                yield quad


def _masks(small: Pixels) -> Iterator[Pixels]:
    """Edges, and bright against dark in lightness and in colour; each finds cards that the others miss."""
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (5, 5), 0), cv2.COLOR_RGB2LAB)
    kernel = np.ones((5, 5), np.uint8)
    for channel in (0, 2):
        plane = np.ascontiguousarray(lab[..., channel])
        for way in (cv2.THRESH_BINARY, cv2.THRESH_BINARY_INV):
            yield np.asarray(
                cv2.morphologyEx(cv2.threshold(plane, 0, 255, way | cv2.THRESH_OTSU)[1], cv2.MORPH_OPEN, kernel)
            )
        edges = cv2.Canny(plane, 30, 90)
        yield np.asarray(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel, iterations=2))


def _quad(contour: NDArray[np.int32], area_min: float) -> Corners | None:
    hull = cv2.convexHull(contour)
    area = cv2.contourArea(hull)
    if area < area_min:
        return None
    for share in (0.02, 0.035, 0.05, 0.08):
        corners = cv2.approxPolyDP(hull, share * cv2.arcLength(hull, True), True)
        if len(corners) == 4:
            ordered = _ordered(corners.reshape(4, 2).astype(np.float32))
            return ordered if _card_like(ordered, area) else None
    return None


def _ordered(corners: Corners) -> Corners:
    """Clockwise, the first side a long one and the first corner the upper of the two that allows."""
    middle = corners.mean(axis=0)
    clockwise = corners[np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]))]
    lengths = [float(np.linalg.norm(clockwise[(at + 1) % 4] - clockwise[at])) for at in range(4)]
    return clockwise if lengths[0] + lengths[2] >= lengths[1] + lengths[3] else np.roll(clockwise, -1, axis=0)


def _card_like(corners: Corners, hull_area: float) -> bool:
    sides = [float(np.linalg.norm(corners[(at + 1) % 4] - corners[at])) for at in range(4)]
    ratio = (sides[0] + sides[2]) / max(1.0, sides[1] + sides[3])
    return RATIO_MIN <= ratio <= RATIO_MAX and cv2.contourArea(corners) >= 0.85 * hull_area


def _same_place(one: Corners, other: Corners) -> bool:
    shared, _ = cv2.intersectConvexConvex(one, other)
    return shared > 0.4 * min(cv2.contourArea(one), cv2.contourArea(other))
