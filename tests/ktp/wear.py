"""What happens to the card itself: folded, scratched, laminated, copied with tired toner.

Cards are RGB uint8 arrays of any size with the proportions of a KTP. Invariant: a person still reads every value.
"""

from __future__ import annotations

import random

import cv2
import numpy as np

from tests.ktp.lens import Pixels, chance_of, times


def creased(card: Pixels, chance: random.Random) -> Pixels:
    """A fold across the card: a thin pale line with a dark side, at most as high as half a letter."""
    height, width = card.shape[:2]
    upright = chance.random() < 0.7
    at = chance.uniform(0.3, 0.9)
    ends = [(at + chance.uniform(-0.04, 0.04), end) for end in (0.0, 1.0)]
    points = [
        (round(a * width), round(b * height)) if upright else (round(b * width), round(a * height)) for a, b in ends
    ]
    light, dark = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    thick = max(1, width // 700)
    cv2.line(light, points[0], points[1], 1.0, thick)
    lower = [(x + 2 * thick, y + 2 * thick) for x, y in points]
    cv2.line(dark, lower[0], lower[1], 1.0, thick * 5)
    soft = cv2.GaussianBlur(dark, (0, 0), thick * 3)[..., None]
    bright = cv2.GaussianBlur(light, (0, 0), thick * 0.6)[..., None] * chance.uniform(0.3, 0.6)
    return np.asarray(np.clip(card * (1 - 0.25 * soft) * (1 - bright) + 250 * bright, 0, 255), np.uint8)


def scratched(card: Pixels, chance: random.Random) -> Pixels:
    """Hair-thin scratches and dirt."""
    worn = card.copy()
    height, width = card.shape[:2]
    for _ in range(chance.randrange(3, 14)):
        x, y = chance.randrange(width), chance.randrange(height)
        end = (round(x + chance.uniform(-0.2, 0.2) * width), round(y + chance.uniform(-0.06, 0.06) * height))
        shade = chance.choice((250, 240, 150, 90))
        cv2.line(worn, (x, y), end, (shade, shade, shade), 1, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(worn, 0.6, card, 0.4, 0), np.uint8)


def laminated(card: Pixels, chance: random.Random) -> Pixels:
    """Plastic over the card: slanting bands of reflected window that pale the print but don't hide it."""
    height, width = card.shape[:2]
    y, x = np.mgrid[0:height:4, 0:width:4].astype(np.float32)
    slant = x + y * chance.uniform(-1, 1)
    glow = np.zeros_like(slant)
    for _ in range(chance.randrange(1, 4)):
        middle, wide = chance.uniform(0, 1.2) * width, chance.uniform(0.03, 0.14) * width
        glow = np.maximum(glow, chance.uniform(0.15, 0.42) * np.exp(-(((slant - middle) / wide) ** 2)))
    whole = cv2.resize(glow, (width, height))[..., None]
    return np.asarray(card * (1 - whole) + 252 * whole, np.uint8)


def photocopied(card: Pixels, chance: random.Random) -> Pixels:
    """Black and white: paper white, ink black, the portrait a blot, pattern half gone; tired toner in stripes."""
    width = card.shape[1]
    grey = cv2.GaussianBlur(cv2.cvtColor(card, cv2.COLOR_RGB2GRAY), (0, 0), chance.uniform(0.3, 0.9) * width / 1500)
    paper = float(np.percentile(grey, 60))
    middle, steep = paper * chance.uniform(0.6, 0.76), chance.uniform(14, 34)
    curve = 255 / (1 + np.exp(-(np.arange(256) - middle) / steep))
    black = chance.uniform(10, 70)
    toner = np.clip(black + (255 - black) * curve / curve[min(255, round(paper))], 0, 255)
    copy = toner[grey].astype(np.float32)
    return _specked(_faded(np.repeat(copy[..., None], 3, axis=2).astype(np.uint8), chance), chance)


def _faded(copy: Pixels, chance: random.Random) -> Pixels:
    """Where the drum is worn the ink is grey; streaks run down the page."""
    height, width = copy.shape[:2]
    across = np.interp(np.arange(160), np.linspace(0, 160, 6), [chance.uniform(0.6, 1.0) for _ in range(6)])
    ink = (255 - copy.astype(np.float32)) * cv2.resize(across[None].astype(np.float32), (width, height))[..., None]
    for _ in range(chance.choice((0, 0, 1, 2, 4))):
        x, thick = chance.randrange(width), max(1, round(width / 1000 * chance.uniform(0.5, 1.6)))
        ink[:, x : x + thick] = np.maximum(ink[:, x : x + thick], chance.uniform(25, 110))
    return np.asarray(np.clip(255 - ink, 0, 255), np.uint8)


def _specked(copy: Pixels, chance: random.Random) -> Pixels:
    """Dust on the glass: dots, near print so faint and small that none can be taken for a full stop."""
    rng = chance_of(chance)
    specked = copy.copy()
    height, width = copy.shape[:2]
    reach = round(width * 0.016)
    for x, y in rng.random((chance.randrange(10, 160), 2)):
        middle = (round(x * width), round(y * height))
        around = copy[max(0, middle[1] - reach) : middle[1] + reach, max(0, middle[0] - reach) : middle[0] + reach, 0]
        printed = around.size == 0 or int(around.min()) < 130
        radius = 0 if printed else max(1, round(width / 1000 * chance.uniform(0.4, 1.2)))
        grey = chance.randrange(120, 200) if printed else chance.randrange(20, 130)
        cv2.circle(specked, middle, radius, (grey,) * 3, -1)
    rough = rng.normal(1, 0.03, (height // 2, width // 2)).astype(np.float32)
    return times(specked, rough)
