"""Accounts of channels: which process sends for one, and until when nobody may.

Invariant: of several processes one at a time sends for an account, so that together they keep its limits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from db.tables import lanes
from db.unit import Unit, upsert

LEASE = timedelta(seconds=10)
"""So long a process is taken to be sending after its last word."""


async def claim(unit: Unit, lane: str, who: str) -> bool:
    """Whether this process sends for the account from now on."""
    rows = await unit.fetch(_CLAIM, lane=lane, who=who, until=unit.now + LEASE, now=unit.now)
    return bool(rows)


_CLAIM = upsert(
    lanes,
    lambda insert: insert.values(
        lane=bindparam("lane"), held_by=bindparam("who"), held_until=bindparam("until"), not_before=None
    )
    .on_conflict_do_update(
        index_elements=["lane"],
        set_={"held_by": insert.excluded.held_by, "held_until": insert.excluded.held_until},
        where=or_(
            lanes.c.held_by == insert.excluded.held_by, lanes.c.held_until.is_(None),
            lanes.c.held_until < bindparam("now", type_=lanes.c.held_until.type),
        ),
    )
    .returning(lanes.c.lane),
)  # fmt: skip


def stop(unit: Unit, lane: str, until: datetime) -> None:
    """Nobody sends for the account before this. Of two who were told to wait the longer wait counts."""
    unit.change(_MEET, lane=lane, not_before=None, held_by=None, held_until=None)
    unit.change(_STOP, this=lane, until=until)


_MEET = upsert(lanes, lambda insert: insert.on_conflict_do_nothing())
_STOP = (
    update(lanes)
    .where(
        lanes.c.lane == bindparam("this"),
        or_(lanes.c.not_before.is_(None), lanes.c.not_before < bindparam("until", type_=lanes.c.not_before.type)),
    )
    .values(not_before=bindparam("until", type_=lanes.c.not_before.type))
)
"""An update, and no upsert: in one transaction several may be told to wait, and PostgreSQL upserts a row but once."""


async def is_stopped(unit: Unit, lane: str) -> bool:
    """Whether nobody may send for the account now."""
    return bool(await unit.fetch(_STOPPED, lane=lane, now=unit.now))


_STOPPED = select(lanes.c.lane).where(lanes.c.lane == bindparam("lane"), lanes.c.not_before > bindparam("now"))
