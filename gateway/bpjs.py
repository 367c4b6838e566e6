"""BPJS Ketenagakerjaan: registering workers, payment codes, cover, claims, statements, and the webhooks it sends.

BPJS publishes no API for this; docs/bpjs-openapi.json is the contract we ask for and `gateway.sandbox.bpjs` its
imitation. Invariant: every call ends in a type of `rules.bpjs`; a full NIK travels in a body, never in an address,
and is in no `why`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct

from gateway.bpjs_claims import BpjsClaims
from gateway.bpjs_events import Event, parse_event
from gateway.bpjs_statements import BpjsStatements
from gateway.bpjs_wire import (
    parse_membership,
    parse_payment,
    parse_payment_code,
    parse_posting,
    parse_registration,
    registration_body,
    segment,
)
from gateway.breaker import Breaker
from gateway.partner import Means, Nonsense, Partner, by_secret
from gateway.signing import Unsigned, verify
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
    TryLater,
)
from rules.money import Rupiah
from rules.month import Month
from rules.nik import Nik

WEBHOOK_BYTES_MAX = 64 * 1024

WEBHOOK_TARGET = "bpjs-webhook"
"""Signed in place of the address, which a proxy may rewrite; so no signature of a request of ours passes for one."""


class BadWebhook(Struct, frozen=True):
    """Not BPJS's word: answer 401 and count. `why` holds nothing of the body."""

    why: str


class Bpjs(BpjsClaims, BpjsStatements):
    """The client; claims and statements have files of their own."""

    def __init__(
        self, means: Means, base_url: str, *, client_id: str, secret: str, breaker: Breaker | None = None
    ) -> None:
        self._partner = Partner(means, base_url, name="BPJS", sign=by_secret(client_id, secret, means), breaker=breaker)

    async def register(
        self, registration: Registration, key: str
    ) -> Registered | AlreadyMember | RegistrationRefused | Accepted | TryLater:
        """Register a worker. With the same `key` (8 to 64 of A-Z a-z 0-9 - _) it is the same case, however often."""
        body = registration_body(registration)
        return await self._partner.ask("POST", "/v1/registrations", parse_registration, body=body, key=key)

    async def registration(
        self, reference: str
    ) -> Registered | AlreadyMember | RegistrationRefused | Accepted | TryLater:
        """What became of an `Accepted`, should its webhook not come."""
        return await self._partner.ask("GET", f"/v1/registrations/{segment(reference)}", parse_registration)

    async def member_by_nik(self, nik: Nik) -> Member | NotAMember | TryLater:
        body = msgspec.json.encode({"nik": nik.digits})
        return await self._partner.ask("POST", "/v1/members/by-nik", parse_membership, body=body)

    async def member(self, kpj: str) -> Member | NotAMember | TryLater:
        """The member with this number, which travels in the body too: access logs keep addresses."""

        def parse(answer: bytes) -> Member | NotAMember | Nonsense:
            member = parse_membership(answer)
            another = isinstance(member, Member) and member.kpj != kpj
            return Nonsense("$.kpj: another member") if another else member

        return await self._partner.ask("POST", "/v1/members/by-kpj", parse, body=msgspec.json.encode({"kpj": kpj}))

    async def payment_code(
        self, kpj: str, months: tuple[Month, ...], amount: Rupiah, key: str
    ) -> PaymentCode | PaymentRefused | TryLater:
        """A code to pay exactly `amount` for these months at an official channel. `key` as for `register`."""

        def parse(answer: bytes) -> PaymentCode | PaymentRefused | Nonsense:
            code = parse_payment_code(answer)
            return (
                Nonsense("$.amount: another sum") if isinstance(code, PaymentCode) and code.amount != amount else code
            )

        wanted = {"kpj": kpj, "months": [str(month) for month in months], "amount": amount.amount}
        return await self._partner.ask("POST", "/v1/payments", parse, body=msgspec.json.encode(wanted), key=key)

    async def payment(self, code: str) -> Payment | TryLater:
        """The state of a payment code, for the nightly reconciliation."""

        def parse(answer: bytes) -> Payment | Nonsense:
            payment = parse_payment(answer)
            return (
                Nonsense("$.code: another code") if isinstance(payment, Payment) and payment.code != code else payment
            )

        return await self._partner.ask("GET", f"/v1/payments/{segment(code)}", parse)

    async def post_payment(
        self, code: str, amount: Rupiah, reference: str, key: str
    ) -> PaymentPosted | PostingRefused | TryLater:
        """Forward what a bank of ours received for a code. `reference` is the bank's; `key` as for `register`."""
        posted = msgspec.json.encode({"amount": amount.amount, "reference": reference})
        path = f"/v1/payments/{segment(code)}/postings"
        return await self._partner.ask("POST", path, parse_posting, body=posted, key=key)


def parse_webhook(headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime) -> Event | BadWebhook:
    """What BPJS tells us by itself. `body` is the raw bytes, `now` is aware.

    BPJS repeats a webhook until it is answered 2xx, and anybody may repeat one within five minutes. The caller stores
    `event_id` (unique) in the transaction in which the event has its effect; one that is stored already has none.
    """
    if len(body) > WEBHOOK_BYTES_MAX:
        return BadWebhook("too long")
    seal = verify(headers, secret, "POST", WEBHOOK_TARGET, body, now=now)
    if isinstance(seal, Unsigned):
        return BadWebhook(seal.fault)
    event = parse_event(body)
    return BadWebhook(f"nonsense at {event.where}") if isinstance(event, Nonsense) else event
