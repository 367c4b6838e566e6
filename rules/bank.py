"""The words we share with a bank: a bill that can be paid there, and what the bank says of it.

What a bank says to have received is not *paid*: that is BPJS's word (rules/bpjs.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from rules.money import Rupiah

Kind = Literal["va", "qris"]
"""A number of a virtual account, or a QR code of QRIS."""


class BankBill(Struct, frozen=True, tag="bank-bill"):
    """A bill at the bank, payable until `expires` with exactly `amount`. `number`: of the virtual account, digits only,
    or our reference of the QR code; `payload`: what the QR code says; `reference`: the bank's own name for it."""

    kind: Kind
    number: str
    amount: Rupiah
    expires: datetime
    payload: str = ""
    reference: str = ""


class BankRefused(Struct, frozen=True, tag="bank-refused"):
    """The bank doesn't do it. `code`: the standard's response code; `words`: the bank's own, in English."""

    code: str
    words: str


class BillState(Struct, frozen=True, tag="bill-state"):
    """How a bill stands at the bank. With "paid" come `amount`, `paid_at` and the bank's `reference`."""

    state: Literal["waiting", "paid", "failed", "gone"]
    amount: Rupiah | None = None
    paid_at: datetime | None = None
    reference: str = ""


class BillDeleted(Struct, frozen=True, tag="bill-deleted"):
    """Nobody can pay it any more."""


class BankPaid(Struct, frozen=True):
    """The bank's word that it received money for one of our bills. `request`: the bank's id of this payment, the same
    however often it is told; `number`: of the bill; `reference`: on the payer's receipt, at most 64 characters."""

    kind: Kind
    request: str
    number: str
    amount: Rupiah
    paid_at: datetime
    reference: str


class PaymentPosted(Struct, frozen=True, tag="posted"):
    """BPJS took note of the money; that it is paid comes by webhook."""


class PostingRefused(Struct, frozen=True, tag="posting-refused"):
    """BPJS doesn't take the money for this code; `reason` is its code, such as "amount". A person looks at it."""

    reason: str
    words: str
