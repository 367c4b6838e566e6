"""Papers drawn as a phone sees them: a sheet on a table, its words small or large, many or few. Nobody's papers.

Invariant: the same name draws the same picture, `LONG` pixels high; blur is in pixels of such a picture.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.ktp.lens import Pixels, defocused, lit, noisy, shaken

WIDE, LONG = 1200, 1600
TABLE = (112, 84, 62)
INK = (38, 38, 46)
WORDS = (
    "Yang bertanda tangan di bawah ini kepala desa menerangkan dengan sebenarnya bahwa orang tersebut bekerja sebagai "
    "petani dan mengalami kecelakaan di kebun pada hari itu demikian surat keterangan ini dibuat untuk dipakai "
    "sebagaimana mestinya"
).split()


def letter(draw: ImageDraw.ImageDraw, lines: int, size: int, ink: tuple[int, int, int] = INK) -> None:
    """A head, its line, so many lines of words; and a signature."""
    draw.text((170, 150), "PEMERINTAH DESA CONTOH", INK, _font(size + 6))
    draw.line((160, 210, 1040, 210), INK, 4)
    for number, line in enumerate(_lines(lines, size)):
        draw.text((170, 260 + number * round(1.7 * size)), line, ink, _font(size))
    draw.line([(700 + 9 * at, 1380 + 40 * (at % 3 - 1)) for at in range(20)], (30, 50, 140), 4)


def family_card(draw: ImageDraw.ImageDraw) -> None:
    """A table of small words."""
    draw.text((430, 150), "KARTU KELUARGA", INK, _font(34))
    for row in range(13):
        draw.line((130, 240 + row * 60, 1070, 240 + row * 60), INK, 2)
        for column in range(6 if row < 12 else 0):
            draw.text((140 + column * 156, 258 + row * 60), WORDS[(row * 5 + column) % len(WORDS)], INK, _font(17))
    for column in range(7):
        draw.line((130 + column * 156, 240, 130 + column * 156, 960), INK, 2)


def account_book(draw: ImageDraw.ImageDraw) -> None:
    """Two lines on an empty page."""
    draw.text((200, 620), "Nama       CONTOH", INK, _font(30))
    draw.text((200, 690), "Nomor     0123 4567 8901", INK, _font(30))


PAPERS: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {
    "a full letter": lambda draw: letter(draw, 30, 21),
    "a short letter": lambda draw: letter(draw, 5, 23),
    "a faint letter": lambda draw: letter(draw, 26, 22, (150, 150, 156)),
    "a family card": family_card,
    "an account book": account_book,
    "large words": lambda draw: letter(draw, 10, 52),
}


def photographed(name: str, blur: float = 0.0, shake: float = 0.0, light: float = 1.0) -> Pixels:
    """A photo of the paper of this name. `blur`: sigma of the lens; `shake`: length of the hand's way, sideways;
    `light`: how much of it there is. With the grain that little light brings."""
    scene = Image.new("RGB", (WIDE, LONG), TABLE)
    draw = ImageDraw.Draw(scene)
    draw.rectangle((90, 70, WIDE - 90, LONG - 70), (236, 234, 226))
    PAPERS[name](draw)
    chance = random.Random(name)
    seen = lit(shaken(defocused(np.asarray(scene), blur), shake, 0.1), (0.8 * light, light), chance)
    return noisy(seen, 3 + 3 * (1 - light), chance)


def _lines(count: int, size: int) -> Iterator[str]:
    a_line = round(1500 / size)
    for number in range(count):
        words = WORDS[number * 3 % len(WORDS) :] + WORDS
        yield " ".join(words)[:a_line]


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
