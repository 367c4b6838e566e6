"""SNAP BI's signatures, against the examples that payment companies publish."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from gateway import snap
from gateway.snap import Case, Code, response_code

BODY = b'{\n  "amount" : {"value": "16800.00",\t"currency": "IDR"},\r\n "note": "a \\" b : c"}\n'
AT = "2026-11-21T08:00:00+07:00"
NOW = datetime.fromisoformat(AT)

# github.com/Midtrans/SNAP-BI-Signature-Demo: the public half of the key of its examples, and what it signed.
MIDTRANS_KEY = snap.public_key(b"""-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlWbtlh3eM+bW3n5AFj42
wddC4L7tQqbLiCFbTv8K67yng9iwK5mEn+UMXiRhvB2JVWFafCPPxFamsiVG3Mjn
eGjC0BYgmpmw4qXnAnyO3nCdCuPtmZ3ljhKvSTPdWZxrcLi1Xa9V/+Pzb8hrjb5i
wMn6SZFNeMmZYgFKiSeueo6TPln2PoTqXCzs1HtsM8eUVe8GAsjJe/3dYl992nyX
OpG21GgNu8o5T3WOptPg6GdDTWkTWUu483yRbVVy04Pz4L8DDZTDv+WcsAViDn1r
A/jB1Auj/UGKx2ovGcBH/a/hor5TbABbODU6cPTHT54K3sSZtvZNV4eFDB1f/4wd
fwIDAQAB
-----END PUBLIC KEY-----
""")
MIDTRANS_TOKEN_AT = "2024-03-01T08:27:49.024Z"
MIDTRANS_TOKEN_SIGNATURE = (
    "WzW49tYIgKIBmBi/gVBHGLAkhEaZlXM11zcZxAiyHji6TLPjPbwLu3Z45it25AIeG0XDItcdTSkds47zFEMh6IP0PXPIP1+Ey4RmX/o2fuYR"
    "F/xBHvfvKnMmANMTS1axsXBSW3EHqYpbVrkCcqNnB3u+wu63us9WIhRZaWgxgQ2PJLaiVHIwgu9u7jxkWX7Bg4rerZH3RKdQfIJAAJsSN13e"
    "fR7VdSAyzU7QaKjgislxrLqmesYNJkbD03XLjHdo6YWuzAVV7xdZRpLiGkIAkW7luXTBZYBO+4oENZAPQYzrLeN1qRY1Sr7BgLONCA2QA26B"
    "B6SYW4R7qofS9+RyOQ=="
)
MIDTRANS_NOTIFY_AT = "2024-05-02T14:43:08+07:00"
MIDTRANS_NOTIFY_SIGNATURE = (
    "RoJnP2tH/YiOhHM/lMVBMSAuzRmS8VrWdIy04Qqyb56daV7oWFMFoMMzqnjQ+q0MIUalYgU094GWQnCx2c29xb1kkqHhv2+iJ9xl6NjGmFGY"
    "qyvcKvUDAV83Y1Mw9JnsEcjcupdGw9/MRv/mm2GMrQ+BCZGfc4a46JDyPZbcY294vDGqs5rFBN6iYer5ro4cAQGo9hET2G82Y+j50vCyO/79"
    "GFE4vB1rvtu6PK2Bxi+vTYV8k7P7PS8tOPWM2O+kjiVWjwvLR99Botou+a8sxlQqZaihfWMKcByzV+Lgkr9cptpjys+1NIRWT1ad/sJBSLHy"
    "ldzC3q2oRn5z5oZmyg=="
)
MIDTRANS_NOTIFY_BODY = b"""{"originalPartnerReferenceNo":"GP24043015193402809",
 "originalReferenceNo":"A120240430081940S9vu8gSjaRID", "merchantId":"G099333790",
 "amount":{"value":"102800.00","currency":"IDR"}, "latestTransactionStatus":"00",
 "transactionStatusDesc":"SUCCESS", "additionalInfo":{"refundHistory":[]}}"""
MIDTRANS_QR_BODY = b"""{
  "partnerReferenceNo": "2020102900000000000001",
  "amount": {"value": "12345678.00", "currency": "IDR"},
  "feeAmount": {"value": "12345678.00", "currency": "IDR"},
  "merchantId": "00007100010926",
  "terminalId": "213141251124",
  "validityPeriod": "2009-07-03T12:08:56-07:00"
}"""
# developers.doku.com/get-started-with-doku-api/signature-component/snap/symmetric-signature
DOKU_BODY = b"""{
   "partnerServiceId":"  088899",
   "customerNo":"12345678901234567890",
   "virtualAccountNo":"  08889912345678901234567890",
   "virtualAccountName":"Jokul Doe",
   "virtualAccountEmail":"jokul@email.com",
   "virtualAccountPhone":"6281828384858",
   "trxId":"abcdefgh1234",
   "totalAmount":{
      "value":"12345678.00",
      "currency":"IDR"
   }
}"""
DOKU_HASH = "3274fab8dac896837b106a16da2a974e7e65142dcecb4b768ef0294102838977"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def test_a_body_is_hashed_as_doku_publishes_it() -> None:
    assert hashlib.sha256(snap.minify(DOKU_BODY)).hexdigest() == DOKU_HASH


def test_a_transaction_is_signed_as_midtrans_publishes_it() -> None:
    signature = snap.sign_symmetric(
        "myclientsecret", "post", snap.QR_MAKE_PATH, "myaccesstoken", MIDTRANS_QR_BODY, "2024-03-05T10:37:16.196Z"
    )

    assert signature == "wmzT7yjg1SxxCsxNsFgCR9SYXiZGGbceF6fV8xe97sAMHxZ+7OEBMIBmvb6Sj6GcksGp3iv77DiomgSbcST3XQ=="


def test_a_transaction_is_signed_as_computed_by_hand() -> None:
    signature = snap.sign_symmetric("secret", "POST", snap.CREATE_PATH, "TOKEN", b'{"a":1}', AT)

    assert signature == "v6s/JBzVd0lUw0y1kJicnNdmB2pzwng5eHn6JPQB38zNTD2GJ7R58I3wXeqyPPH4RNcdnjtqDaqHPNnMA/CikA=="


def test_the_token_signature_that_midtrans_publishes_is_believed() -> None:
    headers = {snap.TIMESTAMP: MIDTRANS_TOKEN_AT, snap.SIGNATURE: MIDTRANS_TOKEN_SIGNATURE}
    now = datetime.fromisoformat(MIDTRANS_TOKEN_AT)

    assert snap.verify_token(headers, MIDTRANS_KEY, "G1234325-SNAP", now=now) is None
    assert snap.verify_token(headers, MIDTRANS_KEY, "G1234325-SNAQ", now=now) == "wrong-signature"


def test_the_notification_that_midtrans_publishes_is_believed_with_white_space_too() -> None:
    headers = {snap.TIMESTAMP: MIDTRANS_NOTIFY_AT, snap.SIGNATURE: MIDTRANS_NOTIFY_SIGNATURE}
    now = datetime.fromisoformat(MIDTRANS_NOTIFY_AT)

    def fault(body: bytes, method: str = "POST") -> str | None:
        return snap.verify_asymmetric(headers, MIDTRANS_KEY, method, "/v1.0/debit/notify", body, now=now)

    assert fault(MIDTRANS_NOTIFY_BODY) is None
    assert fault(MIDTRANS_NOTIFY_BODY.replace(b"102800", b"102801")) == "wrong-signature"
    assert fault(MIDTRANS_NOTIFY_BODY, "PUT") == "wrong-signature"


def test_what_our_key_signs_is_believed(key: RSAPrivateKey) -> None:
    token = {snap.TIMESTAMP: AT, snap.SIGNATURE: snap.sign_token(key, "siaga", AT)}
    call = {snap.TIMESTAMP: AT, snap.SIGNATURE: snap.sign_asymmetric(key, "POST", "/v1.0/x", BODY, AT)}

    assert snap.verify_token(token, key.public_key(), "siaga", now=NOW) is None
    assert snap.verify_asymmetric(call, key.public_key(), "POST", "/v1.0/x", snap.minify(BODY), now=NOW) is None


def symmetric(**changed: str) -> dict[str, str]:
    signature = snap.sign_symmetric("secret", "POST", snap.PAYMENT_PATH, "TOKEN", BODY, AT)
    return {snap.TIMESTAMP: AT, snap.SIGNATURE: signature} | changed


def fault(
    headers: dict[str, str], secret: str = "secret", token: str = "TOKEN", path: str = snap.PAYMENT_PATH,
    body: bytes = BODY, now: datetime = NOW,
) -> str | None:  # fmt: skip
    return snap.verify_symmetric(headers, secret, "POST", path, token, body, now=now)


def test_whatever_is_changed_breaks_the_signature() -> None:
    assert fault(symmetric()) is None
    assert fault(symmetric(), secret="other") == "wrong-signature"
    assert fault(symmetric(), token="OTHER") == "wrong-signature"
    assert fault(symmetric(), path=snap.INQUIRY_PATH) == "wrong-signature"
    assert fault(symmetric(), body=BODY.replace(b"16800", b"16801")) == "wrong-signature"
    assert fault(symmetric() | {snap.TIMESTAMP: "2026-11-21T08:00:01+07:00"}) == "wrong-signature"


@pytest.mark.parametrize("claimed", ["ü", "no base64!", "AAAA", "A" * 2_004, "="])
def test_what_is_no_signature_is_a_wrong_one(claimed: str, key: RSAPrivateKey) -> None:
    assert fault(symmetric() | {snap.SIGNATURE: claimed}) == "wrong-signature"
    headers = {snap.TIMESTAMP: AT, snap.SIGNATURE: claimed}
    assert snap.verify_token(headers, key.public_key(), "siaga", now=NOW) == "wrong-signature"


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5)])
def test_a_clock_may_be_five_minutes_off_and_no_more(off: timedelta) -> None:
    assert fault(symmetric(), now=NOW + off) is None
    assert fault(symmetric(), now=NOW + off * 1.01) == "old-timestamp"


def test_a_timestamp_needs_form_and_zone_and_a_signature_to_be_there() -> None:
    assert fault(symmetric() | {snap.TIMESTAMP: "2026-11-21T08:00:00"}) == "bad-timestamp"
    assert fault(symmetric() | {snap.TIMESTAMP: ""}) == "unsigned"
    assert fault({snap.TIMESTAMP: AT}) == "unsigned"


def test_times_are_those_of_jakarta() -> None:
    assert snap.timestamp(datetime.fromisoformat("2026-11-21T09:00:00.999+08:00")) == AT


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.sampled_from(["", "  ", "\n\t", "\r\n"]))
def test_only_white_space_between_tokens_is_taken_away(value: object, space: str) -> None:
    compact = json.encode(value)
    spaced = space.encode() + json.format(compact, indent=3) + space.encode()

    assert snap.minify(spaced) == compact
    assert snap.minify(compact) == compact


@pytest.mark.parametrize("body", [b"", b'"\\', b'{"a" : "never ends', b"not json", b"\xff \xfe"])
def test_what_is_no_json_can_be_minified_too(body: bytes) -> None:
    assert snap.minify(body) in (body, body.replace(b" ", b""), b'{"a":"never ends')


def test_quotes_that_never_end_cost_no_time() -> None:
    began = time.perf_counter()

    snap.minify(b'"\\"' * 50_000 + b'\\"' * 50_000)

    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("service", "case", "about", "code"),
    [
        ("24", "successful", "", Code(200, "2002400", "Successful")),
        ("25", "missing-field", "paidAmount", Code(400, "4002502", "Invalid Mandatory Field paidAmount")),
        ("52", "conflict", "", Code(409, "4095200", "Conflict")),
        ("73", "unauthorized", "", Code(401, "4017300", "Unauthorized.")),
    ],
)
def test_a_response_code_is_http_service_and_case(service: snap.Service, case: Case, about: str, code: Code) -> None:
    assert response_code(service, case, about) == code


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError):
        snap.private_key(pem)
    with pytest.raises(ValueError):
        snap.public_key(pem)
