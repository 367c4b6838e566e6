"""Who somebody is: the KTP by photo or by typing, the NIK confirmed, the person old enough and not enrolled yet.

A sub-conversation, used with `within`. Invariant: no NIK leaves here that a person has not confirmed, and a reading
that the reader doubts is asked about, never taken silently (invariant 10 of ARCHITECTURE.md).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from bot.flows.asks import IsEnrolled
from bot.flows.photo import show_card
from bot.flows.printed import Seen
from bot.talk import ask
from bot.talk.awaited import CallPerson, Say, within
from rules import areas, indonesia
from rules.card import Card
from rules.eligibility import eligible
from rules.nik import Nik, Sex, mismatches
from rules.words import Slip, Text, _

NIK_TRIES = 4
"""More corrections than this of one NIK are a case for a person."""


class Person(Struct, frozen=True):
    """Somebody as confirmed. `seen`: the card, if it was photographed."""

    nik: Nik
    birth_date: date
    sex: Sex
    seen: Seen | None
    doubts: tuple[str, ...]


async def identify(today: date) -> Person | None:
    """The person, or None when they gave up because the NIK is too young, too old or enrolled already."""
    seen = await show_card()
    for number in range(1, NIK_TRIES + 1):
        nik = await within(f"nik{number}", _confirmed_nik(seen if number == 1 else None, today))
        if nik is None:
            continue
        birth_date, sex, differ = await within(f"nik{number}", _compared(nik, seen, today))
        problem = await _problem(nik, birth_date, today)
        if problem is None:
            return Person(nik, birth_date, sex, seen, (*(seen.card.doubts if seen else ()), *differ))
        if not await within(f"nik{number}", _wants_to_correct(problem)):
            await Say(_("Baik. Ketik menu kapan saja kalau butuh kami."))
            return None
    await CallPerson("enrol", "identity")
    await Say(_("Petugas kami akan membantu Anda di chat ini pada jam kerja."))
    return None


def nik_names(scope: str) -> tuple[str, ...]:
    """What "change the NIK" asks again, for a summary of a flow that runs `identify` within `scope`."""
    return (f"{scope}.nik1.nik", *(f"{scope}.nik{number}" for number in range(1, NIK_TRIES + 1)))


def _nik_of(card: Card) -> Nik | None:
    if card.nik is None:
        return None
    nik = Nik.parse(card.nik.value)
    return None if isinstance(nik, Slip) else nik


async def _confirmed_nik(seen: Seen | None, today: date) -> Nik | None:
    """The NIK, read back in a way that a person can check; None if it is wrong."""
    given = _nik_of(seen.card) if seen else None
    nik = await ask.Nik("nik", _("Ketik 16 angka NIK, seperti di KTP."), given=given)
    picture = seen.crop(seen.card.nik, Text("NIK")) if seen and nik == given else None
    right = await ask.Confirm(
        "right",
        read_aloud(nik, today),
        yes=_("Benar"),
        no=_("Salah"),
        about=nik,
        picture=picture,
        private=True,
    )
    return nik if right else None


def read_aloud(nik: Nik, today: date) -> Text:
    """A NIK in a way that a person can check; only for a private question."""
    groups = " ".join(nik.digits[i : i + 4] for i in range(0, 16, 4))
    district = areas.issued_at(nik.area_code)
    place = district.name if district else indonesia.issued_in(nik.area_code)
    sex = SEXES[nik.sex]
    if place is None:
        return _("NIK {nik}: {sex}, lahir {born}. Benar?", nik=groups, sex=sex, born=nik.born(today))
    return _(
        "NIK {nik}: {sex}, lahir {born}, terbit di {place}. Benar?",
        nik=groups, sex=sex, born=nik.born(today), place=place,
    )  # fmt: skip


SEXES: dict[Sex, Text] = {"female": _("perempuan"), "male": _("laki-laki")}


async def _compared(nik: Nik, seen: Seen | None, today: date) -> tuple[date, Sex, tuple[str, ...]]:
    """Birth date and sex; where card and NIK disagree the person decides, and the doubt is kept. A doubtful reading
    that agrees with the NIK needs no question: the person has confirmed the NIK with its birth date and sex."""
    born, sex = nik.born(today), nik.sex
    printed, printed_sex = _printed(seen.card) if seen else (None, None)
    differ = mismatches(nik, printed or born, printed_sex or sex, today)
    if "birth-date" in differ and printed is not None and seen is not None:
        which = await ask.Choice(
            "birth-date", _("Tanggal lahir mana yang benar?"), {"card": _day(printed), "nik": _day(born)},
            about=(printed, born), picture=seen.crop(seen.card.birth_date, _("tanggal lahir")),
        )  # fmt: skip
        born = printed if which == "card" else born
    elif printed is not None:
        born = printed
    if "sex" in differ and printed_sex is not None and seen is not None:
        sex = await ask.Choice(
            "sex", _("Laki-laki atau perempuan?"), SEXES, about=(printed_sex, sex),
            picture=seen.crop(seen.card.sex, _("jenis kelamin")),
        )  # fmt: skip
    return born, sex, tuple(f"nik-{what}-mismatch" for what in differ)


def _printed(card: Card) -> tuple[date | None, Sex | None]:
    born = date.fromisoformat(card.birth_date.value) if card.birth_date else None
    if card.sex is None:
        return born, None
    return born, "female" if card.sex.value == "female" else "male"


def _day(day: date) -> Text:
    return Text("{day}", {"day": day})


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
