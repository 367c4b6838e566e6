"""Type: which faces this machine has, and words set in them as ink.

Only DejaVu is needed (Debian: fonts-dejavu-core); every other family found is used too, for a reader that has seen
one face can read one face. Invariant: what is set is exactly the words, whatever face sets them.
"""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from PIL import Image, ImageDraw, ImageFont

from tests.ktp.digits import FACES, digit_tile

FONT_FOLDERS = (
    Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts",
    Path.home() / ".local" / "share" / "fonts",
)  # fmt: skip

SANS = ("LiberationSans-Regular.ttf", "Arimo-Regular.ttf", "FreeSans.ttf", "NotoSans-Regular.ttf", "DejaVuSans.ttf",
        "DejaVuSansCondensed.ttf", "LiberationSans-Bold.ttf", "DejaVuSansCondensed-Bold.ttf", "FreeSansBold.ttf",
        "NotoSans-Medium.ttf", "Carlito-Regular.ttf", "Roboto-Regular.ttf", "OpenSans-Regular.ttf",
        "Lato-Medium.ttf")  # fmt: skip
NARROW = ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf", "DejaVuSansCondensed.ttf",
          "NotoSans-Condensed.ttf")  # fmt: skip
ODD = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "FreeMono.ttf", "DejaVuSerifCondensed.ttf",
       "LiberationSerif-Regular.ttf", "DejaVuSansMono-Bold.ttf")  # fmt: skip
BOLD = ("LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansCondensed-Bold.ttf", "FreeSansBold.ttf",
        "NotoSans-Bold.ttf")  # fmt: skip
OCR = ("OCRA.ttf", "OCR-A.ttf", "OCRA.otf", "OCRABold.ttf", "OCRB.ttf", "OCR-B.ttf", "OCRB.otf", "ocrb10.otf")
PLAIN_NUMBERS = ("DejaVuSansMono-Bold.ttf", "LiberationMono-Bold.ttf", "LiberationSans-Bold.ttf", "DejaVuSans-Bold.ttf",
                 "DejaVuSansMono.ttf", "FreeMonoBold.ttf")  # fmt: skip
OWN = tuple(FACES)
"""The faces of `digits`, which need no file."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Type(Struct, frozen=True):
    """How words are set: `size` and `spacing` (between letters) in pixels, `stretch` of the width, `weight` from -1
    (light) over 0 (as the face is) to 1 (heavy)."""

    face: str
    size: float
    spacing: float = 0.0
    stretch: float = 1.0
    weight: float = 0.0

    def scaled(self, scale: float) -> Type:
        return Type(self.face, self.size * scale, self.spacing * scale, self.stretch, self.weight)


@lru_cache(maxsize=256)
def find_font(face: str, size: int) -> Font:
    """The face at a size in pixels; DejaVu Sans or what Pillow carries where it is missing."""
    for wanted in (face, "DejaVuSans.ttf"):
        if wanted in _files():
            return ImageFont.truetype(str(_files()[wanted]), size)
    return ImageFont.load_default(size)


@lru_cache(maxsize=16)
def installed(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the faces that this machine has, in order; the first if it has none."""
    return tuple(face for face in wanted if face in _files()) or wanted[:1]


def a_text_face(chance: random.Random) -> str:
    kind = chance.choices((SANS, NARROW, ODD), (0.74, 0.18, 0.08))[0]
    return chance.choice(installed(kind))


def a_number_face(chance: random.Random) -> str:
    ocr = tuple(face for face in OCR if face in _files())
    kind = chance.choices((OWN, ocr or OWN, installed(PLAIN_NUMBERS)), (0.4, 0.35, 0.25))[0]
    return chance.choice(kind)


@lru_cache(maxsize=4096)
def set_in_type(words: str, how: Type) -> Image.Image:
    """The ink of the words, mode L, 255 where ink is; the picture is as high as the face's line."""
    if how.face in FACES:
        return _in_digits(words, how)
    font = find_font(how.face, max(4, round(how.size)))
    ascent, descent = font.getmetrics() if isinstance(font, ImageFont.FreeTypeFont) else (round(how.size), 4)
    thick = 1 if how.weight > 0.5 and how.size > 24 else 0
    wide = sum(font.getlength(letter) + how.spacing for letter in words)
    tile = Image.new("L", (max(1, round(wide) + 4), ascent + descent + 2), 0)
    pen, x = ImageDraw.Draw(tile), 1.0
    for letter in words:
        pen.text((x, 1), letter, 255, font, stroke_width=thick)
        x += font.getlength(letter) + how.spacing
    if how.stretch == 1.0:
        return tile
    return tile.resize((max(1, round(tile.width * how.stretch)), tile.height), Image.Resampling.BICUBIC)


def _in_digits(words: str, how: Type) -> Image.Image:
    """Digits stand as high as capitals of the size: 0.73 of it."""
    tall = max(6, round(how.size * 0.78))
    tiles = [digit_tile(how.face, digit, tall, 0.115 + 0.025 * how.weight) for digit in words]
    step = tiles[0].width * 1.22 + how.spacing
    whole = Image.new("L", (round(step * len(tiles)) + 2, round(how.size * 1.2)), 0)
    for at, tile in enumerate(tiles):
        whole.paste(tile, (round(at * step), (whole.height - tall) // 2))
    return whole.resize((max(1, round(whole.width * how.stretch)), whole.height), Image.Resampling.BICUBIC)


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    found = (path for folder in FONT_FOLDERS for path in sorted(folder.rglob("*.[to]tf")))
    return {path.name: path for path in found}
