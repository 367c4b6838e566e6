"""Reporting an accident at work, a death, or a child at school; then its papers, and how the claim stands.

Invariant: nothing is written that wasn't in the summary; what the rules doubt is told to the person and to the office,
and never turns a report away, except where the law leaves nothing to claim.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import partial
from typing import Literal

from bot.flows import claim_status
from bot.flows.catalogues import DISTRICTS, VILLAGES
from bot.flows.claim_asks import ClaimPeople, ClaimPerson, ClaimsHere, FindMember, OpenClaim, ReportClaim
from bot.flows.claim_words import (
    CAUSES,
    HEIRS,
    KIND_WORDS,
    KINDS,
    LEVELS,
    PARTS,
    PLACES,
    RELATION_WORDS,
    REPORTERS,
    rows,
)
from bot.flows.claims_here import which_claim
from bot.flows.clinic_asks import ChooseClinic, NearestClinics
from bot.flows.member_number import KPJ_DIGITS, MemberNumber, as_typed
from bot.flows.whose import knows_birth_year
from bot.talk import ask
from bot.talk.awaited import CallPerson, Concerning, Say, Today, within
from bot.talk.code import Code
from bot.talk.day import Day
from bot.talk.flow import Flow
from bot.talk.message import Paper
from bot.talk.pick import Pick
from bot.talk.review import Review
from rules.claim_documents import before, is_heir
from rules.claim_report import (
    About,
    Accident,
    Cause,
    Death,
    Kind,
    PartOfDay,
    Place,
    Relation,
    Report,
    Reporter,
    Scholarship,
)  # fmt: skip
from rules.claims import WRONG_HEIR, lapses_on
from rules.phone import Phone
from rules.plkk import Km
from rules.words import Slip, Text, _

CLINICS_MAX = 3
NUMBER_TRIES = 3
"""Member numbers that somebody may try in one conversation."""
STORY_CHARS_MAX = 400
SCHOOL_YEARS_MAX = 23
"""A child's scholarship ends at this age. PP 82/2019, as told by finance.detik.com 4858380."""
EARLIEST = date(1920, 1, 1)
REPORT_DAYS = 2
"""2 x 24 hours (rules/data/claims.toml); told by days, since the hour isn't asked."""


async def claim() -> None:
    """How the claims that were reported here stand, or a new one."""
    today = await Today("today")
    open_claims = await ClaimsHere(today.isoformat())
    if open_claims:
        chosen = await which_claim(open_claims)
        if chosen is not None:
            if not chosen.guarded or await within("open", knows_birth_year(chosen)):
                await within("open", claim_status.go_on(chosen))
            return
    await _report(await ask.Choice("kind", _("Apa yang mau dilaporkan?"), KINDS, words=KIND_WORDS), today)


async def report(kind: Kind) -> None:
    """A new one of this kind."""
    await _report(kind, await Today("today"))


_STEPS = ("who", "by", "day", "cause", "place", "story", "child", "reporter", "phone", "review", "papers")
FLOWS = (
    Flow(name="claim", run=claim, title=_("Klaim"), words=("klaim", "claim", "lapor"),
         steps=("which", "kind", *_STEPS)),
    Flow(name="accident", run=partial(report, "accident"), title=_("Kecelakaan kerja"), steps=_STEPS,
         words=("kecelakaan", "kecelakaan kerja", "celaka", "accident")),
    Flow(name="death", run=partial(report, "death"), title=_("Meninggal dunia"), steps=_STEPS,
         words=("meninggal", "meninggal dunia", "santunan kematian", "death")),
    Flow(name="scholarship", run=partial(report, "scholarship"), title=_("Beasiswa anak"), steps=_STEPS,
         words=("beasiswa", "beasiswa anak", "scholarship")),
)  # fmt: skip


async def _report(kind: Kind, today: date) -> None:
    if kind == "accident":
        await Say(_("Kalau parah, berangkat dulu ke klinik atau puskesmas. Ketik klinik untuk yang terdekat."))
    if kind == "death":
        await Say(_("Kami turut berduka cita. Pertanyaannya sedikit, jawab semampunya."))
    person = await _whom(today, kind)
    if person is None:
        return
    await Concerning(person.name.title())
    about, doubts = await _about(kind, person, today)
    if about is None:
        return
    reporter, more = await _reporter(kind, person)
    report = Report(person.kpj, reporter, about)
    await Review("review", _("Periksa dulu:"), rows(person, report), about=report)
    reported = await ReportClaim(person.person, report, (*doubts, *more))
    await Say(_("Laporan nomor {number} tercatat.", number=reported.number))
    if isinstance(about, Accident):
        letter = Paper(kind="accident", of=str(reported.claim), name="surat-pengantar.pdf", media="application/pdf")
        await Say(_treatment(person, doubts), paper=letter)
        if not about.clinic:
            await within("near", _to_a_clinic(reported, about))
    if not WRONG_HEIR.isdisjoint(more):
        await Say(_("Dokumennya belum perlu dikirim. Petugas memeriksa dulu siapa yang berhak."))
        await Say(claim_status.waiting(reported))
        return
    await Say(claim_status.wanted(reported))
    await within("papers", claim_status.collect(reported))


async def _to_a_clinic(claim: OpenClaim, accident: Accident) -> None:
    """Whoever isn't treated yet is told of the nearest clinics; the one that they choose hears who comes."""
    found = await NearestClinics(accident.village_code)
    if not found:
        return
    near = {one.id: one for one in found[:CLINICS_MAX]}
    labels = {one.id: _("{name}, {distance}", name=one.name, distance=Km(one.distance_km)) for one in near.values()}
    chosen = await ask.Choice(
        "clinic", _("Mau berobat ke mana?"), {**labels, "none": _("Tidak sekarang")}, about=tuple(near)
    )
    if chosen != "none":
        await ChooseClinic(claim.claim, chosen, near[chosen].name)
        await Say(
            _("{name}, telepon {phone}. Kami beri tahu mereka.", name=near[chosen].name, phone=near[chosen].phone)
        )


def _treatment(person: ClaimPerson, doubts: Collection[str]) -> Text:
    """Who pays the doctor."""
    if "not-protected" in doubts:
        return _("Simpan dulu kuitansi berobatnya. Petugas memeriksa apakah BPJS menanggungnya.")
    return _("Berobat di klinik PLKK tidak bayar: tunjukkan KTP, nomor peserta {kpj}, dan surat ini.", kpj=person.kpj)


# -- about whom ---------------------------------------------------------------------------------------------------


async def _whom(today: date, kind: Kind) -> ClaimPerson | None:
    """A member of this chat, or one whose number and birth date somebody knows."""
    people = await ClaimPeople(today.isoformat())
    if people:
        labels = {str(one.person): Text(one.name.title()) for one in people}
        which = await ask.Choice("who", _("Tentang siapa?"), {**labels, "other": _("Orang lain")})
        if which != "other":
            return next(one for one in people if str(one.person) == which)
    for number in range(1, NUMBER_TRIES + 1):
        found = await within(f"member{number}", _by_number(number, today))
        if isinstance(found, ClaimPerson):
            return found
        if found:
            break
    await CallPerson("claim", "member")
    await Say(_("Belum ketemu. Petugas kami akan membantu di chat ini pada jam kerja. Bisa juga telepon BPJS: 175."))
    return None


async def _by_number(number: int, today: date) -> ClaimPerson | bool:
    """The member. Otherwise, whether it is of no use to try again."""
    by = await MemberNumber(
        "by", _("Kami cari pesertanya. Nomor apa yang ada?"), {"kpj": _("Nomor peserta (KPJ)"), "nik": _("NIK di KTP")}
    )
    kpj, nik = as_typed(by)
    if by == "nik":
        nik = await ask.Nik("nik", _("Ketik 16 angka NIK, seperti di KTP."))
    elif by == "kpj":
        kpj = await Code("kpj", _("Ketik 11 angka nomor peserta (KPJ)."), digits=KPJ_DIGITS)
    born = await Day("born", _("Tanggal lahirnya? Contoh: 12-05-1979."), check=partial(_past, today=today))
    found = await FindMember(kpj, nik, born, number)
    if isinstance(found, ClaimPerson):
        return found
    if found.too_many:
        return True
    await Say(_("Nomor dan tanggal lahir itu tidak cocok dengan data kami."))
    return False


# -- what happened ------------------------------------------------------------------------------------------------


async def _about(kind: Kind, person: ClaimPerson, today: date) -> tuple[About | None, tuple[str, ...]]:
    """What happened, and what is doubtful about it; None if there is nothing to claim."""
    if kind == "scholarship":
        return await _scholarship(person, today)
    on = await _day(kind, today)
    if lapses_on(on) <= today:
        await Say(_("Hak klaim berakhir 5 tahun sesudah kejadian (PP 82/2019). Kalau ragu, ketik petugas."))
        return None, ()
    doubts = await _cover_doubts(person, on)
    if kind == "death":
        cause: Cause = await ask.Choice("cause", _("Bagaimana meninggalnya?"), CAUSES)
        return Death(on, cause), doubts
    accident = await _accident(on)
    if (today - on).days > REPORT_DAYS:
        await Say(_("Batas lapor 2 x 24 jam sudah lewat. Tetap kami teruskan, petugas menjelaskan ke BPJS."))
        doubts = (*doubts, "reported-late")
    return accident, doubts


_WHEN: dict[Literal["today", "yesterday", "before"], Text] = {
    "today": _("Hari ini"), "yesterday": _("Kemarin"), "before": _("Sebelum itu"),
}  # fmt: skip


async def _day(kind: Kind, today: date) -> date:
    asked = _("Kapan meninggalnya?") if kind == "death" else _("Kapan kecelakaannya?")
    when = await ask.Choice("day", asked, _WHEN, about=today)
    if when != "before":
        return today if when == "today" else today - timedelta(days=1)
    return await Day("date", _("Tanggal berapa? Contoh: 12-05-2026."), check=partial(_past, today=today))


async def _cover_doubts(person: ClaimPerson, on: date) -> tuple[str, ...]:
    """Whether the member was protected on that day, by what BPJS has told."""
    first, last = person.covered_from, person.protected_until
    if first is not None and last is not None and first <= on <= last:
        return ()
    if first is not None and on < first:
        await Say(_("Menurut BPJS {name} terlindungi mulai {first}. Laporan tetap kami teruskan, petugas memeriksa.",
                    name=person.name.title(), first=first))  # fmt: skip
    elif last is None:
        await Say(_("Menurut data kami {name} belum pernah terlindungi. Laporan tetap kami teruskan ke petugas.",
                    name=person.name.title()))  # fmt: skip
    else:
        await Say(_("Menurut BPJS {name} terlindungi sampai {until}. Laporan tetap kami teruskan, petugas memeriksa.",
                    name=person.name.title(), until=last))  # fmt: skip
    return ("not-protected",)


async def _accident(on: date) -> Accident:
    part: PartOfDay = await ask.Choice("part", _("Kira-kira jam berapa?"), PARTS)
    place: Place = await ask.Choice("place", _("Di mana kejadiannya?"), PLACES)
    village = await Pick("village", _("Di desa mana? Ketik namanya, atau pilih kecamatan:"), VILLAGES, DISTRICTS)
    story = await ask.Text("story", _("Apa yang terjadi? Ceritakan singkat."), least=5, most=STORY_CHARS_MAX)
    injury = await ask.Text("injury", _("Bagian tubuh mana yang luka?"))
    treated = await ask.Confirm("treated", _("Sudah dirawat di klinik atau rumah sakit?"))
    clinic = await ask.Text("clinic", _("Di mana dirawatnya? Tulis nama kliniknya.")) if treated else ""
    return Accident(on, part, place, village, story, injury, clinic)


async def _scholarship(person: ClaimPerson, today: date) -> tuple[Scholarship | None, tuple[str, ...]]:
    if not person.has_died:
        await Say(
            _("Beasiswa untuk anak peserta yang meninggal atau cacat total. Laporan tetap kami teruskan ke petugas.")
        )
    name = await ask.Text("child", _("Siapa nama anaknya?"), capitals=True)
    born = await Day("child-born", _("Tanggal lahir anaknya? Contoh: 12-05-2015."), check=partial(_past, today=today))
    if today.year - born.year - ((today.month, today.day) < (born.month, born.day)) >= SCHOOL_YEARS_MAX:
        await Say(_("Beasiswa berakhir saat anak berumur 23 tahun (PP 82/2019). Kalau ragu, ketik petugas."))
        return None, ()
    level = await ask.Choice("level", _("Sekolah di mana sekarang?"), LEVELS)
    school = await ask.Text("school", _("Apa nama sekolahnya?"))
    doubts = () if person.has_died else ("no-death-reported",)
    return Scholarship(name, born, level, school), doubts


# -- who reports --------------------------------------------------------------------------------------------------


async def _reporter(kind: Kind, person: ClaimPerson) -> tuple[Reporter, tuple[str, ...]]:
    """Who reports; after a death, who is to be paid, and whether somebody else comes first."""
    if kind == "death":
        asked, relations = _("Siapa nama ahli waris yang menerima santunan?"), HEIRS
    else:
        asked, relations = _("Siapa nama Anda yang melapor?"), REPORTERS
        is_self = _("Apakah Anda {name} sendiri?", name=person.name.title())
        if not person.has_died and await ask.Confirm("self", is_self):
            return Reporter(person.name, "self", await _phone()), ()
    name = await ask.Text("reporter", asked, capitals=True)
    relation = await ask.Choice(
        "relation", _("{name} itu siapanya {person}?", name=name.title(), person=person.name.title()),
        relations, words=RELATION_WORDS,
    )  # fmt: skip
    doubts = await _heir_doubts(relation, person) if kind == "death" else ()
    return Reporter(name, relation, await _phone()), doubts


async def _phone() -> Phone | None:
    return await ask.Phone("phone", _("Nomor HP yang bisa dihubungi? Contoh: 0812 3456 7890."))


async def _heir_doubts(relation: Relation, person: ClaimPerson) -> tuple[str, ...]:
    """By the order of the law: spouse and children first, then parents, siblings."""
    if not is_heir(relation):
        await Say(
            _("Menurut aturan suami, istri, dan anak didahulukan. Laporan Anda tetap kami catat, petugas memeriksa.")
        )
        return ("not-an-heir",)
    ahead = before(relation)
    if not ahead:
        return ()
    nearer = _("Apakah suami, istri, atau anak {name} masih ada?", name=person.name.title())
    if relation != "parent":
        nearer = _("Apakah suami, istri, anak, atau orang tua {name} masih ada?", name=person.name.title())
    if not await ask.Confirm("nearer", nearer, about=relation):
        return ()
    await Say(_("Menurut aturan mereka yang lebih dulu berhak. Laporan Anda tetap kami catat."))
    return ("a-nearer-heir-lives",)


def _past(day: date, today: date) -> Slip | None:
    if day > today:
        return Slip(_("Tanggal itu belum lewat. Periksa tahunnya."))
    return Slip(_("Tanggal itu terlalu lama. Periksa tahunnya.")) if day < EARLIEST else None
