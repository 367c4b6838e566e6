"""A bank that calls, signed as the standard says, and what it knows of us."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from gateway import snap
from gateway.snap_door import Answer, Call, Caller, give_token

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=ZoneInfo("Asia/Makassar"))
SECRET = "a secret shared with the bank"


@cache
def bank_key() -> RSAPrivateKey:
    """With which the bank signs. Making one takes a moment."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def our_key() -> RSAPrivateKey:
    """With which we sign."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def caller() -> Caller:
    """The bank, as our door knows it."""
    return Caller("bank", bank_key().public_key(), SECRET, "bank-partner", b"a seal of our own")


def token_call(
    now: datetime = NOW, client_id: str = "bank", body: bytes = b'{"grantType":"client_credentials"}'
) -> Call:
    """The bank asks for a token."""
    at = snap.timestamp(now)
    headers = {"X-Client-Key": client_id, "X-Timestamp": at, "X-Signature": snap.sign_token(bank_key(), client_id, at)}
    return Call("POST", snap.TOKEN_PATH, headers, body)


def token(now: datetime = NOW) -> str:
    given = give_token(token_call(now), caller(), now=now, nonce="n1")
    return str(given.body["accessToken"])


def call(path: str, fields: Any, *, external_id: str = "1", now: datetime = NOW, **changed: str) -> Call:
    """The bank asks or tells. `changed`: headers by their names with _ for -, after the signing."""
    body = fields if isinstance(fields, bytes) else msgspec.json.encode(fields)
    at, access = snap.timestamp(now), token(now)
    signature = snap.sign_symmetric(SECRET, "POST", path, access, body, at)
    headers = {
        "authorization": f"Bearer {access}", "x-timestamp": at, "x-signature": signature,
        "x-partner-id": "bank-partner", "x-external-id": external_id, "channel-id": "95051",
    }  # fmt: skip
    return Call("POST", path, headers | {name.replace("_", "-"): value for name, value in changed.items()}, body)


def inquiry(**changed: Any) -> dict[str, Any]:
    """What the bank asks about the virtual account 8808 880000000000001."""
    return _without(
        {
            "partnerServiceId": "    8808", "customerNo": "880000000000001",
            "virtualAccountNo": "    8808880000000000001", "inquiryRequestId": "inq-1", **changed,
        }
    )  # fmt: skip


def payment(**changed: Any) -> dict[str, Any]:
    """What the bank tells of a payment to it."""
    return _without(
        {
            "partnerServiceId": "    8808", "customerNo": "880000000000001",
            "virtualAccountNo": "    8808880000000000001", "paymentRequestId": "pay-1",
            "paidAmount": {"value": "33600.00", "currency": "IDR"}, "trxDateTime": "2026-11-21T08:00:00+07:00",
            "referenceNo": "REF1", "flagAdvise": "N", **changed,
        }
    )  # fmt: skip


def notice(**changed: Any) -> dict[str, Any]:
    """What the bank tells of a code that was paid."""
    return _without(
        {
            "originalReferenceNo": "QR-REF-1", "originalPartnerReferenceNo": "QR-1", "latestTransactionStatus": "00",
            "transactionStatusDesc": "success", "amount": {"value": "33600.00", "currency": "IDR"}, **changed,
        }
    )  # fmt: skip


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["responseCode"]


def _without(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
