"""A QR code as a picture, for a phone that is held before a screen or a print of a cheap printer.

Invariant: the same text gives the same bytes.
"""

from __future__ import annotations

import io

import segno

SIDE_MIN_PX = 480
QUIET = 4
"""Modules of white around the code (ISO/IEC 18004: at least four)."""
LEVEL = "m"
"""About 15 % of it may be unreadable: enough for a fold, and still coarse enough for a weak camera."""


def draw(text: str) -> bytes:
    """A PNG, black on white, of at least `SIDE_MIN_PX` a side; each module is a whole number of pixels wide."""
    code = segno.make_qr(text, error=LEVEL, boost_error=False)
    side = code.symbol_size(border=QUIET)[0]
    drawn = io.BytesIO()
    code.save(drawn, kind="png", scale=-(-SIDE_MIN_PX // side), border=QUIET)
    return drawn.getvalue()
