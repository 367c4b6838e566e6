"""A chat with the real house of flows, an invented registry and an outside world that answers what it is told."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import msgspec

from bot.flows import HOUSE
from bot.flows.asks import (
    Duplicate,
    Enrol,
    Enrolled,
    GetPaymentCode,
    IsEnrolled,
    ReadCard,
    Register,
    Standing,
    Standings,
)
from bot.talk.awaited import Errand, Request
from rules.bpjs import AlreadyMember, PaymentCode, PaymentRefused, Registered, RegistrationRefused
from rules.card import Card, Fault, Field, Unusable
from rules.money import Rupiah
from tests.talk.driver import Chat

HASNA, ENROLLED, TOO_YOUNG = "7312045205799901", "7312041203859999", "7312041203169902"
KPJ = "31754442421"
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
ANSWERS: dict[type[Errand[Any]], tuple[Any, ...]] = {
    ReadCard: READINGS, Register: REGISTRATIONS, GetPaymentCode: PAYMENTS
}  # fmt: skip
"""What the outside world may say to each errand; the first is the kindest."""


def house_chat(*, stored: bool = True) -> Chat:
    """A chat in which nobody is enrolled but the owner of the NIK `ENROLLED`."""
    numbers = itertools.count(1)
    people: list[Standing] = []

    def enrol(asked: Enrol) -> Enrolled | Duplicate:
        if asked.registration.nik.digits == ENROLLED:
            return Duplicate()
        people.append(Standing(asked.registration.name, "submitted"))
        return Enrolled(next(numbers), next(numbers))

    registry: dict[type[Request[Any]], Any] = {
        IsEnrolled: lambda asked: asked.nik.digits == ENROLLED,
        Standings: lambda asked: list(people),
        Enrol: enrol,
    }
    return Chat(HOUSE, registry, stored=stored)


def right_answer(question: str) -> str:
    """What somebody would type at the enrolment's question of this name."""
    return RIGHT.get(question.rpartition(".")[2], "1") if question != "heir.name" else "La Baco"


RIGHT = {
    "review": "ya", "phone": "0812 3456 7890", "name": "Hasna", "birth-place": "Soppeng", "birth-date": "12-05-1979",
    "address": "Dusun Lappa", "village": "Jampu", "job": "petani padi", "income-amount": "2.500.000", "nik": HASNA,
}  # fmt: skip
"""By the last part of the question's name; everything else is answered with 1."""
