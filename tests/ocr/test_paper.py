"""Whether a person can read a photographed paper: drawn ones, blurred, shaken and darkened step by step."""

from __future__ import annotations

import io
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from bot.ocr import Limits
from bot.ocr.paper import SHARP_MIN, look, sharpness
from bot.ocr.pool import CardReader
from rules.card import Fault
from tests.ktp.lens import to_jpeg
from tests.ktp.samples import FOLDER
from tests.ocr.papers import LONG, PAPERS, WIDE, photographed
from tests.ocr.pdfs import page

LIMITS = Limits()
READABLE, UNREADABLE = 3.0, 5.0
"""Sigma of a blur that leaves even small words to be read, and of one that leaves none; px of a photo of `LONG`."""
SHAKEN = 24.0
BLANK = np.full((LONG, WIDE, 3), 232, np.uint8)
FAINTLY_LIT, UNLIT = 0.3, 0.2


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_is_refused_only_when_nobody_could_read_it(paper: str) -> None:
    assert look(to_jpeg(photographed(paper), 85), LIMITS) is None
    assert look(to_jpeg(photographed(paper, blur=READABLE), 85), LIMITS) is None
    assert look(to_jpeg(photographed(paper, blur=UNREADABLE), 85), LIMITS) == "blurred"


@pytest.mark.parametrize("paper", PAPERS)
def test_the_more_it_is_blurred_the_less_sharp_it_is(paper: str) -> None:
    measured = [sharpness(photographed(paper, blur=sigma)) for sigma in (0, 1, 2, 3, 4, 5)]

    assert all(less < more for more, less in pairwise(measured))


@pytest.mark.parametrize("paper", ["a full letter", "a family card", "an account book"])
def test_a_hand_that_shook_sideways_is_not_hidden_by_sharp_lines(paper: str) -> None:
    assert look(to_jpeg(photographed(paper, shake=SHAKEN), 85), LIMITS) == "blurred"


def test_the_sharp_edge_of_a_sheet_hides_no_blurred_words() -> None:
    photo = photographed("a short letter", blur=UNREADABLE)
    edge = photographed("a short letter")

    photo[:, :150], photo[:, -150:] = edge[:, :150], edge[:, -150:]

    assert sharpness(photo) < SHARP_MIN


@pytest.mark.parametrize(("light", "fault"), [(FAINTLY_LIT, None), (UNLIT, "dark")])
def test_a_paper_in_the_dark(light: float, fault: Fault | None) -> None:
    assert look(to_jpeg(photographed("a short letter", light=light), 85), LIMITS) == fault


@pytest.mark.parametrize(("height", "fault"), [(630, "too-small"), (800, None)])
def test_a_paper_of_few_pixels(height: int, fault: Fault | None) -> None:
    small = Image.fromarray(photographed("large words")).resize((height * 3 // 4, height), Image.Resampling.LANCZOS)

    assert look(to_jpeg(small, 85), LIMITS) == fault


def test_on_a_blank_sheet_nothing_can_be_read() -> None:
    assert look(to_jpeg(BLANK, 85), LIMITS) == "blurred"


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_it_may_lie_on_its_side(turns: int) -> None:
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(photographed("a full letter", blur=READABLE), turns)))

    assert look(to_jpeg(turned, 85), LIMITS) is None


@pytest.mark.parametrize(("photo", "fault"), [
    (b"", "not-an-image"), (b"just words" * 90, "not-an-image"), (bytes(LIMITS.photo_bytes_max + 1), "too-large"),
])  # fmt: skip
def test_what_is_no_photo_at_all(photo: bytes, fault: Fault) -> None:
    assert look(photo, LIMITS) == fault


def test_a_page_of_a_pdf_is_looked_at_like_a_photo() -> None:
    held = io.BytesIO()
    Image.fromarray(photographed("a full letter")).save(held, "PDF", resolution=150)

    assert look(held.getvalue(), LIMITS) is None
    assert look(page(b""), LIMITS) == "blurred"


@pytest.mark.parametrize(("sample", "fault"), [
    ("hasna", None), ("photocopy", None), ("in-the-field", None), ("blurred", "blurred"), ("dark", "dark"),
    ("not-a-ktp", None), ("cut-off", None),
])  # fmt: skip
def test_it_objects_to_nothing_that_only_a_card_reader_minds(sample: str, fault: Fault | None) -> None:
    assert look((FOLDER / f"{sample}.jpg").read_bytes(), LIMITS) == fault


async def test_it_is_looked_at_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = CardReader(workers=1)
    blurred = (FOLDER / "blurred.jpg").read_bytes()

    assert await reader.look(blurred) == "blurred"
    assert await reader.look(bytes(LIMITS.photo_bytes_max + 1)) == "too-large"
    with monkeypatch.context() as hurried:
        hurried.setattr("bot.ocr.pool.QUICK_LIMIT_S", 0.0)
        assert await reader.look(blurred) is None  # no time, no objection
    assert await reader.look(blurred) == "blurred"
    await reader.close()
    assert await reader.look(blurred) is None


def test_that_process_stays_small() -> None:
    code = "import sys, bot.ocr.paper; print('cv2' in sys.modules or 'onnxruntime' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "False"
