"""Payments, by the word of BPJS only.

Invariant: a payment code is paid once; cover dates are written as BPJS stated them, never computed.
"""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import bindparam, func, select, update

from db.tables import SPEAKS, chat_people, memberships, payment_codes, people
from db.unit import Unit
from rules.bpjs import Paid


class PaidFor(Struct, frozen=True):
    """Whose payment it was, and the chats that speak for that person."""

    name: str
    chats: tuple[int, ...]


async def record_paid(unit: Unit, paid: Paid) -> PaidFor | None:
    """Write a payment. None if the code isn't ours, or was paid before."""
    marked = await unit.fetch(_MARK_PAID, this=paid.code, on=paid.paid_on)
    if not marked:
        return None
    person = marked[0][0]
    unit.change(_COVER, of=person, since=paid.covered_from, until=paid.protected_until, now=unit.now)
    unit.did("bpjs", "paid", f"person {person}", amount=paid.amount.amount)
    ((name,),) = await unit.fetch(_NAME, of=person)
    return PaidFor(name, tuple(chat for (chat,) in await unit.fetch(_CHATS, of=person)))


_MARK_PAID = (
    update(payment_codes)
    .where(payment_codes.c.code == bindparam("this"), payment_codes.c.paid_on.is_(None))
    .values(paid_on=bindparam("on"))
    .returning(payment_codes.c.person_id)
)
_COVER = (
    update(memberships)
    .where(memberships.c.person_id == bindparam("of"))
    .values(
        covered_from=func.coalesce(memberships.c.covered_from, bindparam("since")),
        protected_until=bindparam("until"),
        stated_at=bindparam("now"),
    )
)
_NAME = select(people.c.name).where(people.c.id == bindparam("of"))
_CHATS = select(chat_people.c.chat_id).where(chat_people.c.person_id == bindparam("of"), SPEAKS)
