"""Who asked at a clinic's desk whether somebody is protected: once, not too often a day, and written down.

Invariant: every check that is let through leaves an audit row with who asked and why, and without a NIK or a name.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import bindparam, func, select

from bot.talk.heard import Unread
from db import talks
from db.tables import inbound, memberships, people
from db.talks import Arrived, Stamp
from db.unit import Unit
from rules.nik import Nik
from rules.quiet import WITA

CHANNEL = "plkk-check"


Turned = Literal["seen", "too-many"]


class Known(Struct, frozen=True):
    """Who is asked about; both None: nobody of ours."""

    person: int | None = None
    name: str | None = None


class Check(Struct, frozen=True):
    """A clinic asks about a NIK, a KPJ (a str) or nobody who can be, for a day, and says why in one word."""

    clinic: str
    by: Nik | str | None
    day: date
    why: str


async def check(unit: Unit, one: Check, nonce: str, signed_at: datetime, a_day_max: int) -> Known | Turned:
    """Let it through once, and write down who asked why. The day on which checks are counted is that of the signature
    (WITA), so a repeat is a repeat on any clock."""
    account = f"{one.clinic} {signed_at.astimezone(WITA).date()}"
    if not await talks.is_first(unit, Arrived(unit.ids.next(), Stamp(CHANNEL, account, nonce), 0, Unread("unknown"))):
        return "seen"
    ((checks,),) = await unit.fetch(_TODAY, account=account)
    if checks > a_day_max:
        return "too-many"
    known = await _known(unit, one.by)
    subject = f"person {known.person}" if known.person is not None else "nobody known"
    kind = "kpj" if isinstance(one.by, str) else "nik"
    unit.did(f"clinic {one.clinic}", "check-membership", subject, by=kind, day=one.day.isoformat(), why=one.why)
    return known


_TODAY = (
    select(func.count())
    .select_from(inbound)
    .where(inbound.c.channel == CHANNEL, inbound.c.account == bindparam("account"))
)


async def _known(unit: Unit, by: Nik | str | None) -> Known:
    if by is None:
        return Known()
    if isinstance(by, Nik):
        rows = await unit.fetch(_BY_NIK, index=unit.vault.index(by))
    else:
        rows = await unit.fetch(_BY_KPJ, kpj=by)
    return Known(*rows[0]) if rows else Known()


_BY_NIK = select(people.c.id, people.c.name).where(people.c.nik_index == bindparam("index"))
_BY_KPJ = (
    select(people.c.id, people.c.name)
    .join(memberships, memberships.c.person_id == people.c.id)
    .where(memberships.c.kpj == bindparam("kpj"))
)
