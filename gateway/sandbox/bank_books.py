"""The books of the imitated bank: bills, what was paid to them, and what is to be told, in one SQLite file.

Invariant: a transfer that the office refused goes back to who paid, and isn't in the day's settlement; one by QRIS is
in it in any case, for there the payer's bank has moved the money before anybody is told.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from gateway import qris
from gateway.sandbox.store import Answer, Store
from gateway.snap import JAKARTA, timestamp
from gateway.snap_wire import money
from rules.bank import Kind
from rules.money import Rupiah

ZONE = ZoneInfo("Asia/Makassar")
SLOW, FAILS_ONCE, DOWN, NONSENSE, REFUSED = 101, 102, 103, 104, 105
"""Magic last three digits of a sum, when a bill is made."""

How = Literal["once", "other-sum", "twice", "changed", "told-twice"]
HOW: dict[int, How] = {201: "other-sum", 202: "twice", 203: "changed", 204: "told-twice"}
"""Magic last three digits of a sum, when its bill is paid."""

OTHER_SUM = 1_000
FEES: dict[Kind, int] = {"va": 2_000, "qris": 0}
"""What the bank keeps of a payment, rupiah; invented."""
ROWS_SHOWN_MAX = 50
MERCHANT = qris.Qris(
    accounts=(qris.Account("ID.CO.TIRUAN.WWW", "936000990000000001", "TIRUAN000000001", "UMI"),),
    national_id="ID9900000000001", criteria="UMI", category="9399", name="IURAN TIRUAN", city="SOPPENG",
    postal_code="90811",
)  # fmt: skip

TABLES = """
create table if not exists bills (
    number text primary key, kind text not null, name text not null, amount integer not null, expires text not null,
    fields text not null, reference text not null, payload text not null, state text not null, made_at real not null);
create table if not exists transfers (
    request text primary key, number text not null, amount integer not null, at text not null, day text not null,
    reference text not null, state text not null);
create table if not exists said (event_id text primary key, code text not null);
create table if not exists failed_once (question text primary key);
"""


class Books(Store):
    """All that the bank knows. `open` before use."""

    def __init__(self, database: Path, secret: str) -> None:
        super().__init__(database, secret, TABLES)

    def fails_now(self, question: str) -> bool:
        """True the first time for a question that fails once."""
        stored = self.db.execute("insert or ignore into failed_once values (?)", (self.token(question),))
        return stored.rowcount == 1

    def make_va(self, fields: Answer, amount: int, question: str, key: str, now: datetime) -> Answer | None:
        """The account as the standard tells it. None: the key was used for another question."""

        def make() -> Answer:
            number = fields["virtualAccountNo"].strip()
            name, expires = fields.get("virtualAccountName", ""), fields["expiredDate"]
            self._put("va", number, name, amount, expires, fields, "", now)
            return {"virtualAccountData": fields}

        return self.once(key, question, make)

    def make_qr(self, fields: Answer, amount: int, question: str, key: str, now: datetime) -> Answer | None:
        """The code as the standard tells it. None: the key was used for another question."""

        def make() -> Answer:
            number, reference = fields["partnerReferenceNo"], f"QR{self.token(key)}"
            wanted = replace(MERCHANT, amount=Rupiah(amount), bill=number[:25])
            payload = qris.make(wanted)
            assert isinstance(payload, str)
            self._put("qris", number, "", amount, fields["validityPeriod"], fields, payload, now, reference)
            return {"partnerReferenceNo": number, "referenceNo": reference, "qrContent": payload}

        return self.once(key, question, make)

    def bill(self, number: str) -> dict[str, Any] | None:
        """A bill by its number or reference, as long as it isn't deleted; with the transfer that paid it."""
        query = "select * from bills where number = ? or (reference = ? and reference != '')"
        row = self.one(query, number, number)
        if row is None or row["state"] == "deleted":
            return None
        paid = self.one("select * from transfers where number = ? and state = 'booked' order by at", row["number"])
        return {**dict(row), "paid": dict(paid) if paid else None}

    def delete(self, number: str) -> None:
        with self.transaction():
            self.db.execute("update bills set state = 'deleted' where number = ?", (number,))

    def pay(self, number: str, how: How | None, now: datetime) -> None:
        """Somebody pays, and the office is to be told. `how` None: as the sum of the bill says."""
        bill = self.bill(number)
        if bill is None:
            return
        how = how or HOW.get(bill["amount"] % 1_000, "once")
        with self.transaction():
            first = self._transfer(bill, bill["amount"] + (OTHER_SUM if how == "other-sum" else 0), now)
            if how == "twice":
                self._transfer(bill, bill["amount"], now)
            elif how in ("changed", "told-twice"):
                changed = {"amount": first["amount"] + OTHER_SUM} if how == "changed" else {}
                self._tell({**first, **changed, "again": True}, now)

    def ended(self, event_id: str, call: Answer, code: str) -> None:
        """The office has answered: keep its code, and book or give back."""
        with self.transaction():
            self.db.execute("insert or replace into said values (?, ?)", (event_id, code))
            if call.get("again"):
                return
            is_taken = code.startswith("200") or call["kind"] == "qris"
            self.db.execute(
                "update transfers set state = ? where request = ?",
                ("booked" if is_taken else "returned", call["request"]),
            )
            if is_taken:
                self.db.execute("update bills set state = 'paid' where number = ?", (call["number"],))

    def settlement(self, day: date) -> list[dict[str, Any]]:
        """What came in on a day, in the order in which it came."""
        rows = self.db.execute(
            "select t.*, b.kind from transfers t join bills b on b.number = t.number "
            "where t.day = ? and t.state = 'booked' order by t.at, t.rowid",
            (str(day),),
        )
        return [dict(row) for row in rows]

    def latest(self) -> dict[str, list[Answer]]:
        """Rows of the front page, newest first."""
        tables = {
            "bills": "select * from bills order by made_at desc",
            "transfers": "select t.*, b.kind from transfers t join bills b using (number) order by t.rowid desc",
            "said": "select said.code, events.body from said join events using (event_id) order by said.rowid desc",
            "waiting": "select event_id, tries, due_at from events where delivered_at is null",
        }
        return {
            name: [dict(row) for row in self.db.execute(f"{query} limit {ROWS_SHOWN_MAX}")]
            for name, query in tables.items()
        }

    def _put(
        self, kind: Kind, number: str, name: str, amount: int, expires: str, fields: Answer, payload: str,
        now: datetime, reference: str = "",
    ) -> None:  # fmt: skip
        row = (number, kind, name, amount, expires, json.dumps(fields), reference, payload, "open", now.timestamp())
        self.db.execute("insert or replace into bills values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _transfer(self, bill: dict[str, Any], amount: int, now: datetime) -> Answer:
        count = self.one("select count(*) as so_far from transfers")
        request = self.token(f"{bill['number']} {count['so_far'] if count else 0}")
        call = {
            "kind": bill["kind"], "number": bill["number"], "request": request, "amount": amount,
            "at": timestamp(now), "reference": f"R{request[:12].upper()}", "account": json.loads(bill["fields"]),
            "bank_reference": bill["reference"], "again": False,
        }  # fmt: skip
        self.db.execute(
            "insert into transfers values (?, ?, ?, ?, ?, ?, 'sent')",
            (request, bill["number"], amount, call["at"], str(now.astimezone(JAKARTA).date()), call["reference"]),
        )
        self._tell(call, now)
        return call

    def _tell(self, call: Answer, now: datetime) -> None:
        count = self.one("select count(*) as so_far from events")
        event_id = self.token(f"{call['request']} {count['so_far'] if count else 0}")
        self.add_event(event_id, "paid", now, call=call)


def amount_of(fields: dict[str, Any]) -> dict[str, str]:
    """The sum of a bill or a transfer as the standard writes it."""
    return money(Rupiah(fields["amount"]))
