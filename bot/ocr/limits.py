"""What a photo may cost: bytes, pixels, seconds and tries."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Limits of one reading."""

    photo_bytes_max: int = 12_000_000
    pixels_max: int = 65_000_000  # before decoding; above it a photo is refused as too large
    jpeg_pixels_max: int = 120_000_000  # of a JPEG, which is made smaller while it is decoded
    side_max: int = 2_400  # what is decoded is made no larger than this, in pixels
    apart_s: int = 10  # processor seconds for a HEIC, a PDF or a very large JPEG to become pixels
    apart_bytes_max: int = 1_000_000_000  # of address space for that
    short_side_min: int = 240  # of the photo, in pixels
    long_side_min: int = 640  # of a photo in which no card is found: it may just be too small to be seen
    card_width_min: int = 420  # of the card in the photo, in pixels: below it only what vouches for itself is taken
    card_width_least: int = 330  # below it nothing is taken, however well it seems to be read
    engine_s: float = 3.0  # for the second opinion
    threads: int = 2  # of the machine for one photo
    pages_max: int = 20  # photos that are bound together
    rereads_max: int = 8  # rows that are read a second time by themselves
