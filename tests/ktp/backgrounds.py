"""What a card lies on: wood, cloth with a busy pattern, white paper, a mat of plaits, concrete, tiles, a dark table.

Each is a function of size (width, height) and chance to an RGB uint8 array.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.ktp.lens import Pixels, chance_of

Size = tuple[int, int]
Bed = Callable[[Size, random.Random], Pixels]

CLOTH_COLOURS = ((150, 40, 60), (40, 70, 130), (220, 200, 160), (30, 110, 80), (190, 120, 40), (90, 50, 110))
WOODS = ((124, 96, 72), (168, 124, 84), (86, 60, 44), (196, 168, 132))


def wood(size: Size, chance: random.Random) -> Pixels:
    grain = _soft_noise(size, (40, 3), 26, chance) + _soft_noise(size, (120, 8), 16, chance)
    bed = np.array(chance.choice(WOODS), np.float32) + grain[..., None]
    plank = round(chance.uniform(0.2, 0.6) * size[1])
    bed[plank::plank] *= 0.6
    return _pixels(bed)


def cloth(size: Size, chance: random.Random) -> Pixels:
    """A sarong: checks and flowers in strong colours, so that edges are everywhere."""
    ground, first, second, third = (np.array(colour, np.float32) for colour in chance.sample(CLOTH_COLOURS, 4))
    bed = np.tile(ground, (size[1], size[0], 1))
    step = round(chance.uniform(0.05, 0.16) * size[0])
    for at in range(0, max(size), step):
        thick = max(2, step // chance.choice((3, 5, 9)))
        bed[:, at : at + thick] = 0.5 * bed[:, at : at + thick] + 0.5 * first
        bed[at : at + thick] = 0.5 * bed[at : at + thick] + 0.5 * second
    for _ in range(chance.randrange(0, 60)):
        middle = (chance.randrange(size[0]), chance.randrange(size[1]))
        for petal in range(5):
            axes = (step // 3, step // 8)
            cv2.ellipse(bed, middle, axes, petal * 72 + chance.randrange(20), 0, 360, third.tolist(), -1)
    weave = 8 * np.sin(np.arange(size[0]) * 1.7)[None, :, None] + 8 * np.sin(np.arange(size[1]) * 1.6)[:, None, None]
    return _pixels(bed + weave + _soft_noise(size, (70, 70), 22, chance)[..., None])


def paper(size: Size, chance: random.Random) -> Pixels:
    white = np.array([chance.uniform(225, 250)] * 3, np.float32) - np.array([0, 2, chance.uniform(0, 12)], np.float32)
    return _pixels(white + _soft_noise(size, (200, 200), 5, chance)[..., None])


def mat(size: Size, chance: random.Random) -> Pixels:
    """A plaited mat."""
    side = max(8, round(size[0] * chance.uniform(0.012, 0.03)))
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    checks = ((x // side + y // side) % 2).astype(np.float32)
    ridge = np.where(checks > 0, np.sin(x / side * np.pi), np.sin(y / side * np.pi))
    bed = np.array((188, 156, 104), np.float32) * (0.75 + 0.15 * checks + 0.18 * np.abs(ridge))[..., None]
    return _pixels(bed + _soft_noise(size, (60, 60), 14, chance)[..., None])


def concrete(size: Size, chance: random.Random) -> Pixels:
    grey = np.array([chance.uniform(105, 175)] * 3, np.float32)
    return _pixels(grey + (_soft_noise(size, (3, 3), 14, chance) + _soft_noise(size, (60, 60), 12, chance))[..., None])


def tiles(size: Size, chance: random.Random) -> Pixels:
    bed = np.tile(np.array((214, 212, 204), np.float32), (size[1], size[0], 1))
    step = round(chance.uniform(0.35, 0.7) * size[0])
    start = chance.randrange(step)
    bed[:, start::step] = bed[:, start + 1 :: step][:, : bed[:, start::step].shape[1]] = (120, 116, 108)
    bed[start::step] = (120, 116, 108)
    return _pixels(cv2.GaussianBlur(bed, (0, 0), 1.5) + _soft_noise(size, (90, 90), 7, chance)[..., None])


def dark_table(size: Size, chance: random.Random) -> Pixels:
    base = np.array([chance.uniform(28, 70) for _ in range(3)], np.float32)
    return _pixels(base + _soft_noise(size, (5, 5), 5, chance)[..., None])


BEDS: dict[str, Bed] = {
    "wood": wood, "cloth": cloth, "paper": paper, "mat": mat, "concrete": concrete, "tiles": tiles, "dark": dark_table,
}  # fmt: skip


def _soft_noise(size: Size, sigma: tuple[float, float], strength: float, chance: random.Random) -> NDArray[np.float32]:
    """Noise of a given standard deviation, smooth over `sigma` pixels (across, down); shape (height, width)."""
    cell = (max(1, int(sigma[0] / 2)), max(1, int(sigma[1] / 2)))
    small = chance_of(chance).standard_normal((size[1] // cell[1] + 8, size[0] // cell[0] + 8), np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), 2.0)
    whole = cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(whole * strength / max(1e-6, float(soft.std())), np.float32)


def _pixels(bed: NDArray[np.float32]) -> Pixels:
    return np.asarray(np.clip(bed, 0, 255), np.uint8)
