"""The questions to and the answers of BPJS as they travel: JSON, after docs/bpjs-openapi.json.

Invariant: what leaves this file is a type of `rules.bpjs` whose numbers and texts have the agreed form, or `Nonsense`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway.partner import Nonsense
from rules.bank import PaymentPosted, PostingRefused
from rules.bpjs import (
    Accepted,
    AlreadyMember,
    Member,
    NotAMember,
    Paid,
    Payment,
    PaymentCode,
    PaymentRefused,
    Registered,
    Registration,
    RegistrationDecided,
    RegistrationRefused,
)
from rules.money import Rupiah

Kpj = Annotated[str, Meta(pattern=r"^[0-9]{11}\Z")]
Token = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,60}\Z")]  # references, payment codes, event ids
Reason = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}\Z")]
Words = Annotated[str, Meta(max_length=300)]
Amount = Annotated[int, Meta(gt=0, le=10**12)]


class _Answer(Struct, frozen=True, tag_field="status"):
    pass


class _Registered(_Answer, frozen=True, tag="registered"):
    kpj: Kpj

    def value(self) -> Registered:
        return Registered(self.kpj)


class _AlreadyMember(_Answer, frozen=True, tag="already-member"):
    kpj: Kpj

    def value(self) -> AlreadyMember:
        return AlreadyMember(self.kpj)


class _RegistrationRefused(_Answer, frozen=True, tag="refused"):
    reason: Reason
    words: Words

    def value(self) -> RegistrationRefused:
        return RegistrationRefused(self.reason, self.words)


class _Accepted(_Answer, frozen=True, tag="accepted"):
    reference: Token

    def value(self) -> Accepted:
        return Accepted(self.reference)


class _Member(_Answer, frozen=True, tag="member"):
    kpj: Kpj
    active: bool
    covered_from: date | None
    protected_until: date | None

    def value(self) -> Member:
        return Member(self.kpj, self.active, self.covered_from, self.protected_until)


class _NotAMember(_Answer, frozen=True, tag="not-a-member"):
    def value(self) -> NotAMember:
        return NotAMember()


class _PaymentCode(_Answer, frozen=True, tag="payment-code"):
    code: Token
    amount: Amount
    payable_until: date

    def value(self) -> PaymentCode:
        return PaymentCode(self.code, Rupiah(self.amount), self.payable_until)


class _PaymentRefused(_Answer, frozen=True, tag="payment-refused"):
    reason: Reason
    words: Words

    def value(self) -> PaymentRefused:
        return PaymentRefused(self.reason, self.words)


class _Payment(_Answer, frozen=True, tag="payment"):
    code: Token
    paid: bool
    covered_from: date | None
    protected_until: date | None

    def __post_init__(self) -> None:
        if self.paid and (self.covered_from is None or self.protected_until is None):
            raise ValueError("paid without cover dates")
        _in_order(self.covered_from, self.protected_until)

    def value(self) -> Payment:
        return Payment(self.code, self.paid, self.covered_from, self.protected_until)


class _PaymentPosted(_Answer, frozen=True, tag="posted"):
    def value(self) -> PaymentPosted:
        return PaymentPosted()


class _PostingRefused(_Answer, frozen=True, tag="posting-refused"):
    reason: Reason
    words: Words

    def value(self) -> PostingRefused:
        return PostingRefused(self.reason, self.words)


class _Decided(Struct, frozen=True, tag_field="kind", tag="registration-decided"):
    event_id: Token
    reference: Token
    outcome: _Registered | _AlreadyMember | _RegistrationRefused

    def value(self) -> RegistrationDecided:
        return RegistrationDecided(self.event_id, self.reference, self.outcome.value())


class _Paid(Struct, frozen=True, tag_field="kind", tag="paid"):
    event_id: Token
    code: Token
    paid_on: date
    amount: Amount
    covered_from: date
    protected_until: date

    def __post_init__(self) -> None:
        _in_order(self.covered_from, self.protected_until)

    def value(self) -> Paid:
        return Paid(
            self.event_id, self.code, self.paid_on, Rupiah(self.amount), self.covered_from, self.protected_until
        )


def _in_order(covered_from: date | None, protected_until: date | None) -> None:
    if covered_from and protected_until and protected_until < covered_from:
        raise ValueError("cover ends before it begins")


_registration = msgspec.json.Decoder(_Registered | _AlreadyMember | _RegistrationRefused | _Accepted)
_membership = msgspec.json.Decoder(_Member | _NotAMember)
_payment_code = msgspec.json.Decoder(_PaymentCode | _PaymentRefused)
_payment = msgspec.json.Decoder(_Payment)
_posting = msgspec.json.Decoder(_PaymentPosted | _PostingRefused)
_event = msgspec.json.Decoder(_Decided | _Paid)


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
    answer = _decoded(_registration.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_membership(body: bytes) -> Member | NotAMember | Nonsense:
    answer = _decoded(_membership.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_payment_code(body: bytes) -> PaymentCode | PaymentRefused | Nonsense:
    answer = _decoded(_payment_code.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_payment(body: bytes) -> Payment | Nonsense:
    answer = _decoded(_payment.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_posting(body: bytes) -> PaymentPosted | PostingRefused | Nonsense:
    answer = _decoded(_posting.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_event(body: bytes) -> RegistrationDecided | Paid | Nonsense:
    answer = _decoded(_event.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


T = TypeVar("T")


def _decoded(decode: Callable[[bytes], T], body: bytes) -> T | Nonsense:
    try:
        return decode(body)
    except msgspec.ValidationError as fault:
        # The message may quote the foreign value; only its last part, the path of the field, is ours.
        return Nonsense(str(fault).rpartition(" - at ")[2].strip("`") if " - at " in str(fault) else "the whole")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Nonsense("the whole: not JSON")
