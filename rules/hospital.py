"""The words we share with hospitals, after the resources of HL7 FHIR R4 (hl7.org/fhir/R4) that SATUSEHAT speaks.

Ids are those of the hospital's system. Nothing medical: who it is, who pays, what is billed, and papers of ours.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from rules.money import Rupiah
from rules.nik import Nik


class Patient(Struct, frozen=True):
    """Somebody whom the hospital knows by this NIK."""

    id: str
    nik: Nik
    name: str
    birth_date: date | None = None


class NoPatient(Struct, frozen=True):
    """The hospital knows nobody with this NIK."""


class Coverage(Struct, frozen=True):
    """What the hospital has noted of the membership at BPJS Ketenagakerjaan. Cover dates that count are BPJS's own."""

    id: str
    patient: str
    kpj: str
    active: bool
    begins: date | None = None
    ends: date | None = None


class NoCoverage(Struct, frozen=True):
    """The hospital has noted no membership of this patient."""


class HospitalClaim(Struct, frozen=True):
    """An accident at work that the hospital bills. `claim` is our name of the case: sent twice, it is one claim.
    `hospital` is the id of its Organization."""

    claim: str
    patient: str
    coverage: str
    hospital: str
    accident_on: date
    created: date


class Sent(Struct, frozen=True):
    """The hospital's system has it under this id."""

    id: str


class Rejected(Struct, frozen=True):
    """The hospital's system doesn't take it; `words` are its own."""

    words: str


class ClaimAnswer(Struct, frozen=True):
    """What became of a claim. `amount`: what is paid, if that is said."""

    id: str
    outcome: Literal["queued", "complete", "error", "partial"]
    words: str = ""
    amount: Rupiah | None = None


class NoAnswerYet(Struct, frozen=True):
    """Nobody has answered the claim."""


class Document(Struct, frozen=True):
    """A paper about a patient, such as our letter of introduction. `number` is its name with us: sent twice, it is one
    paper. `written_at` is aware."""

    number: str
    patient: str
    title: str
    media_type: str
    content: bytes
    written_at: datetime


class NoDocument(Struct, frozen=True):
    """There is no paper of this id."""
