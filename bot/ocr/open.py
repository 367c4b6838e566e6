"""Bytes from a stranger -> pixels, upright by EXIF and no larger than needed.

This is the picture in whose pixels, times its scale, the boxes of a card's fields are (`rules.card.Field`): whoever
cuts something out of a photo starts here.
Invariant: size and kind are checked before anything is decoded; nothing that Pillow raises gets further.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image

from bot.ocr.apart import make_apart
from bot.ocr.engine import Pixels
from bot.ocr.limits import Limits
from bot.ocr.render import Made, on_paper
from rules.card import Unusable

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")  # the phones' MPO comes in as JPEG; TIFF and the rest stay outside
JPEG, END_OF_JPEG = b"\xff\xd8\xff", b"\xff\xd9"
PDF, PDF_WITHIN = b"%PDF-", 1024  # its head may stand a little later than at byte 0
BEFORE_PDF = b"\xef\xbb\xbf\x00 \t\r\n"
HEIF = b"ftyp"  # ISO/IEC 14496-12: at byte 4; libheif tells HEIC from films
PAGE_SIDE = 2_400
"""Long side of a page of a PDF, in pixels. Boxes that are kept are in these pixels: another number breaks them."""
ORIENTATION = 0x0112  # EXIF tag
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip

# What Pillow's parsers raise on broken files; found by reading them and by fuzzing.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, ArithmeticError, AttributeError,
          NotImplementedError, MemoryError, struct.error, zlib.error)  # fmt: skip


def open_photo(photo: bytes, limits: Limits) -> tuple[Pixels, float] | Unusable:
    """The photo, the main picture of a HEIC, or the first page of a PDF, as height x width x 3 RGB; and how many
    pixels of the photo one of its pixels stands for.

    The same bytes and limits give the same pixels. Of a JPEG that breaks off, the rest is grey. A HEIC, a PDF and a
    JPEG above `limits.pixels_max` are read by a child process.
    """
    if len(photo) > limits.photo_bytes_max:
        return Unusable("too-large")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of crooked EXIF, which is the sender's and not ours
        try:
            return _opened(photo, limits)
        except Image.DecompressionBombError:
            return Unusable("too-large")
        except BROKEN:
            return Unusable("not-an-image")


def is_pdf(file: bytes) -> bool:
    return file[:PDF_WITHIN].lstrip(BEFORE_PDF).startswith(PDF)


def _opened(photo: bytes, limits: Limits) -> tuple[Pixels, float] | Unusable:
    if photo[4:8] == HEIF:
        return _smaller(make_apart(photo, "HEIF", limits.side_max, limits.pixels_max, limits), limits)
    if is_pdf(photo):
        return _smaller(make_apart(photo, "PDF", PAGE_SIDE, limits.pixels_max, limits), limits)
    if photo.startswith(JPEG):
        photo += END_OF_JPEG  # libjpeg then shows what is there of a file that breaks off
    return _decoded(photo, limits)


def _decoded(photo: bytes, limits: Limits) -> tuple[Pixels, float] | Unusable:
    with Image.open(io.BytesIO(photo), formats=FORMATS) as image:
        large, is_jpeg = image.width * image.height > limits.pixels_max, image.format in ("JPEG", "MPO")
        if large and not is_jpeg:
            return Unusable("too-large")
        if not is_jpeg and getattr(image, "is_animated", False):  # in an MPO, a preview stands behind the photo
            return Unusable("not-an-image")
        turn = TURNS.get(_orientation(image))
        if large:
            return _smaller(make_apart(photo, "JPEG", limits.side_max, limits.jpeg_pixels_max, limits), limits, turn)
        return _smaller(_read(image, limits), limits, turn)


def _read(image: Image.Image, limits: Limits) -> Made:
    whole, share = image.width, limits.side_max / max(image.size)
    needed = (max(1, int(image.width * share)), max(1, int(image.height * share)))
    image.draft("RGB", needed)  # a JPEG becomes smaller while it is decoded, but not smaller than that
    return on_paper(image), whole


def _smaller(
    made: Made | Unusable, limits: Limits, turn: Image.Transpose | None = None
) -> tuple[Pixels, float] | Unusable:
    if isinstance(made, Unusable):
        return made
    image, whole = made
    image.thumbnail((limits.side_max, limits.side_max), Image.Resampling.LANCZOS)
    scale = whole / image.width
    return np.asarray(image if turn is None else image.transpose(turn)), scale


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return 1
