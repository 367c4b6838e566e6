"""What happens to a card on its way into a chat: a table, a hand that shakes, a lamp, a cheap copy, a small JPEG.

Invariant: the same card, degree and seed give the same photo.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import cv2
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from rules.card import Fault
from tests.ktp.draw import find_font

Pixels = NDArray[np.uint8]
Span = tuple[float, float]

FRAME = (1600, 1200)
BED = (72, 96, 124)  # a wooden table


class Degree(Struct, frozen=True):
    """How badly a photo is taken; each span is drawn from evenly.

    `fill` is the card's width over the frame's, `tilt` degrees, `lean` the corners' wandering over the card's width,
    `blur` sigma in pixels of the photo, `noise` sigma in grey levels, `light` the darkest and brightest corner.
    """

    frame: tuple[int, int]
    fill: Span
    tilt: float
    lean: float
    blur: Span
    noise: float
    light: Span
    quality: tuple[int, int]
    turned: float = 0.0
    copied: float = 0.0
    forwarded: float = 0.0
    glare: float = 0.0


DEGREES = {
    "clean": Degree((1600, 1200), (0.84, 0.94), 2, 0.01, (0.0, 0.4), 1.5, (0.9, 1.05), (86, 94)),
    "moderate": Degree((1600, 1200), (0.72, 0.92), 6, 0.035, (0.5, 1.0), 4, (0.7, 1.1), (65, 85),
                       turned=0.1, copied=0.1, forwarded=0.4),
    "hard": Degree((1440, 1080), (0.62, 0.86), 13, 0.07, (0.8, 1.5), 8, (0.5, 1.15), (45, 70),
                   turned=0.3, copied=0.15, forwarded=0.5, glare=0.3),
}  # fmt: skip

FAULTS: tuple[Fault, ...] = ("dark", "blurred", "cut-off", "glare-on-nik", "too-small", "not-a-ktp", "several-cards")


def photograph(card: Image.Image, degree: str, chance: random.Random) -> bytes:
    """A JPEG photo of the card, taken with the carelessness of a degree."""
    how = DEGREES[degree]
    pixels = np.asarray(card)
    if chance.random() < how.copied:
        pixels = _photocopied(pixels, chance)
    pixels = _on_a_table(pixels, how, chance)
    if chance.random() < how.glare:
        pixels = _shone_on(pixels, (chance.uniform(0.2, 0.8), chance.uniform(0.6, 0.9)), 0.09)
    pixels = _noisy(_lit(_blurred(pixels, chance.uniform(*how.blur)), how.light, chance), how.noise, chance)
    if chance.random() < how.turned:
        pixels = np.ascontiguousarray(np.rot90(pixels, chance.randrange(1, 4)))
    if chance.random() < how.forwarded:
        return to_jpeg(_within(pixels, 1280), 60)
    return to_jpeg(pixels, chance.randrange(how.quality[0], how.quality[1] + 1))


def spoil(card: Image.Image, fault: Fault, chance: random.Random) -> bytes:
    """A JPEG photo with one named fault of `FAULTS`; otherwise taken with care."""
    if fault == "not-a-ktp":
        return to_jpeg(_a_field_of_rice(chance), 80)
    how = DEGREES["clean"]
    if fault == "several-cards":
        half = np.asarray(card.resize((700, 442)))
        bed = _bed((1600, 1200), chance)
        bed[100 : 100 + 442, 120 : 120 + 700] = half
        bed[640 : 640 + 442, 760 : 760 + 700] = half
        return to_jpeg(_noisy(bed, 2, chance), 85)
    pixels = _noisy(_on_a_table(np.asarray(card), how, chance), how.noise, chance)
    spoilers: dict[Fault, Callable[[Pixels], Pixels]] = {
        "dark": lambda photo: _noisy((photo * 0.1).astype(np.uint8), 2, chance),
        "blurred": lambda photo: _noisy(_blurred(photo, 7.0), 1, chance),
        "cut-off": lambda photo: np.ascontiguousarray(photo[:, : int(photo.shape[1] * 0.5)]),
        "glare-on-nik": lambda photo: _shone_on(photo, (0.5, 0.33), 0.13),
        "too-small": lambda photo: _within(photo, 300),
    }
    return to_jpeg(spoilers[fault](pixels), 80)


def to_jpeg(pixels: Pixels | Image.Image, quality: int) -> bytes:
    """The picture as JPEG bytes."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    held = io.BytesIO()
    image.save(held, "JPEG", quality=quality)
    return held.getvalue()


def _chance_of(chance: random.Random) -> np.random.Generator:
    return np.random.default_rng(chance.randrange(2**32))


def _bed(size: tuple[int, int], chance: random.Random) -> Pixels:
    width, height = size
    rng = _chance_of(chance)
    grain = cv2.GaussianBlur(rng.normal(0, 60, (height, width, 1)).astype(np.float32), (0, 0), sigmaX=30, sigmaY=2)
    base = np.array([chance.uniform(0.6, 1.5) * part for part in BED[::-1]], np.float32)
    return np.asarray(np.clip(base + grain.reshape(height, width, 1) * 2, 0, 255), np.uint8)


def _on_a_table(card: Pixels, how: Degree, chance: random.Random) -> Pixels:
    width, height = how.frame
    wide = width * chance.uniform(*how.fill)
    tall = wide * card.shape[0] / card.shape[1]
    angle = np.deg2rad(chance.uniform(-how.tilt, how.tilt))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-wide, -tall], [wide, -tall], [wide, tall], [-wide, tall]]) / 2
    lean = np.array([[chance.uniform(-1, 1), chance.uniform(-1, 1)] for _ in range(4)]) * how.lean * wide
    goal = (corners + lean) @ turn.T
    goal *= min(1.0, *(0.98 * side / np.ptp(goal[:, axis]) for axis, side in enumerate((width, height))))
    goal += np.array([width, height]) / 2 - (goal.max(axis=0) + goal.min(axis=0)) / 2
    start = np.array([[0, 0], [card.shape[1], 0], [card.shape[1], card.shape[0]], [0, card.shape[0]]])
    view = cv2.getPerspectiveTransform(start.astype(np.float32), goal.astype(np.float32))
    laid = cv2.warpPerspective(card, view, (width, height), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full(card.shape[:2], 255, np.uint8), view, (width, height))[..., None] / 255.0
    return np.asarray(laid * mask + _bed((width, height), chance) * (1 - mask)).astype(np.uint8)


def _photocopied(card: Pixels, chance: random.Random) -> Pixels:
    grey = cv2.cvtColor(card, cv2.COLOR_RGB2GRAY).astype(np.float32)
    harsh = np.clip((grey - 70) * chance.uniform(1.5, 2.0), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(harsh, cv2.COLOR_GRAY2RGB), np.uint8)


def _blurred(photo: Pixels, sigma: float) -> Pixels:
    return photo if sigma < 0.2 else np.asarray(cv2.GaussianBlur(photo, (0, 0), sigma), np.uint8)


def _lit(photo: Pixels, light: Span, chance: random.Random) -> Pixels:
    corners = np.array([[chance.uniform(*light) for _ in range(2)] for _ in range(2)], np.float32)
    fall = cv2.resize(corners, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(photo * fall[..., None], 0, 255), np.uint8)


def _noisy(photo: Pixels, sigma: float, chance: random.Random) -> Pixels:
    return np.clip(photo + _chance_of(chance).normal(0, sigma, photo.shape), 0, 255).astype(np.uint8)


def _shone_on(photo: Pixels, where: tuple[float, float], radius: float) -> Pixels:
    """A lamp's reflection at `where` (fractions of the picture), `radius` of its width."""
    height, width = photo.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    far = np.hypot(x - where[0] * width, (y - where[1] * height) * 1.6) / (radius * width)
    glow = np.clip(1.6 - far, 0, 1)[..., None]
    return np.asarray(np.clip(photo * (1 - glow) + 255 * glow, 0, 255), np.uint8)


def _within(photo: Pixels, side: int) -> Pixels:
    ratio = side / max(photo.shape[:2])
    size = (round(photo.shape[1] * ratio), round(photo.shape[0] * ratio))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _a_field_of_rice(chance: random.Random) -> Pixels:
    field = Image.new("RGB", (1200, 900), (150, 190, 226))
    pen = ImageDraw.Draw(field)
    pen.ellipse((-200, 300, 900, 1100), (96, 132, 92))
    pen.rectangle((0, 520, 1200, 900), (122, 168, 64))
    for _ in range(300):
        x, y = chance.uniform(0, 1200), chance.uniform(520, 900)
        pen.line((x, y, x + chance.uniform(-8, 8), y - chance.uniform(10, 34)), (74, 128, 40), 2)
    pen.text((600, 840), "CONTOH", (250, 250, 250), find_font("bold", 40, False), anchor="mm")
    return _noisy(np.asarray(field.resize((1000, 750))), 3, chance)
