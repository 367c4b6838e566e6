"""Who somebody is: the KTP by photo or by typing, the NIK confirmed, the person old enough and not enrolled yet.

A sub-conversation, used with `within`. Invariant: no NIK leaves here that a person has not confirmed, and a reading
that the reader doubts is asked about, never taken silently (invariant 10 of ARCHITECTURE.md).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from bot.flows.asks import IsEnrolled, ReadCard
from bot.talk import ask
from bot.talk.awaited import CallPerson, Say, within
from rules import areas
from rules.card import SURE, Card, Fault, Field, Unusable
from rules.eligibility import eligible
from rules.nik import Nik, Sex, mismatches
from rules.words import Slip, Text, _

PHOTO_TRIES = 2
NIK_TRIES = 4
"""More corrections than this of one NIK are a case for a person."""

FAULTS: dict[Fault, Text] = {
    "too-small": _("Kartunya terlalu kecil di foto. Coba lebih dekat."),
    "blurred": _("Fotonya buram. Pegang HP dengan mantap, lalu foto lagi."),
    "dark": _("Fotonya gelap. Coba dekat jendela."),
    "glare-on-nik": _("Ada pantulan cahaya di NIK. Miringkan sedikit kartunya."),
    "cut-off": _("Kartunya terpotong. Keempat sudut harus kelihatan."),
    "not-a-ktp": _("Saya tidak menemukan KTP di foto ini."),
    "several-cards": _("Ada lebih dari satu kartu. Foto satu KTP saja."),
    "too-large": _("Fotonya terlalu besar. Kirim yang lebih kecil."),
    "not-an-image": _("Berkas ini bukan foto."),
}  # fmt: skip


class Person(Struct, frozen=True):
    """Somebody as confirmed. Fields of the card that nobody has asked about yet may be None."""

    nik: Nik
    birth_date: date
    sex: Sex
    card: Card | None
    doubts: tuple[str, ...]


async def identify(today: date) -> Person | None:
    """The person, or None when they gave up because the NIK is too young, too old or enrolled already."""
    card = await _show_card()
    for number in range(1, NIK_TRIES + 1):
        nik = await within(f"nik{number}", _confirmed_nik(_nik_of(card) if number == 1 else None, today))
        if nik is None:
            continue
        birth_date, sex, differ = await within(f"nik{number}", _compared(nik, card, today))
        problem = await _problem(nik, birth_date, today)
        if problem is None:
            return Person(nik, birth_date, sex, card, (*(card.doubts if card else ()), *differ))
        if not await within(f"nik{number}", _wants_to_correct(problem)):
            await Say(_("Baik. Ketik menu kapan saja kalau butuh kami."))
            return None
    await CallPerson("enrol", "identity")
    await Say(_("Petugas kami akan membantu Anda di chat ini pada jam kerja."))
    return None


def nik_names(scope: str) -> tuple[str, ...]:
    """What "change the NIK" asks again, for a summary of a flow that runs `identify` within `scope`."""
    return (f"{scope}.nik1.nik", *(f"{scope}.nik{number}" for number in range(1, NIK_TRIES + 1)))


async def _show_card() -> Card | None:
    """The card as read, or None if it is typed. Two photos, then other ways."""
    text = _("Kirim foto KTP. Taruh di tempat terang, keempat sudut kelihatan.")
    for number in range(1, PHOTO_TRIES + 1):
        shown = await ask.Photo(f"photo{number}", text, instead={"type": _("Ketik NIK saja")})
        if not isinstance(shown, int):
            return None
        card = await ReadCard(shown)
        if isinstance(card, Card):
            return card
        text = _fault(card)
    return await _other_ways(text)


async def _other_ways(fault: Text) -> Card | None:
    way = await ask.Choice(
        "way",
        _("{fault} Pilih cara lain:", fault=fault),
        {"type": _("Ketik NIK saja"), "person": _("Dibantu petugas"), "photo": _("Coba foto lagi")},
    )
    if way == "person":
        await CallPerson("enrol", "photo")
        await Say(_("Foto Anda kami catat untuk dibaca petugas. Atau lanjut sendiri:"))
    if way != "photo":
        return None
    shown = await ask.Photo("photo-last", _("Kirim foto KTP sekali lagi."), instead={"type": _("Ketik NIK saja")})
    card = await ReadCard(shown) if isinstance(shown, int) else None
    if isinstance(card, Card):
        return card
    if isinstance(shown, int):
        await Say(_fault(card))
    return None


def _fault(unread: Unusable | None) -> Text:
    return FAULTS[unread.reason] if unread else _("Foto ini belum bisa saya baca.")


def _nik_of(card: Card | None) -> Nik | None:
    if card is None or card.nik is None:
        return None
    nik = Nik.parse(card.nik.value)
    return None if isinstance(nik, Slip) else nik


async def _confirmed_nik(given: Nik | None, today: date) -> Nik | None:
    """The NIK, read back in a way that a person can check; None if it is wrong."""
    nik = await ask.Nik("nik", _("Ketik 16 angka NIK, seperti di KTP."), given=given)
    right = await ask.Confirm("right", _read_aloud(nik, today), yes=_("Benar"), no=_("Salah"), about=nik)
    return nik if right else None


def _read_aloud(nik: Nik, today: date) -> Text:
    groups = " ".join(nik.digits[i : i + 4] for i in range(0, 16, 4))
    place = areas.issued_at(nik.area_code)
    sex = SEXES[nik.sex]
    if place is None:
        return _("NIK {nik}: {sex}, lahir {born}. Benar?", nik=groups, sex=sex, born=nik.born(today))
    return _(
        "NIK {nik}: {sex}, lahir {born}, terbit di {place}. Benar?",
        nik=groups, sex=sex, born=nik.born(today), place=place.name,
    )  # fmt: skip


SEXES: dict[Sex, Text] = {"female": _("perempuan"), "male": _("laki-laki")}


async def _compared(nik: Nik, card: Card | None, today: date) -> tuple[date, Sex, tuple[str, ...]]:
    """Birth date and sex; where card and NIK disagree the person decides, and the doubt is kept."""
    born, sex = nik.born(today), nik.sex
    printed, printed_sex = _printed(card)
    differ = mismatches(nik, printed or born, printed_sex or sex, today)
    if "birth-date" in differ and printed is not None:
        which = await ask.Choice(
            "birth-date", _("Tanggal lahir mana yang benar?"), {"card": _day(printed), "nik": _day(born)},
            about=(printed, born),
        )  # fmt: skip
        born = printed if which == "card" else born
    elif printed is not None:
        born = printed
    if "sex" in differ and printed_sex is not None:
        sex = await ask.Choice("sex", _("Laki-laki atau perempuan?"), SEXES, about=(printed_sex, sex))
    return born, sex, tuple(f"nik-{what}-mismatch" for what in differ)


def _printed(card: Card | None) -> tuple[date | None, Sex | None]:
    if card is None:
        return None, None
    born = sure(card.birth_date)
    sex = sure(card.sex)
    return (
        date.fromisoformat(born) if born else None,
        "female" if sex == "female" else "male" if sex == "male" else None,
    )


def _day(day: date) -> Text:
    return Text("{day}", {"day": day})


def sure(field: Field | None) -> str | None:
    """The value of a field that was read with confidence."""
    return field.value if field is not None and field.confidence >= SURE else None


async def _problem(nik: Nik, birth_date: date, today: date) -> Text | None:
    unfit = eligible(birth_date, today)
    if unfit is not None:
        return unfit.words
    if await IsEnrolled(nik):
        return _("NIK ini sudah terdaftar di Siaga. Kalau ini NIK Anda sendiri, ketik petugas.")
    return None


async def _wants_to_correct(problem: Text) -> bool:
    after: Literal["correct", "stop"] = await ask.Choice(
        "problem", problem, {"correct": _("Perbaiki NIK"), "stop": _("Selesai dulu")}, about=problem.msgid
    )
    return after == "correct"
