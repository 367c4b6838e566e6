"""Parts cut out of a photo: the right place, upright, small, and nothing from what is no photo."""

from __future__ import annotations

import io
import random
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from bot.ocr import Limits
from bot.ocr.crop import BYTES_MAX, SIDES, cut
from bot.ocr.pool import CardReader
from tests.ktp.samples import FOLDER

WIDTH, HEIGHT = 1600, 1200
RED_BOX = (400, 300, 700, 340)
LIMITS = Limits()


def photo(turn: int = 0, kind: str = "JPEG", exif: int = 1) -> bytes:
    """A white picture with a red bar in `RED_BOX`, its left end blue; `turn` quarter turns clockwise."""
    pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    left, top, right, bottom = RED_BOX
    pixels[top:bottom, left:right] = (220, 20, 20)
    pixels[top:bottom, left : left + 40] = (20, 20, 220)
    image = Image.fromarray(np.rot90(pixels, -turn).copy())
    written, said = io.BytesIO(), Image.Exif()
    said[0x0112] = exif
    image.save(written, kind, quality=95, exif=said)
    return written.getvalue()


def colours(jpeg: bytes | None) -> tuple[bool, bool]:
    """Whether the left end is blue and the right one red."""
    assert jpeg is not None
    pixels = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)
    row = pixels[pixels.shape[0] // 2]
    inked = [colour for colour in row if min(colour) < 120]
    return bool(inked[0][2] > inked[0][0]), bool(inked[-1][0] > inked[-1][2])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_place_is_cut_out_with_a_margin(kind: str) -> None:
    jpeg = cut(photo(kind=kind), RED_BOX, 0, LIMITS)

    assert jpeg is not None
    size = Image.open(io.BytesIO(jpeg)).size
    assert colours(jpeg) == (True, True)
    assert size[0] == SIDES[0]
    assert size[0] / size[1] == pytest.approx((300 + 2 * 16) / (40 + 2 * 16), rel=0.02)


@pytest.mark.parametrize(("turned", "box"), [
    (1, (HEIGHT - 340, 400, HEIGHT - 300, 700)),
    (2, (WIDTH - 700, HEIGHT - 340, WIDTH - 400, HEIGHT - 300)),
    (3, (300, WIDTH - 700, 340, WIDTH - 400)),
])  # fmt: skip
def test_what_lies_on_its_side_is_set_upright(turned: int, box: tuple[int, int, int, int]) -> None:
    assert colours(cut(photo(turned), box, 4 - turned, LIMITS)) == (True, True)


def test_the_box_counts_pixels_after_exif_rotation() -> None:
    assert colours(cut(photo(3, exif=6), RED_BOX, 0, LIMITS)) == (True, True)  # 6: to be turned once, clockwise


def test_a_photo_that_is_opened_smaller_is_cut_at_the_same_place() -> None:
    assert colours(cut(photo(), RED_BOX, 0, Limits(side_max=500))) == (True, True)


def test_a_part_of_much_detail_fits_all_the_same() -> None:
    noise = np.frombuffer(random.Random(1).randbytes(900 * 900 * 3), np.uint8).reshape(900, 900, 3)
    written = io.BytesIO()
    Image.fromarray(noise).save(written, "PNG")

    jpeg = cut(written.getvalue(), (50, 50, 850, 850), 0, LIMITS)

    assert jpeg is not None
    assert len(jpeg) <= BYTES_MAX


def test_nothing_that_the_photo_says_of_itself_is_kept() -> None:
    jpeg = cut(photo(exif=1), RED_BOX, 0, LIMITS)

    assert jpeg is not None
    assert not Image.open(io.BytesIO(jpeg)).getexif()


@pytest.mark.parametrize("box", [(5000, 5000, 5100, 5020), (700, 340, 400, 300), (0, 0, 0, 0), (-90, -90, -50, -50)])
def test_a_box_beside_the_photo_shows_nothing(box: tuple[int, int, int, int]) -> None:
    assert cut(photo(), box, 0, LIMITS) is None


@pytest.mark.parametrize("broken", [b"", b"just words", photo()[:200]])
def test_what_is_no_photo_shows_nothing(broken: bytes) -> None:
    assert cut(broken, RED_BOX, 0, LIMITS) is None


async def test_it_is_cut_in_a_process_of_its_own() -> None:
    reader = CardReader(workers=1)

    jpeg = await reader.cut((FOLDER / "hasna.jpg").read_bytes(), (350, 220, 910, 290), 0)
    await reader.close()

    assert jpeg is not None
    assert Image.open(io.BytesIO(jpeg)).format == "JPEG"
    assert await reader.cut(b"", RED_BOX, 0) is None


def test_that_process_stays_small() -> None:
    code = "import sys, bot.ocr.crop; print('cv2' in sys.modules or 'onnxruntime' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "False"
