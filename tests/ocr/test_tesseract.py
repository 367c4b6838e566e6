"""Tesseract as the second opinion: what it says, what it costs at most, what the operator hears where it is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.ocr.tesseract import INSTALL, Tesseract, available

NUMBER = "7312025205799901"


def _printed(words: str) -> Image.Image:
    picture = Image.new("RGB", (700, 60), "white")
    ImageDraw.Draw(picture).text((20, 30), words, "black", ImageFont.load_default(36), anchor="lm")
    return picture


def test_digits_are_read() -> None:
    assert Tesseract(8.0).digits(np.asarray(_printed(NUMBER))) == NUMBER


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 400)])
def test_a_picture_without_text_says_nothing_to_rely_on(size: tuple[int, int]) -> None:
    assert len(Tesseract(8.0).digits(np.full((*size, 3), 255, np.uint8))) < len(NUMBER)


def test_who_takes_too_long_has_no_opinion() -> None:
    assert Tesseract(0.005).digits(np.asarray(_printed(NUMBER))) == ""


def test_the_operator_hears_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert available() is None

    monkeypatch.setenv("PATH", str(tmp_path))

    assert INSTALL in (available() or "")
