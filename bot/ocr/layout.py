"""Where things stand on a KTP (Permendagri 74/2015), on a card made 1280 x 807 pixels. Pure.

The rows are evenly spaced and in a fixed order, so a few labels found tell where all rows are.
"""

from __future__ import annotations

from msgspec import Struct

WIDTH, HEIGHT = 1280, 807
"""The canonical card, in pixels: ID-1 format, 85.60 x 53.98 mm."""

VALUE_LEFT, VALUE_RIGHT = 326, 945
"""Where the column of values starts, behind the colon, and where it ends, before the photo."""
NUMBER_LEFT = 140
"""Where the NIK starts on most cards at the earliest, behind its label: it is larger and has a colon of its own."""

HEADER_BOTTOM = 130
PITCH = 44.4
"""From the middle of a row to that of the next, below the name."""


class Row(Struct, frozen=True):
    """A printed row: its name, its label, the left edge and the middle of the label in pixels of the canonical card."""

    name: str
    label: str
    left: int
    middle: int


NIK = Row("nik", "NIK", 46, 157)

ROWS = (
    NIK,
    Row("name", "Nama", 46, 225),
    Row("birth", "Tempat/Tgl Lahir", 46, 269),
    Row("sex", "Jenis Kelamin", 46, 314),
    Row("address", "Alamat", 46, 358),
    Row("rt_rw", "RT/RW", 96, 402),
    Row("village", "Kel/Desa", 96, 447),
    Row("district", "Kecamatan", 96, 491),
    Row("religion", "Agama", 46, 535),
    Row("marital_status", "Status Perkawinan", 46, 580),
    Row("occupation", "Pekerjaan", 46, 624),
    Row("citizenship", "Kewarganegaraan", 46, 668),
    Row("valid_until", "Berlaku Hingga", 46, 713),
)
