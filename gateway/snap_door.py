"""The door of whoever offers services of SNAP BI: who may come in, and what a question has to hold.

Pure: a call comes as a value, and goes on as `Passed` or back as the standard's refusal. Invariant: nothing of a call
is looked at before its signature and age hold; a token proves itself, so nothing is stored for it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from msgspec import Struct

from gateway import snap
from gateway.snap import Case, Service, response_code

TOKEN_LIFE = timedelta(minutes=15)  # as the standard's examples: "expiresIn": "900"
TOKEN_CHARACTERS_MAX = 300
BODY_BYTES_MAX = 64 * 1024
_EXTERNAL_ID = re.compile(r"[0-9]{1,36}")
_CHANNEL_ID = re.compile(r"[A-Za-z0-9]{1,5}")
BEARER = "Bearer "


class Caller(Struct, frozen=True):
    """Whom the door knows. `seal` seals the tokens that it gives, and is nobody else's."""

    client_id: str
    key: RSAPublicKey
    secret: str
    partner_id: str
    seal: bytes

    def __repr__(self) -> str:
        return f"Caller({self.client_id!r})"  # and nothing that is secret


class Call(Struct, frozen=True):
    """What came in: `path` as the caller signed it, `body` as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.named().get(name.upper(), "")

    def named(self) -> dict[str, str]:
        """The headers by their names in capitals."""
        return {name.upper(): value for name, value in self.headers.items()}


class Answer(Struct, frozen=True):
    """What goes back: the HTTP status and the JSON."""

    status: int
    body: dict[str, Any]


class Passed(Struct, frozen=True):
    """Signed by the caller, today, under this X-EXTERNAL-ID."""

    external_id: str
    fields: dict[str, Any]


class Field(Struct, frozen=True):
    """A field by its path, such as "paidAmount.value", and how a value is written."""

    path: str
    pattern: str
    is_needed: bool = True


def answer(service: Service, case: Case, about: str = "", **more: Any) -> Answer:
    """The standard's answer of a service to a case, with more fields."""
    code = response_code(service, case, about)
    return Answer(code.status, {"responseCode": code.code, "responseMessage": code.message, **more})


def give_token(call: Call, caller: Caller, *, now: datetime, nonce: str) -> Answer:
    """The answer to a question for an access token (service 73)."""
    headers = call.named()
    for name in (snap.CLIENT_KEY, snap.TIMESTAMP, snap.SIGNATURE):
        if not headers.get(name):
            return answer("73", "missing-field", name)
    fault = snap.verify_token(headers, caller.key, caller.client_id, now=now)
    if fault == "bad-timestamp":
        return answer("73", "bad-field", snap.TIMESTAMP)
    if fault is not None or not _same(headers[snap.CLIENT_KEY], caller.client_id):
        return answer("73", "unauthorized", _why(fault))
    asked = _object(call.body)
    if asked is None:
        return answer("73", "bad-request")
    if asked.get("grantType") != "client_credentials":
        return answer("73", "bad-field" if "grantType" in asked else "missing-field", "grantType")
    seconds = str(int(TOKEN_LIFE.total_seconds()))
    token = _sealed(caller, int((now + TOKEN_LIFE).timestamp()), nonce)
    return answer("73", "successful", accessToken=token, tokenType="Bearer", expiresIn=seconds)


def admit(service: Service, call: Call, caller: Caller, *, now: datetime) -> Passed | Answer:
    """Whether a transaction comes from the caller, whole and in time."""
    headers = call.named()
    token = headers.get(snap.AUTHORIZATION.upper(), "").removeprefix(BEARER)
    if not _token_holds(caller, token, now):
        return answer(service, "invalid-token")
    for name in (snap.TIMESTAMP, snap.SIGNATURE, snap.PARTNER_ID, snap.EXTERNAL_ID, snap.CHANNEL_ID):
        if not headers.get(name):
            return answer(service, "missing-field", name)
    fault = snap.verify_symmetric(headers, caller.secret, call.method, call.path, token, call.body, now=now)
    if fault == "bad-timestamp":
        return answer(service, "bad-field", snap.TIMESTAMP)
    if fault is not None or not _same(headers[snap.PARTNER_ID], caller.partner_id):
        return answer(service, "unauthorized", _why(fault))
    for name, pattern in ((snap.EXTERNAL_ID, _EXTERNAL_ID), (snap.CHANNEL_ID, _CHANNEL_ID)):
        if pattern.fullmatch(headers[name]) is None:
            return answer(service, "bad-field", name)
    fields = _object(call.body)
    return answer(service, "bad-request") if fields is None else Passed(headers[snap.EXTERNAL_ID], fields)


def faulty(service: Service, fields: Mapping[str, Any], wanted: Sequence[Field]) -> Answer | None:
    """The refusal of the first field that is missing or, if none is, of the first that is written wrongly."""
    found = [(one, value_at(fields, one.path)) for one in wanted]
    for one, value in found:
        if value is None and one.is_needed:
            return answer(service, "missing-field", one.path)
    for one, value in found:
        if value is not None and not (isinstance(value, str) and re.fullmatch(one.pattern, value)):
            return answer(service, "bad-field", one.path)
    return None


def value_at(fields: Mapping[str, Any], path: str) -> Any:
    """What stands at a path; None if nothing does. An empty text is nothing."""
    here: Any = fields
    for part in path.split("."):
        here = here.get(part) if isinstance(here, dict) else None
    return None if here == "" else here


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(body) if len(body) <= BODY_BYTES_MAX else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _sealed(caller: Caller, until: int, nonce: str) -> str:
    words = f"{until}.{nonce}"
    return f"{words}.{hmac.new(caller.seal, f'{caller.client_id}|{words}'.encode(), hashlib.sha256).hexdigest()}"


def _token_holds(caller: Caller, token: str, now: datetime) -> bool:
    until, _dot, rest = token.partition(".")
    if len(token) > TOKEN_CHARACTERS_MAX or not re.fullmatch(r"[0-9]{1,12}", until):
        return False
    return _same(_sealed(caller, int(until), rest.rpartition(".")[0]), token) and now.timestamp() < int(until)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _why(fault: str | None) -> str:
    return "Timestamp" if fault == "old-timestamp" else "Signature" if fault else "Client"
