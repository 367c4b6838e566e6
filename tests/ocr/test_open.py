"""Bytes from strangers: whatever they are, there is an answer and no exception."""

from __future__ import annotations

import io
import random
import struct
import zlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.ocr import Limits, read
from bot.ocr.open import open_photo
from rules.card import Card, Unusable
from tests.ktp.samples import FOLDER

TODAY = date(2026, 11, 21)
LIMITS = Limits()
SMALL = 220  # pixels: too small to reach the engine, so hundreds can be tried


def _saved(image: Image.Image, form: str, **how: object) -> bytes:
    held = io.BytesIO()
    image.save(held, form, **how)
    return held.getvalue()


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


FRAMES = [Image.new("RGB", (400, 400), colour) for colour in ("red", "blue")]
STRANGE = {
    "nothing": b"",
    "text": b"KTP saya hilang" * 40,
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF",
    "gif": _saved(FRAMES[0], "GIF"),
    "moving gif": _saved(FRAMES[0], "GIF", save_all=True, append_images=FRAMES[1:]),
    "moving webp": _saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]),
    "moving png": _saved(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]),
    "half a jpeg": _small_jpeg()[:1500],
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
