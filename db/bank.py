"""A bank of our own: bills that stand for payment codes, and what the bank says to have received.

Invariant: a payment of the bank is written once, by its id, with the errand that posts it to BPJS in the same
transaction, in which reminders end, too; it pays nothing by itself. One X-EXTERNAL-ID of a day belongs to one call.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, delete, exists, or_, select, type_coerce, update

from bot.flows.asks import PostPayment, RecordBankBill
from db import ledger, outbox, reminding
from db.bank_tables import bank_bills, bank_calls, bank_payments
from db.columns import from_micros
from db.money import payment_codes
from db.tables import LIVES, SPEAKS, chat_people, people
from db.unit import Unit, upsert
from rules.bank import BankBill, BankPaid
from rules.money import Rupiah

KEPT = timedelta(days=2)
"""Calls older than this are nobody's any more."""
NOT_POSTED = "not-posted"
"""The queue of money that the bank received and BPJS doesn't take."""
NOT_TAKEN = "not-taken"
"""The queue of money that came by QRIS and that we refused: there the payer's bank has moved it before we are told."""
NOT_BOOKED = "not-booked"
"""The queue of money that BPJS took over from the bank, and of which it never said that a month is paid."""
BOOKED_WITHIN = timedelta(days=3)
"""After so long, two working days and a Sunday, its silence is no delay any more."""
REFUNDED = "refunded-at-bank"
"""The queue of payments by QRIS that the bank gave back, taken by us before or not."""
REFERENCE_KEPT = 60
"""The last characters of the bank's reference, of at most 64."""


class KnownBill(Struct, frozen=True):
    """A bill as the bank may ask for it. `is_paid`: the bank received money for its code, to this bill or another, or
    BPJS says that the code is paid."""

    id: int
    code: str
    chat: int
    person: int
    name: str
    number: str
    amount: Rupiah
    expires: datetime
    is_paid: bool


async def record_bill(unit: Unit, chat: int, request: RecordBankBill) -> bool:
    """Keep a bill; one that the bank made before is the same. Whether the chat still speaks for the member."""
    bill: BankBill = request.bill
    unit.change(
        _ADD_BILL, id=unit.ids.next(), payment_code=request.code, chat_id=chat, kind=bill.kind, number=bill.number,
        payload=bill.payload, amount=bill.amount.amount, expires_at=bill.expires, state="open", created_at=unit.now,
    )  # fmt: skip
    return bool(await unit.fetch(_SPEAKS_FOR, chat=chat, code=request.code))


async def bill(unit: Unit, number: str) -> KnownBill | None:
    """The bill with this number; its code is locked until the end of the transaction."""
    if unit.is_postgresql:
        await unit.fetch(_LOCK, number=number)
    rows = await unit.fetch(_BILL, number=number)
    if not rows:
        return None
    this, code, chat, person, name, number, amount, expires, is_received, paid_on = rows[0]
    is_paid = bool(is_received) or paid_on is not None
    return KnownBill(this, code, chat, person, name, number, Rupiah(amount), from_micros(expires), is_paid)


async def call(unit: Unit, day: date, external_id: str, digest: str) -> str | None:
    """Write down a call; the digest of an earlier one of that day with the same id, if there was one."""
    rows = await unit.fetch(_CALL, day=day, external_id=external_id)
    if rows:
        return str(rows[0][0])
    unit.change(_FORGET, before=day - KEPT)
    unit.change(_ADD_CALL, day=day, external_id=external_id, digest=digest)
    return None


async def payment(unit: Unit, request: str) -> str | None:
    """The digest of the payment with this id, if it was taken."""
    rows = await unit.fetch(_PAYMENT, request=request)
    return str(rows[0][0]) if rows else None


async def take(unit: Unit, known: KnownBill, paid: BankPaid, digest: str) -> list[int]:
    """Write what the bank received, and have it posted to BPJS; the chats to tell, none after a death."""
    unit.add(
        bank_payments, request=paid.request, bill_id=known.id, reference=paid.reference, amount=paid.amount.amount,
        paid_at=paid.paid_at, digest=digest, told_at=unit.now,
    )  # fmt: skip
    unit.change(_RECEIVED, this=known.id)
    outbox.send(unit, known.chat, 0, "", PostPayment(known.code, paid.amount, paid.reference), at_once=False)
    unit.did("bank", "received", f"person {known.person}", amount=paid.amount.amount)
    await reminding.take_back(unit, known.person)
    return [chat for (chat,) in await unit.fetch(_CHATS, person=known.person)]


async def not_posted(unit: Unit, posted: PostPayment) -> None:
    """BPJS doesn't take the money: a person looks at it, and the member may pay by another code."""
    rows = await unit.fetch(_OWNER, code=posted.code)
    unit.change(_REFUSED, code=posted.code)
    ledger.set_aside(unit, NOT_POSTED, posted.code, person=rows[0][0] if rows else None, amount=posted.amount)


async def not_booked(unit: Unit) -> int:
    """Put into its queue, once, what the bank received and BPJS has not spoken of in time; how much was found."""
    rows = await unit.fetch(_NOT_BOOKED, before=unit.now - BOOKED_WITHIN)
    for code, person, amount in rows:
        await ledger.set_aside_once(unit, NOT_BOOKED, code, person=person, amount=Rupiah(amount))
    return len(rows)


async def set_aside(unit: Unit, queue: str, known: KnownBill | None, paid: BankPaid) -> None:
    """A person looks at what came by QRIS, once however often it is told."""
    person = known.person if known else None
    await ledger.set_aside_once(unit, queue, paid.reference[-REFERENCE_KEPT:], person=person, amount=paid.amount)


BOOKED = (
    select(bank_payments.c.request, bank_bills.c.number, bank_payments.c.amount)
    .select_from(bank_payments.join(bank_bills, bank_bills.c.id == bank_payments.c.bill_id))
    .where(
        or_(
            bank_payments.c.paid_at.between(bindparam("since"), bindparam("until")),
            bank_payments.c.request.in_(bindparam("requests", expanding=True)),
        )
    )
    .order_by(bank_payments.c.paid_at, bank_payments.c.request)
)
"""What was booked between two instants, and of these payments of the bank whenever it was; for who only reads."""

_ADD_BILL: Any = upsert(bank_bills, lambda insert: insert.on_conflict_do_nothing())
_CODE_OF_BILL = payment_codes.c.code == bank_bills.c.payment_code
_LOCK = (
    select(payment_codes.c.code)
    .join(bank_bills, _CODE_OF_BILL)
    .where(bank_bills.c.number == bindparam("number"))
    .with_for_update(of=payment_codes, key_share=True)
)
"""A statement of its own, before the bills are read: what came to another bill of the code meanwhile is then seen."""
_ANY = bank_bills.alias()
_BILL = (
    select(
        bank_bills.c.id, bank_bills.c.payment_code, bank_bills.c.chat_id, payment_codes.c.person_id, people.c.name,
        bank_bills.c.number, bank_bills.c.amount, type_coerce(bank_bills.c.expires_at, BigInteger),
        exists().where(_ANY.c.payment_code == bank_bills.c.payment_code, _ANY.c.state != "open"),
        payment_codes.c.paid_on,
    )
    .select_from(bank_bills.join(payment_codes, _CODE_OF_BILL).join(people, people.c.id == payment_codes.c.person_id))
    .where(bank_bills.c.number == bindparam("number"))
)  # fmt: skip
_RECEIVED = update(bank_bills).where(bank_bills.c.id == bindparam("this")).values(state="received")
_REFUSED = (
    update(bank_bills)
    .where(bank_bills.c.payment_code == bindparam("code"), bank_bills.c.state == "received")
    .values(state="refused")
)
_NOT_BOOKED = (
    select(bank_bills.c.payment_code, payment_codes.c.person_id, bank_payments.c.amount)
    .select_from(
        bank_bills.join(payment_codes, _CODE_OF_BILL).join(bank_payments, bank_payments.c.bill_id == bank_bills.c.id)
    )
    .where(
        bank_bills.c.state == "received", payment_codes.c.paid_on.is_(None),
        bank_payments.c.told_at < bindparam("before"),
    )
    .order_by(bank_payments.c.told_at)
)  # fmt: skip
_CALL = select(bank_calls.c.digest).where(
    bank_calls.c.day == bindparam("day"), bank_calls.c.external_id == bindparam("external_id")
)
_ADD_CALL = upsert(bank_calls, lambda insert: insert.on_conflict_do_nothing())
_FORGET = delete(bank_calls).where(bank_calls.c.day < bindparam("before"))
_PAYMENT = select(bank_payments.c.digest).where(bank_payments.c.request == bindparam("request"))
_OWNER = select(payment_codes.c.person_id).where(payment_codes.c.code == bindparam("code"))
_CHATS = select(chat_people.c.chat_id).where(chat_people.c.person_id == bindparam("person"), SPEAKS, LIVES)
_SPEAKS_FOR = (
    select(chat_people.c.person_id)
    .select_from(chat_people.join(payment_codes, payment_codes.c.person_id == chat_people.c.person_id))
    .where(chat_people.c.chat_id == bindparam("chat"), payment_codes.c.code == bindparam("code"), SPEAKS)
)
