"""Invented KTP photos: people who don't exist, cards drawn from them, and damage done to the photos.

Invariant: everything is decided by the seed; every NIK has a serial of 9900 to 9999, every card says CONTOH.
"""

from tests.ktp.damage import LEVELS, photograph
from tests.ktp.draw import draw_card
from tests.ktp.lens import to_jpeg
from tests.ktp.people import HASNA, Person, invent
from tests.ktp.photos import mismatched, photo, unusable
from tests.ktp.residents import resident
from tests.ktp.unusable import MAY_BE_DOUBTED, UNUSABLE, spoil

__all__ = [
    "HASNA", "LEVELS", "MAY_BE_DOUBTED", "UNUSABLE", "Person", "draw_card", "invent", "mismatched", "photo",
    "photograph", "resident", "spoil", "to_jpeg", "unusable",
]  # fmt: skip
