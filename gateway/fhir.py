"""FHIR R4 resources in JSON as they travel, each checked by the published model of `fhir.resources`.

Its R4B is used: R4B changed none of the resources that we speak (hl7.org/fhir/R4B/diff.html). Invariant:
nothing is read that its model doesn't take, and nothing is sent that it doesn't take; a fault names fields of FHIR and
never a value.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from pydantic import BaseModel, ValidationError

from gateway.partner import Nonsense, decoded

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9.-]{1,64}\Z")]


Some = Meta(min_length=1)


class Read(Struct, frozen=True, tag_field="resourceType"):
    """A resource as far as we read it; its model has checked all of it."""


class Identifier(Struct, frozen=True):
    system: str = ""
    value: str = ""


class Reference(Struct, frozen=True):
    reference: str = ""
    display: str = ""


class Name(Struct, frozen=True):
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()


class Period(Struct, frozen=True):
    start: str = ""
    end: str = ""


class Concept(Struct, frozen=True):
    text: str = ""


class Issue(Struct, frozen=True):
    code: str
    diagnostics: str = ""
    details: Concept = Concept()


class Money(Struct, frozen=True):
    value: float
    currency: str = ""


class Payment(Struct, frozen=True):
    amount: Money


class Attachment(Struct, frozen=True):
    data: str = ""
    title: str = ""
    content_type: str = msgspec.field(default="", name="contentType")


class Content(Struct, frozen=True):
    attachment: Attachment


class Patient(Read, frozen=True, tag="Patient"):
    id: Id
    identifier: tuple[Identifier, ...] = ()
    name: tuple[Name, ...] = ()
    birth_date: str = msgspec.field(default="", name="birthDate")


class Coverage(Read, frozen=True, tag="Coverage"):
    id: Id
    status: str
    beneficiary: Reference
    payor: Annotated[tuple[Reference, ...], Some]
    subscriber_id: str = msgspec.field(default="", name="subscriberId")
    period: Period = Period()


class Claim(Read, frozen=True, tag="Claim"):
    id: Id


class ClaimResponse(Read, frozen=True, tag="ClaimResponse"):
    id: Id
    outcome: Literal["queued", "complete", "error", "partial"]
    created: str
    request: Reference = Reference()
    disposition: str = ""
    payment: Payment | None = None


class DocumentReference(Read, frozen=True, tag="DocumentReference"):
    id: Id
    content: Annotated[tuple[Content, ...], Some]
    identifier: tuple[Identifier, ...] = ()
    subject: Reference = Reference()
    date: str = ""


class OperationOutcome(Read, frozen=True, tag="OperationOutcome"):
    issue: Annotated[tuple[Issue, ...], Some]


class Entry(Struct, frozen=True):
    resource: Patient | Coverage | ClaimResponse | OperationOutcome


class Bundle(Read, frozen=True, tag="Bundle"):
    entry: tuple[Entry, ...] = ()


Found = Patient | Coverage | Claim | ClaimResponse | DocumentReference | OperationOutcome | Bundle
_found: msgspec.json.Decoder[Found] = msgspec.json.Decoder(Found)


def read(body: bytes) -> Found | Nonsense:
    """The resource in this body, if it is one of those above and its model takes all of it."""
    found = decoded(_found.decode, body)
    if isinstance(found, Nonsense):
        return found
    try:
        _model(type(found).__name__).model_validate_json(body)
    except ValidationError as fault:
        return Nonsense(_where(fault))
    return found


def written(resource: dict[str, Any]) -> bytes:
    """The body of this resource. ValidationError if its model doesn't take it: that is a bug of ours."""
    _model(resource["resourceType"]).model_validate(resource)
    return json.dumps(resource).encode()


def _model(kind: str) -> type[BaseModel]:
    """Loaded when it is needed: the models take half a second."""
    model: type[BaseModel] = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    return model


def _where(fault: ValidationError) -> str:
    first = fault.errors(include_url=False, include_context=False, include_input=False)[0]
    place = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    return ".".join(map(str, place)) or "the whole"
