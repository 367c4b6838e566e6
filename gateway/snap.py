"""SNAP BI, the national standard of open payment interfaces: its signatures and response codes.

Source: Keputusan Gubernur BI 23/10/KEP.GBI/2021, as documented by DOKU (developers.doku.com, "Signature Component"),
Midtrans (docs.midtrans.com, "Signature Generation") and Faspay (docs.faspay.co.id, "Signature SNAP").
Invariant: the body that is hashed is the one that travels, without white space between its tokens; nothing is believed
before its signature and age hold, and signatures are compared in constant time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from msgspec import Struct

from gateway.signing import AGE_MAX, Fault, aware

CLIENT_KEY, TIMESTAMP, SIGNATURE = "X-CLIENT-KEY", "X-TIMESTAMP", "X-SIGNATURE"
PARTNER_ID, EXTERNAL_ID, CHANNEL_ID = "X-PARTNER-ID", "X-EXTERNAL-ID", "CHANNEL-ID"
AUTHORIZATION = "Authorization"

TOKEN_PATH = "/v1.0/access-token/b2b"  # noqa: S105  a path
INQUIRY_PATH, PAYMENT_PATH = "/v1.0/transfer-va/inquiry", "/v1.0/transfer-va/payment"
STATUS_PATH, CREATE_PATH = "/v1.0/transfer-va/status", "/v1.0/transfer-va/create-va"
DELETE_PATH = "/v1.0/transfer-va/delete-va"
QR_MAKE_PATH, QR_QUERY_PATH = "/v1.0/qr/qr-mpm-generate", "/v1.0/qr/qr-mpm-query"
QR_NOTIFY_PATH = "/v1.0/qr/qr-mpm-notify"

Service = Literal["24", "25", "26", "27", "31", "47", "51", "52", "73"]
"""inquiry, payment, status, create-va, delete-va, qr-mpm-generate, -query, -notify, access-token."""

Case = Literal[
    "successful", "bad-request", "bad-field", "missing-field", "unauthorized", "invalid-token", "transaction-not-found",
    "bill-not-found", "invalid-amount", "paid-bill", "inconsistent", "expired-bill", "not-allowed", "conflict",
    "too-many", "general-error",
]  # fmt: skip

CASES: dict[Case, tuple[int, str, str]] = {
    "successful": (200, "00", "Successful"),
    "bad-request": (400, "00", "Bad Request"),
    "bad-field": (400, "01", "Invalid Field Format {}"),
    "missing-field": (400, "02", "Invalid Mandatory Field {}"),
    "unauthorized": (401, "00", "Unauthorized. {}"),
    "invalid-token": (401, "01", "Invalid Token (B2B)"),
    "transaction-not-found": (404, "01", "Transaction Not Found"),
    "bill-not-found": (404, "12", "Bill Not Found"),
    "invalid-amount": (404, "13", "Invalid Amount"),
    "paid-bill": (404, "14", "Paid Bill"),
    "inconsistent": (404, "18", "Inconsistent Request"),
    "expired-bill": (404, "19", "Bill Expired"),
    "not-allowed": (405, "00", "Requested Function Is Not Supported"),
    "conflict": (409, "00", "Conflict"),
    "too-many": (429, "00", "Too Many Requests"),
    "general-error": (500, "00", "General Error"),
}
"""HTTP status, the last two digits of the response code, and the words."""

SIGNATURE_CHARACTERS_MAX = 2_000
"""An RSA key of 8192 bits signs in 1,368."""
JAKARTA = ZoneInfo("Asia/Jakarta")
"""The standard's time, +07:00, wherever the caller is."""
_TOKENS = re.compile(rb'("(?:[^"\\]|\\.)*+"?)|[ \t\r\n]+', re.DOTALL)


class Code(Struct, frozen=True):
    """A response code: `status` of HTTP, `code` of 7 digits (HTTP, service, case), `message` in English."""

    status: int
    code: str
    message: str


def response_code(service: Service, case: Case, about: str = "") -> Code:
    """The code of a case at a service; `about` names a field or a reason, never a value."""
    status, last, message = CASES[case]
    return Code(status, f"{status}{service}{last}", message.format(about).strip())


def minify(body: bytes) -> bytes:
    """The JSON without white space between its tokens; order, numbers and strings as they are. Not JSON: as it is, but
    for white space."""
    return _TOKENS.sub(rb"\1", body)


def timestamp(now: datetime) -> str:
    """Such as "2026-11-21T08:00:00+07:00". `now` is aware."""
    return now.astimezone(JAKARTA).isoformat(timespec="seconds")


def private_key(pem: bytes) -> RSAPrivateKey:
    """ValueError if it isn't an RSA key in PEM without a password."""
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise ValueError("a password is on it") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not RSA")
    return key


def public_key(pem: bytes) -> RSAPublicKey:
    """ValueError if it isn't an RSA key in PEM."""
    key = load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not RSA")
    return key


def sign_token(key: RSAPrivateKey, client_id: str, at: str) -> str:
    """X-SIGNATURE of the question for a token, at the time `at` (X-TIMESTAMP)."""
    return _rsa(key, _token_lines(client_id, at))


def sign_symmetric(secret: str, method: str, path: str, token: str, body: bytes, at: str) -> str:
    """X-SIGNATURE of a transaction between those who share a secret; `token` is the access token without "Bearer"."""
    return base64.b64encode(_hmac(secret, _lines(method, path, body, at, token))).decode()


def sign_asymmetric(key: RSAPrivateKey, method: str, path: str, body: bytes, at: str) -> str:
    """X-SIGNATURE of a transaction at partners that work without a token, and of some notifications."""
    return _rsa(key, _lines(method, path, body, at))


def verify_token(headers: Mapping[str, str], key: RSAPublicKey, client_id: str, *, now: datetime) -> Fault | None:
    """What is wrong with the signature of a question for a token; None: nothing."""
    at = headers.get(TIMESTAMP, "")
    return _age_fault(headers, now) or _rsa_fault(headers, key, _token_lines(client_id, at))


def verify_symmetric(
    headers: Mapping[str, str], secret: str, method: str, path: str, token: str, body: bytes, *, now: datetime
) -> Fault | None:
    """What is wrong with the signature of a transaction; None: nothing. `body` as received."""
    fault = _age_fault(headers, now)
    if fault is not None:
        return fault
    expected = _hmac(secret, _lines(method, path, body, headers.get(TIMESTAMP, ""), token))
    return None if hmac.compare_digest(expected, _claimed(headers)) else "wrong-signature"


def verify_asymmetric(
    headers: Mapping[str, str], key: RSAPublicKey, method: str, path: str, body: bytes, *, now: datetime
) -> Fault | None:
    """The same for partners that work without a token."""
    lines = _lines(method, path, body, headers.get(TIMESTAMP, ""))
    return _age_fault(headers, now) or _rsa_fault(headers, key, lines)


def _token_lines(client_id: str, at: str) -> bytes:
    return f"{client_id}|{at}".encode()


def _lines(method: str, path: str, body: bytes, at: str, token: str | None = None) -> bytes:
    """What is signed: with a token (symmetric) or without."""
    hashed = hashlib.sha256(minify(body)).hexdigest()
    parts = (method.upper(), path, hashed, at) if token is None else (method.upper(), path, token, hashed, at)
    return ":".join(parts).encode()


def _hmac(secret: str, lines: bytes) -> bytes:
    return hmac.new(secret.encode(), lines, hashlib.sha512).digest()


def _rsa(key: RSAPrivateKey, lines: bytes) -> str:
    return base64.b64encode(key.sign(lines, PKCS1v15(), SHA256())).decode()


def _rsa_fault(headers: Mapping[str, str], key: RSAPublicKey, lines: bytes) -> Fault | None:
    try:
        key.verify(_claimed(headers), lines, PKCS1v15(), SHA256())
    except InvalidSignature:
        return "wrong-signature"
    return None


def _claimed(headers: Mapping[str, str]) -> bytes:
    """The signature that the header claims; empty, which none is, if it is no base64."""
    claimed = headers.get(SIGNATURE, "")
    try:
        return base64.b64decode(claimed, validate=True) if len(claimed) <= SIGNATURE_CHARACTERS_MAX else b""
    except (binascii.Error, ValueError):
        return b""


def _age_fault(headers: Mapping[str, str], now: datetime) -> Fault | None:
    at = headers.get(TIMESTAMP, "")
    if not at or not headers.get(SIGNATURE, ""):
        return "unsigned"
    sent_at = aware(at)
    if sent_at is None:
        return "bad-timestamp"
    return "old-timestamp" if abs(now - sent_at) > AGE_MAX else None
