"""How a claim stands, whose turn it is and by when something is heard; and sending its papers, one after another.

Invariant: at every step it is told what is missing, who has to act now, and until when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from bot.flows import notices
from bot.flows.claim_asks import AnswerClaim, KeepPapers, OpenClaim
from bot.flows.claim_words import NAMES
from bot.flows.paper_asks import LookAtPaper
from bot.talk import ask
from bot.talk.awaited import Say, within
from bot.talk.message import Drawing
from bot.talk.papers import Papers, Retake
from bot.talk.question import Illustration
from rules.card import Fault
from rules.claim_documents import Document, document
from rules.claims import DECIDED, Holder, State
from rules.money import Rupiah
from rules.words import Listed, Text, _

FAULTS: dict[Fault, Text] = {
    "blurred": _("Fotonya buram, tulisannya sulit dibaca. Mau foto lagi?"),
    "dark": _("Fotonya gelap, tulisannya sulit dibaca. Mau foto lagi di tempat terang?"),
    "too-small": _("Kertasnya terlalu kecil di foto. Mau foto lagi lebih dekat?"),
}
"""What makes a paper hard to read; who has nothing better may send it all the same."""
PAPERS_MAX = 40
"""Times that photos are sent in one conversation."""
HOLDERS: dict[Holder, Text] = {
    "you": _("Anda"), "agent": _("penyuluh"), "office": _("petugas kami"), "bpjs": _("BPJS"),
}  # fmt: skip
STATES: dict[State, Text] = {
    "reported": _("sudah dilaporkan"), "documents-incomplete": _("menunggu dokumen"), "complete": _("lengkap"),
    "sent": _("sudah dikirim ke BPJS"), "verifying": _("diperiksa BPJS"), "approved": _("disetujui BPJS"),
    "refused": _("ditolak BPJS"), "paid": _("sudah dibayar"), "closed": _("selesai"),
}  # fmt: skip


def label(claim: OpenClaim) -> Text:
    """A claim in a few words, for a list."""
    if claim.guarded:
        return _("{name}, nomor {number}", name=claim.name.title(), number=claim.number)
    return _("{name}, nomor {number}: {state}", name=claim.name.title(), number=claim.number,
             state=STATES[claim.state])  # fmt: skip


def standing(claim: OpenClaim) -> list[Text]:
    """The state of a claim, and whose turn it is."""
    words = [_("Klaim {number}, {kind} {name}: {state}.", number=claim.number, kind=NAMES[claim.kind],
               name=claim.name.title(), state=STATES[claim.state])]  # fmt: skip
    if claim.at_bpjs and claim.state in ("reported", "documents-incomplete"):
        words.append(_("BPJS sudah menerima laporannya. Dokumennya menyusul."))
    if claim.state in ("refused", "documents-incomplete") and claim.words:
        words.append(_("Alasan BPJS: {reason}", reason=claim.words))
    if claim.state in ("approved", "paid") and claim.amount is not None:
        words.append(_money(claim))
    if claim.missing and claim.state not in DECIDED:
        words.append(_("Masih kurang: {names}.", names=_names(claim.missing)))
    words.append(waiting(claim))
    return words


def news(claim: OpenClaim) -> list[Text]:
    """The same for who hasn't asked: with what to do."""
    words = standing(claim)
    if claim.missing and claim.state not in DECIDED:
        words.append(_("Ketik klaim untuk mengirim dokumennya."))
    if claim.state == "refused":
        return [_("Maaf, kabarnya kurang baik."), *words, _("Ketik klaim kalau mau dijelaskan petugas.")]
    return words


def unfit(kind: str, number: int, reason: str) -> list[Text]:
    """A paper that was sent can't be used; BPJS's reason may be "" if it is ours."""
    words = [_("Foto {paper} untuk klaim {number} belum bisa dipakai. Ketik klaim untuk mengirim foto baru.",
               paper=_paper(kind).title, number=number)]  # fmt: skip
    return [*words, _("Alasan BPJS: {reason}", reason=reason)] if reason else words


def waiting(claim: OpenClaim) -> Text:
    """Whose turn it is, and by when something is heard."""
    day = claim.due.date()
    if claim.holder != "you":
        return _("Menunggu: {holder}. Kabar paling lambat {day}.", holder=HOLDERS[claim.holder], day=day)
    if claim.state == "paid":
        return _("Menunggu: Anda. Kalau uangnya belum ada, ketik klaim sebelum {day}.", day=day)
    return _("Menunggu: Anda. Kalau sulit, penyuluh membantu sesudah {day}.", day=day)


def _money(claim: OpenClaim) -> Text:
    amount = Rupiah(claim.amount or 0)
    if claim.paid_on is None:
        return _("Jumlahnya {amount}.", amount=amount)
    if not claim.paid_to:
        return _("BPJS membayar {amount} tanggal {day}.", amount=amount, day=claim.paid_on)
    return _("BPJS membayar {amount} tanggal {day} kepada {to}.", amount=amount, day=claim.paid_on, to=claim.paid_to)


async def go_on(claim: OpenClaim) -> None:
    """A claim that was reported before: how it stands, and what the person can do about it now."""
    for words in standing(claim):
        await Say(words)
    if claim.clinic and claim.state not in DECIDED:
        await Say(notices.treatment(claim.clinic, claim.treated))
    match claim.state:
        case "reported" | "documents-incomplete" if claim.missing or not claim.at_bpjs:
            await _send_or_withdraw(claim)
        case "refused":
            await _refused(claim)
        case "paid":
            await _paid(claim)
        case "sent" | "verifying" if claim.missing:
            await within("papers", collect(claim))
        case _:
            await Say(_("Sekarang tidak ada yang perlu Anda lakukan."))


async def _send_or_withdraw(claim: OpenClaim) -> None:
    ways: dict[Literal["send", "later", "withdraw"], Text] = {"later": _("Nanti saja")}
    asked = _("Mau apa sekarang?")
    if claim.missing:
        ways = {"send": _("Kirim dokumen"), **ways}
        asked = _("Kurang {count} dokumen. Mau apa?", count=len(claim.missing))
    if not claim.at_bpjs:
        ways["withdraw"] = _("Batalkan laporan")
    what = await ask.Choice("what", asked, ways)
    if what == "send":
        await within("papers", collect(claim))
    elif what == "later":
        await Say(_("Baik. Ketik klaim kapan saja untuk melanjutkan."))
    elif not await ask.Confirm("sure", _("Batalkan laporan nomor {number}?", number=claim.number)):
        await Say(_("Baik, laporannya tetap."))
    elif await _took(AnswerClaim(claim.claim, "withdrawn")):
        await Say(_("Laporan nomor {number} dibatalkan.", number=claim.number))


async def _refused(claim: OpenClaim) -> None:
    wants = await ask.Choice(
        "refused",
        _("Mau apa sekarang?"),
        {"explained": _("Minta penjelasan petugas"), "accepted": _("Tutup klaim ini")},
    )
    if not await _took(AnswerClaim(claim.claim, wants)):
        return
    if wants == "accepted":
        await Say(_("Baik, klaim nomor {number} ditutup.", number=claim.number))
    else:
        await Say(_("Petugas kami akan menjelaskan di chat ini, paling lambat dua hari kerja."))


async def _paid(claim: OpenClaim) -> None:
    got = await ask.Confirm("got", _("Apakah uangnya sudah diterima?"))
    if not await _took(AnswerClaim(claim.claim, "received" if got else "missing-money")):
        return
    if got:
        await Say(_("Terima kasih. Klaim nomor {number} kami tutup.", number=claim.number))
    else:
        await Say(_("Petugas kami memeriksa ke BPJS, kabarnya paling lambat dua hari kerja."))


async def _took(answer: AnswerClaim) -> bool:
    """Whether the answer still fits how the claim stands."""
    fits = await answer
    if not fits:
        await Say(_("Klaim ini sudah berubah sejak tadi. Ketik klaim untuk melihatnya."))
    return fits


# -- papers -------------------------------------------------------------------------------------------------------


class Again(Struct, frozen=True):
    """A paper is to be photographed again; `photos` if that is done."""

    photos: tuple[int, ...] | None = None


_INSTEAD = {"skip": _("Yang ini menyusul"), "later": _("Semua nanti saja")}


async def collect(claim: OpenClaim) -> None:
    """Ask for each paper that is missing, until all are there or the person goes on another time."""
    put_off: list[str] = []
    retaken: tuple[int, ...] | None = None
    for number in range(1, PAPERS_MAX + 1):
        wanted = [kind for kind in claim.missing if kind not in put_off]
        if not wanted:
            break
        answer = await within(str(number), _ask_for(claim, wanted, retaken))
        retaken = answer.photos if isinstance(answer, Again) else None
        if answer == "later":
            break
        if isinstance(answer, str):
            put_off.append(wanted[0])
            continue
        if isinstance(answer, Again):
            continue
        kept = await KeepPapers(claim.claim, answer)
        if kept is None:
            await Say(_("Klaim ini sudah selesai, jadi fotonya tidak dipakai."))
            return
        claim = kept
        if claim.state in DECIDED:
            await Say(_("BPJS sudah memutuskan klaim ini, jadi fotonya tidak dipakai."))
            break
    await _ended(claim)


def wanted(claim: OpenClaim) -> Text:
    """The papers that a new claim needs."""
    return _("Dokumen yang perlu: {names}.", names=_names(claim.missing))


async def _ask_for(
    claim: OpenClaim, wanted: Sequence[str], retaken: tuple[int, ...] | None
) -> tuple[tuple[str, int], ...] | Again | str:
    """Photos of the first of the wanted papers, or of several, each with its kind; or the way that was chosen."""
    paper, place = _paper(wanted[0]), claim.needed.index(wanted[0]) + 1
    photos = await Papers(
        f"photo-{paper.kind}",
        _("{title} ({place} dari {all}). {how}", title=paper.title, place=place, all=len(claim.needed),
          how=paper.advice),
        _INSTEAD, private=True, given=retaken,
        picture=Illustration(_("Gambar: {paper}", paper=paper.title), Drawing(f"paper-{paper.kind}")),
    )  # fmt: skip
    if isinstance(photos, str):
        return photos
    again = await _to_be_retaken(photos)
    if again is not None:
        return again
    if len(photos) > 1 and len(wanted) > 1:
        names = _names(wanted[: len(photos)])
        apart = await ask.Confirm(
            "apart", _("Ada {count} foto. Apakah berurutan: {names}?", count=len(photos), names=names),
            yes=_("Ya, berurutan"), no=_("Semua {title}", title=paper.title), about=photos,
        )  # fmt: skip
        if apart:
            return tuple((wanted[min(place, len(wanted) - 1)], photo) for place, photo in enumerate(photos))
    return tuple((paper.kind, photo) for photo in photos)


async def _to_be_retaken(photos: Sequence[int]) -> Again | None:
    """Whether others are to be taken: what a person couldn't read may void the claim."""
    for photo in photos:
        fault = await LookAtPaper(photo)
        if fault is None:
            continue
        if fault not in FAULTS:
            await Say(_("Berkas ini tidak bisa dibuka sebagai foto. Kirim foto biasa."))
            return Again()
        way = await Retake(
            "again", FAULTS[fault], yes=_("Foto lagi"), no=_("Pakai yang ini"), about=photo, private=True
        )
        if isinstance(way, tuple):
            return Again(way)
        return Again() if way == "yes" else None
    return None


async def _ended(claim: OpenClaim) -> None:
    if claim.state not in DECIDED:
        missing = _("Masih kurang: {names}. Ketik klaim kalau sudah ada.", names=_names(claim.missing))
        await Say(missing if claim.missing else _("Dokumennya lengkap. Terima kasih."))
    await Say(waiting(claim))


def _names(kinds: Sequence[str]) -> Listed:
    return Listed(tuple(_paper(kind).title for kind in kinds))


def _paper(kind: str) -> Document:
    found = document(kind)
    assert found is not None, "a kind of our own list"
    return found
