"""The walks through the flows of the house.

Invariant: together they ask every question that stands in bot/flows (guarded by test_walks.py). A flow that isn't
listed is walked once, with the right answers; whoever writes a flow with several ways adds its walks here.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from bot.flows.asks import CheckPayment, GetBankBill, GetDuesCode, GetPaymentCode, ReadCard, Register
from bot.flows.clinic_asks import NearestClinics
from bot.talk.flow import Flow
from bot.talk.heard import Edited, Said
from rules.card import FIELDS, SURE, Card, Field, Unusable
from tests.museum.claim_walks import ACCIDENT, CLAIM, DEATH, SCHOLARSHIP
from tests.museum.walking import Late, Tap, Walk
from tests.talk.house_chat import (
    BANK_BILLS,
    CARD,
    CHECKED,
    CLINICS,
    ENROLLED,
    LATE_CODE,
    OWN_CODE,
    PAYMENTS,
    REGISTRATIONS,
)

GREETING = "halo"
"""Starts home, the only flow without words of its own."""
_AGAIN, _WRONG, _OTHER = "Coba foto lagi", "salah", "Orang lain"
_TRIES = range(1, 5)
_REGISTERED, _MEMBER, _REFUSED = REGISTRATIONS


def _card(confidence: float, **fields: str) -> Card:
    printed = {name: found.value for name in FIELDS if (found := getattr(CARD, name)) is not None} | fields
    return replace(CARD, **{name: Field(value, confidence) for name, value in printed.items()})


_DOUBTFUL = _card(SURE / 2)
_CONTRARY = _card(SURE, nik=ENROLLED)
"""Its NIK is that of a man born on another day."""
_BAD = (Unusable("dark"), Unusable("blurred"), None, Unusable("cut-off"), Unusable("not-a-ktp"))

HOME = (
    Walk("about", GREETING, {"want": ("3",)}),
    Walk("slips", GREETING, {"want": ("kuda", "kuda", "kuda", "tidak", "batal", "tidak", "3"), "after-about": ("2",)}),
)
ENROL = (
    Walk(
        "photo", "daftar",
        {"consent": (Tap(_OTHER), "tidak"), "phone": ("kuda", "tidak punya"),
         "1.review": ("batal", "tidak", "1", "6", "5", "2", "ubah 3", "ya")},
        {ReadCard: (Late(), CARD), Register: (Late(), _REFUSED)}, whole=True,
    ),
    Walk("refused", "daftar", {"2.review": ("ubah 1",), "name": ("Hasnah",)}, {Register: (_REFUSED, _MEMBER)}),
    Walk("helper", "daftar", {
        "who": ("2",), "ktp.photo1": ("1",), "village": ("jamppu", "tidak", "lalabata", "1"), "job": ("1", "1"),
        "income": ("5",), "phone": ("tidak punya",), "1.review": ("3", "4", "7", "8"),
        "name": (Said("Hasna", "message 1"),), "birth-place": (Edited("Hasnah", "message 1"), "tidak"),
    }, whole=True),
    Walk("helper-with-photo", "daftar", {"who": ("2",), "months": ("12",), "remind": ("tidak setuju",)},
         {GetPaymentCode: (Late(), PAYMENTS[1])}, whole=True),
    Walk("bad-photos", "daftar", {f"ktp.way{number}": (_AGAIN,) for number in (3, 4, 5)}, {ReadCard: _BAD}),
    Walk("doubtful-card", "daftar",
         {"name-read": (_WRONG,), "address-read": (_WRONG,), "birth-place-read": (_WRONG,), "village-read": (_WRONG,)},
         {ReadCard: (_DOUBTFUL,)}),
    Walk("enrolled-already", "daftar", {f"ktp.nik{number}.nik": (ENROLLED,) for number in _TRIES},
         {ReadCard: (_CONTRARY,)}),
    Walk("wrong-nik", "daftar", {"ktp.photo1": ("1",), **{f"ktp.nik{number}.right": (_WRONG,) for number in _TRIES}}),
)  # fmt: skip
MOVE = (
    Walk("take", "pindah", {"try1.code": ("12345",), "try1.right": ("0", "ya?")}, whole=True),
    Walk("make", "pindah", {"wanted": ("2",), "person": ("batal", "tidak", "0", "La Baco")}, whole=True),
    Walk("wrong-codes", "pindah", {
        "try1.code": (LATE_CODE,), "try2.code": (OWN_CODE,), "try3.code": ("000 000",), "try4.code": ("000 001",),
        "try5.code": ("000 002",),
    }),
    Walk("every-try", "pindah", {f"try{number}.code": (LATE_CODE,) for number in _TRIES}),
    Walk("not-mine", "pindah", {"try1.right": ("tidak",)}),
)  # fmt: skip
PAY = (
    Walk("code-of-before", "bayar", whole=True),
    Walk("harvest", "bayar", {
        "old-code": ("2",), "months": ("7", "panen"), "harvest": ("2",), "harvest-price": ("ya",)
    }, {GetDuesCode: (Late(), PAYMENTS[0])}, whole=True),
    Walk("all-of-them", "bayar", {"who": ("semuanya",), "months": ("3",)}, {GetDuesCode: PAYMENTS}),
    Walk("at-the-bank", "bayar", {"way": ("2",)}, {GetBankBill: (Late(), BANK_BILLS[0])}, whole=True),
    Walk("by-qris", "bayar", {"way": ("3",)}, {GetBankBill: (BANK_BILLS[1],)}),
    Walk("not-at-the-bank", "bayar", {"way": ("2",)}, {GetBankBill: (BANK_BILLS[2],)}),
    Walk("not-after-all", "bayar", {"who": ("3",), "months": ("panen",), "harvest-price": ("tidak",)}),
)  # fmt: skip
REMIND = (Walk("agreed", "ingatkan", whole=True), Walk("refused", "ingatkan", {"remind": ("tidak",)}))
CHECK = (
    Walk("paid", "sudah bayar", world={CheckPayment: (Late(), CHECKED[0])}, whole=True),
    Walk("not-paid", "2 sudah", world={CheckPayment: CHECKED[1:]}),
)
BENEFITS = (
    Walk("illness", "manfaat", {"event": ("kuda", "sakit")}, whole=True),
    Walk("ended", "santunan", {"who": ("La Baco",)}),
    Walk("not-yet", "apa yang didapat", {"who": ("3",), "event": ("0", "3", "4")}, whole=True),
)
CLINIC = (
    Walk("near", "klinik", {"village": ("jamppu", "tidak", "lalabata", "1")},
         {NearestClinics: (Late(), CLINICS[0])}, whole=True),
    Walk("none-near", "plkk", world={NearestClinics: CLINICS[1:]}),
)  # fmt: skip
_YEARS = {"year1": ("79", "1978"), "year2": ("1980",), "year3": ("1981",)}
_NEW = {"wanted": ("2",), "whose": ("La Baco",)}
MY_DATA = (
    Walk("show", "data saya", {"wanted": ("0", "kuda"), "whose": ("Besse",)}, whole=True),
    Walk("one-of-two", "data saya", {"whose": ("Hasna", "1")}),
    Walk("not-known", "data saya", {"whose": ("5", "2"), **_YEARS}),
    Walk("phone", "data saya", {**_NEW, "new-phone": ("tidak punya",)}),
    Walk("heir", "data saya", {**_NEW, "field": ("2",), "new-heir.relation": ("2",)}, whole=True),
    Walk("name", "data saya", {**_NEW, "field": ("nama",), "right": ("0",), "photo": ("1", "nanti")}, whole=True),
    Walk("nik", "data saya", {**_NEW, "field": ("5", "1")}),
    Walk("born", "data saya", {**_NEW, "field": ("tanggal lahir",), "new-birth-date": ("12-05-2019", "13-05-1979")}),
    Walk("village", "data saya", {**_NEW, "field": ("desa atau kelurahan",), "right": ("tidak",)}),
    Walk("photo", "data saya", {"wanted": ("3",), "forget": ("tidak",)}),
    Walk("erase", "data saya", {"wanted": ("4",), "erase": ("tidak",)}),
    Walk("file", "data saya", {"wanted": ("5",)}, whole=True),
)
ERASE = (
    Walk("everything", "hapus data", {"whose": ("La Baco",)}, whole=True),
    Walk("what-is-kept", "hapus data", {"whose": ("1",), "erase": ("batal", "tidak", "ya")}),
    Walk("again", "hapus data", {"whose": ("Besse",)}),
)
FORGET = (Walk("photo", "hapus foto saya", whole=True),)
LISTED: Mapping[str, tuple[Walk, ...]] = {
    "claim": CLAIM,
    "accident": ACCIDENT,
    "death": DEATH,
    "scholarship": SCHOLARSHIP,
    "home": HOME,
    "enrol": ENROL,
    "move": MOVE,
    "pay": PAY,
    "remind": REMIND,
    "check": CHECK,
    "benefits": BENEFITS,
    "clinic": CLINIC,
    "my-data": MY_DATA,
    "erase": ERASE,
    "forget-photos": FORGET,
}


def walks(flow: Flow) -> tuple[Walk, ...]:
    return LISTED.get(flow.name) or (Walk("plain", flow.words[0] if flow.words else GREETING),)
