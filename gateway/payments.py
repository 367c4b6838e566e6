"""A bank by SNAP BI: virtual accounts and codes of QRIS for one sum each.

Service codes and paths are the standard's (gateway/snap.py); `gateway.sandbox.bank` imitates a bank. Invariant: every
call ends in a type of `rules.bank` or in `TryLater`; a question that is repeated is the same question for the bank, by
its X-EXTERNAL-ID.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from msgspec import Struct

from gateway import payments_wire as wire
from gateway import snap
from gateway.breaker import Breaker
from gateway.partner import Means, Nonsense, Partner, Question
from gateway.payments_wire import Given, TokenRefused
from gateway.snap import Service, response_code
from gateway.snap_wire import digits, money, padded
from rules.bank import BankBill, BankRefused, BillDeleted, BillState
from rules.bpjs import TryLater
from rules.money import Rupiah

ANSWERED = frozenset((200, 202, 400, 401, 403, 404, 405, 409))
"""A refusal, too, is an answer of the standard; 429 and 5xx are left to the partner's patience."""

GRANT = b'{"grantType":"client_credentials"}'
EXTERNAL_ID_DIGITS = 32  # at most 36
TOKEN_SPARE = timedelta(seconds=60)
"""A token isn't used any more this long before its end."""
NAME_CHARACTERS_MAX = 50

T = TypeVar("T")


class Terms(Struct, frozen=True):
    """What was agreed with the bank. `service_id` stands before every virtual account; `merchant_id` is for QRIS, ""
    without it."""

    client_id: str
    key: RSAPrivateKey
    secret: str
    partner_id: str
    channel_id: str
    service_id: str
    merchant_id: str = ""

    def __repr__(self) -> str:
        return f"Terms({self.client_id!r})"  # and nothing that is secret


class Bank:
    """The client."""

    def __init__(self, means: Means, base_url: str, terms: Terms, *, breaker: Breaker | None = None) -> None:
        self._terms, self._clock, self._nonce = terms, means.clock, means.nonce
        self._token, self._token_until = "", datetime.min.replace(tzinfo=snap.JAKARTA)
        self._one_token = asyncio.Lock()
        breaker = breaker or Breaker()

        def partner(sign: Callable[[Question], Mapping[str, str]]) -> Partner:
            return Partner(means, base_url, name="the bank", sign=sign, answered=ANSWERED, breaker=breaker)

        self._door, self._bank = partner(self._sign_token), partner(self._sign)

    async def create_va(
        self, customer_no: str, name: str, amount: Rupiah, expires: datetime, key: str
    ) -> BankBill | BankRefused | TryLater:
        """A virtual account for exactly `amount`, payable until `expires` (aware). `customer_no` is at most 20 digits,
        ours; with the same `key` it is the same question, however often."""
        wanted = BankBill("va", digits(self._terms.service_id) + customer_no, amount, expires)
        body = {
            **self._account(customer_no), "virtualAccountName": name[:NAME_CHARACTERS_MAX],
            "trxId": _trx_id(customer_no), "totalAmount": money(amount), "expiredDate": snap.timestamp(expires),
            "virtualAccountTrxType": "C",  # closed: this sum and no other
        }  # fmt: skip
        answer = await self._ask("27", snap.CREATE_PATH, body, wire.account(wanted), key)
        if _is_conflict(answer):
            return await self._found(wanted, customer_no)
        return answer

    async def va_state(self, customer_no: str) -> BillState | BankRefused | TryLater:
        """How an account stands."""
        body = {**self._account(customer_no), "inquiryRequestId": self._nonce()}
        number = digits(self._terms.service_id) + customer_no
        answer = await self._ask("26", snap.STATUS_PATH, body, wire.account_state(number))
        return wire.refused_as_gone("26", answer) if isinstance(answer, BankRefused) else answer

    async def delete_va(self, customer_no: str, key: str) -> BillDeleted | BankRefused | TryLater:
        """Nobody can pay to it any more; one that isn't there is deleted already."""
        body = {**self._account(customer_no), "trxId": _trx_id(customer_no)}
        number = digits(self._terms.service_id) + customer_no
        answer = await self._ask("31", snap.DELETE_PATH, body, wire.account_deleted(number), key)
        if isinstance(answer, BankRefused) and wire.refused_as_gone("31", answer) == BillState("gone"):
            return BillDeleted()
        return answer

    async def make_qr(
        self, number: str, amount: Rupiah, expires: datetime, key: str
    ) -> BankBill | BankRefused | TryLater:
        """A code of QRIS over exactly `amount`. `number` is our reference, at most 64 characters."""
        body = {
            "partnerReferenceNo": number, "amount": money(amount), "merchantId": self._terms.merchant_id,
            "validityPeriod": snap.timestamp(expires),
        }  # fmt: skip
        return await self._ask("47", snap.QR_MAKE_PATH, body, wire.qr_code(number, amount, expires), key)

    async def qr_state(self, number: str, reference: str) -> BillState | BankRefused | TryLater:
        """How a code stands; `reference` is the bank's."""
        body = {
            "originalReferenceNo": reference, "originalPartnerReferenceNo": number, "serviceCode": "47",
            "merchantId": self._terms.merchant_id,
        }  # fmt: skip
        answer = await self._ask("51", snap.QR_QUERY_PATH, body, wire.qr_state)
        return wire.refused_as_gone("51", answer) if isinstance(answer, BankRefused) else answer

    async def _found(self, wanted: BankBill, customer_no: str) -> BankBill | BankRefused | TryLater:
        """The answer to an earlier try was lost: the bank has the account, and refuses to make it again."""
        body = {**self._account(customer_no), "inquiryRequestId": self._nonce()}
        return await self._ask("26", snap.STATUS_PATH, body, wire.account(wanted))

    def _account(self, customer_no: str) -> dict[str, str]:
        before = padded(self._terms.service_id)
        return {"partnerServiceId": before, "customerNo": customer_no, "virtualAccountNo": before + customer_no}

    async def _ask(
        self,
        service: Service,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[bytes], T | Nonsense],
        key: str = "",
    ) -> T | BankRefused | TryLater:
        """Once, or a second time with a new token."""
        sent, parse = msgspec.json.encode(body), wire.answer(service, read)
        asked = external_id(service, key or self._nonce())
        for _turn in range(2):
            token = await self._good_token()
            if isinstance(token, TryLater):
                return token
            answer: T | BankRefused | TokenRefused | TryLater
            answer = await self._bank.ask("POST", path, parse, body=sent, key=asked)
            if not isinstance(answer, TokenRefused):
                return answer
            if self._token == token:
                self._token = ""
        return TryLater("the bank refuses the tokens that it gives")

    async def _good_token(self) -> str | TryLater:
        async with self._one_token:
            if not self._token or self._clock() >= self._token_until:
                asked_at = self._clock()
                given = await self._door.ask(
                    "POST",
                    snap.TOKEN_PATH,
                    wire.answer("73", wire.token_of),
                    body=b'{"grantType":"client_credentials"}',
                )
                if not isinstance(given, Given):
                    return _no_token(given)
                self._token, self._token_until = given.token, asked_at + timedelta(seconds=given.seconds) - TOKEN_SPARE
            return self._token

    def _sign_token(self, question: Question) -> Mapping[str, str]:
        at, terms = snap.timestamp(self._clock()), self._terms
        signature = snap.sign_token(terms.key, terms.client_id, at)
        return {snap.CLIENT_KEY: terms.client_id, snap.TIMESTAMP: at, snap.SIGNATURE: signature}

    def _sign(self, question: Question) -> Mapping[str, str]:
        at, terms = snap.timestamp(self._clock()), self._terms
        return {
            snap.AUTHORIZATION: f"Bearer {self._token}",
            snap.TIMESTAMP: at,
            snap.SIGNATURE: snap.sign_symmetric(
                terms.secret, question.method, question.target, self._token, question.body, at
            ),
            snap.PARTNER_ID: terms.partner_id,
            snap.EXTERNAL_ID: question.key,
            snap.CHANNEL_ID: terms.channel_id,
        }


def external_id(service: Service, key: str) -> str:
    """X-EXTERNAL-ID: digits only, other for every other question, the same for the same one."""
    return f"{int(hashlib.sha256(f'{service} {key}'.encode()).hexdigest(), 16) % 10**EXTERNAL_ID_DIGITS:032}"


def _trx_id(customer_no: str) -> str:
    """Our name for what is paid there: making and deleting speak of the same."""
    return f"siaga-{customer_no}"


def _is_conflict(answer: object) -> bool:
    return isinstance(answer, BankRefused) and answer.code == response_code("27", "conflict").code


def _no_token(answer: object) -> TryLater:
    if isinstance(answer, TryLater):
        return answer
    return TryLater(f"the bank gives no token: {answer.code if isinstance(answer, BankRefused) else 'refused'}")
