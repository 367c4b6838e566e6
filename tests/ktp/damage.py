"""What happens to a card on its way into a chat, in five levels from a flat scan to what only a careful person reads.

Invariants: the same card, level and chance give the same photo; no value is hidden, whatever lies or shines on it.
"""

from __future__ import annotations

import random

import cv2
import numpy as np
from msgspec import Struct
from PIL import Image

from tests.ktp import lens, wear
from tests.ktp.backgrounds import BEDS
from tests.ktp.hands import View, fingers_behind, onto, thumb_on_edge
from tests.ktp.layout import HEIGHT, WIDTH
from tests.ktp.lens import Pixels, Span

CARD = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
SHINE = ((850, 260), (850, 420), (940, 600), (500, 8), (760, 625), (1000, 60))  # card units: off every value
ANYWHERE = ((300, 330), (500, 420), (420, 560), (620, 260))  # here a reflection only pales
AT_LEAST_PX = 0.62
"""However far away: the card is at least this part of 1000 pixels wide, else no one could read it."""


class Level(Struct, frozen=True):
    """How a photo is taken; each span is drawn from evenly, each share is a probability.

    `side` the longer side of the frame in pixels, `fill` the card's width over the frame's, `tilt` in degrees, `lean`
    the corners' wandering over the card's width, `blur` (sigma) and `shake` (length) in pixels of a card of 1000,
    `noise` sigma in grey levels, `light` the darkest and brightest corner.
    """

    beds: tuple[str, ...]
    side: tuple[int, ...]
    fill: Span
    tilt: float
    lean: float
    blur: Span
    noise: Span
    light: Span
    quality: tuple[int, int]
    shake: Span = (0.0, 0.0)
    turned: float = 0.0
    copied: float = 0.0
    forwarded: float = 0.0
    shadow: float = 0.0
    glare: float = 0.0
    crease: float = 0.0
    scratches: float = 0.0
    laminate: float = 0.0
    moire: float = 0.0
    thumb: float = 0.0
    held: float = 0.0
    tint: float = 0.0


LEVELS = {
    "scan": Level(("paper", "paper", "dark"), (1200, 1600, 2000), (0.8, 1.0), 2.0, 0.0, (0.0, 0.4), (0.4, 2.0),
                  (0.96, 1.04), (82, 95), turned=0.1, copied=0.1, scratches=0.15, tint=0.03),
    "phone": Level(("wood", "cloth", "paper", "tiles", "dark", "concrete"), (1600, 1920, 2592), (0.66, 0.94), 6, 0.03,
                   (0.2, 0.8), (1.5, 5), (0.72, 1.1), (70, 92), (0.0, 1.2), turned=0.12, copied=0.04, forwarded=0.45,
                   shadow=0.2, glare=0.12, scratches=0.2, laminate=0.12, thumb=0.1, held=0.1, tint=0.06),
    "field": Level(("wood", "cloth", "mat", "concrete", "cloth", "tiles"), (1600, 1920, 2592), (0.58, 0.88), 12, 0.06,
                   (0.4, 1.15), (3, 8), (0.55, 1.12), (55, 82), (0.0, 2.4), turned=0.25, copied=0.08, forwarded=0.55,
                   shadow=0.5, glare=0.3, crease=0.15, scratches=0.35, laminate=0.3, moire=0.04, thumb=0.3, held=0.2,
                   tint=0.1),
    "photocopy": Level(("wood", "paper", "concrete", "dark"), (1600, 1920, 2592), (0.7, 0.98), 5, 0.02, (0.0, 0.8),
                       (1, 4), (0.75, 1.06), (62, 90), (0.0, 1.0), turned=0.2, copied=1.0, forwarded=0.4, shadow=0.25,
                       crease=0.15, tint=0.05),
    "very-hard": Level(("cloth", "mat", "wood", "cloth", "tiles"), (1440, 1600, 1920), (0.58, 0.8), 18, 0.09,
                       (0.7, 1.25), (4, 10), (0.5, 1.15), (42, 66), (0.0, 3.0), turned=0.35, copied=0.12,
                       forwarded=0.5, shadow=0.7, glare=0.45, crease=0.3, scratches=0.5, laminate=0.4, moire=0.15,
                       thumb=0.45, held=0.25, tint=0.14),
}  # fmt: skip
"""From easy to hard; a person with patience reads all of them."""

SHEET_SHARE = 0.6
"""Of the photocopies, those that are a small card on a white sheet; the others are cut out."""


def photograph(card: Image.Image, level: str, chance: random.Random) -> bytes:
    """A JPEG photo of the card, taken with the carelessness of a level of `LEVELS`."""
    how = LEVELS[level]
    pixels = _worn(np.asarray(card), how, chance)
    if level == "photocopy" and chance.random() < SHEET_SHARE:
        photo, view = _on_a_sheet(pixels, how, chance)
    else:
        photo, view = laid(pixels, how, chance)
    return sent(_seen(photo, view, how, chance), how, chance, _width(view))


def laid(card: Pixels, how: Level, chance: random.Random, fill: float | None = None) -> tuple[Pixels, View]:
    """The card on a table or in a hand, and the homography from card units to the photo."""
    side = chance.choice(how.side)
    size = (side, round(side * chance.choice((0.75, 0.75, 0.5625, 0.64))))
    view = _view(size, how, chance, fill or chance.uniform(*how.fill))
    bed = BEDS[chance.choice(how.beds)](size, chance)
    if chance.random() < how.held:
        bed = fingers_behind(lens.defocused(bed, side / 300), view, chance)
    return _laid_on(bed, card, view, chance), view


def sent(photo: Pixels, how: Level, chance: random.Random, card_px: float) -> bytes:
    """Turned as the phone was held, and made small by a messenger; JPEG. `card_px` is the card's width."""
    if chance.random() < how.turned:
        photo = lens.turned(photo, chance.randrange(1, 4))
    if chance.random() < how.forwarded:
        side = max(chance.choice((1280, 1600)), 1000 * AT_LEAST_PX / card_px * max(photo.shape))
        return lens.to_jpeg(lens.within(photo, round(side)), chance.randrange(50, 71))
    return lens.to_jpeg(photo, chance.randrange(how.quality[0], how.quality[1] + 1))


def _worn(card: Pixels, how: Level, chance: random.Random) -> Pixels:
    changes = ((how.scratches, wear.scratched), (how.copied, wear.photocopied), (how.crease, wear.creased),
               (how.laminate, wear.laminated))  # fmt: skip
    for share, change in changes:
        if chance.random() < share:
            card = change(card, chance)
    return card


def _seen(photo: Pixels, view: View, how: Level, chance: random.Random) -> Pixels:
    """What light and lens add, from the card towards the file."""
    unit = _width(view) / 1000
    if chance.random() < how.thumb:
        photo = thumb_on_edge(photo, view, chance)
    if chance.random() < how.glare:
        photo = _glared(photo, view, chance)
    if chance.random() < how.shadow:
        photo = lens.shaded(photo, chance.uniform(0.2, 0.45), chance)
    if chance.random() < how.moire:
        photo = lens.moired(photo, chance.uniform(0.02, 0.06), chance)
    blur = chance.uniform(*how.blur)
    photo = lens.defocused(photo, blur * unit)
    photo = lens.shaken(photo, chance.uniform(*how.shake) * unit * (1 - 0.55 * blur), chance.uniform(0, 3.14))
    photo = lens.tinted(lens.lit(photo, how.light, chance), how.tint, chance)
    return lens.noisy(photo, chance.uniform(*how.noise), chance)


def _glared(photo: Pixels, view: View, chance: random.Random) -> Pixels:
    burnt = chance.random() < 0.6
    spot = onto(view, chance.choice(SHINE if burnt else ANYWHERE))
    radius = _width(view) * (chance.uniform(0.08, 0.12) if burnt else chance.uniform(0.15, 0.3))
    return lens.shone_on(photo, spot, radius, 1.0 if burnt else chance.uniform(0.25, 0.42))


def _view(size: tuple[int, int], how: Level, chance: random.Random, fill: float) -> View:
    width, height = size
    wide = max(width * fill, 1000 * AT_LEAST_PX * chance.uniform(1, 1.2))
    angle = np.deg2rad(chance.uniform(-how.tilt, how.tilt))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = (CARD - np.array([WIDTH, HEIGHT]) / 2) * wide / WIDTH
    lean = np.array([[chance.uniform(-1, 1), chance.uniform(-1, 1)] for _ in range(4)]) * how.lean * wide
    goal = (corners + lean) @ turn.T
    goal *= min(1.0, *(0.985 * side / np.ptp(goal[:, axis]) for axis, side in enumerate((width, height))))
    spare = (np.array([width, height]) - np.ptp(goal, axis=0)) * np.array([chance.random(), chance.random()])
    goal += spare - goal.min(axis=0)
    return np.asarray(cv2.getPerspectiveTransform(CARD, goal.astype(np.float32)), np.float64)


def _laid_on(bed: Pixels, card: Pixels, view: View, chance: random.Random) -> Pixels:
    """The card over its bed, with round corners and a shadow beneath."""
    size = (bed.shape[1], bed.shape[0])
    shrunk = lens.defocused(card, max(0.0, 0.4 * (card.shape[1] / _width(view) - 1)))
    matrix = view @ np.diag([WIDTH / card.shape[1], HEIGHT / card.shape[0], 1.0])
    shape = np.zeros(card.shape[:2], np.uint8)
    radius = round(card.shape[1] * 0.035)
    cv2.rectangle(shape, (radius, 0), (card.shape[1] - radius, card.shape[0]), 255, -1)
    cv2.rectangle(shape, (0, radius), (card.shape[1], card.shape[0] - radius), 255, -1)
    for x in (radius, card.shape[1] - radius - 1):
        for y in (radius, card.shape[0] - radius - 1):
            cv2.circle(shape, (x, y), radius, 255, -1)
    laid_card = cv2.warpPerspective(shrunk, matrix, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(shape, matrix, size, flags=cv2.INTER_LINEAR)
    shadow = cv2.GaussianBlur(np.roll(mask, (4, 3), (0, 1)), (0, 0), size[0] / 220)[..., None] / 255.0
    under = bed * (1 - chance.uniform(0.15, 0.55) * shadow)
    share = mask[..., None] / 255.0
    return np.asarray(laid_card * share + under * (1 - share), np.uint8)


def _on_a_sheet(copy: Pixels, how: Level, chance: random.Random) -> tuple[Pixels, View]:
    """A4, upright or a part of it, with the copied card 640 to 1050 pixels wide somewhere in its upper half."""
    wide = round(chance.uniform(640, 1050))
    width = round(wide / chance.uniform(0.41, 0.8))
    size = (width, round(width * chance.choice((1.414, 1.414, 0.9, 0.75))))
    sheet = BEDS["paper"](size, chance)
    angle = np.deg2rad(chance.uniform(-3, 3))
    corners = (CARD - np.array([WIDTH, HEIGHT]) / 2) * wide / WIDTH
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    room = np.maximum(0, np.array(size) - np.ptp(corners, axis=0) - 8)
    corners += 4 - corners.min(axis=0) + room * np.array([chance.random(), chance.uniform(0.02, 0.6)])
    corners += np.array([[chance.uniform(-1, 1), chance.uniform(-1, 1)] for _ in range(4)]) * how.lean * 0.2 * wide
    view = np.asarray(cv2.getPerspectiveTransform(CARD, corners.astype(np.float32)), np.float64)
    matrix = view @ np.diag([WIDTH / copy.shape[1], HEIGHT / copy.shape[0], 1.0])
    shrunk = lens.defocused(copy, max(0.0, 0.4 * (copy.shape[1] / wide - 1)))
    laid_copy = cv2.warpPerspective(shrunk, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    if chance.random() < 0.5:  # the card's edge throws a thin shadow in the copier
        grey = chance.randrange(90, 200)
        cv2.polylines(laid_copy, [np.asarray(corners, np.int32)], True, (grey,) * 3, chance.choice((1, 2)), cv2.LINE_AA)
    return np.minimum(sheet, np.asarray(laid_copy, np.uint8)), view


def _width(view: View) -> float:
    left, right = onto(view, (0, HEIGHT / 2)), onto(view, (WIDTH, HEIGHT / 2))
    return float(np.hypot(right[0] - left[0], right[1] - left[1]))
