"""Payments, by the word of BPJS only.

Invariant: a payment code is paid once, and booked in the member's ledger in the same transaction; cover dates are
written as BPJS stated them, never computed; a payment that doesn't fit is set aside for a person, and dropped never.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import bindparam, func, select, update

from db import ledger, reminding
from db.ledger import Receipt
from db.money import payment_codes
from db.tables import LIVES, SPEAKS, chat_people, enrolments, memberships, people
from db.unit import Unit, upsert
from rules import tariff
from rules.bpjs import Paid, PaymentCode
from rules.ledger import Expect, Pay
from rules.money import Rupiah
from rules.month import Month
from rules.tariff import Priced

UNKNOWN_CODE = "unknown-code"
"""The queue of payments for codes that we never asked for."""


class PaidFor(Struct, frozen=True):
    """Whose payment it was, and the chats that speak for that person, none after a death. `receipt` is None if it
    covers no month: another sum than was `asked` for, or only months that were paid before. `taken_back`: a reminder
    was, perhaps about others, too."""

    name: str
    chats: tuple[int, ...]
    asked: Rupiah
    receipt: Receipt | None
    taken_back: bool


def add_code(unit: Unit, person: int, enrolment: int | None, priced: Priced, code: PaymentCode) -> None:
    """Keep a payment code that BPJS gave for these months."""
    unit.change(
        _ADD_CODE, code=code.code, enrolment_id=enrolment, person_id=person,
        months=" ".join(str(month) for month, _price in priced),
        priced=" ".join(str(price.amount) for _month, price in priced), amount=code.amount.amount,
        payable_until=code.payable_until, created_at=unit.now, paid_on=None,
    )  # fmt: skip


_ADD_CODE = upsert(payment_codes, lambda insert: insert.on_conflict_do_nothing())
"""BPJS may give the code that it gave before."""


async def expect(unit: Unit, person: int, priced: Priced) -> None:
    """These months will cost so much."""
    await ledger.book(unit, person, *(Expect(month, amount) for month, amount in priced))


async def price(unit: Unit, enrolment: int, months: Sequence[Month]) -> Priced:
    """What each of these months costs who enrolled so, each at its own rate."""
    ((sector, tier),) = await unit.fetch(_TARIFF, this=enrolment)
    return tariff.priced(months, tier=tier, sector=sector, payer="self")


async def record_paid(unit: Unit, paid: Paid) -> PaidFor | None:
    """Book a payment, and write the cover that BPJS states. None if there is nobody to tell: the code isn't ours, or
    the payment is booked already, if with another sum."""
    rows = await unit.fetch(_CODE, this=paid.code)
    if not rows:
        ledger.set_aside(unit, UNKNOWN_CODE, paid.code, amount=paid.amount)
        return None
    person, enrolment, written, prices, paid_before = rows[0]
    months = tuple(map(Month.parse, written.split()))
    if prices is None:  # from before the ledger, when every code was an enrolment's
        priced = await price(unit, enrolment, months)
    else:
        priced = tuple(zip(months, (Rupiah(int(one)) for one in prices.split()), strict=True))
    await ledger.book(unit, person, Pay(paid.code, paid.amount, priced))
    if paid_before is not None:
        return None
    unit.change(_MARK_PAID, this=paid.code, on=paid.paid_on)
    unit.change(_COVER, of=person, since=paid.covered_from, until=paid.protected_until, now=unit.now)
    unit.did("bpjs", "paid", f"person {person}", amount=paid.amount.amount)
    taken_back = await reminding.take_back(unit, person)
    given = await ledger.receipt(unit, person, paid.code)
    ((name,),) = await unit.fetch(_NAME, of=person)
    chats = tuple(chat for (chat,) in await unit.fetch(_CHATS, of=person))
    return PaidFor(name, chats, tariff.cost(priced), given, taken_back)


_CODE = select(
    payment_codes.c.person_id, payment_codes.c.enrolment_id, payment_codes.c.months, payment_codes.c.priced,
    payment_codes.c.paid_on,
).where(payment_codes.c.code == bindparam("this")).with_for_update()  # fmt: skip
_TARIFF = select(enrolments.c.sector, enrolments.c.income_band).where(enrolments.c.id == bindparam("this"))
_MARK_PAID = update(payment_codes).where(payment_codes.c.code == bindparam("this")).values(paid_on=bindparam("on"))
_COVER = (
    update(memberships)
    .where(
        memberships.c.person_id == bindparam("of"),
        memberships.c.protected_until.is_(None) | (memberships.c.protected_until < bindparam("until")),
    )  # of several codes one may be told late
    .values(
        covered_from=func.coalesce(memberships.c.covered_from, bindparam("since")),
        protected_until=bindparam("until"),
        stated_at=bindparam("now"),
    )
)
_NAME = select(people.c.name).where(people.c.id == bindparam("of"))
_CHATS = select(chat_people.c.chat_id).where(chat_people.c.person_id == bindparam("of"), SPEAKS, LIVES)
