"""Photos of something else: a rice field, a receipt, another card with a name and an address, a chat, a KTP's back.

Each is a function of chance to an RGB uint8 array. Nobody is real; every number of 16 digits ends in 9900 to 9999.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from tests.ktp import ornament
from tests.ktp.faces import find_font
from tests.ktp.lens import Pixels, noisy
from tests.ktp.people import Person

Colour = tuple[int, int, int]

GOODS = ("PUPUK UREA 50KG", "BENIH PADI 5KG", "GULA PASIR", "KOPI BUBUK", "TERPAL 4X6", "CANGKUL", "SABUN CUCI")
CHAT = ("Assalamualaikum pak", "KTP-nya sudah saya kirim kemarin", "Baik, ditunggu ya bu", "NIK saya berapa ya?",
        "Besok ke kantor desa jam 9", "Nama: sesuai KTP", "Alamat belum berubah", "Terima kasih")  # fmt: skip
OTHER_CARDS = ("SURAT IZIN MENGEMUDI", "KARTU KELUARGA SEJAHTERA", "KARTU PELAJAR", "KARTU ANGGOTA KOPERASI")


def rice_field(person: Person, chance: random.Random) -> Pixels:
    field = Image.new("RGB", (1200, 900), (150, 190, 226))
    pen, horizon = ImageDraw.Draw(field), chance.uniform(380, 620)
    pen.ellipse((-200, horizon - 220, 900, horizon + 500), (96, 132, 92))
    pen.rectangle((0, horizon, 1200, 900), (122, 168, 64))
    for _ in range(500):
        x, y = chance.uniform(0, 1200), chance.uniform(horizon, 900)
        pen.line((x, y, x + chance.uniform(-8, 8), y - chance.uniform(10, 34)), (74, 128, 40), 2)
    return _taken(field, chance)


def receipt(person: Person, chance: random.Random) -> Pixels:
    """A shop's receipt, with a long number."""
    paper = Image.new("RGB", (760, 1100), (244, 243, 238))
    lines = ["TOKO TANI MAKMUR", "JL. POROS NO. 8", "CONTOH", "-" * 28, f"NO. {chance.randrange(10**11, 10**12)}9900"]
    lines += [f"{good:16} {chance.randrange(5, 90):5d}.000" for good in chance.sample(GOODS, 5)]
    lines += ["-" * 28, f"TOTAL            {chance.randrange(100, 900)}.000", "TUNAI", "TERIMA KASIH"]
    _lines(paper, lines, (60, 60), 58, 34, "DejaVuSansMono.ttf")
    return _taken(paper.rotate(chance.uniform(-7, 7), expand=True, fillcolor=(96, 84, 70)), chance)


def other_card(person: Person, chance: random.Random) -> Pixels:
    """A licence or a member's card: some of the same labels, no NIK and none of a KTP's heading."""
    ground: Colour = chance.choice(((236, 232, 214), (226, 214, 232), (214, 236, 220), (250, 226, 206)))
    card = Image.new("RGB", (1160, 730), ground)
    pen = ImageDraw.Draw(card)
    pen.rectangle((0, 0, 1160, 120), (60, 90, 140))
    pen.text((580, 60), chance.choice(OTHER_CARDS), (250, 250, 250), find_font("DejaVuSans-Bold.ttf", 44), anchor="mm")
    lines = [f"Nama    : {person.name[:22]}", f"Alamat  : {person.address[:22]}", f"         {person.village}",
             f"No      : {chance.randrange(10**9)}", f"Lahir   : {person.birth_date:%d-%m-%Y}",
             f"Berlaku : {chance.randrange(2024, 2031)}"]  # fmt: skip
    _lines(card, lines, (60, 190), 70, 32, "DejaVuSansMono.ttf")
    pen.rectangle((900, 200, 1100, 470), (140, 60, 60))
    pen.ellipse((940, 250, 1060, 420), (186, 148, 120))
    pen.text((1000, 640), "CONTOH", (196, 40, 48), find_font("DejaVuSans-Bold.ttf", 40), anchor="mm")
    table = Image.new("RGB", (1400, 1000), (120, 96, 76))
    table.paste(card, (110, 130))
    return _taken(table.rotate(chance.uniform(-5, 5), fillcolor=(120, 96, 76)), chance)


def chat_screenshot(person: Person, chance: random.Random) -> Pixels:
    screen = Image.new("RGB", (1080, 1920), (236, 229, 221))
    pen = ImageDraw.Draw(screen)
    pen.rectangle((0, 0, 1080, 150), (18, 140, 126))
    pen.text((120, 75), "Kelompok Tani", (255, 255, 255), find_font("DejaVuSans-Bold.ttf", 44), anchor="lm")
    y = 210
    for words in chance.sample(CHAT, 7):
        mine = chance.random() < 0.5
        font = find_font("DejaVuSans.ttf", 38)
        wide = font.getlength(words) + 60
        left = 1040 - wide if mine else 40
        pen.rounded_rectangle((left, y, left + wide, y + 100), 24, (220, 248, 198) if mine else (255, 255, 255))
        pen.text((left + 30, y + 50), words, (30, 30, 30), font, anchor="lm")
        y += chance.randrange(130, 220)
    return np.asarray(screen)


def back_side(person: Person, chance: random.Random) -> Pixels:
    """The back of a KTP: a bird, islands and no field."""
    card = ornament.background(chance, 1.2)
    pen = ImageDraw.Draw(card)
    x, y = card.width / 2, card.height * 0.42
    for side in (-1, 1):
        for feather in range(9):
            angle = math.radians(200 + feather * 16) if side < 0 else math.radians(-20 - feather * 16)
            reach = 150 - feather * 6
            pen.line((x, y, x + reach * math.cos(angle), y + reach * math.sin(angle)), (176, 136, 60), 16)
    pen.ellipse((x - 50, y - 60, x + 50, y + 70), (196, 156, 72))
    pen.text(
        (x, card.height * 0.72),
        "BHINNEKA TUNGGAL IKA",
        (150, 60, 60),
        find_font("DejaVuSans-Bold.ttf", 34),
        anchor="mm",
    )
    pen.text((x, card.height * 0.88), "CONTOH", (196, 40, 48), find_font("DejaVuSans-Bold.ttf", 40), anchor="mm")
    table = Image.new("RGB", (1600, 1150), (110, 90, 74))
    table.paste(card, (190, 180))
    return _taken(table.rotate(chance.uniform(-6, 6), fillcolor=(110, 90, 74)), chance)


def leaflet(person: Person, chance: random.Random) -> Pixels:
    """A printed page of prose that speaks of KTP and NIK."""
    page = Image.new("RGB", (1000, 1300), (248, 248, 246))
    words = (
        "Syarat pendaftaran: fotokopi KTP yang NIK dan alamatnya jelas, nama sesuai akta, pekerjaan dan status "
        "perkawinan diisi lengkap. Bawa ke kantor desa. Iuran enam belas ribu delapan ratus rupiah. CONTOH "
    ).split()
    lines = [" ".join(chance.sample(words, 6)) for _ in range(24)]
    _lines(page, lines, (70, 80), 48, 26, "DejaVuSans.ttf")
    return _taken(page.rotate(chance.uniform(-4, 4), fillcolor=(130, 110, 90)), chance)


def wall(person: Person, chance: random.Random) -> Pixels:
    shade = chance.randrange(120, 230)
    return _taken(Image.new("RGB", (1200, 900), (shade, shade - 8, shade - 20)), chance)


NOT_CARDS: dict[str, Callable[[Person, random.Random], Pixels]] = {
    "rice-field": rice_field, "receipt": receipt, "other-card": other_card, "chat-screenshot": chat_screenshot,
    "back-side": back_side, "leaflet": leaflet, "wall": wall,
}  # fmt: skip


def _lines(page: Image.Image, lines: list[str], start: tuple[int, int], step: int, size: int, face: str) -> None:
    pen = ImageDraw.Draw(page)
    for at, words in enumerate(lines):
        pen.text((start[0], start[1] + at * step), words, (40, 40, 44), find_font(face, size))


def _taken(picture: Image.Image, chance: random.Random) -> Pixels:
    return noisy(np.asarray(picture), chance.uniform(1, 4), chance)
