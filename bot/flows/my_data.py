"""One's own data: what is held, a correction, the photo forgotten, everything erased, all of it as a file.

UU 27/2022 art. 5-8: the right to know, to correct, to erase, to a copy. Invariant: only who speaks for a person is
told of them (`whose`).
"""

from __future__ import annotations

from bot.flows.catalogues import VILLAGES
from bot.flows.correct import FIELDS, correct
from bot.flows.data_asks import ChatHolds, DataOf, Given, Held, Mine, NoteExport, Pending, PeopleHere, export_of
from bot.flows.erase import NOT_HERE, erase, forget_photos
from bot.flows.whose import knows_birth_year, whose
from bot.talk import ask
from bot.talk.awaited import Say, Today, within
from bot.talk.flow import Flow, Next
from bot.talk.message import Paper
from rules import kinship
from rules.consent import Purpose
from rules.words import Text, _

PURPOSES: dict[Purpose, Text] = {
    "registration": _("Pendaftaran"), "reminders": _("Pengingat"), "sharing": _("Berbagi status")
}  # fmt: skip


async def my_data() -> Next | None:
    """The menu, then what was chosen."""
    wanted = await ask.Choice(
        "wanted", _("Ini tentang data yang kami simpan. Apa yang mau dilakukan?"),
        {
            "show": _("Lihat data saya"), "correct": _("Perbaiki"), "photo": _("Hapus foto KTP"),
            "erase": _("Hapus data"), "file": _("Kirim sebagai berkas"),
        },
    )  # fmt: skip
    match wanted:
        case "show":
            await _show()
        case "correct":
            await correct()
        case "photo":
            await forget_photos()
        case "erase":
            return await erase()
        case _:
            await _send_file()
    return None


FLOW = Flow(name="my-data", run=my_data, title=_("Data saya"), words=("data saya", "lihat data saya", "my data"))


async def _show() -> None:
    """What is held, in short sentences."""
    today = await Today("show")
    people = await PeopleHere(today.isoformat())
    if not people:
        await _show_chat(today.isoformat())
        return
    one = await whose(people)
    if one is None:
        return
    held = await DataOf(one.person, today.isoformat())
    if held is None:
        await Say(NOT_HERE)
        return
    for line in _lines(one, held):
        await Say(line)


async def _show_chat(day: str) -> None:
    """Of a chat from which nobody was enrolled."""
    holds = await ChatHolds(day)
    await Say(_("Dari chat ini belum ada yang terdaftar. Kami menyimpan percakapan ini."))
    if holds.photos:
        await Say(_("Foto yang dikirim: {count}.", count=holds.photos))
    if holds.drafts:
        await Say(_("Pendaftaran yang belum selesai: {count}.", count=holds.drafts))
    await Say(_("Mau dihapus semuanya, ketik hapus data."))


def _lines(one: Mine, held: Held) -> list[Text]:
    lines = [_("{name}, NIK {nik}.", name=held.name.title(), nik=held.nik), _birth(held)]
    if one.erased:
        return [*lines, *_membership(held), _("Data lainnya sudah dihapus."), *_kept(one)]
    lines += [
        _("Alamat: {address}, {village}.", address=held.address.title(), village=VILLAGES.label(held.village)),
        _("HP: {phone}.", phone=held.phone) if held.phone else _("HP: tidak ada."),
        _heir(held), *_membership(held), _photos(held), *map(_consent, held.consents), *map(_pending, held.pending),
    ]  # fmt: skip
    if held.reads:
        return [*lines, _("Dibuka petugas: {count} kali.", count=held.reads)]
    return [*lines, _("Belum pernah dibuka petugas.")]


def _birth(held: Held) -> Text:
    if not held.birth_place:
        return _("Lahir {day}.", day=held.birth_date)
    return _("Lahir di {place}, {day}.", place=held.birth_place.title(), day=held.birth_date)


def _membership(held: Held) -> list[Text]:
    number = _("Nomor peserta (KPJ): {kpj}.", kpj=held.kpj) if held.kpj else _("Belum punya nomor peserta.")
    if held.months_paid:
        return [number, _("Iuran lunas: {count} bulan.", count=held.months_paid)]
    return [number, _("Belum ada iuran yang lunas.")]


def _heir(held: Held) -> Text:
    relation = kinship.by_code(held.heir_relation)
    if not held.heir or relation is None:
        return _("Ahli waris: tidak ada.")
    return _("Ahli waris: {name} ({relation}).", name=held.heir.title(), relation=relation.name)


def _photos(held: Held) -> Text:
    if not held.photos:
        return _("Foto: tidak ada.")
    return _("Foto: {count}, dihapus paling lambat {day}.", count=len(held.photos), day=max(held.photos))


def _consent(given: Given) -> Text:
    what, version = PURPOSES[given.purpose], given.version
    if given.withdrawn is None:
        return _("Persetujuan {what}: {day} (versi {version}).", what=what, day=given.given, version=version)
    return _(
        "Persetujuan {what}: {day} (versi {version}), dicabut {end}.",
        what=what, day=given.given, version=version, end=given.withdrawn,
    )  # fmt: skip


def _pending(pending: Pending) -> Text:
    return _(
        "Perbaikan {field} menunggu: petugas, paling lambat {day} pukul {time} WITA.",
        field=FIELDS[pending.field], day=pending.due.date(), time=f"{pending.due:%H.%M}",
    )  # fmt: skip


def _kept(one: Mine) -> list[Text]:
    if one.kept_until is None:
        return []
    return [_("Nama, NIK, KPJ, catatan iuran dan klaim wajib kami simpan sampai {day}, lalu dihapus juga.",
              day=one.kept_until)]  # fmt: skip


async def _send_file() -> None:
    """Everything about one person as a file that machines read, too."""
    today = await Today("file")
    people = await PeopleHere(today.isoformat())
    if not people:
        await Say(_("Dari chat ini belum ada yang terdaftar. Ketik daftar untuk mulai."))
        return
    one = await whose(people)
    if one is None:
        return
    full = await ask.Confirm("full", _("NIK ditulis lengkap di berkasnya?"), about=one.person)
    if full and len(people) == 1:
        full = await within("full", knows_birth_year(one))
    if await NoteExport(one.person, full):
        of = export_of(one.person, full=full)
        await Say(
            _("Ini berkas data {name}.", name=one.name.title()),
            paper=Paper(kind="export", of=of, name="data-saya.json", media="application/json"),
        )
    else:
        await Say(NOT_HERE)
