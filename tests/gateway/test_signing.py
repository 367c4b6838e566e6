"""Who sent it, and when: HMAC over everything that matters."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.signing import NONCE, SIGNATURE, TIMESTAMP, Signed, Unsigned, signed_headers, verify

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=ZoneInfo("Asia/Makassar"))
BODY = b'{"kpj": "12345678901"}'


def headers() -> dict[str, str]:
    return signed_headers("secret", "POST", "/v1/payments?a=1", BODY, now=NOW, nonce="n-1")


def checked(
    signed: dict[str, str],
    *,
    secret: str = "secret",
    method: str = "POST",
    target: str = "/v1/payments?a=1",
    body: bytes = BODY,
    now: datetime = NOW,
) -> Signed | Unsigned:
    return verify(signed, secret, method, target, body, now=now)


def test_what_was_signed_is_believed() -> None:
    assert checked(headers()) == Signed(NOW, "n-1")
    assert checked({name.upper(): value for name, value in headers().items()}) == Signed(NOW, "n-1")


def test_the_signature_can_be_computed_by_the_contract_alone() -> None:

    lines = f"POST\n/v1/payments?a=1\n2026-11-21T09:00:00.000+08:00\nn-1\n{hashlib.sha256(BODY).hexdigest()}"

    assert headers()[SIGNATURE] == hmac.new(b"secret", lines.encode(), hashlib.sha256).hexdigest()


def test_whatever_is_changed_breaks_the_signature() -> None:
    wrong = Unsigned("wrong-signature")

    assert checked(headers(), secret="other") == wrong
    assert checked(headers(), method="GET") == wrong
    assert checked(headers(), target="/v1/payments?a=2") == wrong
    assert checked(headers(), body=BODY + b" ") == wrong
    assert checked(headers() | {NONCE: "n-2"}) == wrong
    assert checked(headers() | {TIMESTAMP: "2026-11-21T09:00:01+08:00"}) == wrong
    assert checked(headers() | {SIGNATURE: "ü"}) == wrong


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_a_clock_may_be_five_minutes_off_and_no_more(off: timedelta) -> None:
    assert checked(headers(), now=NOW + off) == Signed(NOW, "n-1")
    assert checked(headers(), now=NOW + off * 1.01) == Unsigned("old-timestamp")


@pytest.mark.parametrize("timestamp", ["yesterday", "2026-11-21T09:00:00", "1763686800"])
def test_a_timestamp_needs_form_and_zone(timestamp: str) -> None:
    assert checked(headers() | {TIMESTAMP: timestamp}) == Unsigned("bad-timestamp")


@pytest.mark.parametrize("name", [TIMESTAMP, NONCE, SIGNATURE])
def test_a_header_that_is_missing_or_endless_is_no_signature(name: str) -> None:
    assert checked({key: value for key, value in headers().items() if key != name}) == Unsigned("unsigned")
    assert checked(headers() | {name: "a" * 101}) == Unsigned("unsigned")
