"""Tesseract as the engine: what it sees, what it costs at most, and what the operator hears where it is missing."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from bot.ocr.engine import TooSlow, confidence_of, text_of
from bot.ocr.tesseract import INSTALL, Tesseract, available
from tests.ktp import HASNA, draw_card

CARD = np.asarray(draw_card(HASNA, random.Random(1), scale=1.25))


def test_lines_come_from_top_to_bottom() -> None:
    lines = [text_of(line) for line in Tesseract(8.0).block(CARD[:, : CARD.shape[1] * 7 // 10])]

    found = [at for at, line in enumerate(lines) if any(word in line for word in ("HASNA", "JAMPU", "SEUMUR"))]
    assert len(found) == 3
    assert "HASNA" in lines[found[0]] and "SEUMUR" in lines[found[2]]


@pytest.mark.parametrize("size", [(1, 1), (3, 400), (400, 400)])
def test_a_picture_without_text_has_no_words_to_rely_on(size: tuple[int, int]) -> None:
    engine = Tesseract(8.0)
    blank = np.full((*size, 3), 255, np.uint8)

    lines = (*engine.block(blank), engine.line(blank), engine.digits(blank))
    assert all(confidence_of(line) < 0.1 for line in lines)


def test_the_time_limit_holds() -> None:
    with pytest.raises(TooSlow):
        Tesseract(0.005).block(CARD)


def test_the_operator_hears_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert available() is None

    monkeypatch.setenv("PATH", str(tmp_path))

    assert INSTALL in (available() or "")
