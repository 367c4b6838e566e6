"""A chat with the real house of flows, an invented registry (of claims: `house_claims`), and an outside world that
answers what it is told."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import msgspec

from bot.flows import HOUSE
from bot.flows.asks import (
    CheckMoveCode,
    CheckPayment,
    DuesMember,
    Duplicate,
    Enrol,
    Enrolled,
    GetBankBill,
    GetDuesCode,
    GetPaymentCode,
    Helped,
    HelpedPeople,
    IsEnrolled,
    MakeMoveCode,
    MembersHere,
    Movable,
    MoveCode,
    Moved,
    MoveRefused,
    OpenCode,
    ReadCard,
    RecordBankBill,
    RecordDuesCode,
    RedeemMoveCode,
    Register,
    Standing,
    Standings,
    UnpaidCode,
    UnpaidCodes,
    WaysToPay,
)
from bot.flows.benefit_asks import CoveredMember, CoverHistory
from bot.flows.clinic_asks import NearestClinics
from bot.flows.data_asks import (
    ChatHolds,
    CheckBirthYear,
    Correct,
    Correction,
    DataOf,
    Erase,
    Erasing,
    ForgetPhotos,
    Given,
    Held,
    Holding,
    Keeps,
    Mine,
    MustKeep,
    NoteExport,
    Pending,
    PeopleHere,
)
from bot.talk.awaited import Errand, Request
from rules.bank import BankBill, BankRefused
from rules.bpjs import AlreadyMember, Payment, PaymentCode, PaymentRefused, Registered, RegistrationRefused
from rules.card import Card, Fault, Field, Unusable
from rules.history import History
from rules.money import Rupiah
from rules.month import Month
from rules.plkk import Clinic, NoticeRefused, NoticeTaken
from tests.talk import house_claims
from tests.talk.driver import START, Chat

HASNA, ENROLLED, TOO_YOUNG = "7312045205799901", "7312041203859999", "7312041203169902"
KPJ = house_claims.KPJ
MOVE_CODE, OWN_CODE, LATE_CODE = "418 207", "935 662", "270 541"
"""The first moves a membership to this chat, the second was made in it, the third is used up before it is confirmed."""
WRONG_CODES_MAX = 5
FAULTS: tuple[Fault, ...] = ("dark", "blurred", "glare-on-nik", "not-a-ktp", "several-cards")
_DARK = 0.5
"""Less sure than a field must be to be taken without asking."""


def _card(nik: str, confidence: float = 0.95, **fields: str) -> Card:
    printed = {"nik": nik, "name": "HASNA", "birth_place": "SOPPENG", "birth_date": "1979-05-12", "sex": "female",
               "address": "DUSUN LAPPA", "village": "JAMPU", "district": "LILIRIAJA", **fields}  # fmt: skip
    return msgspec.convert({name: Field(value, confidence) for name, value in printed.items()}, Card)


CARD = _card(HASNA)
READINGS: tuple[Card | Unusable | None, ...] = (
    CARD,
    _card(HASNA, _DARK),
    _card(HASNA, birth_date="1978-05-12", sex="male", village="NOWHERE"),
    _card(ENROLLED),
    _card(TOO_YOUNG, birth_date="2016-03-12"),
    Card(),
    None,
    *map(Unusable, FAULTS),
)
REGISTRATIONS = (Registered(KPJ), AlreadyMember(KPJ), RegistrationRefused("nik-not-found", "NIK tidak ditemukan."))
PAYMENTS = (
    PaymentCode("881234567890123", Rupiah(8_400), date(2026, 11, 28)),
    PaymentRefused("closed", "Loket tutup."),
)
CHECKED = (
    Payment("881234567890124", True, date(2026, 11, 2), date(2027, 1, 31)), Payment("881234567890124", False)
)  # fmt: skip
CLINICS: tuple[tuple[Clinic, ...], ...] = (
    (Clinic("contoh-10", "Klinik Contoh Jampu", "Desa Jampu", "0484 000 010", 0.9, "2026-11-02"),), ()
)  # fmt: skip
NOTICES = (NoticeTaken("RAWAT-1"), NoticeRefused("no-room", "Klinik ini sedang penuh."))
BANK_BILLS = (
    BankBill("va", "8808881234567890123", Rupiah(8_400), START + timedelta(days=7)),
    BankBill("qris", "QR-1", Rupiah(8_400), START + timedelta(days=7), "00020101021226"),
    BankRefused("4032715", "Transaction Not Permitted"),
)
ANSWERS: dict[type[Errand[Any]], tuple[Any, ...]] = {
    ReadCard: READINGS, Register: REGISTRATIONS, GetPaymentCode: PAYMENTS, GetDuesCode: PAYMENTS,
    CheckPayment: CHECKED, NearestClinics: CLINICS, GetBankBill: BANK_BILLS,
}  # fmt: skip
"""What the outside world may say to each errand; the first is the kindest."""

CODES: dict[str, Movable | MoveRefused] = {
    "418207": Movable(1, "HASNA"), "935662": MoveRefused("own"), "270541": Movable(2, "HASNA")
}  # fmt: skip


OLD_CODE = OpenCode("881234567890124", 8_400, "2026-11-09", ("2027-01",))
MEMBERS = [
    DuesMember(1, "HASNA", KPJ, "other", 1, "2026-12-31", OLD_CODE),
    DuesMember(2, "LA BACO", "31754442439", "transport", 5, "2026-08-31"),
    DuesMember(3, "NURDIN", "31754442447", "other", 2),
    DuesMember(4, "BESSE", "31754442454", "other", 1, "2026-02-28"),
]
"""One is protected and has a code, one is in arrears, one never paid, one is not active any more."""

COVERED = [
    CoveredMember(1, "HASNA", History(1, Month(2026, 10).until(3), date(2026, 10, 5), date(2026, 12, 31))),
    CoveredMember(2, "LA BACO", History(5, Month(2026, 8).until(1), date(2026, 8, 1), date(2026, 8, 31))),
    CoveredMember(3, "NURDIN", History(2)),
]
"""One is protected since last month, one is in arrears, one never paid."""


PEOPLE = [
    Mine(1, "HASNA", KPJ), Mine(2, "LA BACO", "31754442439"), Mine(3, "HASNA", "31754442447"),
    Mine(4, "BESSE", "31754442454", erased=True, kept_until=date(2036, 12, 31)),
    *(Mine(number, f"ANAK {number}") for number in range(5, 8)),
]  # fmt: skip
"""More than are shown at once; two have the same name, one had everything erased that may be."""
DUE = START + timedelta(days=3)
HELD = Held(
    "HASNA", "7312********9901", "SOPPENG", date(1979, 5, 12), "DUSUN LAPPA", "73.12.02.2005", 3, 2, kpj=KPJ,
    phone="0812xxxx890", heir="LA BACO", heir_relation="spouse", photos=(date(2026, 12, 21), date(2026, 12, 2)),
    consents=(Given("registration", 1, date(2026, 11, 2)),
              Given("reminders", 1, date(2026, 11, 2), date(2026, 11, 20))),
    pending=(Pending("name", DUE),),
)  # fmt: skip
BORN = 1979


def data_registry() -> dict[type[Request[Any]], Any]:
    """What the registry knows of these people; somebody else was born in another year."""
    return {
        PeopleHere: PEOPLE,
        ChatHolds: Holding(2, 1),
        CheckBirthYear: lambda asked: "right" if asked.year == BORN else "wrong",
        DataOf: lambda asked: HELD if asked.person < len(PEOPLE) else None,
        Correct: lambda asked: Correction(None if asked.field in ("phone", "heir") else DUE),
        ForgetPhotos: 2,
        MustKeep: lambda asked: Keeps(date(2036, 12, 31) if asked.person != 2 else None),
        Erase: lambda asked: Erasing(DUE, date(2036, 12, 31) if asked.person != 2 else None),
        NoteExport: True,
    }


def house_chat(*, stored: bool = True) -> Chat:
    """A chat in which nobody is enrolled but the owner of the NIK `ENROLLED`, and which has helped three people."""
    numbers = itertools.count(1)
    people: list[Standing] = []

    def enrol(asked: Enrol) -> Enrolled | Duplicate:
        if asked.registration.nik.digits == ENROLLED:
            return Duplicate()
        people.append(Standing(asked.registration.name, "submitted"))
        return Enrolled(next(numbers), next(numbers))

    def check(asked: CheckMoveCode) -> Movable | MoveRefused:
        is_last = asked.number == WRONG_CODES_MAX
        return CODES.get(asked.code, MoveRefused("too-many" if is_last else "not-valid"))

    registry: dict[type[Request[Any]], Any] = {
        HelpedPeople: [Helped(1, "HASNA", KPJ), Helped(2, "HASNA", "31754442439"), Helped(3, "LA BACO", "31754442447")],
        MakeMoveCode: lambda asked: MoveCode("418207", START + timedelta(days=1)) if asked.person == 1 else None,
        CheckMoveCode: check,
        RedeemMoveCode: lambda asked: Moved("HASNA") if asked.move == 1 else MoveRefused("not-valid"),
        IsEnrolled: lambda asked: asked.nik.digits == ENROLLED,
        Standings: lambda asked: list(people),
        Enrol: enrol,
        MembersHere: MEMBERS,
        CoverHistory: COVERED,
        RecordDuesCode: True,
        **data_registry(),
        WaysToPay: ["va", "qris"],
        RecordBankBill: True,
        **house_claims.REGISTRY,
        UnpaidCodes: [UnpaidCode("HASNA", "881234567890124")],
    }
    return Chat(HOUSE, registry, stored=stored)


def right_answer(question: str) -> str:
    """What somebody would type at the question of this name."""
    return RIGHT.get(question.rpartition(".")[2], "1") if question != "heir.name" else "La Baco"


RIGHT = {
    "review": "ya", "phone": "0812 3456 7890", "name": "Hasna", "birth-place": "Soppeng", "birth-date": "12-05-1979",
    "address": "Dusun Lappa", "village": "Jampu", "job": "petani padi", "income-amount": "2.500.000", "nik": HASNA,
    "code": MOVE_CODE, "new-words": "Dusun Baru", "new-birth-date": "13-05-1979", "new-nik": HASNA,
    "new-phone": "0812 3456 7891", "new-village": "Jampu",
    **dict.fromkeys(("year1", "year2", "year3"), "1979"),
    "kpj": KPJ, "born": "12-05-1979", "date": "12-10-2026", "story": "Jatuh dari pohon kelapa",
    "injury": "Kaki kanan", "clinic": "Puskesmas Cangadi", "reporter": "Sitti", "child": "Andi",
    "child-born": "12-05-2015", "school": "SDN 1 Jampu",
}  # fmt: skip
"""By the last part of the question's name; everything else is answered with 1."""
