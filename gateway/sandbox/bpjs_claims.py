"""Claims at the imitated BPJS: they go on a step at a time, by a button or, once every paper that the report announced
is there, by themselves after some seconds.

The member's NIK chooses what becomes of a claim. Invariant: a claim and a document are taken once per idempotency key,
and every step is told by an event that is stored with it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from gateway.sandbox import bpjs_changes
from gateway.sandbox.store import Answer, Store

STEP = timedelta(seconds=5)
SLOW_STEP = timedelta(minutes=1)

SLOW_CLAIM, REFUSED_CLAIM, DOCUMENTS_CLAIM = "9970", "9971", "9972"
"""Magic last four digits of the member's NIK."""

DECISIONS = {"accident": 1_250_000, "death": 42_000_000, "scholarship": 1_500_000}
"""Whole rupiah. Invented for this imitation: what a benefit really is stands in no table of a sandbox."""

REFUSAL = "Kejadiannya tidak termasuk yang dijamin."
WANTED_BY_DEFAULT = "ktp"
FINAL = ("refused", "paid")
ROWS_SHOWN_MAX = 50

TABLES = """
create table if not exists claims (
    reference text primary key, kpj text not null, kind text not null, reporter text not null, wanted text not null,
    state text not null, number text not null, missing text not null, asked_at real not null, next_at real,
    paid_on text);
create table if not exists claim_documents (
    reference text not null, kind text not null, bytes integer not null, sent_at real not null,
    primary key (reference, kind));
create table if not exists claim_papers (
    reference text not null, kind text not null, primary key (reference, kind)) without rowid;
"""

DUE = """
select reference from claims where next_at <= ? and not exists (
    select kind from claim_papers as paper where paper.reference = claims.reference
    except select kind from claim_documents as document where document.reference = claims.reference)
order by next_at
"""
"""What goes on by itself. `claim_papers` are the kinds that the report announced, `claim_documents` those that came."""


class Claims:
    """`by_themselves`: a claim that has its papers goes on by itself, if nobody presses the button."""

    def __init__(self, store: Store, *, by_themselves: bool) -> None:
        self._store, self._by_themselves = store, by_themselves

    def take(
        self, kpj: str, kind: str, reporter: str, documents: Sequence[str], question: str, key: str, now: datetime
    ) -> Answer | None:
        """Take a report. None: the key was used for another one."""

        def decide() -> Answer:
            if self._store.one("select kpj from members where kpj = ?", kpj) is None:
                return {"status": "claim-refused", "reason": "unknown-kpj", "words": "Nomor KPJ ini tidak dikenal."}
            token = self._store.token(f"claim {key}")
            reference, number = f"CLM-{token}", f"K{int(token, 16) % 10**11:011}"
            self._store.db.execute(
                "insert into claims values (?, ?, ?, ?, ?, 'received', ?, '[]', ?, ?, null)",
                (
                    reference, kpj, kind, reporter, next(iter(documents), WANTED_BY_DEFAULT), number,
                    now.timestamp(), self._next_at(kpj, now),
                ),
            )  # fmt: skip
            papers = [(reference, paper) for paper in dict.fromkeys(documents)]
            self._store.db.executemany("insert into claim_papers values (?, ?)", papers)
            bpjs_changes.note(self._store, "claim", reference, now)
            return {"status": "claim-received", "reference": reference}

        return self._store.once(f"claim {key}", question, decide)

    def take_document(self, reference: str, kind: str, document: bytes, key: str, now: datetime) -> Answer | None:
        """Take a document of a claim that there is. None: the key was used for another document."""
        question = f"{reference} {kind} {hashlib.sha256(document).hexdigest()}"

        def decide() -> Answer:
            self._store.db.execute(
                "insert or replace into claim_documents values (?, ?, ?, ?)",
                (reference, kind, len(document), now.timestamp()),
            )
            self._no_longer_missing(reference, kind, now)
            return {"status": "document-taken"}

        return self._store.once(f"document {key}", question, decide)

    def status(self, reference: str) -> Answer | None:
        """None: no such claim."""
        row = self._row(reference)
        return None if row is None else _status(row)

    def changed_on(self, day: date, after: str) -> Answer:
        """A page of the claims that changed last on this day."""
        changed = bpjs_changes.page(self._store, "claim", day, after)
        rows = [_status(row) for row in map(self._row, changed.subjects) if row is not None]
        return {"status": "claims", "rows": rows, "after": changed.after}

    def advance(self, reference: str, now: datetime, *, told: bool = True) -> None:
        """The button "Langkah berikutnya". A claim that waits for documents, or is closed, stays as it is. Not `told`:
        the webhooks get lost."""
        with self._store.transaction():
            self._advance(reference, now, told)

    def advance_due(self, now: datetime) -> None:
        """What goes on by itself."""
        for row in self._store.db.execute(DUE, (now.timestamp(),)).fetchall():
            self.advance(row["reference"], now)

    def latest(self) -> list[Answer]:
        """The newest claims, with the documents that came."""
        newest = "select * from claims order by asked_at desc limit ?"
        rows = self._store.db.execute(newest, (ROWS_SHOWN_MAX,)).fetchall()
        sent = "select kind from claim_documents where reference = ? order by kind"
        return [
            {
                **_status(row), "kind": row["kind"], "kpj": row["kpj"], "number": row["number"],
                "documents": [one["kind"] for one in self._store.db.execute(sent, (row["reference"],))],
            }
            for row in rows
        ]  # fmt: skip

    def _advance(self, reference: str, now: datetime, told: bool) -> None:
        row = self._row(reference)
        if row is None or row["state"] in (*FINAL, "documents-wanted"):
            return
        fate, state = self._fate(row["kpj"]), str(row["state"])
        match state:
            case "received":
                self._store.add_event(
                    f"claim-accepted-{reference}", "claim-accepted", now, told=told, reference=reference,
                    number=row["number"],
                )  # fmt: skip
                missing = [row["wanted"]] if fate == DOCUMENTS_CLAIM else []
                self._becomes(row, "documents-wanted" if missing else "verifying", now, told, missing=missing)
            case "verifying":
                self._becomes(row, "refused" if fate == REFUSED_CLAIM else "approved", now, told)
            case "approved":
                self._becomes(row, "paid", now, told, paid_on=str(bpjs_changes.today(now)))
            case _:
                raise AssertionError(state)

    def _becomes(
        self, row: sqlite3.Row, state: str, now: datetime, told: bool, *,
        missing: Sequence[str] = (), paid_on: str | None = None,
    ) -> None:  # fmt: skip
        """The next step, and the event that tells of it."""
        reference = row["reference"]
        next_at = None if state in (*FINAL, "documents-wanted") else self._next_at(row["kpj"], now)
        self._store.db.execute(
            "update claims set state = ?, next_at = ?, missing = ?, paid_on = ? where reference = ?",
            (state, next_at, json.dumps(missing), paid_on, reference),
        )
        change = bpjs_changes.note(self._store, "claim", reference, now)
        self._store.add_event(
            f"claim-changed-{change}", "claim-changed", now, told=told, claim=self.status(reference),
            stated_at=now.isoformat(),
        )  # fmt: skip

    def _no_longer_missing(self, reference: str, kind: str, now: datetime) -> None:
        row = self._row(reference)
        assert row is not None
        missing = json.loads(row["missing"])
        if row["state"] != "documents-wanted" or kind not in missing:
            return
        missing.remove(kind)
        self._becomes(row, "documents-wanted" if missing else "verifying", now, told=True, missing=missing)

    def _next_at(self, kpj: str, now: datetime) -> float | None:
        if not self._by_themselves:
            return None
        return (now + (SLOW_STEP if self._fate(kpj) == SLOW_CLAIM else STEP)).timestamp()

    def _fate(self, kpj: str) -> str:
        """The last four digits of the member's NIK."""
        row = self._store.one("select nik from members where kpj = ?", kpj)
        return row["nik"][-4:] if row else ""

    def _row(self, reference: str) -> sqlite3.Row | None:
        return self._store.one("select * from claims where reference = ?", reference)


def _status(row: sqlite3.Row) -> Answer:
    state = row["state"]
    answer: dict[str, Any] = {
        "status": "claim-status", "reference": row["reference"], "state": state,
        "words": REFUSAL if state == "refused" else "",
        "missing": json.loads(row["missing"]),
        "amount": DECISIONS[row["kind"]] if state in ("approved", "paid") else None,
        "paid_on": row["paid_on"],
        "paid_to": row["reporter"] if state == "paid" else "",
    }  # fmt: skip
    return answer
