"""What passes between us and a hospital, as types of `rules.hospital` on our side and as FHIR resources on theirs.

Invariant: what leaves this file is a type of `rules.hospital` that belongs to what was asked, or `Nonsense`. A whole
NIK stands in a body alone.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date, datetime
from urllib.parse import urlencode

from gateway import fhir
from gateway.fhir import Found, written
from gateway.partner import Nonsense
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
from rules.money import Rupiah
from rules.nik import Nik

NIK_SYSTEM = "https://fhir.kemkes.go.id/id/nik"
CLAIM_SYSTEM, DOCUMENT_SYSTEM = "urn:siaga:claim", "urn:siaga:document"
PAYOR = "BPJS Ketenagakerjaan"
TERMS = "http://terminology.hl7.org/CodeSystem"
WORDS_MAX = 300
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""FHIR's dates may lack the day, or have a time after it."""


# -- asked and sent -----------------------------------------------------------------------------------------------


def patient_search(nik: Nik) -> bytes:
    return urlencode({"identifier": f"{NIK_SYSTEM}|{nik.digits}"}).encode()


def coverage_search(patient: str) -> bytes:
    return urlencode({"beneficiary": f"Patient/{patient}"}).encode()


def answer_search(claim: str) -> bytes:
    return urlencode({"request": f"Claim/{claim}"}).encode()


def identified(system: str, value: str) -> str:
    """For a conditional create: what has this identifier already isn't made again."""
    return urlencode({"identifier": f"{system}|{value}"}, safe="|:")


def claim_body(claim: HospitalClaim) -> bytes:
    return written({
        "resourceType": "Claim",
        "identifier": [{"system": CLAIM_SYSTEM, "value": claim.claim}],
        "status": "active",
        "type": {"coding": [{"system": f"{TERMS}/claim-type", "code": "institutional"}]},
        "use": "claim",
        "patient": {"reference": f"Patient/{claim.patient}"},
        "created": claim.created.isoformat(),
        "provider": {"reference": f"Organization/{claim.hospital}"},
        "priority": {"coding": [{"system": f"{TERMS}/processpriority", "code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": f"Coverage/{claim.coverage}"}}],
        # WPA: workplace accident
        "accident": {"date": claim.accident_on.isoformat(),
                     "type": {"coding": [{"system": f"{TERMS}/v3-ActCode", "code": "WPA"}]}},
    })  # fmt: skip


def document_body(document: Document) -> bytes:
    content = base64.b64encode(document.content).decode()
    return written({
        "resourceType": "DocumentReference",
        "identifier": [{"system": DOCUMENT_SYSTEM, "value": document.number}],
        "status": "current",
        "type": {"text": document.title},
        "subject": {"reference": f"Patient/{document.patient}"},
        "date": document.written_at.isoformat(timespec="seconds"),
        "content": [
            {"attachment": {"contentType": document.media_type, "data": content, "title": document.title}}
        ],
    })  # fmt: skip


# -- heard --------------------------------------------------------------------------------------------------------


def parse_patient(body: bytes, nik: Nik) -> Patient | NoPatient | Nonsense:
    found = _entries(body)
    if isinstance(found, Nonsense):
        return found
    patients = [one for one in found if isinstance(one, fhir.Patient)]
    if not patients:
        return NoPatient()
    if len(patients) > 1:
        return Nonsense("Bundle.entry: several patients")
    (one,) = patients
    if nik.digits not in [known.value for known in one.identifier if known.system == NIK_SYSTEM]:
        return Nonsense("Patient.identifier: another patient")
    return Patient(one.id, nik, _name(one), _day(one.birth_date))


def parse_coverage(body: bytes, patient: str) -> Coverage | NoCoverage | Nonsense:
    """Of several the one that is active."""
    found = _entries(body)
    if isinstance(found, Nonsense):
        return found
    ours = [one for one in found if isinstance(one, fhir.Coverage) and _is_ours(one, patient)]
    active = [one for one in ours if one.status == "active"]
    for one in (*active, *ours):
        period = _day(one.period.start), _day(one.period.end)
        return Coverage(one.id, patient, one.subscriber_id, one.status == "active", *period)
    return NoCoverage()


def parse_sent(body: bytes, kind: type[fhir.Claim | fhir.DocumentReference]) -> Sent | Rejected | Nonsense:
    found = fhir.read(body)
    match found:
        case Nonsense():
            return found
        case fhir.OperationOutcome():
            return Rejected(_words(found))
        case _ if isinstance(found, kind):
            return Sent(found.id)
        case _:
            return Nonsense("resourceType")


def parse_answer(body: bytes, claim: str) -> ClaimAnswer | NoAnswerYet | Nonsense:
    """Of several the newest."""
    found = _entries(body)
    if isinstance(found, Nonsense):
        return found
    answers = [one for one in found if isinstance(one, fhir.ClaimResponse)]
    if any(one.request.reference != f"Claim/{claim}" for one in answers):
        return Nonsense("ClaimResponse.request: another claim")
    if not answers:
        return NoAnswerYet()
    newest = max(answers, key=lambda one: one.created)
    return ClaimAnswer(newest.id, newest.outcome, newest.disposition[:WORDS_MAX], _amount(newest))


def parse_document(body: bytes, id_: str) -> Document | NoDocument | Nonsense:
    found = fhir.read(body)
    match found:
        case Nonsense():
            return found
        case fhir.OperationOutcome():
            return NoDocument()
        case fhir.DocumentReference() if found.id == id_:
            return _document(found)
        case _:
            return Nonsense("resourceType or id")


def _document(found: fhir.DocumentReference) -> Document | Nonsense:
    attachment = found.content[0].attachment
    number = next((one.value for one in found.identifier if one.system == DOCUMENT_SYSTEM), "")
    try:
        content = base64.b64decode(attachment.data, validate=True)
        written_at = datetime.fromisoformat(found.date)
    except (binascii.Error, ValueError):
        return Nonsense("DocumentReference.date or content")
    subject = found.subject.reference.removeprefix("Patient/")
    return Document(number, subject, attachment.title, attachment.content_type, content, written_at)


def _entries(body: bytes) -> list[Found] | Nonsense:
    found = fhir.read(body)
    if isinstance(found, Nonsense):
        return found
    if not isinstance(found, fhir.Bundle):
        return Nonsense("resourceType")
    return [entry.resource for entry in found.entry]


def _is_ours(one: fhir.Coverage, patient: str) -> bool:
    """Of this patient, and paid for by BPJS Ketenagakerjaan, not by BPJS Kesehatan."""
    return one.beneficiary.reference == f"Patient/{patient}" and any(by.display == PAYOR for by in one.payor)


def _name(one: fhir.Patient) -> str:
    first = one.name[0] if one.name else fhir.Name()
    return (first.text or " ".join((*first.given, first.family)).strip())[:WORDS_MAX]


def _words(outcome: fhir.OperationOutcome) -> str:
    first = outcome.issue[0]
    return (first.details.text or first.diagnostics or first.code)[:WORDS_MAX]


def _amount(one: fhir.ClaimResponse) -> Rupiah | None:
    if one.payment is None or one.payment.amount.currency != "IDR":
        return None
    return Rupiah(round(one.payment.amount.value))


def _day(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if _DAY.match(text) else None
