"""The words of SNAP BI as the imitated bank speaks them; docs/bank-openapi.json is written from these types.

Names, lengths and obligations are the standard's (Keputusan Gubernur BI 23/10/KEP.GBI/2021).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import FastAPI
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from gateway import snap
from gateway.signing import aware

ServiceId = Annotated[
    str, StringConstraints(pattern=r"^ *[0-9]{1,8}$", min_length=8, max_length=8), Field(examples=["    8808"])
]
CustomerNo = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$"), Field(examples=["880000000000001"])]
AccountNo = Annotated[
    str, StringConstraints(pattern=r"^ *[0-9]{2,28}$", max_length=28), Field(examples=["    8808880000000000001"])
]
Value = Annotated[str, StringConstraints(pattern=r"^0*[1-9][0-9]*\.00$", max_length=16), Field(examples=["33600.00"])]


def _with_zone(written: str) -> str:
    if aware(written) is None:
        raise ValueError("no moment with its zone")
    return written


Moment = Annotated[
    str, AfterValidator(_with_zone),
    Field(examples=["2026-11-28T23:59:59+07:00"], json_schema_extra={"format": "date-time"}),
]  # fmt: skip
Reference = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,64}$")]
RequestId = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,128}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Words(BaseModel):
    """Names of the standard are in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Money(Words):
    value: Value
    currency: Literal["IDR"]


class Grant(Words):
    grant_type: Literal["client_credentials"]


class Account(Words):
    partner_service_id: ServiceId
    customer_no: CustomerNo
    virtual_account_no: AccountNo


class CreateVa(Account):
    virtual_account_name: Name
    trx_id: Reference
    total_amount: Money
    virtual_account_trx_type: Literal["C"] = Field(description="closed: this sum and no other")
    expired_date: Moment


class VaStatus(Account):
    inquiry_request_id: RequestId


class DeleteVa(Account):
    trx_id: Reference


class MakeQr(Words):
    partner_reference_no: Reference
    amount: Money
    merchant_id: Reference
    validity_period: Moment


class QueryQr(Words):
    original_reference_no: Reference
    original_partner_reference_no: Reference | None = None
    service_code: Literal["47"]
    merchant_id: Reference | None = None


class Answer(Words):
    """Every answer. `responseCode`: HTTP status, service, case."""

    response_code: Annotated[str, StringConstraints(pattern=r"^[2-5][0-9]{6}$")]
    response_message: str


class TokenAnswer(Answer):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: str = Field(description="seconds")


class AccountAnswer(Answer):
    virtual_account_data: dict[str, Any]


class QrAnswer(Answer):
    reference_no: Reference
    partner_reference_no: Reference
    qr_content: str


class QrStateAnswer(Answer):
    original_reference_no: Reference
    original_partner_reference_no: Reference
    service_code: Literal["47"]
    latest_transaction_status: Literal["00", "03", "07"] = Field(description="paid, waiting, not found")
    amount: Money
    paid_time: str | None = None


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Answer, "description": "A field is missing (case 02) or written wrongly (01)"},
    401: {"model": Answer, "description": "The signature (case 00) or the token (01) isn't good"},
    403: {"model": Answer, "description": "The bank doesn't do it"},
    404: {"model": Answer, "description": "There is no such bill"},
    409: {"model": Answer, "description": "X-EXTERNAL-ID was used today for another question"},
    500: {"model": Answer, "description": "Failed; ask again"},
    503: {"model": Answer, "description": "Down; ask later"},
}

HEADERS = {
    snap.AUTHORIZATION: "Bearer, and the access token",
    snap.TIMESTAMP: "When it was signed, ISO 8601 with zone; at most 5 minutes off",
    snap.SIGNATURE: "Base64 of HMAC-SHA512 over method:path:token:lower hex SHA-256 of the minified body:timestamp; of "
    "a question for a token, of SHA256withRSA over client|timestamp, with X-CLIENT-KEY",
    snap.PARTNER_ID: "Who asks",
    snap.EXTERNAL_ID: "At most 36 digits, unique in a day; the same for the same question",
    snap.CHANNEL_ID: "At most 5 characters",
}


class SnapApi(FastAPI):
    """Says in its contract which headers every question has."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        schemes = {
            name: {"type": "apiKey", "in": "header", "name": name, "description": words}
            for name, words in HEADERS.items()
        }
        schema.setdefault("components", {})["securitySchemes"] = schemes
        schema["security"] = [{name: [] for name in HEADERS}]
        return schema
