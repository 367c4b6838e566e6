"""Bytes from strangers: whatever they are, there is an answer and no exception."""

from __future__ import annotations

import io
import random
import struct
import zlib
from datetime import date

import msgspec
import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.ocr import Limits, read
from bot.ocr.apart import picture_from
from bot.ocr.engine import Pixels
from bot.ocr.open import PAGE_SIDE, open_photo
from rules.card import Card, Unusable
from tests.ktp.samples import FOLDER
from tests.ocr.pdfs import drawn, page, stream

TODAY = date(2026, 11, 21)
LIMITS = Limits()
SMALL = 220  # pixels: too small to reach the engine, so hundreds can be tried


def _saved(image: Image.Image, form: str, **how: object) -> bytes:
    held = io.BytesIO()
    image.save(held, form, **how)
    return held.getvalue()


def _heic(image: Image.Image, **how: object) -> bytes:
    held = io.BytesIO()
    pillow_heif.from_pillow(image).save(held, **how)
    return held.getvalue()


def _hasna() -> Image.Image:
    with Image.open(FOLDER / "hasna.jpg") as image:
        return image.convert("RGB")


def _opened(photo: bytes, limits: Limits = LIMITS) -> tuple[Pixels, float]:
    opened = open_photo(photo, limits)
    assert not isinstance(opened, Unusable), opened
    return opened


def _small_jpeg() -> bytes:
    with Image.open(FOLDER / "hasna.jpg") as image:
        return _saved(image.resize((SMALL, SMALL * 3 // 4)), "JPEG", exif=_turned(6))


def _turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def _png_that_claims(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + body + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


def _jpeg_that_claims(width: int, height: int) -> bytes:
    photo = _saved(Image.new("L", (8, 8)), "JPEG")
    size = photo.index(b"\xff\xc0") + 5
    return photo[:size] + struct.pack(">HH", height, width) + photo[size + 4 :]


FRAMES = [Image.new("RGB", (400, 400), colour) for colour in ("red", "blue")]
SMALL_FILES = {"HEIF": _heic(_hasna().resize((SMALL, SMALL))), "PDF": _saved(_hasna().resize((SMALL, SMALL)), "PDF")}
STRANGE = {
    "nothing": b"",
    "text": b"KTP saya hilang" * 40,
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF",
    "film": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(400),
    "half a heic": _heic(FRAMES[0])[:-200],
    "encrypted pdf": page(
        b"", trailer=b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"a5" * 32, b"5a" * 32)
    ),
    "pdf without pages": drawn([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
    "pdf that is its own page": drawn([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]),
    "pdf of brackets": b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000,
    "tiff": _saved(FRAMES[0], "TIFF"),
    "bmp": _saved(FRAMES[0], "BMP"),
    "moving gif": _saved(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:]),
    "moving webp": _saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]),
    "moving png": _saved(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]),
    "half a png": _saved(FRAMES[0], "PNG")[:-60],
    "jpeg's first bytes": b"\xff\xd8\xff\xe0",
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_is_no_photo_is_called_so(what: str) -> None:
    assert read(STRANGE[what], today=TODAY) == Unusable("not-an-image")


@pytest.mark.parametrize("size", [(9_000, 9_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_too_large(size: tuple[int, int]) -> None:
    assert read(_png_that_claims(*size), today=TODAY) == Unusable("too-large")


def test_too_many_bytes_are_too_large() -> None:
    assert read(bytes(LIMITS.photo_bytes_max + 1), today=TODAY) == Unusable("too-large")


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (300, 200)])
def test_few_pixels_are_too_small(size: tuple[int, int]) -> None:
    assert read(_saved(Image.new("RGB", size, "white"), "PNG"), today=TODAY) == Unusable("too-small")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_phone_says_how_it_was_held(orientation: int) -> None:
    image = Image.new("RGB", (400, 300), "white")

    opened = open_photo(_saved(image, "JPEG", exif=_turned(orientation)), LIMITS)

    assert not isinstance(opened, Unusable)
    assert opened[0].shape == ((300, 400, 3) if orientation < 5 else (400, 300, 3))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_kind_of_colour_becomes_rgb(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"

    opened = open_photo(_saved(Image.new(mode, (400, 300)), form), LIMITS)

    assert not isinstance(opened, Unusable)
    assert opened[0].shape == (300, 400, 3)


def test_a_large_photo_is_made_smaller_and_says_by_how_much() -> None:
    opened = open_photo(_saved(Image.new("RGB", (6000, 4000), "white"), "JPEG"), LIMITS)

    assert not isinstance(opened, Unusable)
    pixels, scale = opened
    assert max(pixels.shape) <= LIMITS.side_max
    assert pixels.shape[1] * scale == pytest.approx(6000, rel=0.01)


# -- large, still, broken off -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_of_a_hundred_megapixels_is_made_smaller_while_it_is_decoded(orientation: int) -> None:
    image = Image.new("L", (12_000, 8_400), "white")

    pixels, scale = _opened(_saved(image, "JPEG", exif=_turned(orientation)))

    assert pixels.shape == ((1680, 2400, 3) if orientation == 1 else (2400, 1680, 3))
    assert scale == 5


@pytest.mark.parametrize("size", [(12_000, 10_001), (20_000, 20_000)])
def test_a_jpeg_beyond_that_is_too_large(size: tuple[int, int]) -> None:
    assert open_photo(_jpeg_that_claims(*size), LIMITS) == Unusable("too-large")


def test_a_still_gif_is_read() -> None:
    assert _opened(_saved(FRAMES[0], "GIF"))[0][0, 0].tolist() == [255, 0, 0]


def test_of_a_jpeg_that_breaks_off_what_is_there_is_read() -> None:
    photo = _saved(_hasna(), "JPEG")

    whole, half = _opened(photo)[0], _opened(photo[: len(photo) // 2])[0]

    assert np.array_equal(whole[:320], half[:320])
    assert (half[-100:] == 128).all()


# -- HEIC --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_once(orientation: int) -> None:
    image = Image.new("RGB", (400, 300), "white")
    image.paste("black", (0, 0, 100, 100))

    heic, _ = _opened(_heic(image, exif=_turned(orientation)))
    jpeg, _ = _opened(_saved(image, "JPEG", exif=_turned(orientation)))

    assert heic.shape == jpeg.shape
    assert np.abs(heic.astype(int) - jpeg).mean() < 3


def test_a_large_heic_is_made_smaller_and_says_by_how_much() -> None:
    pixels, scale = _opened(_heic(Image.new("RGB", (3600, 2400), "white")))

    assert (pixels.shape, scale) == ((1600, 2400, 3), 1.5)


def test_a_heic_of_too_many_pixels_is_too_large() -> None:
    few = msgspec.structs.replace(LIMITS, pixels_max=100_000)

    assert open_photo(_heic(FRAMES[0]), few) == Unusable("too-large")


# -- PDF ---------------------------------------------------------------------------------------------------------------


def test_the_first_page_of_a_pdf_is_seen() -> None:
    pixels, scale = _opened(_saved(FRAMES[0], "PDF", save_all=True, append_images=FRAMES[1:]))

    assert (pixels.shape, scale) == ((PAGE_SIDE, PAGE_SIDE, 3), 1)
    assert pixels[1200, 1200].tolist() == pytest.approx([254, 0, 0], abs=3)


@pytest.mark.parametrize(
    ("box", "shape"),
    [
        (b"[0 0 595 842]", (2400, 1696)), (b"[0 0 14400 14400]", (2400, 2400)), (b"[0 0 1440000 14400]", (24, 2400)),
        (b"[0 0 1 14400]", (2400, 1)), (b"[0 0 0.001 0.001]", (3, 3)), (b"[0 0 1e38 1e38]", (2400, 1855)),
        (b"[0 0 0 0]", (2400, 1855)), (b"[]", (2400, 1855)),
    ],
)  # fmt: skip
def test_a_page_of_any_size_becomes_as_many_pixels(box: bytes, shape: tuple[int, int]) -> None:
    assert _opened(page(b"", box=box))[0].shape == (*shape, 3)


def test_a_page_that_lies_on_its_side_is_turned() -> None:
    assert _opened(page(b"", rest=b"/Rotate 90"))[0].shape == (1696, 2400, 3)


def test_a_smaller_reading_of_a_page_keeps_the_pixels_of_its_boxes() -> None:
    pixels, scale = _opened(page(b""), msgspec.structs.replace(LIMITS, side_max=1200))

    assert (pixels.shape[0], scale) == (1200, 2)


IMAGE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 5 0 R>>>>"


@pytest.mark.parametrize(
    "objects",
    [
        [stream(IMAGE % (30_000, 30_000), b"")],
        [stream(FORM.replace(b"5 0", b"6 0"), b"/X Do"), stream(IMAGE % (30_000, 30_000), b"")],
    ],
)
def test_a_picture_in_a_pdf_that_would_fill_the_memory_is_too_large(objects: list[bytes]) -> None:
    assert open_photo(page(b"/X Do", objects), LIMITS) == Unusable("too-large")


def test_a_page_that_takes_too_long_is_too_large() -> None:
    chance = random.Random(1)
    curves = b" ".join(b"%d %d %d %d %d %d c" % tuple(chance.randrange(800) for _ in range(6)) for _ in range(100_000))
    drawing = stream(b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]", b"0 0 m " + curves + b" f")
    hurried = msgspec.structs.replace(LIMITS, apart_s=1)

    assert open_photo(page(b"/X Do " * 20, [drawing]), hurried) == Unusable("too-large")


def test_a_page_that_holds_itself_takes_no_more_memory_than_it_may() -> None:
    little = msgspec.structs.replace(LIMITS, apart_bytes_max=400_000_000)

    assert isinstance(open_photo(page(b"/X Do", [stream(FORM, b"/X Do /X Do")]), little), Unusable)


def _box_in_photo() -> tuple[int, int, int, int]:
    """Where the NIK of hasna.jpg is read in the photo itself, of 1280 x 720 pixels."""
    card = read((FOLDER / "hasna.jpg").read_bytes(), today=TODAY)
    assert isinstance(card, Card) and card.nik is not None and card.nik.box is not None
    return card.nik.box


def test_a_card_is_read_from_a_pdf_and_its_boxes_are_pixels_of_the_page() -> None:
    sheet = Image.new("RGB", (2480, 3508), "white")  # A4 at 300 dpi
    sheet.paste(_hasna().resize((1200, 675)), (300, 300))

    card = read(_saved(sheet, "PDF", resolution=300), today=TODAY)

    assert isinstance(card, Card)
    assert card.nik is not None
    assert card.nik.value == "7312025205799901"
    assert card.nik.box is not None
    place = [(300 + side * 1200 / 1280) * PAGE_SIDE / 3508 for side in _box_in_photo()]
    assert card.nik.box == pytest.approx(place, abs=12)


@pytest.mark.parametrize(
    "made",
    [b"", b"\n", b"1 1\nabc", b"1 1 1\nab", b"1 1 1\nabcd", b"0 0 0\n", b"1 2 1\n" + bytes(6), b"-1 -1 -1\nabc",
     b"x 1 1\nabc", b"9 9 9\n" + bytes(243), b"1 1 " + b"0" * 5000 + b"1\nabc"],
)  # fmt: skip
def test_a_child_that_was_taken_over_is_not_believed(made: bytes) -> None:
    assert picture_from(made, side=8) == Unusable("not-an-image")


# -- whatever comes ----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(photo: bytes) -> None:
    assert isinstance(read(photo, today=TODAY), Unusable)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.randoms(use_true_random=False), st.integers(0, 12), st.booleans())
def test_no_broken_photo_makes_it_raise(form: str, chance: random.Random, flips: int, cut: bool) -> None:
    with Image.open(io.BytesIO(_small_jpeg())) as image:
        photo = bytearray(_saved(image, form))
    for _ in range(flips):
        photo[chance.randrange(len(photo))] ^= 1 << chance.randrange(8)
    if cut:
        del photo[chance.randrange(len(photo)) :]

    assert isinstance(read(bytes(photo), today=TODAY), Card | Unusable)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["HEIF", "PDF"]), st.randoms(use_true_random=False), st.integers(0, 12), st.booleans())
def test_no_broken_heic_or_pdf_makes_it_raise(form: str, chance: random.Random, flips: int, cut: bool) -> None:
    photo = bytearray(SMALL_FILES[form])
    for _ in range(flips):
        photo[chance.randrange(len(photo))] ^= 1 << chance.randrange(8)
    if cut:
        del photo[chance.randrange(len(photo)) :]

    opened = open_photo(bytes(photo), LIMITS)

    assert isinstance(opened, Unusable) or max(opened[0].shape) <= LIMITS.side_max


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([b"%PDF-1.7\n", b"\0\0\0\x18ftypheic", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\1\0\0WEBP"]),
    st.binary(max_size=300),
)
def test_no_first_bytes_make_it_raise(first: bytes, rest: bytes) -> None:
    assert isinstance(open_photo(first + rest, LIMITS), Unusable)


def test_a_strip_is_no_card_and_costs_nothing() -> None:
    strip = Image.new("L", (240, 200_000), 200)

    assert read(_saved(strip, "PNG"), today=TODAY) == Unusable("not-a-ktp")
