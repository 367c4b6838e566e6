"""Tesseract 5 as the second opinion on digits.

Invariant: no call outlives `limit_s`. The pictures it works on pass through the temporary folder; `pool` gives
its workers one of their own in memory, and clears it.
"""

from __future__ import annotations

import os
import shutil

import pytesseract
from PIL import Image

from bot.ocr.engine import Pixels

LANGUAGE = "ind"
INSTALL = "sudo apt install tesseract-ocr tesseract-ocr-ind"

# Sauvola's threshold looks at each spot's surroundings: a shadow across the card blackens half of it otherwise.
_COMMON = "--oem 1 --dpi 300 -c thresholding_method=2"
_DIGITS = "-c tessedit_char_whitelist=0123456789"


class Tesseract:
    """A `SecondOpinion`. `limit_s` is the time for one call, in seconds."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        # Tesseract's own threads make small pictures slower and take the other workers' cores.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")

    def digits(self, picture: Pixels) -> str:
        try:
            said: str = pytesseract.image_to_string(
                Image.fromarray(picture), lang="eng", config=f"--psm 7 {_COMMON} {_DIGITS}", timeout=self._limit_s
            )
        except RuntimeError:  # too slow, or a picture it can't work on, such as one without any contrast
            return ""
        return "".join(said.split())


def available() -> str | None:
    """None if Tesseract and its Indonesian words are installed, else what the operator must do."""
    if shutil.which("tesseract") is None:
        return f"Pembaca KTP butuh Tesseract. Pasang dengan: {INSTALL}"
    if not {LANGUAGE, "eng"} <= set(pytesseract.get_languages()):
        return f"Tesseract belum punya bahasa Indonesia. Pasang dengan: {INSTALL}"
    return None
