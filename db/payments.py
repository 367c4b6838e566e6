"""Payments, by the word of BPJS only.

Invariant: a payment code is paid once; cover dates are written as BPJS stated them, never computed.
"""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import func, select, update

from db.tables import chat_people, memberships, payment_codes, people
from db.unit import Unit
from rules.bpjs import Paid


class PaidFor(Struct, frozen=True):
    """Whose payment it was, and the chats that speak for that person."""

    name: str
    chats: tuple[int, ...]


async def record_paid(unit: Unit, paid: Paid) -> PaidFor | None:
    """Write a payment. None if the code isn't ours, or was paid before."""
    ours = (payment_codes.c.code == paid.code) & payment_codes.c.paid_on.is_(None)
    changed = await unit.execute(
        update(payment_codes).where(ours).values(paid_on=paid.paid_on).returning(payment_codes.c.person_id)
    )
    person = changed.scalar()
    if person is None:
        return None
    await unit.execute(
        update(memberships)
        .where(memberships.c.person_id == person)
        .values(
            covered_from=func.coalesce(memberships.c.covered_from, paid.covered_from),
            protected_until=paid.protected_until,
            stated_at=unit.now,
        )
    )
    unit.did("bpjs", "paid", f"person {person}", amount=paid.amount.amount)
    name = (await unit.execute(select(people.c.name).where(people.c.id == person))).scalar_one()
    chats = await unit.execute(select(chat_people.c.chat_id).where(chat_people.c.person_id == person))
    return PaidFor(name, tuple(row.chat_id for row in chats))
