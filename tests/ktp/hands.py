"""Hands in the picture: fingers behind a held card, and a thumb on its edge.

A `view` is the homography from card units (1011 x 638) to pixels of the photo.
"""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.ktp.layout import HEIGHT, WIDTH
from tests.ktp.lens import Pixels, Point

View = NDArray[np.float64]
SKINS = ((198, 150, 122), (162, 116, 88), (222, 178, 150), (138, 94, 72))

EDGES: tuple[tuple[Point, Point], ...] = (
    ((1090, 470), (972, 500)),  # right, beside the portrait
    ((1080, 760), (940, 600)),  # the lower right corner
    ((700, 780), (790, 632)),  # below, where nothing is printed
    ((-70, 730), (24, 626)),  # the lower left corner
    ((-80, 60), (30, 44)),  # the upper left corner
    ((-110, 330), (14, 330)),  # left, at the labels' first letters
)
"""From where a thumb comes and where its tip is, in card units: off every value."""


def onto(view: View, point: Point) -> Point:
    """A point of the card in pixels of the photo."""
    x, y, w = view @ np.array([point[0], point[1], 1.0])
    return float(x / w), float(y / w)


def fingers_behind(photo: Pixels, view: View, chance: random.Random) -> Pixels:
    """Four fingers come out from under one side of the card; drawn before the card."""
    skin, side = chance.choice(SKINS), chance.choice((-1, 1))
    for at in range(4):
        y = HEIGHT * (0.2 + 0.2 * at)
        start, tip = (WIDTH / 2, y), (WIDTH * (0.5 + side * chance.uniform(0.54, 0.62)), y + chance.uniform(-20, 20))
        photo = _finger(photo, onto(view, start), onto(view, tip), 44 * _unit(view), skin)
    return photo


def thumb_on_edge(photo: Pixels, view: View, chance: random.Random) -> Pixels:
    """A thumb that holds the card, off the values; drawn after the card."""
    start, tip = chance.choice(EDGES)
    return thumb(photo, view, start, tip, chance)


def thumb(photo: Pixels, view: View, start: Point, tip: Point, chance: random.Random, thick: float = 58) -> Pixels:
    """A thumb from `start` to `tip`, in card units; `thick` is half its width."""
    return _finger(photo, onto(view, start), onto(view, tip), thick * _unit(view), chance.choice(SKINS))


def _unit(view: View) -> float:
    """Pixels per card unit, in the middle of the card."""
    left, right = onto(view, (WIDTH * 0.4, HEIGHT / 2)), onto(view, (WIDTH * 0.6, HEIGHT / 2))
    return float(np.hypot(right[0] - left[0], right[1] - left[1])) / (0.2 * WIDTH)


def _finger(photo: Pixels, start: Point, tip: Point, half: float, skin: tuple[int, int, int]) -> Pixels:
    """A round bar with a lit middle and a nail, and its soft shadow."""
    a, b = np.array(start), np.array(tip)
    along = (b - a) / max(1.0, float(np.linalg.norm(b - a)))
    b = b - along * half  # the tip is where the skin ends
    ends = tuple((round(p[0]), round(p[1])) for p in (a, b))
    shape = np.zeros(photo.shape[:2], np.uint8)
    cv2.line(shape, ends[0], ends[1], 255, max(2, round(2 * half)), cv2.LINE_AA)
    core = np.zeros_like(shape)
    cv2.line(core, ends[0], ends[1], 255, max(1, round(0.9 * half)), cv2.LINE_AA)
    glow = cv2.GaussianBlur(core, (0, 0), half * 0.45)[..., None] / 255.0
    colour = np.array(skin, np.float32) * (0.72 + 0.38 * glow)
    nail = np.zeros_like(shape)
    turn = float(np.degrees(np.arctan2(along[1], along[0])))
    place = b + along * half * 0.35
    cv2.ellipse(
        nail, (round(place[0]), round(place[1])), (round(half * 0.5), round(half * 0.42)), turn, 0, 360, 255, -1
    )
    pink = cv2.GaussianBlur(nail, (0, 0), max(0.5, half * 0.06))[..., None] / 255.0 * 0.6
    colour = colour * (1 - pink) + np.array((226, 188, 176), np.float32) * pink
    shadow = cv2.GaussianBlur(shape, (0, 0), half * 0.3)[..., None] / 255.0
    mask = cv2.GaussianBlur(shape, (0, 0), max(0.5, half * 0.03))[..., None] / 255.0
    darker = photo * (1 - 0.35 * shadow)
    return np.asarray(np.clip(darker * (1 - mask) + colour * mask, 0, 255), np.uint8)
