"""Photo of a KTP -> card with doubts.

The stages, one file each: open, locate, judge, rows, number, parse, fields, check; `reading` joins them. What reads
text is an `engine`; the one there is now is `tesseract`.
Invariant: no bytes whatever make `read` raise, the same bytes give the same card, and what is doubted is said.
Importing this package loads no OpenCV: a web process that only hands photos to `pool.CardReader` stays small.
"""

from __future__ import annotations

from datetime import date

from bot.ocr.limits import Limits
from rules.card import Card, Unusable

__all__ = ["Limits", "read"]


def read(photo: bytes, *, today: date, limits: Limits = Limits()) -> Card | Unusable | None:  # noqa: B008 - frozen
    """The card on a photo (JPEG, PNG or WebP bytes), or the one worst fault of the photo.

    None: the engine didn't finish in `limits.engine_s`, so nothing is known about the photo.
    `today` decides which century the NIK means. Needs Tesseract (see `tesseract.available`).
    """
    from bot.ocr.reading import read_photo  # noqa: PLC0415 - loads OpenCV, which the web process must not
    from bot.ocr.tesseract import Tesseract  # noqa: PLC0415

    return read_photo(photo, today, limits, Tesseract(limits.engine_s))
