"""The words of the PLKK contract as the sandbox speaks them; docs/plkk-openapi.json is written from these types."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from gateway.sandbox.bpjs_contract import PROBLEMS, Body, Day, Kpj, Refusal, Short, SignedApi, Token
from gateway.signing import SIGNATURE

VILLAGE = r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$"
DISTANCE_KM_MAX = 500

VillageCode = Annotated[
    str, StringConstraints(pattern=VILLAGE), Field(description="Kode wilayah Kemendagri", examples=["73.12.02.2005"])
]
InVillage = Annotated[VillageCode, InPath()]


class NoticeBody(Body):
    """Somebody who was injured at work is on the way. Nothing medical, and no whole NIK."""

    claim: Token
    clinic: Token
    kpj: Kpj
    name: Short
    nik: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{4}\*{8}[0-9]{4}$"),
        Field(description="Masked, to compare with the card", examples=["7312********9901"]),
    ]
    protected_until: Annotated[Day | None, Field(description="By the word of BPJS; null: never stated")]
    on: Day
    part_of_day: Literal["morning", "noon", "afternoon", "night", "unknown"]
    place: Literal["workplace", "commute", "road", "elsewhere"]
    village_code: VillageCode
    story: Annotated[str, StringConstraints(max_length=1000)]
    agent_phone: (
        Annotated[
            str,
            StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"),
            Field(description="E.164; whom the clinic may call"),
        ]
        | None
    )


class ClinicEntry(BaseModel):
    id: Token
    name: Short
    address: Annotated[str, StringConstraints(max_length=200)]
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+() -]{3,30}$")]
    distance_km: Annotated[float, Field(ge=0, le=DISTANCE_KM_MAX, description="By road from the village")]
    checked_on: Annotated[date, Field(description="When somebody made sure of this entry")]


class ClinicsAnswer(BaseModel):
    """The nearest first."""

    status: Literal["clinics"]
    clinics: Annotated[list[ClinicEntry], Field(max_length=20)]


class NoticeTakenAnswer(BaseModel):
    status: Literal["notice-taken"]
    reference: Token


class NoticeRefusedAnswer(Refusal):
    status: Literal["notice-refused"]


NoticeOutcome = Annotated[NoticeTakenAnswer | NoticeRefusedAnswer, Field(discriminator="status")]


class TreatmentAnswer(BaseModel):
    """Where the injured is since `at`. Not what is done there."""

    status: Literal["treatment"]
    reference: Token
    clinic: Token
    state: Literal["expected", "arrived", "admitted", "discharged"]
    at: AwareDatetime


class TreatmentChangedEvent(BaseModel):
    kind: Literal["treatment-changed"]
    event_id: Token
    reference: Token
    state: Literal["arrived", "admitted", "discharged"]
    at: AwareDatetime


class PlkkApi(SignedApi):
    """Names the word that is signed in a webhook of these clinics."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        signature = schema["components"]["securitySchemes"][SIGNATURE]
        signature["description"] = signature["description"].replace("bpjs-webhook", "plkk-webhook")
        return schema


def events() -> APIRouter:
    """What is told by webhook, for the contract only."""
    routes = APIRouter(responses={401: PROBLEMS[401], 422: PROBLEMS[422]})

    @routes.post("treatment-changed")
    async def treatment_changed(event: TreatmentChangedEvent) -> None:
        """Somebody arrived, was admitted or discharged. Repeated until answered 2xx."""

    return routes


def moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
