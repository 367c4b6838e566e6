"""Tesseract 5 as the engine, with Indonesian words.

Invariant: no call outlives `limit_s`. The pictures it works on pass through the temporary folder; `pool` gives
its workers one of their own in memory, and clears it.
"""

from __future__ import annotations

import os
import shutil
from itertools import groupby
from typing import Any

import pytesseract
from PIL import Image

from bot.ocr.engine import Line, Pixels, TooSlow, Word

LANGUAGE = "ind"
INSTALL = "sudo apt install tesseract-ocr tesseract-ocr-ind"

# Sauvola's threshold looks at each spot's surroundings: a shadow across the card blackens half of it otherwise.
_COMMON = "--oem 1 --dpi 300 -c thresholding_method=2"
_DIGITS = "-c tessedit_char_whitelist=0123456789"


class Tesseract:
    """An `Engine`. `limit_s` is the time for one call, in seconds."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        # Tesseract's own threads make small pictures slower and take the other workers' cores.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")

    def block(self, picture: Pixels) -> tuple[Line, ...]:
        return self._read(picture, LANGUAGE, "--psm 6")

    def scattered(self, picture: Pixels) -> tuple[Line, ...]:
        return self._read(picture, LANGUAGE, "--psm 11")

    def line(self, picture: Pixels) -> Line:
        return tuple(word for line in self._read(picture, LANGUAGE, "--psm 7") for word in line)

    def digits(self, picture: Pixels) -> Line:
        return tuple(word for line in self._read(picture, "eng", f"--psm 7 {_DIGITS}") for word in line)

    def _read(self, picture: Pixels, language: str, how: str) -> tuple[Line, ...]:
        try:
            found = pytesseract.image_to_data(
                Image.fromarray(picture), lang=language, config=f"{_COMMON} {how}", timeout=self._limit_s,
                output_type=pytesseract.Output.DICT,
            )  # fmt: skip
        except pytesseract.TesseractError:
            return ()  # a picture it can't work on, such as one without any contrast: there is no text in it
        except RuntimeError as slow:  # pytesseract's word for a timeout; TesseractError is one too, so it goes first
            raise TooSlow from slow
        return _lines(found)


def available() -> str | None:
    """None if Tesseract and its Indonesian words are installed, else what the operator must do."""
    if shutil.which("tesseract") is None:
        return f"Pembaca KTP butuh Tesseract. Pasang dengan: {INSTALL}"
    if not {LANGUAGE, "eng"} <= set(pytesseract.get_languages()):
        return f"Tesseract belum punya bahasa Indonesia. Pasang dengan: {INSTALL}"
    return None


def _lines(found: dict[str, list[Any]]) -> tuple[Line, ...]:
    rows = zip(found["block_num"], found["par_num"], found["line_num"], range(len(found["text"])), strict=True)
    grouped = groupby(rows, key=lambda row: row[:3])
    lines = (tuple(_word(found, row[3]) for row in group if str(found["text"][row[3]]).strip()) for _, group in grouped)
    return tuple(line for line in lines if line)


def _word(found: dict[str, list[Any]], at: int) -> Word:
    left, top = float(found["left"][at]), float(found["top"][at])
    box = (left, top, left + float(found["width"][at]), top + float(found["height"][at]))
    return Word(str(found["text"][at]).strip(), max(0.0, float(found["conf"][at]) / 100), box)
