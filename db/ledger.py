"""The ledgers of the members (rules/ledger.py), kept a row a month.

Invariant: a ledger is changed by `book` alone, in the transaction in which its entry is known; receipts are numbered
without gaps, one for each payment of a member that covers a month; what is odd waits in a named queue.
"""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import bindparam, func, select, text

from db.money import contributions, oddities, payments, receipts
from db.prepared import Row
from db.tables import people
from db.unit import Unit, upsert
from rules.ledger import Entry, Ledger, Line, Oddity, Pay, Payment, Posted, post
from rules.money import Rupiah
from rules.month import Month


class Receipt(Struct, frozen=True):
    """What a member gets for a payment: the months that it covers, and what they cost."""

    number: int
    amount: Rupiah
    months: tuple[Month, ...]


async def book(unit: Unit, person: int, *entries: Entry) -> list[Posted]:
    """Book entries in somebody's ledger, in order; what is odd about one is put into its queue."""
    before = ledger = await load(unit, person)
    all_posted: list[Posted] = []
    for entry in entries:
        posted = post(ledger, entry)
        all_posted.append(posted)
        ledger = posted.ledger
        if posted.odd is not None:
            amount = entry.amount if isinstance(entry, Pay) else None
            set_aside(unit, posted.odd, getattr(entry, "reference", ""), person=person, amount=amount)
    _write(unit, person, before, ledger)
    return all_posted


async def load(unit: Unit, person: int) -> Ledger:
    """Somebody's ledger, locked until the end of the transaction."""
    if unit.is_postgresql:
        await unit.fetch(_LOCK, person=person)
    lines = {Month.parse(row[0]): _line(row) for row in await unit.fetch(_LINES, person=person)}
    paid = {row[0]: _payment(row) for row in await unit.fetch(_PAYMENTS, person=person)}
    return Ledger(lines, paid)


async def receipt(unit: Unit, person: int, reference: str) -> Receipt | None:
    """The receipt for a payment; made, with the next number, if there is none yet. None if it covers no month."""
    ((paid, written, unallocated),) = await unit.fetch(_PAID, person=person, reference=reference)
    amount, months = Rupiah(paid - unallocated), tuple(map(Month.parse, written.split()))
    if not months:
        return None
    given = await unit.fetch(_RECEIPT, person=person, reference=reference)
    if given:
        return Receipt(given[0][0], amount, months)
    if unit.is_postgresql:
        await unit.fetch(_LOCK_NUMBERS)
    ((last,),) = await unit.fetch(_LAST)
    unit.add(
        receipts, number=last + 1, person_id=person, reference=reference, amount=amount.amount, created_at=unit.now
    )
    return Receipt(last + 1, amount, months)


def set_aside(
    unit: Unit, queue: Oddity | str, reference: str, *, person: int | None = None, amount: Rupiah | None = None
) -> None:
    """Put what didn't fit into the queue of its kind, for a person to look at."""
    unit.add(
        oddities, id=unit.ids.next(), queue=queue, reference=reference, person_id=person,
        amount=amount.amount if amount else None, created_at=unit.now, done_at=None,
    )  # fmt: skip
    unit.did("ledger", queue, f"person {person}" if person else "nobody", reference=reference)


async def set_aside_once(
    unit: Unit, queue: str, reference: str, *, person: int | None = None, amount: Rupiah | None = None
) -> None:
    """The same, unless it waits there already."""
    if not await unit.fetch(_ASIDE, queue=queue, reference=reference):
        set_aside(unit, queue, reference, person=person, amount=amount)


def _write(unit: Unit, person: int, before: Ledger, after: Ledger) -> None:
    for month, line in after.lines.items():
        if before.lines.get(month) != line:
            unit.change(
                _SET_LINE, person_id=person, month=str(month), amount=line.amount.amount, state=line.state,
                payer=line.payer, reference=line.reference,
            )  # fmt: skip
    for reference, paid in after.payments.items():
        if before.payments.get(reference) != paid:
            unit.change(
                _SET_PAYMENT, person_id=person, reference=reference, amount=paid.amount.amount,
                asked=" ".join(f"{month}={amount.amount}" for month, amount in paid.priced),
                months=" ".join(map(str, paid.months)), unallocated=paid.unallocated.amount, refunded=paid.refunded,
                told_at=unit.now,
            )  # fmt: skip


def _line(row: Row) -> Line:
    _month, amount, state, payer, reference = row
    return Line(Rupiah(amount), state, payer, reference)


def _payment(row: Row) -> Payment:
    _reference, amount, asked, months, unallocated, refunded = row
    priced = tuple((Month.parse(month), Rupiah(int(price))) for month, _equals, price in _pairs(asked))
    covered = tuple(map(Month.parse, months.split()))
    return Payment(Rupiah(amount), priced, covered, Rupiah(unallocated), bool(refunded))


def _pairs(asked: str) -> list[tuple[str, str, str]]:
    return [one.partition("=") for one in asked.split()]


_ASIDE = select(oddities.c.id).where(
    oddities.c.queue == bindparam("queue"), oddities.c.reference == bindparam("reference"), oddities.c.done_at.is_(None)
)
_LOCK = select(people.c.id).where(people.c.id == bindparam("person")).with_for_update(key_share=True)
_LINES = select(
    contributions.c.month, contributions.c.amount, contributions.c.state, contributions.c.payer,
    contributions.c.reference,
).where(contributions.c.person_id == bindparam("person")).order_by(contributions.c.month)  # fmt: skip
_PAYMENTS = select(
    payments.c.reference, payments.c.amount, payments.c.asked, payments.c.months, payments.c.unallocated,
    payments.c.refunded,
).where(payments.c.person_id == bindparam("person")).order_by(payments.c.told_at, payments.c.reference)  # fmt: skip
_PAID = select(payments.c.amount, payments.c.months, payments.c.unallocated).where(
    payments.c.person_id == bindparam("person"), payments.c.reference == bindparam("reference")
)
_RECEIPT = select(receipts.c.number).where(
    receipts.c.person_id == bindparam("person"), receipts.c.reference == bindparam("reference")
)
_LOCK_NUMBERS = text("LOCK TABLE receipts IN EXCLUSIVE MODE")
_LAST = select(func.coalesce(func.max(receipts.c.number), 0))
_SET_LINE = upsert(
    contributions,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["person_id", "month"],
        set_={name: insert.excluded[name] for name in ("amount", "state", "payer", "reference")},
    ),
)
_SET_PAYMENT = upsert(
    payments,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["person_id", "reference"],
        set_={name: insert.excluded[name] for name in ("months", "unallocated", "refunded")},
    ),
)
