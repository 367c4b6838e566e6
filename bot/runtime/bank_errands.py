"""Who performs the errands about a bank of ours: bills to be made there, its money to be posted to BPJS.

Invariant: with the same row a bill is the same bill and a posting the same posting, however often they are performed.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time

from bot.flows.asks import GetBankBill, PostPayment
from bot.runtime.batch import WITA
from bot.runtime.settling import Done, Outcome, Performer, Settled
from bot.runtime.writer import Writer
from db import bank as bank_rows
from db import outbox
from db.outbox import Taken
from db.unit import Unit
from gateway.bpjs import Bpjs
from gateway.payments import Bank
from gateway.snap_wire import CUSTOMER_DIGITS_MAX
from rules.bank import BankRefused, PostingRefused
from rules.bpjs import TryLater

NO_BANK = BankRefused("", "no bank is set up")
"""The bank was taken out of the settings while somebody waited."""
CUSTOMER_DIGITS = 15
"""Of a code that isn't a number: as many as codes of BPJS have."""


class BankErrands:
    """`bank` is None without one."""

    def __init__(self, writer: Writer, bpjs: Bpjs, bank: Bank | None) -> None:
        self._writer, self._bpjs, self._bank = writer, bpjs, bank

    def performers(self) -> dict[str, Performer]:
        return {GetBankBill.__name__: self._bill, PostPayment.__name__: self._post}

    async def _bill(self, row: Taken) -> Outcome:
        assert isinstance(row.body, GetBankBill)
        body, key = row.body, f"siaga-{row.id}"
        if self._bank is None:
            return Done(NO_BANK)
        expires = end_of(body.payable_until)
        if body.kind == "va":
            made = await self._bank.create_va(customer_no(body.code), body.name, body.amount, expires, key)
        else:
            made = await self._bank.make_qr(f"QR-{row.id}", body.amount, expires, key)
        return made if isinstance(made, TryLater) else Done(made)

    async def _post(self, row: Taken) -> Outcome:
        assert isinstance(row.body, PostPayment)
        body = row.body
        answer = await self._bpjs.post_payment(body.code, body.amount, body.reference, f"siaga-{row.id}")
        if isinstance(answer, TryLater):
            return answer

        async def settle(unit: Unit) -> None:
            outbox.settle(unit, row.id, "done")
            if isinstance(answer, PostingRefused):
                await bank_rows.not_posted(unit, body)

        await self._writer.run(settle)
        return Settled()


def customer_no(code: str) -> str:
    """The number of a virtual account after the bank's prefix: the payment code itself, where it is a number, so that
    one code has one account."""
    if code.isascii() and code.isdecimal() and len(code) <= CUSTOMER_DIGITS_MAX:
        return code
    return f"{int(hashlib.sha256(code.encode()).hexdigest(), 16) % 10**CUSTOMER_DIGITS:0{CUSTOMER_DIGITS}}"


def end_of(day: date) -> datetime:
    """The last moment of a day in Soppeng."""
    return datetime.combine(day, time(23, 59, 59), WITA)
