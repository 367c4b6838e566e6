"""What the bank asks and tells us by SNAP BI: what a bill is (inquiry), that it was paid (payment, QR notification).

Pure: first a call is read into a typed value, or refused in the standard's words; then, with what is `Known` of bill
and payment, it is judged. Invariant: a payment is taken once, with exactly the sum of its bill; told again with the
same content it has the same answer, with other content it is refused; and so is an X-EXTERNAL-ID of today with another
call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from gateway.signing import aware
from gateway.snap import Case, Service
from gateway.snap_door import Answer, Call, Caller, Field, Passed, admit, answer, faulty, value_at
from gateway.snap_wire import digits, money, rupiah
from rules.bank import BankPaid
from rules.money import Rupiah

SERVICE_ID, CUSTOMER_NO, ACCOUNT_NO = r" *[0-9]{1,8}", r"[0-9]{1,20}", r" *[0-9]{2,28}"
REFERENCE_MAX = 64
REQUEST_ID, REFERENCE, VALUE, CURRENCY = r"[ -~]{1,128}", rf"[ -~]{{1,{REFERENCE_MAX}}}", r"[0-9]{1,13}\.00", r"IDR"
PAID, REFUNDED = "00", "04"  # latestTransactionStatus
TIME, ACCOUNT = r"[0-9TZ:.+-]{10,40}", ("partnerServiceId", "customerNo", "virtualAccountNo")

_ACCOUNT = (Field(ACCOUNT[0], SERVICE_ID), Field(ACCOUNT[1], CUSTOMER_NO), Field(ACCOUNT[2], ACCOUNT_NO))
_INQUIRY = (*_ACCOUNT, Field("inquiryRequestId", REQUEST_ID))
_PAYMENT = (
    *_ACCOUNT, Field("paymentRequestId", REQUEST_ID), Field("paidAmount.value", VALUE),
    Field("paidAmount.currency", CURRENCY), Field("trxDateTime", TIME, is_needed=False),
    Field("referenceNo", REFERENCE, is_needed=False),
)  # fmt: skip
_NOTICE = (
    Field("originalReferenceNo", REFERENCE), Field("originalPartnerReferenceNo", REFERENCE),
    Field("latestTransactionStatus", r"0[0-9]"), Field("amount.value", VALUE), Field("amount.currency", CURRENCY),
    Field("additionalInfo.paidTime", TIME, is_needed=False),
)  # fmt: skip
FIELDS: Mapping[Service, tuple[Field, ...]] = {"24": _INQUIRY, "25": _PAYMENT, "52": _NOTICE}
"""What a call of each service holds, beside what we don't look at."""

REASONS: dict[Case, tuple[str, str]] = {
    "successful": ("Success", "Sukses"),
    "bill-not-found": ("Bill not found", "Tagihan tidak ditemukan"),
    "invalid-amount": ("Invalid amount", "Jumlah tidak sesuai"),
    "paid-bill": ("Bill has been paid", "Tagihan sudah dibayar"),
    "expired-bill": ("Bill expired", "Tagihan sudah lewat batas"),
    "inconsistent": ("Inconsistent request", "Permintaan tidak konsisten"),
    "conflict": ("Cannot use the same X-EXTERNAL-ID", "X-EXTERNAL-ID sudah dipakai hari ini"),
}
"""What the bank shows to who pays."""


class Bill(Struct, frozen=True):
    """One of our bills, as far as the bank may know it. `name`: whose; `expires` is aware."""

    number: str
    name: str
    amount: Rupiah
    expires: datetime
    is_paid: bool = False


class Known(Struct, frozen=True):
    """What is known when a call is judged. `call`: the digest of today's earlier call under the same X-EXTERNAL-ID;
    `payment`: the digest of the payment that was taken under the same id of a payment."""

    bill: Bill | None = None
    call: str | None = None
    payment: str | None = None


class Inquiry(Struct, frozen=True):
    """What is this bill?"""

    external_id: str
    digest: str
    number: str
    echo: dict[str, Any]


class Told(Struct, frozen=True):
    """This was paid. Not `is_final`: a code of which the bank tells another state than paid; `is_refunded`: that the
    money was given back."""

    service: Service
    external_id: str
    digest: str
    paid: BankPaid
    echo: dict[str, Any]
    is_final: bool = True
    is_refunded: bool = False


class Judged(Struct, frozen=True):
    """The answer, and the payment if it is to be taken now."""

    answer: Answer
    taken: BankPaid | None = None


def read_inquiry(call: Call, caller: Caller, *, now: datetime) -> Inquiry | Answer:
    """Service 24."""
    fields = _fields("24", call, caller, _INQUIRY, now)
    if isinstance(fields, Answer):
        return fields
    echo = _echo(fields.fields, "inquiryRequestId")
    return Inquiry(fields.external_id, _digest("24", *echo.values()), digits(fields.fields["virtualAccountNo"]), echo)


def read_payment(call: Call, caller: Caller, *, now: datetime) -> Told | Answer:
    """Service 25. An advice (flagAdvise), by which a bank repeats what it heard no answer to, is the same payment."""
    passed = _fields("25", call, caller, _PAYMENT, now)
    if isinstance(passed, Answer):
        return passed
    fields, at = passed.fields, _time(passed.fields, "trxDateTime", now)
    amount = rupiah(fields["paidAmount"]["value"])
    if at is None or amount is None:
        return answer("25", "bad-field", "trxDateTime" if at is None else "paidAmount.value")
    request, number = fields["paymentRequestId"], digits(fields["virtualAccountNo"])
    reference = value_at(fields, "referenceNo") or request[-REFERENCE_MAX:]
    paid = BankPaid("va", request, number, amount, at, reference)
    told = (request, number, str(amount.amount), value_at(fields, "trxDateTime") or "", paid.reference)
    return Told("25", passed.external_id, _digest("25", *told), paid, _echo(fields, "paymentRequestId"))


def read_notice(call: Call, caller: Caller, *, now: datetime) -> Told | Answer:
    """Service 52."""
    passed = _fields("52", call, caller, _NOTICE, now)
    if isinstance(passed, Answer):
        return passed
    fields, at = passed.fields, _time(passed.fields, "additionalInfo.paidTime", now)
    amount = rupiah(fields["amount"]["value"])
    if at is None or amount is None:
        return answer("52", "bad-field", "additionalInfo.paidTime" if at is None else "amount.value")
    reference, number = fields["originalReferenceNo"], fields["originalPartnerReferenceNo"]
    state = fields["latestTransactionStatus"]
    paid = BankPaid("qris", reference, number, amount, at, reference)
    digest = _digest("52", reference, number, str(amount.amount), state)
    return Told("52", passed.external_id, digest, paid, {}, state == PAID, state == REFUNDED)


def judge_inquiry(inquiry: Inquiry, known: Known, *, now: datetime) -> Answer:
    """What the bank shows to who is about to pay."""
    case = _call_case(known, inquiry.digest) or _bill_case(known.bill, now)
    bill = known.bill
    more: dict[str, Any] = {}
    if bill is not None and case == "successful":
        more = {"virtualAccountName": bill.name, "totalAmount": money(bill.amount)}
    return _about("24", case, "inquiry", {**inquiry.echo, **more})


def judge_payment(told: Told, known: Known) -> Judged:
    """Whether the payment is taken, is known, or is refused."""
    case = _call_case(known, told.digest)
    if case is None and not told.is_final:
        return Judged(answer(told.service, "successful"))
    if case is None and known.payment is not None:
        case = "successful" if known.payment == told.digest else "inconsistent"
        return Judged(_paid_answer(told, case))
    case = case or _bill_case(known.bill, told.paid.paid_at)
    if case == "successful" and known.bill is not None and known.bill.amount != told.paid.amount:
        case = "invalid-amount"
    return Judged(_paid_answer(told, case), told.paid if case == "successful" else None)


def _paid_answer(told: Told, case: Case) -> Answer:
    if told.service == "52":
        return answer("52", "transaction-not-found" if case == "bill-not-found" else case)
    amount = money(told.paid.amount)
    paid = {**told.echo, "paidAmount": amount, "totalAmount": amount, "referenceNo": told.paid.reference}
    return _about("25", case, "paymentFlag", paid)


def _about(service: Service, case: Case, prefix: str, account: dict[str, Any]) -> Answer:
    """An answer about an account: its status is 00 or 01, with the reason in both languages."""
    english, indonesia = REASONS[case]
    state = {
        f"{prefix}Status": "00" if case == "successful" else "01",
        f"{prefix}Reason": {"english": english, "indonesia": indonesia},
    }
    return answer(service, case, virtualAccountData={**state, **account})


def _call_case(known: Known, digest: str) -> Case | None:
    return "conflict" if known.call not in (None, digest) else None


def _bill_case(bill: Bill | None, at: datetime) -> Case:
    if bill is None:
        return "bill-not-found"
    if bill.is_paid:
        return "paid-bill"
    return "expired-bill" if at > bill.expires else "successful"


def _fields(service: Service, call: Call, caller: Caller, wanted: tuple[Field, ...], now: datetime) -> Passed | Answer:
    """The fields of a call, each written as it has to be, and about one account."""
    passed = admit(service, call, caller, now=now)
    if isinstance(passed, Answer):
        return passed
    refused = faulty(service, passed.fields, wanted)
    if refused is None and wanted[:3] == _ACCOUNT:
        before, customer, whole = (digits(passed.fields[name]) for name in ACCOUNT)
        refused = None if before + customer == whole else answer(service, "bad-field", "virtualAccountNo")
    return refused or passed


def _echo(fields: dict[str, Any], request: str) -> dict[str, Any]:
    return {name: fields[name] for name in (*ACCOUNT, request)}


def _time(fields: dict[str, Any], path: str, now: datetime) -> datetime | None:
    """When it was paid; now, if that isn't told. None: no time."""
    written = value_at(fields, path)
    return now if written is None else aware(written)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
