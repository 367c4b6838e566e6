"""Photographed papers as one file: upright, small enough, in order, and without what the phone wrote into them."""

from __future__ import annotations

import io
import random

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from bot.ocr import Limits
from bot.ocr.bind import JPEG_BYTES_MAX, PDF_BYTES_MAX, STEPS, bind
from bot.ocr.pool import CardReader
from tests.ktp.lens import to_jpeg
from tests.ocr.pdfs import page

LIMITS = Limits()
SIDE = STEPS[0][0]
COLOURS = {"red": (220, 20, 20), "green": (20, 160, 20), "blue": (20, 20, 220)}
PLACE = b"Watansoppeng"


def photo(colour: str, size: tuple[int, int] = (900, 600), orientation: int = 1) -> bytes:
    """A sheet of this colour, as a phone that tells how it was held, and where."""
    told, written = Image.Exif(), io.BytesIO()
    told[0x0112], told[0x010E] = orientation, PLACE.decode()
    Image.new("RGB", size, COLOURS[colour]).save(written, "JPEG", exif=told)
    return written.getvalue()


def noise(side: int, seed: int = 1) -> bytes:
    """What fits worst into a JPEG."""
    grain = np.frombuffer(random.Random(seed).randbytes(side * side * 3), np.uint8)
    return to_jpeg(grain.reshape(side, side, 3), 60)


def pages(file: bytes | None) -> list[tuple[int, int, str]]:
    """Width and height of each page, in points, and the colour it has."""
    assert file is not None
    with pypdfium2.PdfDocument(file) as document:
        return [(*map(round, one.get_size()), _colour(one.render(scale=0.1).to_pil())) for one in document]


def _colour(picture: Image.Image) -> str:
    seen = np.asarray(picture.convert("RGB")).mean((0, 1))
    return min(COLOURS, key=lambda name: float(np.abs(seen - COLOURS[name]).sum()))


@pytest.mark.parametrize(("orientation", "size"), [(1, (2000, 1500)), (6, (1500, 2000))])
def test_one_photo_becomes_an_upright_jpeg_of_no_more_than_two_thousand_pixels(
    orientation: int, size: tuple[int, int]
) -> None:
    made = bind([photo("red", (4000, 3000), orientation)], LIMITS)

    assert made is not None
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, image.size) == ("JPEG", size)
        assert not image.getexif()
    assert PLACE not in made


def test_several_become_the_pages_of_a_pdf_in_their_order() -> None:
    made = bind([photo("red"), photo("blue", (600, 900)), photo("green", orientation=6)], LIMITS)

    assert pages(made) == [(381, 254, "red"), (254, 381, "blue"), (254, 381, "green")]
    assert made is not None
    assert PLACE not in made


def test_the_same_photos_make_the_same_file() -> None:
    photos = [photo("red"), photo("blue")]

    assert bind(photos, LIMITS) == bind(photos, LIMITS)


def test_a_photo_of_much_detail_is_made_smaller_until_it_fits() -> None:
    made = bind([noise(SIDE)], LIMITS)

    assert made is not None
    assert 100_000 < len(made) <= JPEG_BYTES_MAX


def test_so_are_as_many_as_may_be_bound() -> None:
    made = bind([noise(1_000, seed) for seed in range(LIMITS.pages_max)], LIMITS)

    assert made is not None
    assert len(made) <= PDF_BYTES_MAX
    assert len(pages(made)) == LIMITS.pages_max


def test_a_pdf_that_comes_alone_stays_as_it_is() -> None:
    sent = page(b"1 0 0 rg 0 0 595 842 re f")

    assert bind([sent], LIMITS) == sent


def test_of_a_pdf_among_photos_the_first_page_is_taken() -> None:
    made = bind([photo("blue"), page(b"1 0 0 rg 0 0 595 842 re f")], LIMITS)

    assert [colour for _, _, colour in pages(made)] == ["blue", "red"]


def test_so_it_is_of_one_that_is_too_large_to_be_sent() -> None:
    made = bind([page(b"1 0 0 rg 0 0 595 842 re f", [b"(" + b"x" * PDF_BYTES_MAX + b")"])], LIMITS)

    assert made is not None
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == "JPEG"


def test_what_cannot_be_opened_is_left_out() -> None:
    made = bind([b"just words", photo("green")], LIMITS)

    assert made is not None
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, _colour(image)) == ("JPEG", "green")


@pytest.mark.parametrize("photos", [[], [b""], [b"just words", b""], [b"%PDF-1.7\n%%EOF"]])
def test_where_nothing_can_be_opened_there_is_no_file(photos: list[bytes]) -> None:
    assert bind(photos, LIMITS) is None


async def test_it_is_bound_in_another_process() -> None:
    reader = CardReader(workers=1)
    large = bytes(LIMITS.photo_bytes_max + 1)

    made = await reader.bind([photo("red"), large, photo("blue")])
    assert [colour for _, _, colour in pages(made)] == ["red", "blue"]
    assert await reader.bind([large]) is None
    with pytest.raises(ValueError, match="too many"):
        await reader.bind([b""] * (LIMITS.pages_max + 1))
    await reader.close()


async def test_binding_that_hangs_is_given_up() -> None:
    reader = CardReader(workers=1, limit_s=0.0)

    assert await reader.bind([photo("red")]) is None
    await reader.close()
