"""People who enrol by a script: what each waits for, and what each says then.

Invariant: the same seed makes the same people in the same order, each with a NIK of the invented range of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from msgspec import Struct

from tests.ktp.people import FAMILY, MEN, PLACES, STREETS, VILLAGES, WOMEN, make_nik

OLDEST, YOUNGEST = date(1970, 1, 1), date(2000, 12, 31)
"""Old enough and young enough for many years to come."""
SERIALS = range(9900, 9990)
SLOW_SERIAL = 9990
"""BPJS's sandbox takes this one for later and answers by webhook."""
SLOW_EVERY = 6
"""Each sixth person has it."""
PHOTOS = {2: "hasna.jpg", 5: "photocopy.jpg"}
"""The third and the sixth person send a photo of the card; everybody else types the NIK."""
LAST_WORDS = "Kode bayar: "
WHO_BACK_CHANCE = WHO_SLIPS_CHANCE = 0.25


class Step(Struct, frozen=True):
    """Once the bot has said `after`, the person says `says` or shows `photo`. `name` is for the report."""

    name: str
    after: str
    says: str = ""
    photo: str = ""


class Person(Struct, frozen=True):
    """`masked` is the NIK as the sandbox shows it; `nik` is None where a photo tells it."""

    number: int
    masked: str
    nik: str | None
    steps: tuple[Step, ...]

    @property
    def is_slow(self) -> bool:
        """BPJS answers later, by webhook."""
        return self.masked.endswith(str(SLOW_SERIAL))


def people(seed: int) -> Iterator[Person]:
    """For ever another person."""
    chance, niks = Random(f"people {seed}"), set[str]()
    number = 0
    while True:
        if number in PHOTOS:
            yield _shows_a_photo(number, PHOTOS[number], chance)
        else:
            yield _types(number, _new_nik(number, niks, chance), chance)
        number += 1


def _new_nik(number: int, taken: set[str], chance: Random) -> str:
    while True:
        born = OLDEST + timedelta(days=chance.randrange((YOUNGEST - OLDEST).days))
        serial = SLOW_SERIAL if number % SLOW_EVERY == SLOW_EVERY - 2 else chance.choice(SERIALS)
        nik = make_nik(chance.choice(VILLAGES)[2], born, chance.choice(("female", "male")), serial)
        if nik not in taken:
            taken.add(nik)
            return nik


def _shows_a_photo(number: int, photo: str, chance: Random) -> Person:
    steps = (*_beginning(), Step("photo", "Kirim foto KTP", photo=photo), Step("right", "Benar?", "1"), *_rest(chance))
    masked = {"hasna.jpg": "7312********9901", "photocopy.jpg": "7312********9986"}[photo]
    return Person(number, masked, None, steps)


def _types(number: int, nik: str, chance: Random) -> Person:
    slips = chance.random() < WHO_SLIPS_CHANCE
    short = (Step("nik slipped", "Ketik 16 angka NIK", nik[:15]),) if slips else ()
    steps = (
        *_beginning(),
        Step("typed", "Kirim foto KTP", "1"),
        *short,
        Step("nik", "Ketik 16 angka NIK", nik),
        Step("right", "Benar?", "1"),
        Step("name", "Nama lengkap", f"{chance.choice(WOMEN + MEN)} {chance.choice(FAMILY)}".strip()),
        Step("birth place", "Lahir di mana", chance.choice(PLACES)),
        Step("address", "Alamat rumah", chance.choice(STREETS)),
        Step("village", "Desa atau kelurahan", chance.choice(("Jampu", "Lapajung", "Umpungeng", "Ompo"))),
        *_rest(chance),
    )
    return Person(number, f"{nik[:4]}********{nik[12:]}", nik, steps)


def _beginning() -> tuple[Step, ...]:
    return Step("start", "", "daftar"), Step("who", "Untuk siapa", "1"), Step("consent", "Setuju?", "1")


def _rest(chance: Random) -> tuple[Step, ...]:
    phone = Step("phone", "Nomor HP", chance.choice(("1", "0812 3456 7890")))
    back = (Step("back", "nama ahli waris", "0"), phone) if chance.random() < WHO_BACK_CHANCE else ()
    return (
        Step("job", "pekerjaan", "petani padi"),
        Step("income", "penghasilan", chance.choice("1234")),
        phone,
        *back,
        Step("heir", "nama ahli waris", "La Baco"),
        Step("relation", "siapanya", chance.choice("123")),
        Step("months", "berapa bulan", chance.choice(("1", "3", "6", "12"))),
        Step("reminders", "pengingat", chance.choice("12")),
        Step("send", "Semua benar?", "ya"),
    )
