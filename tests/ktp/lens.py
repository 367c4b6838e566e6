"""What light, lens and file do to a picture. Pictures are RGB uint8 arrays (height, width, 3); each function is pure.

Lengths are in pixels of the picture given. Invariant: the same picture and the same chance give the same picture.
"""

from __future__ import annotations

import io
import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Point = tuple[float, float]
Span = tuple[float, float]


def to_jpeg(pixels: Pixels | Image.Image, quality: int) -> bytes:
    """The picture as JPEG bytes."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    held = io.BytesIO()
    image.save(held, "JPEG", quality=quality)
    return held.getvalue()


def chance_of(chance: random.Random) -> np.random.Generator:
    """The same chance for numpy."""
    return np.random.default_rng(chance.randrange(2**32))


def defocused(photo: Pixels, sigma: float) -> Pixels:
    return photo if sigma < 0.2 else np.asarray(cv2.GaussianBlur(photo, (0, 0), sigma), np.uint8)


def shaken(photo: Pixels, length: float, angle: float) -> Pixels:
    """Motion blur along a line of `length` pixels; `angle` in radians."""
    if length < 1.2:
        return photo
    side = int(length) // 2 * 2 + 3
    track = np.zeros((side * 8, side * 8), np.uint8)
    middle, reach = side * 4, length * 4
    ends = [
        (round(middle + s * reach * float(np.cos(angle))), round(middle + s * reach * float(np.sin(angle))))
        for s in (-1, 1)
    ]
    cv2.line(track, ends[0], ends[1], 255, 8)
    kernel = cv2.resize(track, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(cv2.filter2D(photo, -1, kernel / kernel.sum()), np.uint8)


def noisy(photo: Pixels, sigma: float, chance: random.Random) -> Pixels:
    """Sensor noise: grain in the light, and weaker blotches in the colours."""
    rng = chance_of(chance)
    height, width = photo.shape[:2]
    grain = rng.standard_normal((height, width), np.float32) * sigma
    small = rng.standard_normal((height // 4 + 1, width // 4 + 1, 3), np.float32) * sigma * 0.5
    blotches = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(photo + grain[..., None] + blotches, 0, 255), np.uint8)


def lit(photo: Pixels, light: Span, chance: random.Random) -> Pixels:
    """Light that falls off between the corners; `light` is the darkest and the brightest of them."""
    corners = np.array([[chance.uniform(*light) for _ in range(2)] for _ in range(2)], np.float32)
    return times(photo, corners)


def times(photo: Pixels, share: NDArray[np.float32]) -> Pixels:
    """The picture times a smaller map of shares, stretched over it."""
    size = (photo.shape[1], photo.shape[0])
    whole = cv2.resize(share, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(photo * (whole if whole.ndim == 3 else whole[..., None]), 0, 255), np.uint8)


def tinted(photo: Pixels, reach: float, chance: random.Random) -> Pixels:
    """A wrong white balance, exposure and contrast."""
    warmth, green = chance.uniform(-reach, reach), chance.uniform(-reach, reach) * 0.35
    channels = np.array([1 + warmth, 1 + green, 1 - 1.2 * warmth], np.float32)
    gain, lift = chance.uniform(0.88, 1.08), chance.uniform(-10, 14)
    return np.asarray(np.clip(photo * channels * gain + lift, 0, 255), np.uint8)


def shaded(photo: Pixels, depth: float, chance: random.Random) -> Pixels:
    """The shadow of a hand, a head or a phone: everything on one side of a crooked edge is `depth` darker."""
    height, width = photo.shape[:2]
    wide, tall = 200, max(2, round(200 * height / width))
    edge = [chance.uniform(0.15, 0.85) * wide for _ in range(4)]
    line = np.interp(np.arange(tall), np.linspace(0, tall, 4), edge)
    dark = (np.arange(wide)[None, :] < line[:, None]).astype(np.float32)
    dark = dark if chance.random() < 0.5 else 1 - dark
    soft = cv2.GaussianBlur(dark, (0, 0), chance.uniform(1.5, 12))
    return times(photo, np.asarray(1 - depth * soft, np.float32))


def shone_on(photo: Pixels, where: Point, radius: float, peak: float = 1.0, narrow: float = 1.4) -> Pixels:
    """A lamp's reflection: white at `where`, gone at `radius`; `peak` 1 burns out, less only pales."""
    height, width = photo.shape[:2]
    y, x = np.mgrid[0:height:4, 0:width:4].astype(np.float32)
    far = np.hypot(x - where[0], (y - where[1]) * narrow) / radius
    glow = np.clip((1 - far) * 2.2, 0, 1) * peak
    whole = cv2.resize(glow, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    return np.asarray(photo * (1 - whole) + 255 * whole, np.uint8)


def moired(photo: Pixels, strength: float, chance: random.Random) -> Pixels:
    """The weave of a screen or a print seen through the sensor's own grid."""
    height, width = photo.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, period = chance.uniform(0, 3.1), chance.uniform(4, 14)
    across = x * float(np.cos(angle)) + y * float(np.sin(angle))
    bend = np.sin(y / chance.uniform(60, 200)) * chance.uniform(0, 12)
    share = 1 + strength * np.sin((across + bend) * float(2 * np.pi) / period)
    hue = np.array([1, chance.uniform(0.4, 1), chance.uniform(0.4, 1)], np.float32)
    return np.asarray(np.clip(photo * (1 + (share[..., None] - 1) * hue), 0, 255), np.uint8)


def within(photo: Pixels, side: int) -> Pixels:
    """Made no larger than `side` pixels, as a messenger does."""
    ratio = side / max(photo.shape[:2])
    if ratio >= 1:
        return photo
    size = (round(photo.shape[1] * ratio), round(photo.shape[0] * ratio))
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def turned(photo: Pixels, quarters: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(photo, quarters))
