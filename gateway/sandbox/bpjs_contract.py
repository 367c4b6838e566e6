"""The words of the BPJS contract as the sandbox speaks them; docs/bpjs-openapi.json is written from these types."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Header
from fastapi import Path as InPath
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from gateway.signing import CLIENT_ID, NONCE, SIGNATURE, TIMESTAMP


def _whole(number: object) -> object:
    """JSON knows one kind of number: 8400.0 is whole, "8400" and true are not numbers."""
    if isinstance(number, float) and number.is_integer():
        return int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("a whole number")
    return number


def _iso_day(day: object) -> object:
    """pydantic alone would take 0 for 1 January 1970."""
    if not isinstance(day, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
        raise ValueError("a day is written as 2026-11-21")
    return day


KPJ = r"^[0-9]{11}$"
TOKEN = r"^[A-Za-z0-9-]{1,60}$"  # noqa: S105  the form of a reference, not a secret
KEY = r"^[A-Za-z0-9_-]{8,64}$"

Kpj = Annotated[
    str, StringConstraints(pattern=KPJ), Field(description="Nomor KPJ, 11 digits", examples=["12345678901"])
]
Nik = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$"), Field(examples=["7312045205799901"])]
Token = Annotated[str, StringConstraints(pattern=TOKEN)]
YearMonth = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$"), Field(examples=["2026-12"])]
Short = Annotated[str, StringConstraints(min_length=1, max_length=100)]
WHOLE = BeforeValidator(_whole)
Day = Annotated[date, BeforeValidator(_iso_day)]
Amount = Annotated[int, Field(gt=0, le=10**12, description="whole rupiah"), WHOLE]

MONTHS_MAX = 24


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RegistrationBody(Body):
    """One worker outside an employment relation (BPU), after form F1A and the public BPU registration page."""

    nik: Nik
    name: Short
    birth_place: Short
    birth_date: Day
    sex: Literal["female", "male"]
    address: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    village_code: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"),
        Field(description="Kode wilayah Kemendagri", examples=["73.12.02.2005"]),
    ]
    occupation: Short
    sector: Literal["transport", "other"]
    income_band: Annotated[int, Field(ge=1, le=33), WHOLE]
    phone: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"), Field(description="E.164")] | None
    heir_name: Short
    heir_relation: Short
    first_month: YearMonth
    months: Annotated[int, Field(ge=1, le=MONTHS_MAX), WHOLE]


class ByNik(Body):
    nik: Nik


class ByKpj(Body):
    kpj: Kpj


class PaymentBody(Body):
    kpj: Kpj
    months: Annotated[list[YearMonth], Field(min_length=1, max_length=MONTHS_MAX)]
    amount: Amount


class PostingBody(Body):
    """What a bank received for a payment code. `reference` is the bank's."""

    amount: Amount
    reference: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,64}$")]


class RegisteredAnswer(BaseModel):
    status: Literal["registered"]
    kpj: Kpj


class AlreadyMemberAnswer(BaseModel):
    status: Literal["already-member"]
    kpj: Kpj


class Refusal(BaseModel):
    reason: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    words: Annotated[str, StringConstraints(max_length=300), Field(description="A sentence in Indonesian")]


class RegistrationRefusedAnswer(Refusal):
    status: Literal["refused"]


class AcceptedAnswer(BaseModel):
    """Taken, not decided yet. The decision comes by webhook and can be asked for by `reference`."""

    status: Literal["accepted"]
    reference: Token


Outcome = Annotated[RegisteredAnswer | AlreadyMemberAnswer | RegistrationRefusedAnswer, Field(discriminator="status")]


class MemberAnswer(BaseModel):
    status: Literal["member"]
    kpj: Kpj
    active: bool
    covered_from: date | None
    protected_until: date | None


class NotAMemberAnswer(BaseModel):
    status: Literal["not-a-member"]


Membership = Annotated[MemberAnswer | NotAMemberAnswer, Field(discriminator="status")]


class PaymentCodeAnswer(BaseModel):
    status: Literal["payment-code"]
    code: Token
    amount: Amount
    payable_until: date


class PaymentRefusedAnswer(Refusal):
    status: Literal["payment-refused"]


PaymentCodeOutcome = Annotated[PaymentCodeAnswer | PaymentRefusedAnswer, Field(discriminator="status")]


class PaymentAnswer(BaseModel):
    """All but the code is BPJS's word, and null until the code is paid."""

    status: Literal["payment"]
    code: Token
    paid: bool
    covered_from: date | None
    protected_until: date | None
    amount: Annotated[Amount | None, Field(description="What was paid, whole rupiah")]
    paid_on: date | None


class PaymentPostedAnswer(BaseModel):
    """Taken note of; that the code is paid comes by webhook."""

    status: Literal["posted"]


class PostingRefusedAnswer(Refusal):
    status: Literal["posting-refused"]


PostingOutcome = Annotated[PaymentPostedAnswer | PostingRefusedAnswer, Field(discriminator="status")]


class RegistrationDecidedEvent(BaseModel):
    kind: Literal["registration-decided"]
    event_id: Token
    reference: Token
    outcome: Outcome


class PaidRow(BaseModel):
    """A payment, as told by webhook and, with the same event id, in the statement of its day."""

    event_id: Token
    code: Token
    paid_on: date
    amount: Amount
    covered_from: date
    protected_until: date


class PaidEvent(PaidRow):
    kind: Literal["paid"]


class Problem(BaseModel):
    """Why there is no answer. Never quotes what was sent."""

    error: str
    fields: list[str] = Field(default=[], description="where the question breaks the contract")


Key = Annotated[
    str,
    StringConstraints(pattern=KEY),
    Header(alias="Idempotency-Key", description="The same key with the same body has the same answer for ever"),
]
Reference = Annotated[Token, InPath()]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "Not readable"},
    401: {"model": Problem, "description": "Signature, timestamp or client id is wrong"},
    409: {"model": Problem, "description": "The nonce was used, or the idempotency key was used for another body"},
    413: {"model": Problem, "description": "Too long"},
    422: {"model": Problem, "description": "Breaks this contract"},
    500: {"model": Problem, "description": "Failed; ask again"},
    503: {"model": Problem, "description": "Down; ask later, see Retry-After"},
}
UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "Never given out"}}

SIGNED = {
    CLIENT_ID: "Who asks",
    TIMESTAMP: "When it was signed, ISO 8601 with zone; at most 5 minutes off",
    NONCE: "Never the same twice",
    SIGNATURE: "Hex HMAC-SHA256 of method, path with query, X-Timestamp, X-Nonce and hex SHA-256 of the body, "
    "joined by line feeds; of a webhook the path is the word bpjs-webhook",
}


class SignedApi(FastAPI):
    """Says in its contract that every question is signed."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        schemes = {
            name: {"type": "apiKey", "in": "header", "name": name, "description": SIGNED[name]} for name in SIGNED
        }
        schema.setdefault("components", {})["securitySchemes"] = schemes
        schema["security"] = [{name: [] for name in SIGNED}]
        return schema


def events() -> APIRouter:
    """What is told by webhook, for the contract only."""
    routes = APIRouter(responses={401: PROBLEMS[401], 422: PROBLEMS[422]})

    @routes.post("registration-decided")
    async def registration_decided(event: RegistrationDecidedEvent) -> None:
        """The decision on a registration that was taken for later. Repeated until answered 2xx."""

    @routes.post("paid")
    async def paid(event: PaidEvent) -> None:
        """A payment code was paid. Repeated until answered 2xx."""

    return routes
