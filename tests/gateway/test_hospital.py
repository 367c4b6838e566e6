"""A hospital's system over HTTP: tokens, patients by NIK, claims, papers, all of them valid FHIR R4."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.claim import Claim
from fhir.resources.R4B.documentreference import DocumentReference
from fhir.resources.R4B.operationoutcome import OperationOutcome
from starlette.responses import JSONResponse, Response

from gateway.bearer import FORM
from gateway.fhir import written
from gateway.hospital import DOCUMENT_BYTES_MAX, Hospital
from gateway.partner import TRIES_MAX, Means
from gateway.sandbox.hospital import AUTH, BASE, SLOW_S, create_app
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
from rules.money import Rupiah
from rules.nik import Nik
from tests.gateway.conftest import CLIENT_ID, SECRET, WITA, Clock, Partner, nonces, served

LETTER = b"%PDF-1.7 an invented letter"


def nik(serial: str = "9901") -> Nik:
    return Nik(f"731204520579{serial}")


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[str]:
    app = create_app(
        database=tmp_path / "hospital.sqlite", client_id=CLIENT_ID, secret=SECRET, clock=clock,
        nonce=nonces("token"), sleep=clock.sleep,
    )  # fmt: skip
    with served(app) as url:
        yield url


def client(http: httpx.AsyncClient, url: str, clock: Clock, secret: str = SECRET) -> Hospital:
    means = Means(http, clock, Random(1), nonces("siaga"), clock.sleep, try_s_max=5.0)
    return Hospital(means, f"{url}{BASE}", f"{url}{AUTH}", client_id=CLIENT_ID, secret=secret)


@pytest.fixture
def hospital(sandbox: str, http: httpx.AsyncClient, clock: Clock) -> Hospital:
    return client(http, sandbox, clock)


async def found(hospital: Hospital, serial: str = "9901") -> Patient:
    patient = await hospital.patient(nik(serial))
    assert isinstance(patient, Patient)
    return patient


async def claim_of(hospital: Hospital, serial: str = "9901", name: str = "SIAGA-17") -> HospitalClaim:
    patient = await found(hospital, serial)
    coverage = await hospital.coverage_for(patient)
    assert isinstance(coverage, Coverage)
    return HospitalClaim(name, patient.id, coverage.id, "contoh-09", date(2026, 11, 20), date(2026, 11, 21))


def letter(patient: str, number: str = "SURAT-1") -> Document:
    written_at = datetime(2026, 11, 21, 9, 0, tzinfo=WITA)
    return Document(number, patient, "Surat pengantar", "application/pdf", LETTER, written_at)


async def test_a_patient_is_found_by_nik(hospital: Hospital) -> None:
    patient = await found(hospital)

    assert patient == Patient(patient.id, nik(), "PASIEN KARANGAN 9901", date(1979, 5, 12))


@pytest.mark.parametrize("serial", ["9985", "0001"])
async def test_who_is_not_known_there_is_nobody(hospital: Hospital, serial: str) -> None:
    assert await hospital.patient(nik(serial)) == NoPatient()


async def test_the_coverage_is_that_of_bpjs_ketenagakerjaan(hospital: Hospital) -> None:
    patient = await found(hospital)

    coverage = await hospital.coverage_for(patient)

    assert isinstance(coverage, Coverage)
    assert (coverage.patient, coverage.active) == (patient.id, True)
    assert (coverage.begins, coverage.ends) == (date(2026, 11, 1), date(2027, 1, 31))
    assert len(coverage.kpj) == 11
    assert await hospital.coverage_for(await found(hospital, "9987")) == NoCoverage()


async def test_a_claim_is_sent_once_and_answered_in_time(
    hospital: Hospital, sandbox: str, http: httpx.AsyncClient
) -> None:
    claim = await claim_of(hospital)
    first, again = await hospital.send_claim(claim), await hospital.send_claim(claim)
    other = await hospital.send_claim(await claim_of(hospital, name="SIAGA-18"))
    assert isinstance(first, Sent)
    assert again == first
    assert isinstance(other, Sent)
    assert other != first

    queued = await hospital.claim_response(first.id)
    await http.post(f"{sandbox}/sandbox/claims/{first.id}/next")
    complete = await hospital.claim_response(first.id)

    assert queued == ClaimAnswer(f"R{first.id}", "queued", "Klaim sudah diterima dan menunggu.")
    assert complete == ClaimAnswer(f"R{first.id}", "complete", "Klaim dibayar.", Rupiah(2_150_000))
    assert await hospital.claim_response("never-sent") == NoAnswerYet()


async def test_a_claim_is_rejected_in_the_hospitals_words(hospital: Hospital) -> None:
    assert await hospital.send_claim(await claim_of(hospital, "9988")) == Rejected("Klaim ini tidak bisa diterima.")
    unknown = HospitalClaim("SIAGA-1", "nobody", "none", "contoh-09", date(2026, 11, 20), date(2026, 11, 21))
    assert await hospital.send_claim(unknown) == Rejected("Pasien ini tidak dikenal.")


async def test_a_paper_is_sent_once_and_read_again(hospital: Hospital) -> None:
    document = letter((await found(hospital)).id)
    first, again = await hospital.send_document(document), await hospital.send_document(document)

    assert isinstance(first, Sent)
    assert again == first
    assert await hospital.document(first.id) == document
    assert await hospital.document("never-sent") == NoDocument()


async def test_a_paper_has_a_limit_and_comes_back_whole_within_it(hospital: Hospital) -> None:
    patient = (await found(hospital)).id
    largest = Document("SURAT-2", patient, "Surat", "application/pdf", b"x" * DOCUMENT_BYTES_MAX, letter("").written_at)

    sent = await hospital.send_document(largest)

    assert isinstance(sent, Sent)
    assert await hospital.document(sent.id) == largest
    with pytest.raises(ValueError, match="at most"):
        await hospital.send_document(
            Document("SURAT-3", patient, "", "", b"x" * (DOCUMENT_BYTES_MAX + 1), largest.written_at)
        )


@pytest.mark.parametrize(
    ("serial", "why"),
    [
        ("9982", "the hospital answered 503"),
        ("9983", "nonsense from the hospital: the answer breaks the contract at the whole: not JSON"),
        ("9984", "nonsense from the hospital: the answer breaks the contract at entry.0"),
        ("9986", "nonsense from the hospital: the answer breaks the contract at Bundle.entry: several patients"),
        ("9989", "nonsense from the hospital: the answer breaks the contract at the whole: too long or packed"),
    ],
)
async def test_a_hospital_in_trouble_is_asked_again_later(hospital: Hospital, serial: str, why: str) -> None:
    answer = await hospital.patient(nik(serial))

    assert isinstance(answer, TryLater)
    assert answer.why.startswith(why)


async def test_what_fails_once_or_is_slow_works(hospital: Hospital, clock: Clock) -> None:
    assert isinstance(await hospital.patient(nik("9981")), Patient)
    clock.slept_s.clear()
    assert isinstance(await hospital.patient(nik("9980")), Patient)

    assert clock.slept_s == [SLOW_S]


async def test_a_token_is_kept_until_shortly_before_it_ends(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    token = JSONResponse({"access_token": "t-1", "expires_in": "3599"})
    empty = JSONResponse({"resourceType": "Bundle", "type": "searchset", "total": 0})
    partner.answers = [token, empty, empty, token, empty]
    hospital = client(http, partner.url, clock)

    for passes_s in (0, 3500, 60):
        clock.passes(passes_s)
        assert await hospital.patient(nik()) == NoPatient()

    asked = [partner.next_asked() for _ in range(5)]
    assert [body.startswith(b"client_id=") for _headers, body in asked] == [True, False, False, True, False]
    assert asked[1][0]["authorization"] == "Bearer t-1"
    assert asked[1][0]["content-type"] == FORM


async def test_a_token_that_is_taken_back_is_replaced_at_once(
    hospital: Hospital, sandbox: str, http: httpx.AsyncClient
) -> None:
    await found(hospital)
    await http.post(f"{sandbox}/sandbox/tokens/revoke")

    assert isinstance(await hospital.patient(nik()), Patient)


async def test_with_a_wrong_secret_nobody_tries_for_ever(sandbox: str, http: httpx.AsyncClient, clock: Clock) -> None:
    answer = await client(http, sandbox, clock, secret="another").patient(nik())

    assert isinstance(answer, TryLater)
    assert "401" in answer.why
    assert clock.slept_s == []


@pytest.mark.parametrize("token", [b"", b"[]", b'{"access_token": "a b", "expires_in": 1}',
                                   b'{"access_token": "t", "expires_in": "soon"}'])  # fmt: skip
async def test_a_token_that_is_none_is_nonsense(
    token: bytes, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [Response(token)]

    answer = await client(http, partner.url, clock).patient(nik())

    assert isinstance(answer, TryLater)
    assert answer.why.startswith("nonsense from the hospital")
    assert partner.asked.qsize() == 1


async def test_tries_are_limited(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [Response(status_code=500)]

    assert isinstance(await client(http, partner.url, clock).patient(nik()), TryLater)
    assert partner.asked.qsize() == TRIES_MAX


PATIENT: dict[str, Any] = {
    "resourceType": "Patient", "id": "P1",
    "identifier": [{"system": "https://fhir.kemkes.go.id/id/nik", "value": nik().digits}],
}  # fmt: skip
DEEP = b'{"resourceType": "Bundle", "type": "searchset", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"


def bundle(*resources: Any) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries}).encode()


NONSENSE: dict[str, bytes] = {
    "another patient": bundle({**PATIENT, "identifier": [{"system": "nik", "value": nik().digits}]}),
    "another resource": json.dumps(PATIENT).encode(),
    "a bundle without its type": b'{"resourceType": "Bundle"}',
    "an unknown field": bundle({**PATIENT, "HASNA": "HASNA"}),
    "a wrong birth date": bundle({**PATIENT, "birthDate": "HASNA"}),
    "a strange id": bundle({**PATIENT, "id": "../HASNA"}),
    "an entry without a resource": b'{"resourceType": "Bundle", "type": "searchset", "entry": [{}]}',
    "empty": b"",
    "deep": DEEP,
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE.keys())
async def test_a_resource_that_does_not_validate_is_never_believed_nor_quoted(
    body: bytes, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [JSONResponse({"access_token": "t-1", "expires_in": 3599}), Response(body)]

    answer = await client(http, partner.url, clock).patient(nik())

    assert isinstance(answer, TryLater)
    assert answer.why.startswith("nonsense from the hospital: the answer breaks the contract at ")
    assert "HASNA" not in answer.why


async def test_a_nik_is_in_no_address_and_no_log(hospital: Hospital, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")  # which others may have silenced

    await hospital.send_claim(await claim_of(hospital))

    assert "_search" in caplog.text
    assert nik().digits not in caplog.text
    assert SECRET not in caplog.text


async def test_everything_that_the_sandbox_says_is_valid_r4(sandbox: str, http: httpx.AsyncClient) -> None:
    form = {"client_id": CLIENT_ID, "client_secret": SECRET}
    token = await http.post(f"{sandbox}{AUTH}/accesstoken?grant_type=client_credentials", data=form)
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    search = {"identifier": f"https://fhir.kemkes.go.id/id/nik|{nik().digits}"}

    nobody = await http.post(f"{sandbox}{BASE}/Patient/_search", data=search)
    patients = await http.post(f"{sandbox}{BASE}/Patient/_search", data=search, headers=bearer)
    patient = patients.json()["entry"][0]["resource"]["id"]
    coverages = await http.post(
        f"{sandbox}{BASE}/Coverage/_search", data={"beneficiary": f"Patient/{patient}"}, headers=bearer
    )
    broken = await http.post(f"{sandbox}{BASE}/Claim", content=b'{"resourceType": "Claim"}', headers=bearer)
    missing = await http.get(f"{sandbox}{BASE}/DocumentReference/none", headers=bearer)

    for answer in (patients, coverages):
        Bundle.model_validate_json(answer.content)
        assert answer.headers["content-type"] == "application/fhir+json"
    for answer, status in ((nobody, 401), (broken, 422), (missing, 404)):
        OperationOutcome.model_validate_json(answer.content)
        assert answer.status_code == status


def test_what_we_send_is_valid_or_a_bug_of_ours() -> None:
    with pytest.raises(ValueError, match="Claim"):
        written({"resourceType": "Claim", "status": "active"})


async def test_what_we_send_is_what_the_models_read(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [
        JSONResponse({"access_token": "t-1", "expires_in": 3599}),
        JSONResponse({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid"}]}, 422),
    ]
    hospital = client(http, partner.url, clock)

    claim = HospitalClaim("SIAGA-17", "P1", "C1", "contoh-09", date(2026, 11, 20), date(2026, 11, 21))
    assert await hospital.send_claim(claim) == Rejected("invalid")
    await hospital.send_document(letter("P1"))

    _token, (headers, sent), (_headers, paper) = (partner.next_asked() for _ in range(3))
    assert headers["if-none-exist"] == "identifier=urn:siaga:claim|SIAGA-17"
    assert headers["content-type"] == "application/fhir+json"
    read = Claim.model_validate_json(sent)
    assert read.accident is not None
    assert (read.accident.date, read.insurance[0].coverage.reference) == (date(2026, 11, 20), "Coverage/C1")
    assert DocumentReference.model_validate_json(paper).content[0].attachment.contentType == "application/pdf"
