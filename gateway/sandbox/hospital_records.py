"""What the imitated hospital remembers, and the FHIR resources that it makes of it.

Invariant: it knows invented people only (last four digits of the NIK 9900 to 9999), and every resource it gives is
valid R4, but for the one that is to be nonsense.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from gateway.sandbox.bpjs_registry import invented
from gateway.sandbox.store import Answer, Store

SLOW, FAILS_ONCE, DOWN, NONSENSE, INVALID = "9980", "9981", "9982", "9983", "9984"
NOT_HERE, TWICE, NO_COVERAGE, REJECTED, ENDLESS = "9985", "9986", "9987", "9988", "9989"
"""Magic last four digits of a NIK."""

NIK_SYSTEM = "https://fhir.kemkes.go.id/id/nik"
TERMS = "http://terminology.hl7.org/CodeSystem"
PAYOR = "BPJS Ketenagakerjaan"
TOKEN_LIFE = timedelta(seconds=3599)
PAID = 2_150_000
ENDLESS_BYTES = 2 * 1024 * 1024

TABLES = """
create table if not exists patients (id text primary key, nik text not null);
create table if not exists sent (
    id text primary key, kind text not null, identifier text unique, body text not null, outcome text not null);
create table if not exists tokens (token text primary key, until real not null);
create table if not exists failed_once (what text primary key);
"""


class Records(Store):
    """Used by one thread; `open` before use."""

    def __init__(self, database: Path, secret: str) -> None:
        super().__init__(database, secret, TABLES)

    def fails_now(self, what: str) -> bool:
        """True the first time for something that fails once."""
        return self.db.execute("insert or ignore into failed_once values (?)", (what,)).rowcount == 1

    def new_token(self, token: str, now: datetime) -> None:
        self.db.execute("insert into tokens values (?, ?)", (token, (now + TOKEN_LIFE).timestamp()))

    def is_good(self, token: str, now: datetime) -> bool:
        row = self.one("select until from tokens where token = ?", token)
        return row is not None and row["until"] > now.timestamp()

    def revoke(self) -> None:
        """No token that was given is good any more."""
        self.db.execute("delete from tokens")

    def nik_of(self, patient: str) -> str:
        """The NIK behind a patient's id; "" for an unknown one."""
        row = self.one("select nik from patients where id = ?", patient)
        return str(row["nik"]) if row else ""

    def patients(self, nik: str) -> list[Answer]:
        if not invented(nik) or nik[-4:] == NOT_HERE:
            return []
        ids = [f"P{self.token(nik)}", *([f"Q{self.token(nik)}"] if nik[-4:] == TWICE else [])]
        for one in ids:
            self.db.execute("insert or ignore into patients values (?, ?)", (one, nik))
        return [_patient(one, nik) for one in ids]

    def coverages(self, patient: str) -> list[Answer]:
        """One of BPJS Kesehatan, and after it that of BPJS Ketenagakerjaan, if there is one."""
        nik = self.nik_of(patient)
        if not nik:
            return []
        kpj = f"{int(self.token(f'kpj {nik}'), 16) % 10**11:011}"
        found = [_coverage(f"K{patient}", patient, "BPJS Kesehatan", f"000{kpj[:10]}")]
        return found if nik[-4:] == NO_COVERAGE else [*found, _coverage(f"C{patient}", patient, PAYOR, kpj)]

    def keep(self, resource: Answer, condition: str) -> Answer:
        """The resource with an id; what has the identifier of the condition already is given back instead."""
        identifier = condition or None
        with self.transaction():
            row = self.one("select body from sent where identifier = ?", condition) if condition else None
            if row is not None:
                kept: Answer = json.loads(row["body"])
                return kept
            id_ = self.token(json.dumps([condition, resource]))
            kept = {**resource, "id": id_}
            self.db.execute(
                "insert or ignore into sent values (?, ?, ?, ?, 'queued')",
                (id_, resource["resourceType"], identifier, json.dumps(kept)),
            )
            return kept

    def kept(self, kind: str, id_: str) -> Answer | None:
        row = self.one("select body from sent where kind = ? and id = ?", kind, id_)
        return json.loads(row["body"]) if row else None

    def go_on(self, claim: str) -> None:
        """The claim is decided."""
        self.db.execute("update sent set outcome = 'complete' where id = ? and kind = 'Claim'", (claim,))

    def answers(self, claim: str) -> list[Answer]:
        row = self.one("select body, outcome from sent where kind = 'Claim' and id = ?", claim)
        return [_answer(json.loads(row["body"]), row["outcome"])] if row else []


def _patient(id_: str, nik: str) -> Answer:
    born_day = int(nik[6:8]) % 40
    born = "kemarin" if nik[-4:] == INVALID else f"19{nik[10:12]}-{nik[8:10]}-{born_day:02}"
    return {
        "resourceType": "Patient", "id": id_, "active": True,
        "identifier": [{"use": "official", "system": NIK_SYSTEM, "value": nik}],
        "name": [{"use": "official", "text": f"PASIEN KARANGAN {nik[-4:]}"}],
        "gender": "female" if int(nik[6:8]) > 40 else "male", "birthDate": born,
    }  # fmt: skip


def _coverage(id_: str, patient: str, payor: str, number: str) -> Answer:
    return {
        "resourceType": "Coverage", "id": id_, "status": "active", "subscriberId": number,
        "beneficiary": {"reference": f"Patient/{patient}"}, "payor": [{"display": payor}],
        "period": {"start": "2026-11-01", "end": "2027-01-31"},
    }  # fmt: skip


def _answer(claim: Answer, outcome: str) -> Answer:
    said = {"queued": "Klaim sudah diterima dan menunggu.", "complete": "Klaim dibayar."}[outcome]
    paid = {"payment": {"type": {"coding": [{"system": f"{TERMS}/ex-paymenttype", "code": "complete"}]},
                        "amount": {"value": PAID, "currency": "IDR"}}}  # fmt: skip
    return {
        "resourceType": "ClaimResponse", "id": f"R{claim['id']}", "status": "active", "type": claim["type"],
        "use": claim["use"], "patient": claim["patient"], "created": claim["created"],
        "insurer": {"display": PAYOR}, "request": {"reference": f"Claim/{claim['id']}"}, "outcome": outcome,
        "disposition": said, **(paid if outcome == "complete" else {}),
    }  # fmt: skip
