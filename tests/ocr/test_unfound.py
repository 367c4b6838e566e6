"""Photos in which no card is found, or not all of it: each has its own reason."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bot.ocr import read
from bot.ocr.unfound import why_not_found
from rules.card import Fault, Unusable
from tests.ktp import HASNA, draw_card, to_jpeg, unusable
from tests.ktp.faces import find_font
from tests.ktp.layout import any_style
from tests.ocr.painted import Painted, bar, line

TODAY = date(2026, 11, 21)
WIDTH, HEIGHT = 1200, 800
EDGE, INSIDE = 6.0, 300.0
LETTER = (
    "dengan hormat kami mengundang bapak dan ibu", "untuk hadir dalam rapat di balai desa kami",
    "yang membahas pupuk dan saluran irigasi", "semoga panen tahun ini lebih berhasil",
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "seed", "fault"),
    [
        ("cut-off", "tune u 1", "cut-off"),  # the labels are cut off
        ("cut-off", "tune u 4", "cut-off"),  # an address may go on where the photo ends
        ("cut-off", "tune u 13", "cut-off"),  # only the first rows are there
        ("too-small", "tune u 1", "too-small"),  # far away
        ("too-small", "tune u 2", "too-small"),  # a thumbnail
        ("receipt", "tune u 0", "not-a-ktp"),
        ("other-card", "tune u 0", "not-a-ktp"),
    ],
)
def test_the_reason_is_the_right_one(kind: str, seed: str, fault: Fault) -> None:
    taken, _fault = unusable(kind, seed)

    assert read(taken, today=TODAY) == Unusable(fault)


def test_a_card_of_which_only_the_values_are_seen_is_cut_off() -> None:
    chance = random.Random(1)
    style = any_style(chance)
    card = np.asarray(draw_card(HASNA, chance, scale=1.0, style=style))
    values_only = np.ascontiguousarray(card[:, round(style.value_x - 6) :])

    assert read(to_jpeg(values_only, 85), today=TODAY) == Unusable("cut-off")


def test_a_page_of_text_that_runs_over_the_edge_is_no_card() -> None:
    page = Image.new("RGB", (1000, 760), (246, 245, 240))
    for at in range(10):
        ImageDraw.Draw(page).text((-60, 20 + 74 * at), LETTER[at % 4], (40, 40, 44), find_font("DejaVuSans.ttf", 36))

    assert read(to_jpeg(page, 85), today=TODAY) == Unusable("not-a-ktp")


def _why(words: tuple[str, ...], left: float, confidence: float = 0.9) -> Fault | None:
    """Of a photo with these lines, which begin so far from its left edge."""
    bars = [bar(some, left, 100 + 60 * at, confidence) for at, some in enumerate(words)]
    engine = Painted(bars, [line(one) for one in bars])
    return why_not_found(engine.picture(WIDTH, HEIGHT), engine)


@pytest.mark.parametrize(
    "words",
    [
        ("PEREMPUAN", "BELUM KAWIN", "SULAWESI SELATAN"),
        ("PROVINSI SULAWESI SELATAN", "LAKI-LAKI"),
        ("KABUPATEN SOPPENG", "SEUMUR HIDUP"),
        ("KABUPATEN SOPPENG", "LAKI-LAKI"),
        ("Kecamatan", "Kewarganegaraan", "HASNA"),
        ("Status Perkawlnan", "Berlaku Hlngga"),
        ("Nama", "Alamat", "Gol. Darah"),
    ],
    ids=[
        "values",
        "heading and value",
        "heading and last row",
        "heading and sex",
        "labels",
        "garbled labels",
        "ordinary labels and one",
    ],
)
def test_signs_of_a_card_at_the_edge_of_the_photo_mean_that_it_is_cut_off(words: tuple[str, ...]) -> None:
    assert _why(words, EDGE) == "cut-off"
    assert _why(words, INSIDE) is None


@pytest.mark.parametrize(
    "words",
    [
        LETTER,
        ("PEREMPUAN", "BELUM KAWIN"),
        ("PEREMPUAN", "PEREMPUAN", "PEREMPUAN", "KAWIN", "KAWIN"),
        ("KABUPATEN SOPPENG", "dengan hormat"),
        ("Nama", "Alamat"),
        ("KTP", "NIK", "RT", "WNI"),
        (),
    ],
    ids=["a letter", "two values", "the same two values again", "one word of the heading", "a chat", "scraps", "none"],
)
def test_what_may_stand_on_anything_at_the_edge_is_no_card(words: tuple[str, ...]) -> None:
    assert _why(words, EDGE) is None


def test_what_is_hardly_legible_is_no_sign() -> None:
    assert _why(("PROVINSI SULAWESI SELATAN", "KABUPATEN SOPPENG", "PEREMPUAN"), EDGE, confidence=0.5) is None
