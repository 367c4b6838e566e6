"""A QR code is read by a camera, also when a corner of it is dirty."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from bot.papers.qr import QUIET, SIDE_MIN_PX, draw
from bot.talk.message import PAPER_OF_MAX

TEXTS = ["881234567890123", "https://siaga.test/k/31754442421", "Hasna Dg. Ma’né", "x" * PAPER_OF_MAX]


def seen(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)).convert("L"))


@pytest.mark.parametrize("text", TEXTS)
def test_it_says_what_it_was_made_of(text: str) -> None:
    assert cv2.QRCodeDetector().detectAndDecode(seen(draw(text)))[0] == text


@pytest.mark.parametrize("text", TEXTS)
def test_it_is_large_and_has_a_quiet_zone(text: str) -> None:
    pixels = seen(draw(text))
    dark = np.argwhere(pixels < 128)
    module = next(n for n in range(1, 100) if pixels[dark[0][0] + n, dark[0][1] + n] > 128)  # of the first corner

    assert pixels.shape[0] == pixels.shape[1] >= SIDE_MIN_PX
    assert dark.min() == QUIET * module
    assert dark.max() == pixels.shape[0] - 1 - QUIET * module


def test_a_stain_does_no_harm() -> None:
    pixels = seen(draw(TEXTS[1]))
    middle = pixels.shape[0] // 2
    pixels[middle - 30 : middle + 30, middle - 30 : middle + 30] = 255

    assert cv2.QRCodeDetector().detectAndDecode(pixels)[0] == TEXTS[1]


def test_the_same_text_gives_the_same_bytes() -> None:
    assert draw(TEXTS[0]) == draw(TEXTS[0])
