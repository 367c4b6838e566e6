"""The questions to and the answers of BPJS as they travel: JSON, after docs/bpjs-openapi.json.

Invariant: what leaves this file is a type of `rules.bpjs` whose numbers and texts have the agreed form, or `Nonsense`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import Meta, Struct

from gateway.partner import Nonsense, decoded
from rules.bank import PaymentPosted, PostingRefused
from rules.bpjs import (
    Accepted,
    AlreadyMember,
    Member,
    NotAMember,
    Payment,
    PaymentCode,
    PaymentRefused,
    Registered,
    Registration,
    RegistrationRefused,
)
from rules.money import Rupiah

Kpj = Annotated[str, Meta(pattern=r"^[0-9]{11}\Z")]
Token = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,60}\Z")]  # references, payment codes, event ids
Reason = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}\Z")]
Words = Annotated[str, Meta(max_length=300)]
Amount = Annotated[int, Meta(gt=0, le=10**12)]


class Answer(Struct, frozen=True, tag_field="status"):
    pass


class RegisteredAnswer(Answer, frozen=True, tag="registered"):
    kpj: Kpj

    def value(self) -> Registered:
        return Registered(self.kpj)


class AlreadyMemberAnswer(Answer, frozen=True, tag="already-member"):
    kpj: Kpj

    def value(self) -> AlreadyMember:
        return AlreadyMember(self.kpj)


class RefusedAnswer(Answer, frozen=True, tag="refused"):
    reason: Reason
    words: Words

    def value(self) -> RegistrationRefused:
        return RegistrationRefused(self.reason, self.words)


class _Accepted(Answer, frozen=True, tag="accepted"):
    reference: Token

    def value(self) -> Accepted:
        return Accepted(self.reference)


class MemberAnswer(Answer, frozen=True, tag="member"):
    kpj: Kpj
    active: bool
    covered_from: date | None
    protected_until: date | None

    def value(self) -> Member:
        return Member(self.kpj, self.active, self.covered_from, self.protected_until)


class _NotAMember(Answer, frozen=True, tag="not-a-member"):
    def value(self) -> NotAMember:
        return NotAMember()


class _PaymentCode(Answer, frozen=True, tag="payment-code"):
    code: Token
    amount: Amount
    payable_until: date

    def value(self) -> PaymentCode:
        return PaymentCode(self.code, Rupiah(self.amount), self.payable_until)


class _PaymentRefused(Answer, frozen=True, tag="payment-refused"):
    reason: Reason
    words: Words

    def value(self) -> PaymentRefused:
        return PaymentRefused(self.reason, self.words)


class _Payment(Answer, frozen=True, tag="payment"):
    code: Token
    paid: bool
    covered_from: date | None
    protected_until: date | None
    amount: Amount | None = None
    paid_on: date | None = None

    def __post_init__(self) -> None:
        if self.paid and None in (self.covered_from, self.protected_until, self.amount, self.paid_on):
            raise ValueError("paid without its sum, its day or cover dates")
        in_order(self.covered_from, self.protected_until)

    def value(self) -> Payment:
        amount = None if self.amount is None else Rupiah(self.amount)
        return Payment(self.code, self.paid, self.covered_from, self.protected_until, amount, self.paid_on)


class _PaymentPosted(Answer, frozen=True, tag="posted"):
    def value(self) -> PaymentPosted:
        return PaymentPosted()


class _PostingRefused(Answer, frozen=True, tag="posting-refused"):
    reason: Reason
    words: Words

    def value(self) -> PostingRefused:
        return PostingRefused(self.reason, self.words)


def in_order(covered_from: date | None, protected_until: date | None) -> None:
    if covered_from and protected_until and protected_until < covered_from:
        raise ValueError("cover ends before it begins")


_registration = msgspec.json.Decoder(RegisteredAnswer | AlreadyMemberAnswer | RefusedAnswer | _Accepted)
_membership = msgspec.json.Decoder(MemberAnswer | _NotAMember)
_payment_code = msgspec.json.Decoder(_PaymentCode | _PaymentRefused)
_payment = msgspec.json.Decoder(_Payment)
_posting = msgspec.json.Decoder(_PaymentPosted | _PostingRefused)


def registration_body(registration: Registration) -> bytes:
    """The only place where a whole NIK is written for BPJS: a body, never an address."""
    fields = msgspec.structs.asdict(registration)
    fields["nik"] = registration.nik.digits
    fields["phone"] = registration.phone.e164 if registration.phone else None
    fields["first_month"] = str(registration.first_month)
    return msgspec.json.encode(fields)


def parse_registration(
    body: bytes,
) -> Registered | AlreadyMember | RegistrationRefused | Accepted | Nonsense:
    answer = decoded(_registration.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_membership(body: bytes) -> Member | NotAMember | Nonsense:
    answer = decoded(_membership.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_payment_code(body: bytes) -> PaymentCode | PaymentRefused | Nonsense:
    answer = decoded(_payment_code.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_payment(body: bytes) -> Payment | Nonsense:
    answer = decoded(_payment.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_posting(body: bytes) -> PaymentPosted | PostingRefused | Nonsense:
    answer = decoded(_posting.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def segment(token: str) -> str:
    """A name of BPJS's as a part of an address."""
    return quote(token, safe="")
