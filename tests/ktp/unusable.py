"""Photos that can't be used, each with one fault that a person sees at once, otherwise taken with care.

Invariant: the same card, kind and chance give the same photo.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from msgspec.structs import replace
from PIL import Image

from rules.card import Fault
from tests.ktp import lens
from tests.ktp.backgrounds import BEDS
from tests.ktp.damage import LEVELS, Level, laid, sent
from tests.ktp.draw import draw_card
from tests.ktp.hands import View, onto, thumb
from tests.ktp.layout import HEIGHT, WIDTH
from tests.ktp.lens import Pixels, Point
from tests.ktp.not_cards import NOT_CARDS
from tests.ktp.people import Person
from tests.ktp.residents import resident

UNUSABLE: dict[str, Fault] = {
    "blurred": "blurred", "dark": "dark", "cut-off": "cut-off", "glare-on-nik": "glare-on-nik",
    "thumb-on-nik": "glare-on-nik", "paint-on-nik": "glare-on-nik", "too-small": "too-small",
    "two-cards": "several-cards", **dict.fromkeys(NOT_CARDS, "not-a-ktp"),
}  # fmt: skip
"""Kind -> the fault that is named."""

MAY_BE_DOUBTED = ("thumb-on-nik", "paint-on-nik")
"""Here a card without a NIK, or with a doubted one, is as right as a refusal."""

NIK_FROM, NIK_TO = 0.27, 0.66  # of the card's width, where the number surely stands
NIK_Y = 121  # card units
CAREFUL = replace(LEVELS["phone"], fill=(0.72, 0.9), turned=0.1, copied=0.0, shadow=0.0, glare=0.0, laminate=0.0,
                  thumb=0.0, held=0.0, blur=(0.0, 0.4), shake=(0.0, 0.0))  # fmt: skip

Spoiler = Callable[[Image.Image, random.Random], Pixels]


def spoil(card: Image.Image, fault: Fault, chance: random.Random) -> bytes:
    """A JPEG photo of the card with a fault; of all kinds, the plainest that has it."""
    plainest = {"not-a-ktp": "rice-field", "several-cards": "two-cards"}
    return spoilt(card, resident(random.Random(0)), plainest.get(fault, fault), chance)


def spoilt(card: Image.Image, person: Person, kind: str, chance: random.Random) -> bytes:
    """A JPEG photo of a kind of `UNUSABLE`; `person` is who stands on the card."""
    if kind in NOT_CARDS:
        return lens.to_jpeg(NOT_CARDS[kind](person, chance), chance.randrange(60, 88))
    if kind == "too-small":
        return lens.to_jpeg(_too_small(card, chance), 80)
    photo = SPOILERS[kind](card, chance)
    return sent(photo, _how(kind), chance, photo.shape[1] / 2)


def _how(kind: str) -> Level:
    return replace(CAREFUL, turned=0.0) if kind in ("cut-off", "dark") else CAREFUL


def _taken(card: Image.Image, chance: random.Random) -> tuple[Pixels, View]:
    photo, view = laid(np.asarray(card), CAREFUL, chance)
    return lens.noisy(lens.lit(photo, (0.85, 1.05), chance), chance.uniform(1, 3), chance), view


def _blurred(card: Image.Image, chance: random.Random) -> Pixels:
    """Out of focus or shaken until no value can be read."""
    photo, _ = _taken(card, chance)
    unit = photo.shape[1] / 1250
    if chance.random() < 0.3:
        photo = lens.shaken(lens.defocused(photo, 2.5 * unit), chance.uniform(26, 44) * unit, chance.uniform(0, 3))
    else:
        photo = lens.defocused(photo, chance.uniform(6.5, 11) * unit)
    return lens.noisy(photo, chance.uniform(0.5, 2.5), chance)


def _dark(card: Image.Image, chance: random.Random) -> Pixels:
    photo, _ = _taken(card, chance)
    return lens.noisy(np.asarray(photo * chance.uniform(0.05, 0.13), np.uint8), chance.uniform(2, 4), chance)


def _cut_off(card: Image.Image, chance: random.Random) -> Pixels:
    """The frame ends where values stand: without the left, the right half, the top or the bottom of the card."""
    photo, view = _taken(card, chance)
    cuts: tuple[tuple[str, Point], ...] = (
        ("right", (chance.uniform(0.4, 0.62) * WIDTH, HEIGHT / 2)),
        ("left", (chance.uniform(0.34, 0.5) * WIDTH, HEIGHT / 2)),
        ("top", (WIDTH / 2, chance.uniform(0.3, 0.5) * HEIGHT)),
        ("bottom", (WIDTH / 2, chance.uniform(0.35, 0.6) * HEIGHT)),
    )
    side, point = chance.choice(cuts)
    x, y = (round(at) for at in onto(view, point))
    kept = {"right": photo[:, :x], "left": photo[:, x:], "top": photo[y:], "bottom": photo[:y]}[side]
    return np.ascontiguousarray(kept)


def _glare_on_nik(card: Image.Image, chance: random.Random) -> Pixels:
    photo, view = _taken(card, chance)
    spot = onto(view, (chance.uniform(0.36, 0.56) * WIDTH, NIK_Y + chance.uniform(-8, 8)))
    wide = np.hypot(*np.subtract(onto(view, (WIDTH, 300)), onto(view, (0, 300))))
    return lens.shone_on(photo, spot, float(wide) * chance.uniform(0.2, 0.27), narrow=chance.uniform(1.3, 1.8))


def _thumb_on_nik(card: Image.Image, chance: random.Random) -> Pixels:
    photo, view = _taken(card, chance)
    x = chance.uniform(0.36, 0.58) * WIDTH
    start, tip = ((x + chance.uniform(-60, 60), -160), (x, NIK_Y + 50))
    return thumb(photo, view, start, tip, chance, thick=chance.uniform(56, 76))


def _paint_on_nik(card: Image.Image, chance: random.Random) -> Pixels:
    """A bar, a smear or a sticker over a part of the number, as people do who don't want to show it."""
    left = chance.uniform(NIK_FROM, NIK_TO - 0.16)
    right = chance.uniform(left + 0.14, NIK_TO + 0.08)
    painted = np.asarray(card).copy()
    scale = card.width / WIDTH
    top, bottom = round((NIK_Y - 34) * scale), round((NIK_Y + 34) * scale)
    colour = chance.choice(((20, 20, 22), (240, 240, 240), (200, 40, 40), (40, 60, 160)))
    part = painted[top:bottom, round(left * card.width) : round(right * card.width)]
    part[:] = lens.defocused(part, 16 * scale) if chance.random() < 0.25 else colour
    return _taken(Image.fromarray(painted), chance)[0]


def _two_cards(card: Image.Image, chance: random.Random) -> Pixels:
    """Two KTPs on one table, both whole, of two people or twice of one."""
    other = draw_card(resident(chance), chance) if chance.random() < 0.7 else card
    size = (1600, 1200) if chance.random() < 0.5 else (1100, 1600)
    bed = BEDS[chance.choice(("wood", "dark", "paper", "cloth"))](size, chance).copy()
    wide = 720 if size[0] == 1600 else 940
    tall = round(wide * HEIGHT / WIDTH)
    for at, one in enumerate((card, other)):
        x = 30 + at * (size[0] - wide - 60) if size[0] == 1600 else chance.randrange(20, size[0] - wide - 20)
        y = round(30 + at * (size[1] - tall - 60) * chance.uniform(0.9, 1.0))
        bed[y : y + tall, x : x + wide] = np.asarray(one.resize((wide, tall), Image.Resampling.LANCZOS))
    return lens.noisy(lens.lit(bed, (0.85, 1.05), chance), 2, chance)


def _too_small(card: Image.Image, chance: random.Random) -> Pixels:
    """The card 170 to 290 pixels wide: in a picture made tiny, or far away in a large one."""
    wide = chance.uniform(170, 290)
    if chance.random() < 0.5:
        photo, _ = laid(np.asarray(card), replace(CAREFUL, side=(1600,)), chance, fill=0.85)
        return lens.within(photo, round(wide / 0.85))
    size = (1280, 960)
    bed = BEDS[chance.choice(("wood", "concrete", "cloth"))](size, chance).copy()
    small = np.asarray(card.resize((round(wide), round(wide * HEIGHT / WIDTH)), Image.Resampling.LANCZOS))
    x, y = chance.randrange(100, 800), chance.randrange(100, 600)
    bed[y : y + small.shape[0], x : x + small.shape[1]] = small
    return lens.noisy(bed, 2, chance)


SPOILERS: dict[str, Spoiler] = {
    "blurred": _blurred, "dark": _dark, "cut-off": _cut_off, "glare-on-nik": _glare_on_nik,
    "thumb-on-nik": _thumb_on_nik, "paint-on-nik": _paint_on_nik, "two-cards": _two_cards,
}  # fmt: skip
