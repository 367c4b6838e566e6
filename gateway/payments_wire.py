"""The bank's answers as they travel: JSON, after SNAP BI.

Invariant: what leaves this file is a type of `rules.bank` that fits what was asked, or a value that says what it isn't.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway import qris
from gateway.partner import Nonsense
from gateway.signing import aware
from gateway.snap import Case, Service, response_code
from gateway.snap_wire import CURRENCY, digits, rupiah
from rules.bank import BankBill, BankRefused, BillDeleted, BillState
from rules.bpjs import TryLater
from rules.money import Rupiah

WORDS_MAX = 150

Reference = Annotated[str, Meta(pattern=r"^[ -~]{1,64}\Z")]
Token = Annotated[str, Meta(pattern=r"^[!-~]{1,4000}\Z")]

T = TypeVar("T")


class TokenRefused(Struct, frozen=True):
    """The access token isn't good any more, though its time isn't over."""


class Given(Struct, frozen=True):
    """An access token, good for so many seconds."""

    token: str
    seconds: int


class _Coded(Struct, frozen=True, rename="camel"):
    response_code: Annotated[str, Meta(pattern=r"^[2-5][0-9]{6}\Z")]
    response_message: Annotated[str, Meta(max_length=WORDS_MAX)] = ""


class _Money(Struct, frozen=True):
    value: str
    currency: str


class _Account(Struct, frozen=True, rename="camel"):
    virtual_account_no: str
    total_amount: _Money | None = None
    paid_amount: _Money | None = None
    payment_flag_status: str = ""
    trx_date_time: str = ""
    reference_no: str = ""


class _Va(Struct, frozen=True, rename="camel"):
    virtual_account_data: _Account


class _Qr(Struct, frozen=True, rename="camel"):
    reference_no: Reference
    partner_reference_no: str
    qr_content: str


class _QrState(Struct, frozen=True, rename="camel"):
    latest_transaction_status: Annotated[str, Meta(pattern=r"^0[0-9]\Z")]
    original_reference_no: str = ""
    amount: _Money | None = None
    paid_time: str = ""


class _Given(Struct, frozen=True, rename="camel"):
    access_token: Token
    expires_in: str | int  # the standard writes it as a string, some banks as a number


QR_STATES: dict[str, BillState] = {
    "01": BillState("waiting"), "02": BillState("waiting"), "03": BillState("waiting"), "05": BillState("gone"),
    "06": BillState("failed"), "07": BillState("gone"), "08": BillState("gone"),
}  # fmt: skip
"""latestTransactionStatus: initiated, paying, pending, cancelled, failed, not found, expired. 00 is paid; 04, refunded,
is for a person."""


def answer(
    service: Service, read: Callable[[bytes], T | Nonsense]
) -> Callable[[bytes], T | BankRefused | TokenRefused | TryLater | Nonsense]:
    """Reads the answer of a service: by `read` if it is successful, else by its response code."""

    def parse(body: bytes) -> T | BankRefused | TokenRefused | TryLater | Nonsense:
        coded = decode(body, _Coded)
        if isinstance(coded, Nonsense):
            return coded
        if coded.response_code[3:5] != service:
            return Nonsense("responseCode: another service")
        match coded.response_code[:3], coded.response_code[5:]:
            case "200", "00":
                return read(body)
            case "202", _:
                return TryLater("the bank is still at it")
            case "401", "01":
                return TokenRefused()
            case "401", _:
                return TryLater(
                    "the bank refuses our signature; check this machine's clock, the secret and the client id"
                )
            case _:
                return BankRefused(coded.response_code, coded.response_message)

    return parse


def decode(body: bytes, kind: type[T]) -> T | Nonsense:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as fault:
        # The message may quote the foreign value; only its last part, the path of the field, is ours.
        return Nonsense(str(fault).rpartition(" - at ")[2].strip("`") if " - at " in str(fault) else "the whole")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Nonsense("the whole: not JSON")


def token_of(body: bytes) -> Given | Nonsense:
    given = decode(body, _Given)
    if isinstance(given, Nonsense):
        return given
    seconds = str(given.expires_in)
    return (
        Given(given.access_token, int(seconds)) if seconds.isdecimal() and len(seconds) < 8 else Nonsense("expiresIn")
    )


def account(wanted: BankBill) -> Callable[[bytes], BankBill | Nonsense]:
    """The account that was asked for, and no other."""

    def read(body: bytes) -> BankBill | Nonsense:
        found = decode(body, _Va)
        if isinstance(found, Nonsense):
            return found
        told = found.virtual_account_data
        if digits(told.virtual_account_no) != wanted.number:
            return Nonsense("virtualAccountNo: another account")
        if told.total_amount is not None and _sum(told.total_amount) != wanted.amount:
            return Nonsense("totalAmount: another sum")
        return wanted

    return read


def account_state(number: str) -> Callable[[bytes], BillState | Nonsense]:
    def read(body: bytes) -> BillState | Nonsense:
        found = decode(body, _Va)
        if isinstance(found, Nonsense):
            return found
        told = found.virtual_account_data
        if digits(told.virtual_account_no) != number:
            return Nonsense("virtualAccountNo: another account")
        if told.payment_flag_status != "00" or told.paid_amount is None:
            return BillState("waiting")
        return _paid(told.paid_amount, told.trx_date_time, told.reference_no)

    return read


def account_deleted(number: str) -> Callable[[bytes], BillDeleted | Nonsense]:
    def read(body: bytes) -> BillDeleted | Nonsense:
        found = decode(body, _Va)
        if isinstance(found, Nonsense):
            return found
        another = digits(found.virtual_account_data.virtual_account_no) != number
        return Nonsense("virtualAccountNo: another account") if another else BillDeleted()

    return read


def qr_code(number: str, amount: Rupiah, expires: datetime) -> Callable[[bytes], BankBill | Nonsense]:
    """A code of QRIS over the amount that was asked for; its text is checked before it is shown to anybody."""

    def read(body: bytes) -> BankBill | Nonsense:
        told = decode(body, _Qr)
        if isinstance(told, Nonsense):
            return told
        code = qris.parse(told.qr_content)
        if isinstance(code, qris.NotQris):
            return Nonsense(f"qrContent at {code.where}")
        if told.partner_reference_no != number or code.amount != amount:
            return Nonsense("qrContent: another reference or sum")
        return BankBill("qris", number, amount, expires, told.qr_content, told.reference_no)

    return read


def qr_state(body: bytes) -> BillState | Nonsense:
    told = decode(body, _QrState)
    if isinstance(told, Nonsense):
        return told
    if told.latest_transaction_status == "00":
        return _paid(told.amount, told.paid_time, told.original_reference_no)
    return QR_STATES.get(told.latest_transaction_status, Nonsense("latestTransactionStatus"))


def refused_as_gone(service: Service, told: BankRefused) -> BillState | BankRefused:
    """What isn't there, or not any more, is a state, too."""
    cases: tuple[Case, ...] = ("transaction-not-found", "bill-not-found", "expired-bill")
    is_gone = any(told.code == response_code(service, case).code for case in cases)
    return BillState("gone") if is_gone else told


def _paid(amount: _Money | None, at: str, reference: str) -> BillState | Nonsense:
    received = _sum(amount) if amount else None
    if received is None:
        return Nonsense("the amount of what is paid")
    return BillState("paid", received, aware(at), reference)


def _sum(told: _Money) -> Rupiah | None:
    return rupiah(told.value) if told.currency == CURRENCY else None
