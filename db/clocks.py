"""The 3 x 24 hours within which a request about one's own data is answered.

Invariant: of each request the operator is warned once, and once it is late the person is told and it climbs, once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Executable, Integer, Table, bindparam, func, select, update

from db.columns import from_micros
from db.rights import corrections, erasures
from db.tables import tasks
from db.unit import Unit
from rules.retention import ALARM_BEFORE

Kind = Literal["correction", "erasure"]
AT_ONCE_MAX = 100
"""Requests of one look; the others come with the next one."""
LATE: dict[Kind, str] = {"correction": "late-correction", "erasure": "late-erasure"}
"""Kinds of work for those who supervise the office."""


class Running(Struct, frozen=True):
    """A request that nobody has answered yet."""

    kind: Kind
    number: int
    chat: int
    due_at: datetime


async def nearly_over(unit: Unit) -> list[Running]:
    """Those whose time is over soon, or already; each is given once."""
    return await _marked(unit, "warned_at", unit.now + ALARM_BEFORE)


async def late(unit: Unit) -> list[Running]:
    """Those whose time is over; each is given once, and is work for a supervisor from then on."""
    found = await _marked(unit, "late_at", unit.now)
    for one in found:
        unit.add(
            tasks, id=unit.ids.next(), kind=LATE[one.kind], chat_id=one.chat, flow="my-data", step=str(one.number),
            created_at=unit.now, done_at=None,
        )  # fmt: skip
    return found


async def open_ones(unit: Unit) -> dict[tuple[Kind, str], int]:
    """How many there are, by kind and by how much time is left: "in time", "soon", "late"."""
    counted: dict[tuple[Kind, str], int] = {}
    for kind, statement in _OPEN.items():
        ((late_ones, soon, every),) = await unit.fetch(statement, now=unit.now, soon=unit.now + ALARM_BEFORE)
        counted |= {(kind, "late"): late_ones, (kind, "soon"): soon - late_ones, (kind, "in time"): every - soon}
    return counted


async def _marked(unit: Unit, mark: str, until: datetime) -> list[Running]:
    found: list[Running] = []
    for kind, (look, note) in _MARKS[mark].items():
        for number, chat, due in await unit.fetch(look, until=until, most=AT_ONCE_MAX):
            unit.change(note, this=number, at=unit.now)
            found.append(Running(kind, number, chat, from_micros(due)))
    return found


_TABLES: dict[Kind, tuple[Table, str]] = {"correction": (corrections, "decided_at"), "erasure": (erasures, "done_at")}


def _look(table: Table, end: str, mark: str) -> Executable:
    return (
        select(table.c.id, table.c.chat_id, table.c.due_at)
        .where(table.c[end].is_(None), table.c[mark].is_(None), table.c.due_at <= bindparam("until"))
        .order_by(table.c.due_at, table.c.id)
        .limit(bindparam("most", type_=Integer))
    )


def _note(table: Table, mark: str) -> Executable:
    return update(table).where(table.c.id == bindparam("this")).values({mark: bindparam("at")})


_MARKS: dict[str, dict[Kind, tuple[Executable, Executable]]] = {
    mark: {kind: (_look(table, end, mark), _note(table, mark)) for kind, (table, end) in _TABLES.items()}
    for mark in ("warned_at", "late_at")
}
_OPEN: dict[Kind, Executable] = {
    kind: select(
        func.count().filter(table.c.due_at <= bindparam("now")),
        func.count().filter(table.c.due_at <= bindparam("soon")), func.count(),
    ).where(table.c[end].is_(None))
    for kind, (table, end) in _TABLES.items()
}  # fmt: skip
