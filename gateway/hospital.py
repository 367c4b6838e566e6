"""A hospital's system, as FHIR R4 over HTTP: who somebody is there, the membership it has noted, claims, papers.

As SATUSEHAT's (satusehat.kemkes.go.id/platform/docs): OAuth2 with client credentials, patients found by NIK. Invariant:
every call ends in a type of `rules.hospital` or `TryLater`, which a resource that doesn't validate is, too; a NIK is
searched for by POST, so it stands in no address.
"""

from __future__ import annotations

from urllib.parse import quote

from gateway import fhir
from gateway.bearer import BearerPartner
from gateway.hospital_wire import (
    CLAIM_SYSTEM,
    DOCUMENT_SYSTEM,
    answer_search,
    claim_body,
    coverage_search,
    document_body,
    identified,
    parse_answer,
    parse_coverage,
    parse_document,
    parse_patient,
    parse_sent,
    patient_search,
)
from gateway.partner import Means
from rules.bpjs import TryLater
from rules.hospital import (
    ClaimAnswer,
    Coverage,
    Document,
    HospitalClaim,
    NoAnswerYet,
    NoCoverage,
    NoDocument,
    NoPatient,
    Patient,
    Rejected,
    Sent,
)
from rules.nik import Nik

DOCUMENT_BYTES_MAX = 512 * 1024
"""A paper of ours; what comes back with it has to fit into an answer."""


class Hospital:
    """The client. `base_url` such as "https://hospital.example/fhir-r4/v1", `auth_url` such as
    "https://hospital.example/oauth2/v1"."""

    def __init__(self, means: Means, base_url: str, auth_url: str, *, client_id: str, secret: str) -> None:
        self._partner = BearerPartner(
            means, base_url, auth_url, name="the hospital", client_id=client_id, secret=secret
        )

    async def patient(self, nik: Nik) -> Patient | NoPatient | TryLater:
        return await self._partner.ask(
            "POST", "/Patient/_search", lambda body: parse_patient(body, nik), body=patient_search(nik)
        )

    async def coverage_for(self, patient: Patient) -> Coverage | NoCoverage | TryLater:
        """What the hospital has noted of the membership at BPJS Ketenagakerjaan."""
        return await self._partner.ask(
            "POST", "/Coverage/_search", lambda body: parse_coverage(body, patient.id),
            body=coverage_search(patient.id),
        )  # fmt: skip

    async def send_claim(self, claim: HospitalClaim) -> Sent | Rejected | TryLater:
        """However often it is sent, it is one claim by its `claim.claim`."""
        return await self._partner.ask(
            "POST", "/Claim", lambda body: parse_sent(body, fhir.Claim), body=claim_body(claim),
            key=identified(CLAIM_SYSTEM, claim.claim),
        )  # fmt: skip

    async def claim_response(self, claim_id: str) -> ClaimAnswer | NoAnswerYet | TryLater:
        """What became of the claim that the hospital's system has under this id."""
        return await self._partner.ask(
            "POST", "/ClaimResponse/_search", lambda body: parse_answer(body, claim_id), body=answer_search(claim_id)
        )

    async def send_document(self, document: Document) -> Sent | Rejected | TryLater:
        """However often it is sent, it is one paper by its number. ValueError above `DOCUMENT_BYTES_MAX`."""
        if len(document.content) > DOCUMENT_BYTES_MAX:
            raise ValueError(f"at most {DOCUMENT_BYTES_MAX} bytes")
        return await self._partner.ask(
            "POST", "/DocumentReference", lambda body: parse_sent(body, fhir.DocumentReference),
            body=document_body(document), key=identified(DOCUMENT_SYSTEM, document.number),
        )  # fmt: skip

    async def document(self, id_: str) -> Document | NoDocument | TryLater:
        return await self._partner.ask(
            "GET", f"/DocumentReference/{quote(id_, safe='')}", lambda body: parse_document(body, id_)
        )
