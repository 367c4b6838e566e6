"""Draws a card that resembles a KTP closely enough to try a reader on, and never enough to pass for one.

Face, size, place and darkness of the print, pattern and portrait vary from card to card as from office to office.
Invariant: CONTOH (specimen) stands on every card, and never on a value; the same chance draws the same card.
"""

from __future__ import annotations

import random

import numpy as np
from PIL import Image, ImageFilter

from tests.ktp import ornament
from tests.ktp.faces import Type, set_in_type
from tests.ktp.layout import HEIGHT, PORTRAIT_HEIGHT, WIDTH, Placed, Style, any_style, placed
from tests.ktp.people import Person

SPECIMEN_RED = (196, 40, 48)


def draw_card(person: Person, chance: random.Random, *, scale: float = 1.5, style: Style | None = None) -> Image.Image:
    """The card of a person, RGB, 1011 x 638 times `scale`. `chance` decides all but the person."""
    style = style or any_style(chance)
    card = ornament.background(chance, scale)
    ornament.portrait(card, chance, style, scale)
    ornament.signature(card, chance, style, scale)
    _specimen(card, style, scale)
    return _printed_on(card, _ink(placed(person, style), style, scale), style, chance)


def _ink(words: tuple[Placed, ...], style: Style, scale: float) -> Image.Image:
    """All print, mode L, 255 where ink is."""
    ink = Image.new("L", (round(WIDTH * scale), round(HEIGHT * scale)), 0)
    for one in words:
        tile = _weighed(set_in_type(one.words, one.how.scaled(scale)), one.how.weight, scale)
        y = one.y + style.tilt * (one.x / WIDTH - 0.5)
        ink.paste(255, (round(one.x * scale), round(y * scale - tile.height / 2)), tile)
    return ink


def _weighed(tile: Image.Image, weight: float, scale: float) -> Image.Image:
    """Lighter or heavier by less than a pixel: soft edges, cut elsewhere."""
    if abs(weight) < 0.15:
        return tile
    soft = tile.filter(ImageFilter.GaussianBlur(0.55 * scale))
    gain, level = 2.2, 128 - 42 * weight
    return soft.point(lambda ink: int(min(255, max(0, 128 + (ink - level) * gain))))


def _printed_on(card: Image.Image, ink: Image.Image, style: Style, chance: random.Random) -> Image.Image:
    rng = np.random.default_rng(chance.randrange(2**32))
    soft = np.asarray(ink.filter(ImageFilter.GaussianBlur(style.softness * ink.width / WIDTH / 1.5)), np.float32) / 255
    worn = Image.fromarray(rng.integers(0, 256, (60, 96), np.uint8)).resize(ink.size, Image.Resampling.BICUBIC)
    share = soft * style.darkness * (1 - style.patchiness * np.asarray(worn, np.float32) / 255)
    colour = np.array(style.ink, np.float32)
    pixels = np.asarray(card, np.float32)
    return Image.fromarray((pixels + (colour - pixels) * share[..., None]).astype(np.uint8))


def _specimen(card: Image.Image, style: Style, scale: float) -> None:
    left, top, wide = style.portrait
    places = (
        (top + PORTRAIT_HEIGHT * 0.86, 26.0, (240, 240, 240)),
        (min(HEIGHT - 34, top + PORTRAIT_HEIGHT + 146), 40.0, SPECIMEN_RED),
    )
    for y, size, colour in places:
        tile = set_in_type("CONTOH", Type("DejaVuSans-Bold.ttf", size * scale))
        card.paste(
            colour, (round((left + wide / 2) * scale - tile.width / 2), round(y * scale - tile.height / 2)), tile
        )
