"""What a clinic asks us at its desk: is this person protected against accidents at work on that day?

The contract is ours: docs/siaga-openapi.json, written by `python -m gateway.membership_checks`. Invariant: only who
signs with its own secret is heard; whoever isn't protected, is unknown or can't exist gets one and the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from gateway.partner import Nonsense, decoded
from gateway.signing import CLIENT_ID, NONCE, SIGNATURE, TIMESTAMP, Unsigned, verify

PATH = "/v1/membership-checks"
TARGET = "siaga-membership-check"
"""Signed in place of the address, which a proxy may rewrite."""
BODY_BYTES_MAX = 4 * 1024
CONTRACT = Path(__file__).parents[1] / "docs" / "siaga-openapi.json"

Why = Literal["accident", "admission", "billing"]
"""Closed words, so that nothing about a person slips into the record of who asked why."""


class _Question(Struct, frozen=True, tag_field="by", forbid_unknown_fields=True):
    day: Annotated[date, Meta(description="On which protection is asked for, such as that of the accident")]
    why: Why


class ByNik(_Question, frozen=True, tag="nik"):
    """By the number on the identity card (KTP)."""

    nik: Annotated[str, Meta(pattern="^[0-9]{16}$", max_length=16, examples=["7312045205799901"])]


class ByKpj(_Question, frozen=True, tag="kpj"):
    """By the member number of BPJS Ketenagakerjaan."""

    kpj: Annotated[str, Meta(pattern="^[0-9]{11}$", max_length=11, examples=["12345678901"])]


Question = ByNik | ByKpj


class CheckAnswer(Struct, frozen=True):
    """By the word of BPJS. All but `protected` is null unless the person is protected on that day; `initials`, to
    compare with the card, also where Siaga doesn't know the person's name."""

    protected: bool
    initials: str | None = None
    kpj: str | None = None
    protected_until: date | None = None


class Problem(Struct, frozen=True):
    """Why there is no answer. Never quotes what was sent."""

    error: str


class Asked(Struct, frozen=True):
    """A question that a clinic of ours has signed. Its nonce is good once."""

    clinic: str
    nonce: str
    signed_at: datetime
    question: Question


class Refusal(Struct, frozen=True):
    """To be answered with this status and `Problem`."""

    status: int
    error: str


_question = msgspec.json.Decoder(Question)


def heard(headers: Mapping[str, str], body: bytes, *, clinics: Mapping[str, str], now: datetime) -> Asked | Refusal:
    """What is asked, if signed and as agreed. `clinics`: the secret of each client id. `now` is aware."""
    clinic = headers.get(CLIENT_ID, "")
    if clinic not in clinics:
        return Refusal(401, "unknown-client")
    seal = verify(headers, clinics[clinic], "POST", TARGET, body, now=now)
    if isinstance(seal, Unsigned):
        return Refusal(401, seal.fault)
    question = decoded(_question.decode, body)
    if isinstance(question, Nonsense):
        return Refusal(422, "malformed")
    return Asked(clinic, seal.nonce, seal.timestamp, question)


SIGNED = {
    CLIENT_ID: "The name that the office gave to the clinic",
    TIMESTAMP: "When it was signed, ISO 8601 with zone; at most 5 minutes off",
    NONCE: "Never the same twice",
    SIGNATURE: f"Hex HMAC-SHA256 of POST, the word {TARGET}, X-Timestamp, X-Nonce and hex SHA-256 of the body, joined "
    "by line feeds",
}
PROBLEMS = {
    401: "Signature, timestamp or client id is wrong",
    409: "The nonce was used",
    413: "Too long",
    422: "Breaks this contract",
    429: "Too many checks of this clinic today; see Retry-After",
    503: "BPJS or Siaga can't answer now, see Retry-After; treat first",
}


def contract() -> str:
    """The OpenAPI contract as JSON."""
    (question, answer, trouble), schemas = msgspec.json.schema_components(
        (Question, CheckAnswer, Problem), ref_template="#/components/schemas/{name}"
    )
    problems = {str(status): _response(words, trouble) for status, words in PROBLEMS.items()}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Siaga, untuk klinik PLKK", "version": "1", "description": "What a clinic may ask Siaga."},
        "paths": {PATH: {"post": {
            "operationId": "check_membership",
            "summary": "Whether somebody is protected on a day, by the word of BPJS. Each check is recorded.",
            "requestBody": {"required": True, "content": {"application/json": {"schema": question}}},
            "responses": {"200": _response("Protected or not", answer), **problems},
        }}},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                name: {"type": "apiKey", "in": "header", "name": name, "description": words}
                for name, words in SIGNED.items()
            },
        },
        "security": [{name: [] for name in SIGNED}],
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def _response(words: str, schema: Any) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


if __name__ == "__main__":
    CONTRACT.write_text(contract(), encoding="utf-8")
