"""What stands on a KTP, as it was read: each value with how sure the reader is.

The layout is that of Perpres 26/2009 and Permendagri 74/2015. Invariant: a value that the
reader doubts is kept together with its doubt; nothing is guessed silently.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

FIELDS = (
    "province", "regency", "nik", "name", "birth_place", "birth_date", "sex", "blood_type", "address", "rt_rw",
    "village", "district", "religion", "marital_status", "occupation", "citizenship", "valid_until",
)  # fmt: skip
"""The fields of a `Card`, from top to bottom of the printed card."""

SURE = 0.8
"""A field read with less confidence than this is a doubt."""

Fault = Literal["too-small", "blurred", "dark", "glare-on-nik", "cut-off", "not-a-ktp", "several-cards", "too-large",
                "not-an-image"]  # fmt: skip
"""The one worst fault of a photo that can't be used."""


class Field(Struct, frozen=True, omit_defaults=True):
    """A value read from the card.

    `value` is canonical: 16 digits for the NIK, ISO 8601 for the birth date, "female" or "male" for
    the sex, "004/002" for RT/RW, capitals as printed for words. `confidence` is 0 to 1. `box` is
    (left, top, right, bottom) in pixels of the photo after EXIF rotation, of a PDF in those of its first
    page as `bot.ocr.open` makes it, or None where unknown. `printed` is what was read, where the value is a word
    that is only close to it.
    """

    value: str
    confidence: float
    box: tuple[int, int, int, int] | None = None
    printed: str | None = None


class Card(Struct, frozen=True, tag="card", omit_defaults=True):
    """A KTP as read. A field that couldn't be read is None.

    `doubts` are names such as "nik-birth-date-mismatch", "nik-sex-mismatch",
    "unknown-area", "low-confidence: name".
    """

    nik: Field | None = None
    name: Field | None = None
    birth_place: Field | None = None
    birth_date: Field | None = None
    sex: Field | None = None
    blood_type: Field | None = None
    address: Field | None = None
    rt_rw: Field | None = None
    village: Field | None = None
    district: Field | None = None
    religion: Field | None = None
    marital_status: Field | None = None
    occupation: Field | None = None
    citizenship: Field | None = None
    valid_until: Field | None = None
    province: Field | None = None
    regency: Field | None = None
    doubts: tuple[str, ...] = ()


class Unusable(Struct, frozen=True, tag="unusable"):
    """A photo from which no card can be read, and its one worst fault."""

    reason: Fault
