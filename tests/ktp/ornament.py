"""The card behind the print: its pale blue with waves and rosettes, a portrait of nobody, a scribble for a signature.

Sizes in pixels of the picture; `scale` is pixels per card unit.
"""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.ktp.layout import HEIGHT, PORTRAIT_HEIGHT, WIDTH, Style

Colour = tuple[int, int, int]

TINTS: tuple[tuple[Colour, Colour], ...] = (
    ((206, 228, 242), (182, 214, 236)),
    ((196, 224, 232), (214, 232, 236)),
    ((188, 212, 238), (224, 226, 240)),
    ((214, 232, 228), (186, 222, 232)),
    ((222, 226, 232), (204, 216, 228)),
    ((170, 208, 234), (206, 232, 244)),
)
SKINS: tuple[Colour, ...] = ((186, 148, 120), (156, 112, 84), (206, 168, 138), (134, 94, 70))
CLOTHES: tuple[Colour, ...] = ((66, 70, 84), (232, 232, 236), (58, 92, 74), (126, 60, 68), (40, 40, 46))
VEILS: tuple[Colour, ...] = ((40, 42, 48), (212, 200, 206), (120, 78, 96), (70, 100, 130))


def background(chance: random.Random, scale: float) -> Image.Image:
    """A card without print, RGB."""
    width, height = round(WIDTH * scale), round(HEIGHT * scale)
    first, second = chance.choice(TINTS)
    slant = chance.uniform(-1, 1)
    y, x = np.mgrid[0:height:8, 0:width:8]
    share = np.clip(y / height * (1 - abs(slant)) + (x / width if slant > 0 else 1 - x / width) * abs(slant), 0, 1)
    tint = np.array(first) + (np.array(second) - np.array(first)) * share[..., None]
    card = Image.fromarray(tint.astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    lines = Image.new("L", card.size, 0)
    _waves(lines, chance, scale)
    _rosette(lines, chance, scale)
    if chance.random() < 0.6:
        _islands(lines, chance, scale)
    strength = chance.uniform(0.08, 0.34)
    colour: Colour = chance.choice(((104, 156, 196), (126, 168, 176), (150, 150, 190), (190, 150, 160)))
    card.paste(colour, mask=lines.point(lambda level: int(level * strength)))
    return card


def portrait(card: Image.Image, chance: random.Random, style: Style, scale: float) -> None:
    """A head and shoulders of nobody, bare-headed or veiled, on red or blue."""
    left, top, wide = (part * scale for part in style.portrait)
    width, height = round(wide), round(PORTRAIT_HEIGHT * scale)
    ground: Colour = chance.choice(((170, 52, 56), (52, 84, 160), (196, 40, 40), (60, 110, 190)))
    photo = Image.new("RGB", (width, height), ground)
    pen, middle = ImageDraw.Draw(photo), width / 2 + chance.uniform(-6, 6) * scale
    skin, eyes = chance.choice(SKINS), 112 * scale
    pen.ellipse((middle - 96 * scale, height - 96 * scale, middle + 96 * scale, height + 90 * scale),
                chance.choice(CLOTHES))  # fmt: skip
    if chance.random() < 0.5:
        veil = chance.choice(VEILS)
        pen.ellipse((middle - 72 * scale, 34 * scale, middle + 72 * scale, 236 * scale), veil)
    else:
        pen.rectangle((middle - 22 * scale, 170 * scale, middle + 22 * scale, 214 * scale), skin)
        pen.ellipse((middle - 62 * scale, 40 * scale, middle + 62 * scale, 160 * scale), (30, 26, 26))
    pen.ellipse((middle - 50 * scale, 60 * scale, middle + 50 * scale, 192 * scale), skin)
    _features(pen, middle, eyes, skin, scale)
    photo = photo.filter(ImageFilter.GaussianBlur(2.2 * scale))
    if chance.random() < 0.2:
        photo = photo.convert("L").convert("RGB")
    card.paste(photo, (round(left), round(top)))


def _features(pen: ImageDraw.ImageDraw, middle: float, eyes: float, skin: Colour, scale: float) -> None:
    """Eyes, brows, nose and mouth."""
    for side in (-1, 1):
        x = middle + side * 20 * scale
        pen.ellipse((x - 7 * scale, eyes - 3 * scale, x + 7 * scale, eyes + 3 * scale), (46, 36, 34))
        brow = eyes - 11 * scale
        pen.line((x - 11 * scale, brow, x + 11 * scale, brow), (56, 44, 40), max(1, round(3 * scale)))
    pen.line((middle, eyes, middle - 5 * scale, eyes + 28 * scale), tuple(part - 24 for part in skin), round(3 * scale))
    pen.ellipse((middle - 16 * scale, eyes + 42 * scale, middle + 16 * scale, eyes + 50 * scale), (150, 84, 80))


def signature(card: Image.Image, chance: random.Random, style: Style, scale: float) -> None:
    left, top, wide = style.portrait
    pen = ImageDraw.Draw(card)
    x, y = left + wide * 0.2, top + PORTRAIT_HEIGHT + 92
    loops = [(chance.uniform(6, 20), chance.uniform(-22, 22)) for _ in range(chance.randrange(5, 10))]
    points = []
    for step, rise in loops:
        for turn in range(8):
            angle = turn / 8 * 2 * math.pi
            points.append((x + step * turn / 8 + 6 * math.cos(angle), y + rise * math.sin(angle)))
        x = min(x + step, left + wide - 14)
    pen.line([(px * scale, py * scale) for px, py in points], (30, 32, 44), max(1, round(1.8 * scale)), joint="curve")


def _waves(lines: Image.Image, chance: random.Random, scale: float) -> None:
    pen, (width, height) = ImageDraw.Draw(lines), lines.size
    count, period = chance.randrange(18, 46), chance.uniform(40, 110) * scale
    drift, depth = chance.uniform(0, 0.5), chance.uniform(8, 30) * scale
    for wave in range(count):
        middle, phase = height * wave / (count - 1), wave * drift
        curve = [(x, middle + depth * math.sin(x / period + phase)) for x in range(0, width + 8, 8)]
        pen.line(curve, chance.randrange(120, 256), max(1, round(scale * chance.uniform(0.6, 1.2))))


def _rosette(lines: Image.Image, chance: random.Random, scale: float) -> None:
    pen = ImageDraw.Draw(lines)
    x0, y0 = chance.uniform(0.2, 0.8) * lines.width, chance.uniform(0.3, 0.8) * lines.height
    radius, petals = chance.uniform(90, 240) * scale, chance.randrange(5, 14)
    for ring in range(chance.randrange(4, 10)):
        reach = radius * (1 - ring * 0.08)
        points = []
        for step in range(181):
            angle = step / 180 * 2 * math.pi
            far = reach * (0.75 + 0.25 * math.sin(petals * angle + ring * 0.4))
            points.append((x0 + far * math.cos(angle), y0 + far * math.sin(angle) * 0.8))
        pen.line(points, chance.randrange(100, 220), max(1, round(0.8 * scale)))


def _islands(lines: Image.Image, chance: random.Random, scale: float) -> None:
    """Blots where the map of the islands is on a real card."""
    pen = ImageDraw.Draw(lines)
    for _ in range(9):
        x, y = chance.uniform(0.1, 0.72) * lines.width, chance.uniform(0.35, 0.8) * lines.height
        points = []
        for step in range(14):
            far = chance.uniform(18, 70) * scale
            points.append((x + 1.6 * far * math.cos(step / 14 * 6.28), y + far * math.sin(step / 14 * 6.28)))
        pen.polygon(points, 70)
