"""Signatures of what we and a partner send each other: HMAC-SHA256 with a shared secret.

Signed are method, target (path and query as sent), timestamp, nonce and the SHA-256 of the body, one per line.
Invariant: nothing is believed before its signature and age hold, and signatures are compared in constant time.
Storing the nonce or event id, so that nothing is heard twice, is the receiver's part.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

CLIENT_ID = "X-Client-Id"
TIMESTAMP = "X-Timestamp"
NONCE = "X-Nonce"
SIGNATURE = "X-Signature"

AGE_MAX = timedelta(minutes=5)
"""A timestamp further from our clock than this, before or after, is refused."""

HEADER_CHARACTERS_MAX = 100

Fault = Literal["unsigned", "bad-timestamp", "old-timestamp", "wrong-signature"]


class Signed(Struct, frozen=True):
    """The signature holds. The receiver keeps the nonce for at least `AGE_MAX` on both sides of the timestamp."""

    timestamp: datetime
    nonce: str


class Unsigned(Struct, frozen=True):
    """The signature doesn't hold; `fault` is for the operator's log."""

    fault: Fault


def signed_headers(secret: str, method: str, target: str, body: bytes, *, now: datetime, nonce: str) -> dict[str, str]:
    """The three headers that sign a message. `now` is aware."""
    timestamp = now.isoformat(timespec="milliseconds")
    signature = _signature(secret, method, target, timestamp, nonce, body)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: signature}


def verify(
    headers: Mapping[str, str], secret: str, method: str, target: str, body: bytes, *, now: datetime
) -> Signed | Unsigned:
    """Whether whoever knows the secret sent exactly this, within `AGE_MAX` of `now` (aware)."""
    lower = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce, claimed = (lower.get(name.lower(), "") for name in (TIMESTAMP, NONCE, SIGNATURE))
    if not all(0 < len(value) <= HEADER_CHARACTERS_MAX for value in (timestamp, nonce, claimed)):
        return Unsigned("unsigned")
    sent_at = aware(timestamp)
    if sent_at is None:
        return Unsigned("bad-timestamp")
    if abs(now - sent_at) > AGE_MAX:
        return Unsigned("old-timestamp")
    expected = _signature(secret, method, target, timestamp, nonce, body)
    if not hmac.compare_digest(expected.encode(), claimed.encode()):
        return Unsigned("wrong-signature")
    return Signed(sent_at, nonce)


def _signature(secret: str, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> str:
    lines = "\n".join((method.upper(), target, timestamp, nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), lines.encode(), hashlib.sha256).hexdigest()


def aware(timestamp: str) -> datetime | None:
    """The instant that is written so, in ISO 8601 with its zone; None if it isn't."""
    try:
        sent_at = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return sent_at if sent_at.tzinfo else None
