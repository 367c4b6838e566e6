"""Photographed papers -> one file for BPJS: a photo stays a photo, several become the pages of a PDF.

Invariant: no file is larger than its limit, and nothing of the photos' own metadata (place, time, phone) is in one
that is made here. The same photos make the same file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from msgspec.structs import replace
from PIL import Image

from bot.ocr.limits import Limits
from bot.ocr.open import is_pdf, open_photo
from rules.card import Unusable

JPEG_BYTES_MAX, PDF_BYTES_MAX = 1_500_000, 6_000_000

STEPS = ((2000, 85), (2000, 70), (1600, 65), (1200, 60), (800, 50), (600, 40))
"""Long side in pixels and quality of a JPEG, tried from the best; even noise fits with the last."""

DPI = 170
"""Pixels of a page for an inch: a sheet that fills its photo comes out as A4."""


def bind(photos: Sequence[bytes], limits: Limits) -> bytes | None:
    """One photo as an upright JPEG; several as a PDF, a page each in their order. What can't be opened is left out;
    None if nothing can be. A PDF that was sent alone stays as it is, unless it is too large: of that, and of one among
    photos, the first page is taken."""
    if len(photos) == 1 and is_pdf(photos[0]) and len(photos[0]) <= PDF_BYTES_MAX:
        return None if isinstance(open_photo(photos[0], limits), Unusable) else photos[0]
    pages = [page for photo in photos if (page := _page(photo, limits)) is not None]
    if not pages:
        return None
    write, most = (_jpeg, JPEG_BYTES_MAX) if len(pages) == 1 else (_pdf, PDF_BYTES_MAX)
    written = (write([_within(page, side) for page in pages], quality) for side, quality in STEPS)
    return next((file for file in written if len(file) <= most), None)


def _page(photo: bytes, limits: Limits) -> Image.Image | None:
    opened = open_photo(photo, replace(limits, side_max=min(STEPS[0][0], limits.side_max)))
    return None if isinstance(opened, Unusable) else Image.fromarray(opened[0])


def _within(page: Image.Image, side: int) -> Image.Image:
    if max(page.size) <= side:
        return page
    smaller = page.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
    return smaller


def _jpeg(pages: Sequence[Image.Image], quality: int) -> bytes:
    written = io.BytesIO()
    pages[0].save(written, "JPEG", quality=quality)
    return written.getvalue()


def _pdf(pages: Sequence[Image.Image], quality: int) -> bytes:
    written = io.BytesIO()
    pages[0].save(
        written, "PDF", save_all=True, append_images=pages[1:], quality=quality, resolution=DPI,
        creationDate=None, modDate=None,
    )  # fmt: skip
    return written.getvalue()
