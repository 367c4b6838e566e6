"""Whether a photographed paper, whatever it is, can be read by a person, measured. Knows nothing of text.

Invariants: it objects only to what nobody could read; in doubt the photo is good enough, since BPJS looks at it too.
It needs no OpenCV, for the small process that it works in.

Threshold: six papers (tests/ocr/papers.py), drawn 1600 px high, with words of 17 to 52 px, were blurred step by step.
In focus they measure 0.24 to 0.28. At sigma 3, where the eye still reads all of them (and Tesseract few), 0.049 to
0.082; at sigma 4, where it reads only numbers and large words, 0.030 to 0.057; at sigma 5, where large words alone
are left, 0.020 to 0.042. The way of a shaking hand blurs like a sigma of 0.29 times its length: 16 px measure 0.042 to
0.062, 20 px 0.036 to 0.050. Grain alone measures 0.01 to 0.04.
"""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from bot.ocr.engine import Pixels
from bot.ocr.limits import Limits
from bot.ocr.open import open_photo
from rules.card import Fault, Unusable

SIDE = 1600
"""Long side at which a photo is looked at, in pixels: what messengers leave of one."""

DARK_MAX = 60.0
"""Grey level, 0 to 255; if 19 of 20 pixels are darker, the photo is dark."""

SHARP_MIN = 0.048
"""Steepness of strokes, as a part of the paper's brightness for a pixel, below which a paper is blurred."""

PAPER = 90
"""Percentile of grey levels that is the paper's."""

GRAIN = 1.0
"""Sigma, in pixels, that takes the sensor's grain away and leaves letters."""

STEP = 16
"""Pixels between two places; each is twice as wide and high, so that one holds a letter or two wherever they stand."""

PLACES = 24
"""So many of the steepest places are measured: the words of an account book's first page; the rest may be white."""


def look(photo: bytes, limits: Limits) -> Fault | None:
    """The one worst fault of a photo of any paper, or None: "not-an-image", "too-large", "too-small", "dark" or
    "blurred". One on which nothing is written is blurred too."""
    opened = open_photo(photo, replace(limits, side_max=min(SIDE, limits.side_max)))
    if isinstance(opened, Unusable):
        return opened.reason
    pixels, scale = opened
    short, long = sorted(side * scale for side in pixels.shape[:2])
    if short < limits.short_side_min or long < limits.long_side_min:
        return "too-small"
    if _level(_grey(pixels), 95) < DARK_MAX:
        return "dark"
    return "blurred" if sharpness(pixels) < SHARP_MIN else None


def sharpness(photo: Pixels) -> float:
    """How steep the sharpest strokes are, in the worse of the two directions, as a part of the paper's brightness.

    A stroke has two flanks close to each other, one falling and one rising; the edge of a sheet or of a shadow has
    one. So it is words that are measured, however few, and a shake in one direction isn't hidden by the other.
    """
    grey = _grey(photo)
    paper = max(1.0, _level(grey, PAPER))
    calm = np.asarray(Image.fromarray(grey).filter(ImageFilter.GaussianBlur(GRAIN)), np.int16)
    across, down = calm[:, 2:] - calm[:, :-2], calm[2:] - calm[:-2]
    return min(_steepness(across), _steepness(down)) / 2 / paper


def _grey(photo: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(photo).convert("L"))


def _level(grey: Pixels, percentile: int) -> float:
    return float(np.percentile(grey[::4, ::4], percentile))


def _steepness(slopes: NDArray[np.int16]) -> float:
    """The mean of the steepest places, each as steep as the flatter of its two flanks."""
    strokes = np.sort(np.minimum(_most(slopes), _most(-slopes)), axis=None)
    return float(strokes[-PLACES:].mean())


def _most(slopes: NDArray[np.int16]) -> NDArray[np.int16]:
    """The steepest slope of each place."""
    high, wide = (side // STEP for side in slopes.shape)
    rows = slopes[: high * STEP, : wide * STEP].reshape(high, STEP, wide * STEP).max(1)
    steps = rows.reshape(high, wide, STEP).max(2)
    pairs = np.maximum(steps[1:], steps[:-1])
    return np.asarray(np.maximum(pairs[:, 1:], pairs[:, :-1]), np.int16)
