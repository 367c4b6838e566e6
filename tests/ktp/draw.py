"""Draws a card that resembles a KTP closely enough to try a reader on, and never enough to pass for one.

The order of the rows is that of Permendagri 74/2015. Invariant: CONTOH (specimen) stands on every card.
Fonts: DejaVu (Debian: fonts-dejavu-core), else the one inside Pillow. With `near=True` Liberation Sans
(fonts-liberation) and OCR-A (fonts-ocr-a) are used where they are installed: closer to the real print.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.ktp.people import Person

WIDTH, HEIGHT = 1011, 638  # ID-1 format at 300 dots per inch
LABEL_X, VALUE_X, BLOOD_X, PHOTO_X = 36, 258, 560, 752
NIK_Y, FIRST_Y, STEP = 124, 178, 35
INK = (24, 26, 34)

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
FAMILIES = {
    "text": (("LiberationSans-Regular.ttf",), ("DejaVuSans.ttf",)),
    "bold": (("LiberationSans-Bold.ttf",), ("DejaVuSans-Bold.ttf",)),
    "nik": (("OCRA.ttf", "OCR-A.ttf", "OCRA.otf"), ("DejaVuSansMono-Bold.ttf",)),
}
SEX = {"female": "PEREMPUAN", "male": "LAKI-LAKI"}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_card(person: Person, chance: random.Random, *, scale: float = 1.5, near: bool = False) -> Image.Image:
    """The card of a person, RGB, 1011 x 638 times `scale`. `chance` decides pattern and print position."""
    card = _background(chance, scale)
    pen = ImageDraw.Draw(card)
    shift = (chance.uniform(-4, 4), chance.uniform(-4, 4))
    _header(pen, person, scale, near)
    _rows(pen, person, scale, near, shift)
    _portrait(card, chance, scale)
    _issue(pen, person, scale, near)
    _specimen(pen, scale)
    return card


@lru_cache(maxsize=64)
def find_font(kind: str, size: int, near: bool) -> Font:
    """The best font of a kind that this machine has."""
    wanted = FAMILIES[kind] if near else FAMILIES[kind][1:]
    for names in wanted:
        for folder in FONT_FOLDERS:
            found = sorted(path for name in names for path in folder.rglob(name))
            if found:
                return ImageFont.truetype(str(found[0]), size)
    return ImageFont.load_default(size)


def printed(person: Person) -> tuple[tuple[int, str, str], ...]:
    """The rows below the NIK as they are printed: indent, label, value."""
    return (
        (0, "Nama", person.name),
        (0, "Tempat/Tgl Lahir", f"{person.birth_place}, {person.birth_date:%d-%m-%Y}"),
        (0, "Jenis Kelamin", SEX[person.sex]),
        (0, "Alamat", person.address),
        (40, "RT/RW", person.rt_rw),
        (40, "Kel/Desa", person.village),
        (40, "Kecamatan", person.district),
        (0, "Agama", person.religion),
        (0, "Status Perkawinan", person.marital_status),
        (0, "Pekerjaan", person.occupation),
        (0, "Kewarganegaraan", person.citizenship),
        (0, "Berlaku Hingga", person.valid_until),
    )


def _header(pen: ImageDraw.ImageDraw, person: Person, scale: float, near: bool) -> None:
    font = find_font("bold", round(28 * scale), near)
    for y, words in ((38, f"PROVINSI {person.province}"), (72, person.regency)):
        pen.text((WIDTH / 2 * scale, y * scale), words, INK, font, anchor="mm")


def _rows(pen: ImageDraw.ImageDraw, person: Person, scale: float, near: bool, shift: tuple[float, float]) -> None:
    dx, dy = shift
    text, nik = find_font("text", round(22 * scale), near), find_font("nik", round(36 * scale), near)
    _at(pen, LABEL_X + dx, NIK_Y + dy, "NIK", find_font("text", round(30 * scale), near), scale)
    _at(pen, VALUE_X - 18 + dx, NIK_Y + dy, ":", nik, scale)
    _at(pen, VALUE_X + 8 + dx, NIK_Y + dy, person.nik, nik, scale)
    for row, (indent, label, value) in enumerate(printed(person)):
        y = FIRST_Y + row * STEP + dy
        _at(pen, LABEL_X + indent + dx, y, label, text, scale)
        _at(pen, VALUE_X - 14 + dx, y, ":", text, scale)
        _at(pen, VALUE_X + dx, y, value, text, scale)
        if label == "Jenis Kelamin":
            _at(pen, BLOOD_X + dx, y, f"Gol. Darah : {person.blood_type}", text, scale)


def _at(pen: ImageDraw.ImageDraw, x: float, y: float, words: str, font: Font, scale: float) -> None:
    pen.text((x * scale, y * scale), words, INK, font, anchor="lm")


def _background(chance: random.Random, scale: float) -> Image.Image:
    width, height = round(WIDTH * scale), round(HEIGHT * scale)
    top, bottom = Image.new("RGB", (1, 2)), (chance.randrange(176, 200), chance.randrange(208, 224), 236)
    top.putpixel((0, 0), (206, 228, 242))
    top.putpixel((0, 1), bottom)
    card = top.resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(card)
    for wave in range(26):
        phase, depth = chance.uniform(0, 6.3), chance.uniform(8, 30) * scale
        middle = height * wave / 25
        curve = [(x, middle + depth * math.sin(x / (70 * scale) + phase)) for x in range(0, width + 8, 8)]
        pen.line(curve, (184, 214, 232), max(1, round(scale)))
    return card


def _portrait(card: Image.Image, chance: random.Random, scale: float) -> None:
    """A head and shoulders of nobody."""
    width, height = round(214 * scale), round(284 * scale)
    photo = Image.new("RGB", (width, height), chance.choice(((170, 52, 56), (52, 84, 160))))
    pen, middle = ImageDraw.Draw(photo), width / 2
    pen.ellipse((middle - 92 * scale, height - 96 * scale, middle + 92 * scale, height + 90 * scale), (66, 70, 84))
    pen.ellipse((middle - 54 * scale, 52 * scale, middle + 54 * scale, 192 * scale), (186, 148, 120))
    card.paste(photo, (round(PHOTO_X * scale), round(140 * scale)))


def _issue(pen: ImageDraw.ImageDraw, person: Person, scale: float, near: bool) -> None:
    font = find_font("text", round(18 * scale), near)
    place = person.regency.removeprefix("KABUPATEN ")
    for y, words in ((446, place), (470, "21-11-2017")):
        pen.text(((PHOTO_X + 107) * scale, y * scale), words, INK, font, anchor="mm")


def _specimen(pen: ImageDraw.ImageDraw, scale: float) -> None:
    font = find_font("bold", round(44 * scale), False)
    pen.text(((PHOTO_X + 107) * scale, 550 * scale), "CONTOH", (196, 40, 48), font, anchor="mm")
    small = find_font("bold", round(26 * scale), False)
    pen.text(((PHOTO_X + 107) * scale, 380 * scale), "CONTOH", (240, 240, 240), small, anchor="mm")
