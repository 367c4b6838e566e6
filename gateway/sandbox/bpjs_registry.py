"""The registry of the imitated BPJS: members, registrations, payment codes and events, in one SQLite file.

Invariant: one KPJ per NIK, and only invented NIKs (last four digits 9900 to 9999) are written down.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path

from gateway.sandbox import bpjs_changes, bpjs_claims
from gateway.sandbox.bpjs_changes import today as _today
from gateway.sandbox.store import Answer, Store
from rules.month import Month

SLOW_S = 3.0
PAYABLE = timedelta(days=7)

ALREADY, REFUSED, SLOW, FAILS_ONCE, DOWN, NONSENSE = "9994", "9995", "9990", "9991", "9992", "9993"
"""Magic last four digits of a NIK."""

ROWS_SHOWN_MAX = 50

TABLES = """
create table if not exists members (
    kpj text primary key, nik text unique not null, covered_from text, protected_until text);
create table if not exists registrations (
    reference text primary key, nik text, asked_at real not null, decide_at real, outcome text);
create table if not exists payments (
    code text primary key, kpj text not null, last_month text not null, amount integer not null,
    payable_until text not null, asked_at real not null, paid_on text, covered_from text, protected_until text);
create table if not exists failed_once (nik text primary key);
"""


class Registry(Store):
    """All that the sandbox knows. Answers are those of `bpjs_contract`."""

    def __init__(self, database: Path, secret: str, *, slow_s: float = SLOW_S) -> None:
        super().__init__(database, secret, TABLES + bpjs_changes.TABLES + bpjs_claims.TABLES)
        self._slow_s = slow_s

    def fails_now(self, nik: str) -> bool:
        """True the first time for a NIK that fails once."""
        stored = self.db.execute("insert or ignore into failed_once values (?)", (nik,))
        return stored.rowcount == 1

    def register(self, nik: str, question: str, key: str, now: datetime) -> Answer | None:
        """Decide, or take for later. None: the key was used for another question."""

        def decide() -> Answer:
            reference = f"REG-{self.token(key)}"
            if nik[-4:] == SLOW:
                decide_at = now.timestamp() + self._slow_s
                self._add_registration(reference, nik, now, decide_at, None)
                return {"status": "accepted", "reference": reference}
            outcome = self._decide(nik, now)
            self._add_registration(reference, nik if invented(nik) else None, now, None, outcome)
            return outcome

        return self.once(f"registration {key}", question, decide)

    def registration(self, reference: str, now: datetime) -> Answer | None:
        """None: no such reference."""
        self.decide_due(now)
        row = self.one("select outcome from registrations where reference = ?", reference)
        if row is None:
            return None
        outcome: Answer = json.loads(row["outcome"] or "null") or {"status": "accepted", "reference": reference}
        return outcome

    def decide_due(self, now: datetime) -> None:
        """Decide what was slow, and write the events that tell."""
        with self.transaction():
            due = "select reference, nik from registrations where outcome is null and decide_at <= ?"
            for row in self.db.execute(due, (now.timestamp(),)).fetchall():
                reference, outcome = row["reference"], self._decide(row["nik"], now)
                self.db.execute(
                    "update registrations set outcome = ? where reference = ?", (json.dumps(outcome), reference)
                )
                self.add_event(
                    f"decided-{reference}", "registration-decided", now, reference=reference, outcome=outcome
                )

    def member_by_nik(self, nik: str, now: datetime) -> Answer:
        with self.transaction():
            return _membership(self._member(nik, now), now)

    def member_by_kpj(self, kpj: str, now: datetime) -> Answer:
        return _membership(self.one("select * from members where kpj = ?", kpj), now)

    def payment_code(
        self, kpj: str, months: list[Month], amount: int, question: str, key: str, now: datetime
    ) -> Answer | None:
        """None: the key was used for another question."""

        def decide() -> Answer:
            if self.one("select kpj from members where kpj = ?", kpj) is None:
                return _payment_refused("unknown-kpj", "Nomor KPJ ini tidak dikenal.")
            if tuple(months) != months[0].until(len(months)):
                return _payment_refused("months", "Bulan iuran harus berurutan.")
            code, payable_until = f"88{int(self.token(key), 16) % 10**13:013}", _today(now) + PAYABLE
            self.db.execute(
                "insert into payments values (?, ?, ?, ?, ?, ?, null, null, null)",
                (code, kpj, str(months[-1]), amount, str(payable_until), now.timestamp()),
            )
            return {"status": "payment-code", "code": code, "amount": amount, "payable_until": str(payable_until)}

        return self.once(f"payment {key}", question, decide)

    def payment(self, code: str) -> Answer | None:
        """None: no such code."""
        row = self.one("select * from payments where code = ?", code)
        if row is None:
            return None
        told = self.event(f"paid-{code}") or {}
        stated = {name: told.get(name) for name in ("covered_from", "protected_until", "amount", "paid_on")}
        return {"status": "payment", "code": code, "paid": row["paid_on"] is not None, **stated}

    def pay(self, code: str, now: datetime, amount: int | None = None, *, told: bool = True) -> None:
        """The button "Tandai lunas". Paying twice is paying once; an unknown code is nothing. `amount`: another sum
        than was asked for, which no bank should take. Not `told`: the webhook gets lost.

        Cover from the day of payment to the end of the last month paid: a rule of this sandbox only.
        """
        with self.transaction():
            self._pay(code, now, amount, told=told)

    def post(self, code: str, amount: int, question: str, key: str, now: datetime) -> Answer | None:
        """A bank received this for the code. None: the key was used for another question."""

        def decide() -> Answer:
            row = self.one("select amount, paid_on from payments where code = ?", code)
            if row is None:
                return _posting_refused("unknown-code", "Kode bayar ini tidak dikenal.")
            if row["amount"] != amount:
                return _posting_refused("amount", "Jumlahnya lain dari tagihan.")
            if row["paid_on"] is not None:
                return _posting_refused("paid-already", "Kode bayar ini sudah lunas.")
            self._pay(code, now, amount)
            return {"status": "posted"}

        return self.once(f"posting {code} {key}", question, decide)

    def _pay(self, code: str, now: datetime, amount: int | None, *, told: bool = True) -> None:
        row = self.one("select * from payments where code = ? and paid_on is null", code)
        if row is None:
            return
        paid_on = _today(now)
        protected_until = max(paid_on, Month.parse(row["last_month"]).last_day)
        cover = {"paid_on": str(paid_on), "covered_from": str(paid_on), "protected_until": str(protected_until)}
        self.db.execute(
            "update payments set paid_on = :paid_on, covered_from = :covered_from, "
            "protected_until = :protected_until where code = :code",
            {**cover, "code": code},
        )
        self._extend(row["kpj"], paid_on, protected_until)
        bpjs_changes.note(self, "payment", code, now)
        bpjs_changes.note(self, "member", row["kpj"], now)
        self.add_event(f"paid-{code}", "paid", now, told=told, code=code, amount=amount or row["amount"], **cover)

    def change_cover(self, kpj: str, until: date | None, now: datetime, *, told: bool = True) -> None:
        """The button "Ubah perlindungan": cover until this day, or none at all. An unknown KPJ is nothing. Not `told`:
        the webhook gets lost."""
        with self.transaction():
            row = self.one("select * from members where kpj = ?", kpj)
            if row is None:
                return
            since = min(row["covered_from"] or str(_today(now)), str(until)) if until else None
            self.db.execute(
                "update members set covered_from = ?, protected_until = ? where kpj = ?",
                (since, str(until) if until else None, kpj),
            )
            change = bpjs_changes.note(self, "member", kpj, now)
            stated = self.member_by_kpj(kpj, now)
            del stated["status"]
            self.add_event(
                f"cover-changed-{change}", "cover-changed", now, told=told, **stated, stated_at=now.isoformat()
            )

    def payments_on(self, day: date, after: str) -> Answer:
        """A page of the codes that were paid on this day."""
        changed = bpjs_changes.page(self, "payment", day, after)
        rows = [event for code in changed.subjects if (event := self.event(f"paid-{code}")) is not None]
        return {"status": "payments", "rows": rows, "after": changed.after}

    def members_changed_on(self, day: date, after: str, now: datetime) -> Answer:
        """A page of the members whose cover changed last on this day."""
        changed = bpjs_changes.page(self, "member", day, after)
        return {
            "status": "members",
            "rows": [self.member_by_kpj(kpj, now) for kpj in changed.subjects],
            "after": changed.after,
        }

    def registrations(self) -> list[Answer]:
        """How often each NIK (masked) was submitted with a key of its own, and how often it became a member."""
        rows = self.db.execute(
            "select nik, count(*) as submitted, sum(coalesce(outcome like '%\"registered\"%', 0)) as registered "
            "from registrations where nik is not null group by nik order by min(asked_at), nik"
        )
        return [{**dict(row), "nik": masked(row["nik"])} for row in rows]

    def latest(self) -> dict[str, list[Answer]]:
        """Rows of the front page, newest first."""
        tables = {
            "registrations": "select reference, nik, outcome, asked_at from registrations order by asked_at desc",
            "payments": "select * from payments order by asked_at desc",
            "members": "select kpj, covered_from, protected_until from members order by rowid desc",
            "events": "select event_id, tries from events where delivered_at is null order by due_at desc",
        }
        return {
            name: [dict(row) for row in self.db.execute(f"{query} limit {ROWS_SHOWN_MAX}")]
            for name, query in tables.items()
        }

    def _decide(self, nik: str, now: datetime) -> Answer:
        if not invented(nik):
            words = "Sandbox ini hanya menerima NIK karangan: empat angka terakhir 9900 sampai 9999."
            return {"status": "refused", "reason": "not-invented", "words": words}
        if nik[-4:] == REFUSED:
            words = "NIK tidak ditemukan di data kependudukan."
            return {"status": "refused", "reason": "nik-not-found", "words": words}
        member = self._member(nik, now)
        if member is not None:
            return {"status": "already-member", "kpj": member["kpj"]}
        return {"status": "registered", "kpj": self._enrol(nik, None, None)}

    def _member(self, nik: str, now: datetime) -> sqlite3.Row | None:
        if invented(nik) and nik[-4:] == ALREADY and not self.one("select kpj from members where nik = ?", nik):
            month = Month.of(_today(now))
            self._enrol(nik, month.first_day, month.last_day)
        return self.one("select * from members where nik = ?", nik)

    def _enrol(self, nik: str, covered_from: date | None, protected_until: date | None) -> str:
        taken = "select kpj from members where kpj = ?"
        numbers = (f"{int(_digest(f'{nik} {turn}'), 16) % 10**11:011}" for turn in range(100))
        kpj = next(number for number in numbers if self.one(taken, number) is None)
        cover = [str(day) if day else None for day in (covered_from, protected_until)]
        self.db.execute("insert into members values (?, ?, ?, ?)", (kpj, nik, *cover))
        return kpj

    def _extend(self, kpj: str, paid_on: date, protected_until: date) -> None:
        self.db.execute(
            "update members set "
            "covered_from = case when protected_until >= :paid_on then covered_from else :paid_on end, "
            "protected_until = max(coalesce(protected_until, ''), :protected_until) where kpj = :kpj",
            {"kpj": kpj, "paid_on": str(paid_on), "protected_until": str(protected_until)},
        )

    def _add_registration(
        self, reference: str, nik: str | None, now: datetime, decide_at: float | None, outcome: Answer | None
    ) -> None:
        self.db.execute(
            "insert into registrations values (?, ?, ?, ?, ?)",
            (reference, nik, now.timestamp(), decide_at, json.dumps(outcome) if outcome else None),
        )


def invented(nik: str) -> bool:
    return nik[12:14] == "99"


def masked(nik: str) -> str:
    return f"{nik[:4]}********{nik[12:]}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _membership(row: sqlite3.Row | None, now: datetime) -> Answer:
    if row is None:
        return {"status": "not-a-member"}
    cover = {name: row[name] for name in ("covered_from", "protected_until")}
    active = row["protected_until"] is not None and date.fromisoformat(row["protected_until"]) >= _today(now)
    return {"status": "member", "kpj": row["kpj"], "active": active, **cover}


def _payment_refused(reason: str, words: str) -> Answer:
    return {"status": "payment-refused", "reason": reason, "words": words}


def _posting_refused(reason: str, words: str) -> Answer:
    return {"status": "posting-refused", "reason": reason, "words": words}
