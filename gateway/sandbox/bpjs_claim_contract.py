"""The words of the BPJS contract about claims and about what changed on a day, beside `bpjs_contract`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from gateway.sandbox.bpjs_contract import (
    Amount,
    Body,
    Day,
    Kpj,
    MemberAnswer,
    PaidRow,
    Refusal,
    Short,
    Token,
)

DOCUMENTS_MAX = 20
PAGE_ROWS_MAX = 100

DocumentKind = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$"), Field(description="Such as ktp", examples=["ktp"])
]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"), Field(description="E.164")]
Words = Annotated[str, StringConstraints(max_length=300)]
Told = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class ReporterBody(Body):
    """Who reports; of a death, the heir who is to be paid."""

    name: Short
    relation: Literal["self", "spouse", "child", "parent", "sibling", "in-law", "will", "helper"]
    phone: Phone | None


class AccidentBody(Body):
    """An accident at work (JKK), after form F3 KK1."""

    kind: Literal["accident"]
    on: Day
    part_of_day: Literal["morning", "noon", "afternoon", "night", "unknown"]
    place: Literal["workplace", "commute", "road", "elsewhere"]
    village_code: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"),
        Field(description="Kode wilayah Kemendagri", examples=["73.12.02.2005"]),
    ]
    story: Told
    injury: Told
    clinic: Annotated[str, StringConstraints(max_length=200), Field(description="Empty: nowhere yet")]


class DeathBody(Body):
    """A death (JKM; JKK if it was by an accident at work), after form F4."""

    kind: Literal["death"]
    on: Day
    cause: Literal["work", "other", "unknown"]


class ScholarshipBody(Body):
    """A year of school of a child of a member, after the form Beasiswa."""

    kind: Literal["scholarship"]
    child_name: Short
    child_born: Day
    level: Literal["primary", "junior", "senior", "university"]
    school: Short


class ClaimBody(Body):
    """A claim as it is reported; `documents` are the kinds that follow, each by a request of its own."""

    kpj: Kpj
    reporter: ReporterBody
    about: Annotated[AccidentBody | DeathBody | ScholarshipBody, Field(discriminator="kind")]
    documents: Annotated[list[DocumentKind], Field(max_length=DOCUMENTS_MAX)]


class ClaimReceivedAnswer(BaseModel):
    status: Literal["claim-received"]
    reference: Token


class ClaimRefusedAnswer(Refusal):
    status: Literal["claim-refused"]


class DocumentTakenAnswer(BaseModel):
    status: Literal["document-taken"]


ClaimOutcome = Annotated[ClaimReceivedAnswer | ClaimRefusedAnswer, Field(discriminator="status")]
DocumentOutcome = Annotated[DocumentTakenAnswer | ClaimRefusedAnswer, Field(discriminator="status")]


class ClaimStatusAnswer(BaseModel):
    """`missing` while documents are wanted, `words` when refused, `amount` from approved on, the rest when paid."""

    status: Literal["claim-status"]
    reference: Token
    state: Literal["received", "documents-wanted", "verifying", "approved", "refused", "paid"]
    words: Words
    missing: Annotated[list[DocumentKind], Field(max_length=DOCUMENTS_MAX)]
    amount: Amount | None
    paid_on: date | None
    paid_to: Words


Cursor = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,60}$")]
After = Annotated[Cursor, Field(description="For the next page; empty after the last")]


class PaymentsPage(BaseModel):
    """Codes that were paid on the day."""

    status: Literal["payments"]
    rows: Annotated[list[PaidRow], Field(max_length=PAGE_ROWS_MAX)]
    after: After


class MembersPage(BaseModel):
    """Members whose cover changed last on the day, as they stand now."""

    status: Literal["members"]
    rows: Annotated[list[MemberAnswer], Field(max_length=PAGE_ROWS_MAX)]
    after: After


class ClaimsPage(BaseModel):
    """Claims that changed last on the day, as they stand now."""

    status: Literal["claims"]
    rows: Annotated[list[ClaimStatusAnswer], Field(max_length=PAGE_ROWS_MAX)]
    after: After


StatedAt = Annotated[AwareDatetime, Field(description="An older word that comes late is told by it from a newer")]


class CoverChangedEvent(BaseModel):
    kind: Literal["cover-changed"]
    event_id: Token
    kpj: Kpj
    active: bool
    covered_from: date | None
    protected_until: date | None
    stated_at: StatedAt


class ClaimAcceptedEvent(BaseModel):
    kind: Literal["claim-accepted"]
    event_id: Token
    reference: Token
    number: Annotated[Token, Field(description="BPJS's own number of the claim")]


class ClaimChangedEvent(BaseModel):
    kind: Literal["claim-changed"]
    event_id: Token
    claim: ClaimStatusAnswer
    stated_at: StatedAt


InAddress = Annotated[DocumentKind, InPath()]
OfDay = Annotated[Day, Query(description="A day in Soppeng (WITA)", examples=["2026-11-20"])]
Next = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,18}$"), Query(description="`after` of the page before")]

DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "JPEG, PNG or PDF of up to 6 MB",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "application/pdf")
        },
    }
}
"""FastAPI can't tell of a body that is read raw."""


def claim_events(routes: APIRouter) -> None:
    """What is told by webhook of cover and claims, for the contract only."""

    @routes.post("cover-changed")
    async def cover_changed(event: CoverChangedEvent) -> None:
        """A membership changed otherwise than by a payment code. Repeated until answered 2xx."""

    @routes.post("claim-accepted")
    async def claim_accepted(event: ClaimAcceptedEvent) -> None:
        """A claim is taken up. Repeated until answered 2xx."""

    @routes.post("claim-changed")
    async def claim_changed(event: ClaimChangedEvent) -> None:
        """A claim stands so from now on. Repeated until answered 2xx."""
