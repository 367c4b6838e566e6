"""Bytes from a stranger -> pixels, upright by EXIF and no larger than needed.

Invariant: size and kind are checked before anything is decoded; nothing that Pillow raises gets further.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image

from bot.ocr.engine import Pixels
from bot.ocr.limits import Limits
from rules.card import Unusable

FORMATS = ("JPEG", "PNG", "WEBP")  # the phones' MPO comes in as JPEG; GIF, TIFF, PDF and the rest stay outside
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
    """The photo as height x width x 3 RGB, and how many pixels of the photo one of its pixels stands for."""
    if len(photo) > limits.photo_bytes_max:
        return Unusable("too-large")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of crooked EXIF, which is the sender's and not ours
        try:
            return _decode(photo, limits)
        except Image.DecompressionBombError:
            return Unusable("too-large")
        except BROKEN:
            return Unusable("not-an-image")


def _decode(photo: bytes, limits: Limits) -> tuple[Pixels, float] | Unusable:
    with Image.open(io.BytesIO(photo), formats=FORMATS) as image:
        if image.width * image.height > limits.pixels_max:
            return Unusable("too-large")
        if getattr(image, "is_animated", False) and image.format != "MPO":  # MPO: a photo with its preview behind it
            return Unusable("not-an-image")
        width, turn = image.width, TURNS.get(_orientation(image))
        image.draft("RGB", (limits.side_max, limits.side_max))
        upright = _flat(image)
        upright.thumbnail((limits.side_max, limits.side_max), Image.Resampling.LANCZOS)
        scale = width / upright.width
        if turn is not None:
            upright = upright.transpose(turn)
        return np.asarray(upright), scale


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return 1


def _flat(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white paper."""
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper
