"""The cover of members, by the word of BPJS only.

Invariant: dates are written as stated, never computed; a word that is older than what is written changes nothing; a
reminder of a day on which the cover no longer ends is taken back before it is sent.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import bindparam, select, update

from db import ledger, reminding
from db.columns import from_micros
from db.tables import memberships
from db.unit import Unit

UNKNOWN_KPJ = "unknown-kpj"
"""The queue of member numbers that we never wrote down."""


class Cover(Struct, frozen=True):
    """What BPJS states of a member. Both days are None for somebody who was never covered, or isn't any more."""

    kpj: str
    covered_from: date | None
    protected_until: date | None


async def state_cover(unit: Unit, cover: Cover, stated_at: datetime) -> bool:
    """Write what BPJS stated at this moment (aware); whether a reminder was taken back, perhaps about others, too. A
    number that nobody here has waits for a person."""
    taken_back = False
    rows = await unit.fetch(_OF_KPJ, kpj=cover.kpj)
    for person, until, written_at in rows:
        if stated_at < from_micros(written_at):
            continue
        unit.change(_STATE, of=person, since=cover.covered_from, until=cover.protected_until, at=stated_at)
        unit.did("bpjs", "cover", f"person {person}", until=str(cover.protected_until))
        if until is not None and date.fromisoformat(str(until)) != cover.protected_until:
            taken_back |= await reminding.take_back(unit, person)
    if not rows:
        await ledger.set_aside_once(unit, UNKNOWN_KPJ, cover.kpj)
    return taken_back


_OF_KPJ = (
    select(memberships.c.person_id, memberships.c.protected_until, memberships.c.stated_at)
    .where(memberships.c.kpj == bindparam("kpj"))
    .order_by(memberships.c.person_id)
    .with_for_update()
)
_STATE = (
    update(memberships)
    .where(memberships.c.person_id == bindparam("of"))
    .values(covered_from=bindparam("since"), protected_until=bindparam("until"), stated_at=bindparam("at"))
)
