"""The photo forgotten, or everything erased that may be; and what the law makes us keep, until when.

Invariant: before anything is destroyed it is said what, and what stays; what stays has a last day.
"""

from __future__ import annotations

from datetime import date

from bot.flows.data_asks import (
    THE_CHAT,
    ChatHolds,
    ClaimUnderWay,
    DataOf,
    Erase,
    Erasing,
    ForgetPhotos,
    Mine,
    MustKeep,
    PeopleHere,
)
from bot.flows.whose import whose
from bot.talk import ask
from bot.talk.awaited import Say, Today
from bot.talk.flow import Flow, Next
from rules.words import Text, _

NOT_HERE = _("Yang ini sudah tidak di chat ini.")
_KEPT_AS_IT_IS = _("Baik, tidak ada yang dihapus.")
_NO_PHOTO = _("Tidak ada foto KTP yang tersimpan.")


async def erase() -> Next | None:
    """Everything of one person; of a chat without people, everything that was sent there."""
    today = await Today("erase")
    people = await PeopleHere(today.isoformat())
    if not people:
        return await _erase_chat(today)
    one = await whose(people)
    if one is not None:
        await _erase(one, today)
    return None


FLOW = Flow(name="erase", run=erase, title=_("Hapus data"), words=("hapus data", "hapus data saya", "delete my data"))


async def _erase_chat(today: date) -> Next | None:
    """An enrolment that was not finished isn't gone on with."""
    keeps = await MustKeep(THE_CHAT, today.isoformat())
    if keeps is not None and keeps.claim is not None:
        await _tell_claim(keeps.claim)
        return None
    if not await ask.Confirm("erase", _("Hapus semua percakapan dan foto yang pernah dikirim di chat ini?")):
        await Say(_KEPT_AS_IT_IS)
        return None
    await _erased(await Erase(THE_CHAT))
    return Next("home")


async def _erase(one: Mine, today: date) -> None:
    keeps = await MustKeep(one.person, today.isoformat())
    if keeps is None:
        await Say(NOT_HERE)
        return
    if one.erased:
        await Say(_("Permintaan hapus data ini sudah kami terima."))
        await _tell_kept(keeps.until)
        return
    if keeps.claim is not None:
        await _tell_claim(keeps.claim)
        return
    await _tell_what(keeps.until)
    agreed = await ask.Confirm("erase", _("Hapus data {name}?", name=one.name.title()), about=keeps)
    if agreed:
        await _erased(await Erase(one.person))
    else:
        await Say(_KEPT_AS_IT_IS)


async def _tell_claim(claim: ClaimUnderWay) -> None:
    """Without what it was reported with, it can't come to its end."""
    await Say(
        _(
            "Klaim nomor {number} masih berjalan dan perlu data ini. Kabarnya paling lambat {day} pukul {time} WITA.",
            number=claim.number, day=claim.due.date(), time=f"{claim.due:%H.%M}",
        )
    )  # fmt: skip
    await Say(_("Kalau klaimnya sudah selesai, ketik hapus data lagi."))


async def _tell_what(kept_until: date | None) -> None:
    if kept_until is None:
        await Say(_("Semua data dihapus: nama, NIK, foto, alamat, ahli waris, dan percakapan."))
        return
    await Say(_("Yang dihapus: foto, alamat, HP, ahli waris, dan percakapan. Pengingat berhenti."))
    await _tell_kept(kept_until)
    await Say(_("Kepesertaan di BPJS tetap ada, tidak ikut terhapus."))


async def _tell_kept(kept_until: date | None) -> None:
    if kept_until is not None:
        await Say(
            _(
                "Nama, NIK, KPJ, catatan iuran dan klaim wajib kami simpan sampai {day}, lalu dihapus juga.",
                day=kept_until,
            )
        )  # fmt: skip


async def _erased(erasing: Erasing | None) -> None:
    if erasing is None:
        await Say(NOT_HERE)
        return
    await Say(
        _(
            "Permintaan dicatat. Selesai paling lambat {day} pukul {time} WITA, kabarnya kami kirim ke sini.",
            day=erasing.due.date(), time=f"{erasing.due:%H.%M}",
        )
    )  # fmt: skip


async def forget_photos() -> None:
    """The photos of one person, at once."""
    today = await Today("photo")
    people = [one for one in await PeopleHere(today.isoformat()) if not one.erased]
    if not people:
        holds = await ChatHolds(today.isoformat())
        await _forget(THE_CHAT, _("Hapus semua foto yang pernah dikirim di chat ini?") if holds.photos else None)
        return
    one = await whose(people)
    if one is None:
        return
    held = await DataOf(one.person, today.isoformat())
    if held is None:
        await Say(NOT_HERE)
        return
    question = _("Hapus foto KTP {name}? Foto itu tidak bisa dikembalikan.", name=one.name.title())
    await _forget(one.person, question if held.photos else None)


PHOTO_FLOW = Flow(
    name="forget-photos", run=forget_photos, title=_("Hapus foto"),
    words=("hapus foto saya", "hapus foto", "hapus foto ktp", "delete my photo"),
)  # fmt: skip


async def _forget(person: int, question: Text | None) -> None:
    """`question`: whether they really mean it; None if there is nothing."""
    if question is None:
        await Say(_NO_PHOTO)
        return
    if not await ask.Confirm("forget", question, about=person):
        await Say(_KEPT_AS_IT_IS)
        return
    count = await ForgetPhotos(person)
    if count is None:
        await Say(NOT_HERE)
    elif count:
        await Say(_("Sudah dihapus: {count} foto. Tidak bisa dibuka siapa pun lagi.", count=count))
    else:
        await Say(_NO_PHOTO)
