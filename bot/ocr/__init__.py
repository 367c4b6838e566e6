"""Photo of a KTP -> card with doubts.

The stages, one file each: open (HEIC and PDF are made `apart`, by `render`), views (ways to look at it), upright (which
way the text runs), columns and labels (where the card lies), unfound (why there is none), straight (by locate and
slant), rows, number, header, faint, parse, places, value, fields, judge, check; `reading` joins them. What reads text
is an `engine`: `ppocr`, with `tesseract` as second opinion on the NIK. `show` draws what a stage saw, `crop` cuts out
what a person is asked about.
Invariant: no bytes whatever make `read` raise, the same bytes give the same card, and what is doubted is said.
Importing this package loads no OpenCV: a web process that only hands photos to `pool.CardReader` stays small.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from bot.ocr.limits import Limits
from rules.card import Card, Unusable

if TYPE_CHECKING:
    from bot.ocr.ppocr import PpOcr

__all__ = ["Limits", "read"]


def read(photo: bytes, *, today: date, limits: Limits = Limits()) -> Card | Unusable:  # noqa: B008 - frozen
    """The card on a photo, or the one worst fault of the photo.

    `photo` are the bytes of a JPEG, PNG, WebP, HEIC or still GIF, or of a PDF, of which the first page is read.
    `today` decides which century the NIK means. Needs Tesseract (see `tesseract.available`).
    """
    from bot.ocr.reading import read_photo  # noqa: PLC0415 - loads OpenCV, which the web process must not
    from bot.ocr.tesseract import Tesseract  # noqa: PLC0415

    return read_photo(photo, today, limits, _engine(limits.threads), Tesseract(limits.engine_s))


@cache
def _engine(threads: int) -> PpOcr:
    """Loaded once in a process."""
    from bot.ocr.ppocr import PpOcr  # noqa: PLC0415

    return PpOcr(threads)
