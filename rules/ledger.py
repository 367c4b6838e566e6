"""A member's ledger: what each month of cover costs, what was paid in, and where that money went.

Pure: `post` takes a ledger and an entry and gives the ledger after it. A month is *paid* only by the word of whoever
collects (BPJS, a bank); cash that an agent reports is *reported* until then. Invariant, under any order of entries:
what was paid in and not paid back equals what the paid months cost and what belongs to no month yet (`balance`); the
same payment is booked once, however often it is told; and what of an entry doesn't fit changes no month, and says by
its oddity into which queue it belongs. Nobody posts cash, disputes and refunds yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from rules.money import Rupiah
from rules.month import Month
from rules.tariff import Payer, Priced, cost

State = Literal["expected", "reported", "disputed", "paid", "refunded"]
Oddity = Literal[
    "wrong-amount", "paid-twice", "told-otherwise", "unknown-payment", "paid-already", "not-reported", "disputed-before"
]
"""wrong-amount: other than its months cost, so it is booked to no month. paid-twice: a month of it was paid by another
payment. told-otherwise: the same reference with other content. unknown-payment: paid back, though it never came.
paid-already: cash for a month that is paid. not-reported: cash disputed that nobody reported. disputed-before: other
cash for a month whose cash is disputed; that holds until whoever collects, or the office, has spoken."""
ZERO = Rupiah(0)


class Line(Struct, frozen=True):
    """One month. `reference` is of the payment that covers it or, before that, of the report of cash."""

    amount: Rupiah
    state: State
    payer: Payer = "self"
    reference: str = ""


class Payment(Struct, frozen=True):
    """Money that came in. `months` are those that it covers, `unallocated` is what belongs to none."""

    amount: Rupiah
    priced: Priced
    months: tuple[Month, ...]
    unallocated: Rupiah
    refunded: bool = False


class Ledger(Struct, frozen=True):
    """One member's. Payments by their reference."""

    lines: Mapping[Month, Line] = {}
    payments: Mapping[str, Payment] = {}


class Expect(Struct, frozen=True):
    """The month will cost so much. It replaces what was expected before, and nothing that was paid."""

    month: Month
    amount: Rupiah
    payer: Payer = "self"


class ReportCash(Struct, frozen=True):
    """An agent says to have taken cash for these months."""

    reference: str
    priced: Priced


class Dispute(Struct, frozen=True):
    """The member says that a report of cash isn't right."""

    reference: str


class Pay(Struct, frozen=True):
    """Whoever collects says that a payment came in. `priced`: the months that were asked for, each with its price."""

    reference: str
    amount: Rupiah
    priced: Priced


class Refund(Struct, frozen=True):
    """Whoever collects says that a payment was given back, all of it."""

    reference: str


Entry = Expect | ReportCash | Dispute | Pay | Refund


class Posted(Struct, frozen=True):
    """The ledger after an entry, and what was odd about the entry."""

    ledger: Ledger
    odd: Oddity | None = None


class Balance(Struct, frozen=True):
    """Both sides of the book."""

    paid_in: Rupiah
    refunded: Rupiah
    booked: Rupiah
    unallocated: Rupiah

    @property
    def adds_up(self) -> bool:
        return self.paid_in - self.refunded == self.booked + self.unallocated


def post(ledger: Ledger, entry: Entry) -> Posted:
    """Book one entry."""
    match entry:
        case Expect():
            return Posted(_expect(ledger, entry))
        case ReportCash():
            return _report(ledger, entry)
        case Dispute():
            return _dispute(ledger, entry)
        case Pay():
            return _pay(ledger, entry)
        case Refund():
            return _refund(ledger, entry)


def balance(ledger: Ledger) -> Balance:
    """What came in and where it is."""
    kept = [payment for payment in ledger.payments.values() if not payment.refunded]
    back = [payment for payment in ledger.payments.values() if payment.refunded]
    return Balance(
        paid_in=sum((one.amount for one in ledger.payments.values()), ZERO),
        refunded=sum((one.amount for one in back), ZERO),
        booked=sum((line.amount for line in ledger.lines.values() if line.state == "paid"), ZERO),
        unallocated=sum((one.unallocated for one in kept), ZERO),
    )


def _expect(ledger: Ledger, entry: Expect) -> Ledger:
    line = ledger.lines.get(entry.month)
    if line is not None and line.state not in ("expected", "refunded"):
        return ledger
    return _with(ledger, {entry.month: Line(entry.amount, "expected", entry.payer)})


def _report(ledger: Ledger, entry: ReportCash) -> Posted:
    known = [(month, amount, ledger.lines.get(month)) for month, amount in entry.priced]
    lines = {
        month: replace(line or Line(amount, "reported"), amount=amount, state="reported", reference=entry.reference)
        for month, amount, line in known if line is None or line.state not in ("paid", "disputed")
    }  # fmt: skip
    odd: Oddity | None = "paid-already" if any(line and line.state == "paid" for *_rest, line in known) else None
    if any(line and line.state == "disputed" and line.reference != entry.reference for *_rest, line in known):
        odd = "disputed-before"
    return Posted(_with(ledger, lines), odd)


def _dispute(ledger: Ledger, entry: Dispute) -> Posted:
    lines = {
        month: replace(line, state="disputed")
        for month, line in ledger.lines.items() if line.state == "reported" and line.reference == entry.reference
    }  # fmt: skip
    return Posted(_with(ledger, lines), None if lines else "not-reported")


def _pay(ledger: Ledger, entry: Pay) -> Posted:
    known = ledger.payments.get(entry.reference)
    if known is not None:
        return Posted(
            ledger, None if (known.amount, known.priced) == (entry.amount, entry.priced) else "told-otherwise"
        )
    if cost(entry.priced) != entry.amount:
        return Posted(_with(ledger, {}, entry, months=()), "wrong-amount")
    covered = {month: amount for month, amount in entry.priced if not _is_paid(ledger, month)}
    lines = {
        month: replace(ledger.lines.get(month, Line(amount, "paid")), amount=amount, state="paid",
                       reference=entry.reference)
        for month, amount in covered.items()
    }  # fmt: skip
    odd: Oddity | None = "paid-twice" if len(covered) < len(entry.priced) else None
    return Posted(_with(ledger, lines, entry, months=tuple(covered)), odd)


def _refund(ledger: Ledger, entry: Refund) -> Posted:
    payment = ledger.payments.get(entry.reference)
    if payment is None:
        return Posted(ledger, "unknown-payment")
    if payment.refunded:
        return Posted(ledger)
    lines = {month: replace(ledger.lines[month], state="refunded") for month in payment.months}
    payments = {**ledger.payments, entry.reference: replace(payment, refunded=True)}
    return Posted(Ledger({**ledger.lines, **lines}, payments))


def _with(
    ledger: Ledger, lines: Mapping[Month, Line], paid: Pay | None = None, *, months: tuple[Month, ...] = ()
) -> Ledger:
    """The ledger with these lines and, if there is one, the payment that covers these months."""
    if paid is None:
        return Ledger({**ledger.lines, **lines}, ledger.payments)
    booked = sum((lines[month].amount for month in months), ZERO)
    payment = Payment(paid.amount, paid.priced, months, paid.amount - booked)
    return Ledger({**ledger.lines, **lines}, {**ledger.payments, paid.reference: payment})


def _is_paid(ledger: Ledger, month: Month) -> bool:
    line = ledger.lines.get(month)
    return line is not None and line.state == "paid"
