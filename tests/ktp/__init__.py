"""Invented KTP photos: people who don't exist, cards drawn from them, and damage done to the photos.

Invariant: everything is decided by the seed; every NIK has a serial of 9900 to 9999, every card says CONTOH.
"""

from tests.ktp.damage import DEGREES, FAULTS, photograph, spoil, to_jpeg
from tests.ktp.draw import draw_card
from tests.ktp.people import HASNA, Person, invent

__all__ = ["DEGREES", "FAULTS", "HASNA", "Person", "draw_card", "invent", "photograph", "spoil", "to_jpeg"]
