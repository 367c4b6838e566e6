"""What we wrote down of a day, what was found to differ from BPJS's statement, and which days are still to be compared.

Invariant: a day and part that is compared again gives the same rows: a difference is one row for ever, first seen when
it was first found, and settled once it is mended or no longer found. No personal data but numbers of our own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Date, bindparam, func, select, update

from db.columns import from_micros
from db.money import differences, payment_codes, payments, reconciliations
from db.prepared import Row as Stored
from db.tables import memberships
from db.unit import Unit, for_each, upsert
from rules.money import Rupiah
from rules.reconciliation import PARTS, Kind, Part, Row

DAYS_BACK = 7
"""So many days are looked at again: those that could not be compared, and those on which something still differs."""


class Difference(Struct, frozen=True):
    """Something that BPJS states and we had differently, or the other way round."""

    kind: Kind
    subject: str
    ours: Rupiah | None = None
    theirs: Rupiah | None = None
    settled: bool = False


class Found(Struct, frozen=True):
    """What comparing a part of a day gave."""

    part: Part
    stated: int
    matched: int
    differences: tuple[Difference, ...] = ()


async def payments_of(unit: Unit, day: date, codes: Collection[str]) -> list[Row]:
    """Our codes that were paid on this day, and those of `codes` that are paid, on whatever day."""
    rows = {row[0]: row for row in await unit.fetch(_PAID_ON, day=day)}
    missing = [code for code in codes if code not in rows]
    rows |= {row[0]: row for row in await unit.fetch(_PAID, codes=missing)} if missing else {}
    return [Row(code, Rupiah(amount), on=_day(on)) for code, on, amount in rows.values()]


async def members_of(unit: Unit, kpjs: Collection[str]) -> tuple[list[Row], dict[str, int]]:
    """The cover that we wrote down for these member numbers, and whose they are."""
    rows = await unit.fetch(_MEMBERS, kpjs=list(kpjs))
    found = [Row(kpj, since=_day(since), until=_day(until)) for _person, kpj, since, until in rows]
    return found, {row[1]: row[0] for row in rows}


def write(unit: Unit, day: date, found: Found) -> None:
    """Keep what was found; what differed before and doesn't any more is settled."""
    unit.change(_SETTLE, of=day, of_part=found.part, at=unit.now)
    for one in {(one.kind, one.subject): one for one in found.differences}.values():
        unit.change(
            _WRITE, day=day, part=found.part, kind=one.kind, subject=one.subject,
            our_amount=one.ours.amount if one.ours else None, their_amount=one.theirs.amount if one.theirs else None,
            first_seen=unit.now, settled_at=unit.now if one.settled else None,
        )  # fmt: skip
    unit.change(_DONE, day=day, part=found.part, stated=found.stated, matched=found.matched, done_at=unit.now)


async def days_due(unit: Unit, last: date, since: datetime) -> list[date]:
    """The days up to `last`, the oldest first, that are to be compared: not wholly done yet, or not since that moment
    though something still differs."""
    first = last - timedelta(days=DAYS_BACK - 1)
    done = {_day(day): (parts, from_micros(at)) for day, parts, at in await unit.fetch(_DONE_DAYS, first=first)}
    differ = {_day(day) for (day,) in await unit.fetch(_DIFFER, first=first)}
    days = [first + timedelta(days=number) for number in range(DAYS_BACK)]
    return [day for day in days if _is_due(done.get(day), since, differs=day in differ)]


def _is_due(done: tuple[int, datetime] | None, since: datetime, *, differs: bool) -> bool:
    if done is None or done[0] < len(PARTS):
        return True
    return differs and done[1] < since


async def done_since(unit: Unit, day: date, since: datetime) -> set[Part]:
    """The parts of the day that were compared since then."""
    return {part for (part,) in await unit.fetch(_PARTS_SINCE, this=day, since=since)}


async def standing(unit: Unit, day: date) -> list[Found]:
    """What comparing the day gave, part by part; differences that were settled among them."""
    by_part: dict[str, list[Difference]] = {part: [] for part in PARTS}
    for row in await unit.fetch(_OF_DAY, this=day):
        by_part[row[0]].append(_difference(row))
    counted = {row[0]: row for row in await unit.fetch(_COUNTED, this=day)}
    return [Found(part, counted[part][1], counted[part][2], tuple(by_part[part])) for part in PARTS if part in counted]


def _difference(row: Stored) -> Difference:
    _part, kind, subject, ours, theirs, settled_at = row
    return Difference(kind, subject, _rupiah(ours), _rupiah(theirs), settled_at is not None)


def _rupiah(amount: int | None) -> Rupiah | None:
    return None if amount is None else Rupiah(amount)


def _day(stored: object) -> date | None:
    """PostgreSQL gives a date, SQLite its words."""
    return None if stored is None else date.fromisoformat(str(stored))


_BOOKED = select(payment_codes.c.code, payment_codes.c.paid_on, payments.c.amount).join(
    payments, (payments.c.reference == payment_codes.c.code) & (payments.c.person_id == payment_codes.c.person_id)
)
_PAID_ON = _BOOKED.where(payment_codes.c.paid_on == bindparam("day", type_=Date)).order_by(payment_codes.c.code)
_PAID = for_each("codes", _BOOKED.where(payment_codes.c.paid_on.is_not(None)), payment_codes.c.code)
_MEMBERS = for_each(
    "kpjs",
    select(
        memberships.c.person_id, memberships.c.kpj, memberships.c.covered_from, memberships.c.protected_until
    ).order_by(memberships.c.person_id),
    memberships.c.kpj,
)
_SETTLE = (
    update(differences)
    .where(
        differences.c.day == bindparam("of"), differences.c.part == bindparam("of_part"),
        differences.c.settled_at.is_(None),
    )
    .values(settled_at=bindparam("at"))
)  # fmt: skip
_WRITE = upsert(
    differences,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["day", "part", "kind", "subject"],
        set_={name: insert.excluded[name] for name in ("our_amount", "their_amount", "settled_at")},
    ),
)
_DONE = upsert(
    reconciliations,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["day", "part"],
        set_={name: insert.excluded[name] for name in ("stated", "matched", "done_at")},
    ),
)
_DONE_DAYS = (
    select(reconciliations.c.day, func.count(), func.min(reconciliations.c.done_at))
    .where(reconciliations.c.day >= bindparam("first", type_=Date))
    .group_by(reconciliations.c.day)
)
_DIFFER = (
    select(differences.c.day)
    .where(differences.c.settled_at.is_(None), differences.c.day >= bindparam("first", type_=Date))
    .distinct()
)
_PARTS_SINCE = select(reconciliations.c.part).where(
    reconciliations.c.day == bindparam("this"), reconciliations.c.done_at >= bindparam("since")
)
_OF_DAY = (
    select(
        differences.c.part, differences.c.kind, differences.c.subject, differences.c.our_amount,
        differences.c.their_amount, differences.c.settled_at,
    )
    .where(differences.c.day == bindparam("this"))
    .order_by(differences.c.part, differences.c.kind, differences.c.subject)
)  # fmt: skip
_COUNTED = select(reconciliations.c.part, reconciliations.c.stated, reconciliations.c.matched).where(
    reconciliations.c.day == bindparam("this")
)
