"""Enrolment: from "daftar" to the member number (KPJ) and the payment code.

Invariant: nothing goes to BPJS that the person has not seen in the summary, and what was confirmed is what is sent.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache, partial
from typing import Literal

from msgspec import Struct

from bot.flows import identity, periods
from bot.flows.asks import (
    By,
    Duplicate,
    Enrol,
    Enrolled,
    GetPaymentCode,
    GiveConsent,
    RecordOutcome,
    RecordPaymentCode,
    Register,
)
from bot.flows.catalogues import DISTRICTS, GROUPS, OCCUPATIONS, VILLAGES
from bot.flows.identity import Person
from bot.flows.periods import PERIODS
from bot.flows.printed import printed, sure
from bot.talk import ask
from bot.talk.awaited import Concerning, Say, Today, within
from bot.talk.day import Day
from bot.talk.flow import Flow, Next
from bot.talk.pick import Pick
from bot.talk.review import Review, Row
from rules import areas, kinship, occupations, tariff
from rules.bpjs import AlreadyMember, PaymentCode, Registered, Registration, RegistrationRefused
from rules.card import Field
from rules.consent import Purpose, current
from rules.eligibility import eligible
from rules.money import Rupiah
from rules.month import Month
from rules.nik import mismatches
from rules.phone import Phone
from rules.tariff import Priced
from rules.words import Text, _

REFUSALS_MAX = 3
"""After this many refusals by BPJS a person of the office goes on."""
REMEMBERED = 4096
"""Prices and villages kept: every replay of an enrolment asks for the same few again."""


KIN: dict[kinship.Kinship, tuple[str, ...]] = {
    "spouse": ("suami saya", "istri saya", "isteri"),
    "child": ("anak saya", "anak kandung"),
    "parent": ("ibu", "bapak", "ayah", "mama", "orangtua"),
    "sibling": ("kakak", "adik", "saudara kandung"),
}
"""How people call their kin, beside the labels."""


class Work(Struct, frozen=True):
    """What the worker does and earns."""

    occupation: str
    sector: tariff.Sector
    tier: int


class Answers(Struct, frozen=True):
    """Everything that was asked, before the summary."""

    person: Person
    name: str
    birth_place: str
    birth_date: date
    address: str
    village: str
    work: Work
    phone: Phone | None
    heir_name: str
    heir_relation: str
    months: int


async def enrol() -> Next | None:
    """The whole conversation."""
    by = await _for_whom()
    if by is None or not await _consents("consent", "registration", by):
        await Say(_("Baik, pendaftaran tidak dilanjutkan. Ketik menu kalau berubah pikiran."))
        return None
    person = await within("ktp", identity.identify(await Today("identity")))
    if person is None:
        return None
    answers = await _answers(person, by)
    await _consents("remind", "reminders", by)
    await _submit(answers, by)
    return None


FLOW = Flow(
    name="enrol",
    run=enrol,
    title=_("Pendaftaran"),
    words=("daftar", "mendaftar", "pendaftaran", "register", "enrol", "enroll", "sign up"),
    steps=("who", "consent", "ktp", "village", "job", "income", "phone", "heir", "months", "remind", "1"),
    drafts=True,
)


async def _for_whom() -> By | None:
    who = await ask.Choice(
        "who", _("Untuk siapa pendaftaran ini?"), {"self": _("Saya sendiri"), "helper": _("Orang lain")}
    )
    if who == "self":
        return "self"
    agreed = await ask.Confirm("attest", _("Apakah orangnya tahu, setuju, dan KTP-nya ada di dekat Anda?"))
    return "helper" if agreed else None


async def _consents(name: str, purpose: Purpose, by: By) -> bool:
    consent = current(purpose, await Today(name))
    agreed = await ask.Confirm(name, consent.words, yes=_("Setuju"), no=_("Tidak setuju"), about=consent.digest)
    if agreed:
        await GiveConsent(purpose, consent.version, consent.words.msgid, by)
    return agreed


async def _answers(person: Person, by: By) -> Answers:
    name = await ask.Text(
        "name", _("Nama lengkap seperti di KTP?"), capitals=True, given=await _as_printed("name", person, _("nama"))
    )
    whose = _("Anda") if by == "self" else Text(name.title())
    if by == "helper":
        await Concerning(name.title())
    birth_place = await ask.Text(
        "birth-place", _("Lahir di mana? Tulis kota atau kabupatennya."),
        capitals=True, given=await _as_printed("birth-place", person, _("tempat lahir")),
    )  # fmt: skip
    birth_date = await Day(
        "birth-date", _("Lahir tanggal berapa? Contoh: 12-05-1979."), given=person.birth_date, about=person.nik,
        check=partial(eligible, on=await Today("birth-date")),
    )  # fmt: skip
    address = await ask.Text(
        "address", _("Alamat rumah? Nama jalan atau dusun saja."),
        capitals=True, given=await _as_printed("address", person, _("alamat")),
    )  # fmt: skip
    village = await Pick(
        "village", _("Desa atau kelurahan mana? Ketik namanya, atau pilih kecamatan:"), VILLAGES, DISTRICTS,
        given=await _village_of(person),
    )  # fmt: skip
    work = await _work(whose)
    phone = await ask.Phone("phone", _("Nomor HP {whose}? Contoh: 0812 3456 7890.", whose=whose))
    heir_name = await ask.Text(
        "heir.name", _("Siapa nama ahli waris {whose}?", whose=whose), capitals=True,
        hint=_("Ahli waris: keluarga yang menerima santunan. Biasanya suami, istri, atau anak."),
    )  # fmt: skip
    relation = await ask.Choice(
        "heir.relation", _("{heir} itu siapanya {whose}?", heir=heir_name.title(), whose=whose),
        {one.code: one.name for one in kinship.RELATIONS}, words=KIN,
    )  # fmt: skip
    months = await _months(work)
    return Answers(person, name, birth_place, birth_date, address, village, work, phone, heir_name, relation, months)


async def _as_printed(name: Literal["name", "birth-place", "address"], person: Person, what: Text) -> str | None:
    """What the card says there, if that is sure or the person confirms it."""
    seen = person.seen
    field: Field | None = getattr(seen.card, name.replace("-", "_")) if seen else None
    return field.value if await printed(name, seen, field, what) and field else None


async def _village_of(person: Person) -> str | None:
    """The village printed on the card, if it is one of ours, and sure or confirmed."""
    seen = person.seen
    if seen is None or seen.card.village is None:
        return None
    code = _village_named(seen.card.village.value, sure(seen.card.district) or "")
    if code is None:
        return None
    return code if await printed("village", seen, seen.card.village, _("desa"), VILLAGES.label(code)) else None


@lru_cache(maxsize=REMEMBERED)
def _village_named(name: str, district: str) -> str | None:
    within_district = areas.find(district, areas.districts()).exact
    among = areas.villages(within_district.code) if within_district else areas.villages()
    found = areas.find(name, among).exact
    return found.code if found else None


async def _work(whose: Text) -> Work:
    code = await Pick(
        "job", _("Apa pekerjaan {whose} sehari-hari? Ketik, atau pilih:", whose=whose), OCCUPATIONS, GROUPS
    )
    occupation = occupations.by_code(code)
    sector = occupation.sector if occupation else "other"
    return Work(code, sector, await _tier(whose))


async def _tier(whose: Text) -> int:
    bands = {str(tier.number): _band(tier) for tier in tariff.tiers()[:4]}
    band = await ask.Choice(
        "income", _("Berapa penghasilan {whose} sebulan?", whose=whose), {**bands, "more": _("Lebih dari itu")}
    )
    if band != "more":
        return int(band)
    income = await ask.Amount("income-amount", _("Kira-kira berapa rupiah sebulan? Contoh: 2.500.000."))
    return tariff.tier_of(income).number


def _band(tier: tariff.Tier) -> Text:
    if tier.income_until is None:
        return _("{least} atau lebih", least=tier.income_from)
    if not tier.income_from:
        return _("Di bawah {most}", most=tier.income_until)
    return _("{least} sampai di bawah {most}", least=tier.income_from, most=tier.income_until)


async def _months(work: Work) -> int:
    today = await Today("months")
    choices = {count: [_priced(work, Month.of(today), count)] for count in PERIODS}
    changes = periods.change(choices[max(PERIODS)][0])
    if changes is not None:
        await Say(changes)
    return await ask.Count(
        "months", _("Mau bayar iuran untuk berapa bulan?"), periods.labels(choices), details=periods.details(choices)
    )


def _amount(work: Work, today: date, months: int) -> Rupiah:
    return tariff.cost(_priced(work, Month.of(today), months))


@lru_cache(maxsize=REMEMBERED)
def _priced(work: Work, first: Month, months: int) -> Priced:
    return tariff.priced(first.until(months), tier=work.tier, sector=work.sector, payer="self")


async def _submit(answers: Answers, by: By) -> None:
    refused: RegistrationRefused | None = None
    for attempt in range(1, REFUSALS_MAX + 1):
        registration, amount = await within(str(attempt), _reviewed(answers, refused))
        record = await Enrol(registration, amount, by, _doubts(answers, registration.first_month.first_day))
        if isinstance(record, Duplicate):
            await Say(_("NIK ini sudah terdaftar di Siaga. Kalau ini NIK Anda sendiri, ketik petugas."))
            return
        outcome = await Register(record.enrolment, registration)
        await RecordOutcome(record, outcome)
        match outcome:
            case Registered(kpj):
                await _payment_code(record, kpj, registration, amount)
                return
            case AlreadyMember():
                await Say(_("BPJS mencatat NIK ini sudah jadi peserta. Ini kami catat untuk diperiksa petugas."))
                return
            case RegistrationRefused():
                refused = outcome
    await Say(_("BPJS masih menolak. Petugas kami akan memeriksa dan mengabari Anda di sini."))


def _doubts(answers: Answers, today: date) -> tuple[str, ...]:
    """The reader's, and where NIK and confirmed birth date disagree: kept for the office, never a refusal."""
    person = answers.person
    differ = mismatches(person.nik, answers.birth_date, person.sex, today)
    return tuple(dict.fromkeys((*person.doubts, *(f"nik-{what}-mismatch" for what in differ))))


async def _reviewed(answers: Answers, refused: RegistrationRefused | None) -> tuple[Registration, Rupiah]:
    """The registration and its price, as the person confirmed them."""
    today = await Today("review")
    registration = _registration(answers, today)
    amount = _amount(answers.work, today, answers.months)
    intro = _("Periksa dulu:")
    if refused is not None:
        intro = _("BPJS menolak: {reason} Perbaiki yang salah, lalu kirim lagi.", reason=refused.words)
    rows = _rows(answers, registration, amount)
    await Review("review", intro, rows, about=(registration, amount))
    return registration, amount


def _registration(answers: Answers, today: date) -> Registration:
    person = answers.person
    return Registration(
        nik=person.nik,
        name=answers.name,
        birth_place=answers.birth_place,
        birth_date=answers.birth_date,
        sex=person.sex,
        address=answers.address,
        village_code=answers.village,
        occupation=answers.work.occupation,
        sector=answers.work.sector,
        income_band=answers.work.tier,
        phone=answers.phone,
        heir_name=answers.heir_name,
        heir_relation=answers.heir_relation,
        first_month=Month.of(today),
        months=answers.months,
    )


def _rows(answers: Answers, registration: Registration, amount: Rupiah) -> list[Row]:
    relation = kinship.by_code(answers.heir_relation)
    band = _band(tariff.tier(answers.work.tier))
    return [
        Row(_("Nama"), answers.name, ("name",)),
        Row(_("NIK"), registration.nik, identity.nik_names("ktp")),
        Row(_("Lahir"), Text("{place}, {day}", {"place": answers.birth_place, "day": registration.birth_date}),
            ("birth-place", "birth-date")),
        Row(_("Alamat"), Text("{address}, {village}", {"address": answers.address,
            "village": VILLAGES.label(answers.village)}), ("address", "village")),
        Row(_("Pekerjaan"), Text("{job}, {band}", {"job": OCCUPATIONS.label(answers.work.occupation), "band": band}),
            ("job", "income", "income-amount")),
        Row(_("HP"), answers.phone or _("tidak ada"), ("phone",)),
        Row(_("Ahli waris"), Text("{name} ({relation})", {"name": answers.heir_name,
            "relation": relation.name if relation else answers.heir_relation}), ("heir",)),
        Row(_("Iuran"), _("{months} bulan, {amount}", months=answers.months, amount=amount), ("months",)),
    ]  # fmt: skip


async def _payment_code(record: Enrolled, kpj: str, registration: Registration, amount: Rupiah) -> None:
    months = registration.first_month.until(registration.months)
    answer = await GetPaymentCode(kpj, months, amount)
    if isinstance(answer, PaymentCode):
        await RecordPaymentCode(record, months, answer)
        await Say(
            _(
                "Selamat, {name} terdaftar. Nomor peserta (KPJ): {kpj}.",
                name=registration.name.title(), kpj=kpj,
            )
        )  # fmt: skip
        await Say(_("Kode bayar: {code}", code=answer.code))
        await Say(
            _(
                "Bayar {amount} paling lambat {day} di bank, kantor pos, atau minimarket. Kami kabari begitu lunas.",
                amount=answer.amount, day=answer.payable_until,
            )
        )  # fmt: skip
    else:
        await Say(
            _(
                "Terdaftar. Nomor peserta (KPJ): {kpj}. Kode bayar belum bisa dibuat: {reason}",
                kpj=kpj,
                reason=answer.words,
            )
        )
