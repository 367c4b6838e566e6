"""Correcting what is held: phone and heir at once, everything else once a person of the office has looked.

UU 27/2022 art. 30: within 3 x 24 hours. Invariant: the new value was read back and confirmed; who somebody is (name,
NIK, birth) is never changed without a photo of a paper that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from msgspec import Struct

from bot.flows.catalogues import DISTRICTS, VILLAGES
from bot.flows.data_asks import Correct, FieldName, PeopleHere
from bot.flows.enrol import KIN
from bot.flows.erase import NOT_HERE
from bot.flows.identity import read_aloud
from bot.flows.whose import whose
from bot.talk import ask
from bot.talk.awaited import Say, Today
from bot.talk.day import Day
from bot.talk.pick import Pick
from rules import folding, kinship
from rules.eligibility import eligible
from rules.folding import Found
from rules.nik import Nik
from rules.words import Text, Told, _

FIELDS: dict[FieldName, Text] = {
    "phone": _("Nomor HP"), "heir": _("Ahli waris"), "address": _("Alamat"), "name": _("Nama"), "nik": _("NIK"),
    "birth-date": _("Tanggal lahir"), "birth-place": _("Tempat lahir"), "village": _("Desa atau kelurahan"),
}  # fmt: skip
CALLED: dict[FieldName, tuple[str, ...]] = {
    "phone": ("hp", "telepon", "nomor telepon", "phone", "mobile number"), "heir": ("waris", "heir"),
    "address": ("rumah", "address"), "name": ("nama saya", "name"), "nik": ("nomor KTP",),
    "birth-date": ("tgl lahir", "birth date"), "birth-place": ("lahir di", "birth place"),
    "village": ("desa", "kelurahan", "village"),
}  # fmt: skip
"""How people call them, beside the labels."""
WITH_EVIDENCE: frozenset[FieldName] = frozenset({"name", "nik", "birth-date", "birth-place"})
LATER = "later"


class _Fields:
    """The fields as a list to pick from."""

    def items(self, group: str) -> Sequence[str]:
        return () if group else tuple(FIELDS)

    def find(self, text: str) -> Found[str]:
        return folding.find(text, {name: (label.msgid, *CALLED[name]) for name, label in FIELDS.items()})

    def label(self, code: str) -> Text:
        return next((label for name, label in FIELDS.items() if name == code), Text(code))

    def __contains__(self, code: object) -> bool:
        return code in FIELDS


_CATALOGUE = _Fields()


class _New(Struct, frozen=True):
    """A new value, as it is stored and as it is told."""

    values: tuple[str, ...]
    told: str | Told | date


async def correct() -> None:
    """One field of one person."""
    today = await Today("correct")
    people = [one for one in await PeopleHere(today.isoformat()) if not one.erased]
    if not people:
        await Say(_("Dari chat ini belum ada yang terdaftar. Ketik daftar untuk mulai."))
        return
    one = await whose(people)
    if one is None:
        return
    field = await _field()
    new = await _new(field, today)
    asked = _("{field} menjadi: {value}. Benar?", field=FIELDS[field], value=new.told)
    if field == "nik":
        asked = read_aloud(Nik(new.values[0]), today)
    right = await ask.Confirm("right", asked, about=(field, new.values), private=field == "nik")
    if not right:
        await Say(_("Baik, tidak ada yang diganti."))
        return
    photo = await _evidence() if field in WITH_EVIDENCE else None
    await _ask(one.person, field, new, photo)


async def _field() -> FieldName:
    chosen = await Pick("field", _("Apa yang salah?"), _CATALOGUE, tuple(FIELDS))
    return next(name for name in FIELDS if name == chosen)


async def _new(field: FieldName, today: date) -> _New:
    match field:
        case "phone":
            phone = await ask.Phone("new-phone", _("Nomor HP yang benar? Contoh: 0812 3456 7890."))
            return _New((phone.e164,), phone) if phone else _New((), _("tidak ada"))
        case "heir":
            return await _heir()
        case "nik":
            nik = await ask.Nik("new-nik", _("Ketik 16 angka NIK, seperti di KTP."))
            return _New((nik.digits,), nik)
        case "birth-date":
            born = await Day(
                "new-birth-date", _("Tanggal lahir yang benar? Contoh: 12-05-1979."), check=partial(eligible, on=today)
            )
            return _New((born.isoformat(),), born)
        case "village":
            code = await Pick(
                "new-village", _("Desa atau kelurahan mana? Ketik namanya, atau pilih kecamatan:"), VILLAGES, DISTRICTS
            )
            return _New((code,), VILLAGES.label(code))
        case "name" | "address" | "birth-place":
            words = await ask.Text("new-words", _ASKED[field], capitals=True, about=field)
            return _New((words,), words)


_ASKED: dict[str, Text] = {
    "name": _("Nama lengkap yang benar, seperti di KTP?"),
    "address": _("Alamat yang benar? Nama jalan atau dusun saja."),
    "birth-place": _("Lahir di mana? Tulis kota atau kabupatennya."),
}


async def _heir() -> _New:
    name = await ask.Text("new-heir.name", _("Siapa nama ahli waris yang benar?"), capitals=True)
    relation = await ask.Choice(
        "new-heir.relation", _("{heir} itu siapanya?", heir=name.title()),
        {one.code: one.name for one in kinship.RELATIONS}, words=KIN, about=name,
    )  # fmt: skip
    found = kinship.by_code(relation)
    assert found is not None
    return _New((name, relation), Text("{name} ({relation})", {"name": name, "relation": found.name}))


async def _evidence() -> int | None:
    photo = await ask.Photo(
        "photo", _("Kirim foto KTP atau KK yang menunjukkan itu."), instead={LATER: _("Nanti saja")}, later=LATER,
        private=True,
    )  # fmt: skip
    return photo if isinstance(photo, int) else None


async def _ask(person: int, field: FieldName, new: _New, photo: int | None) -> None:
    asked = await Correct(person, field, new.values, photo)
    if asked is None:
        await Say(NOT_HERE)
    elif asked.due is None:
        await Say(_("Sudah diganti. {field}: {value}.", field=FIELDS[field], value=new.told))
    else:
        await Say(
            _(
                "Permintaan dicatat. Menunggu: petugas, paling lambat {day} pukul {time} WITA. Kabarnya kami kirim "
                "ke sini.",
                day=asked.due.date(), time=f"{asked.due:%H.%M}",
            )
        )  # fmt: skip
