"""The append-only record of who did what to whose data. Each row carries the hash of the one before it.

Invariant: no row can be changed, removed or slipped in without `broken_at` finding it (UU 27/2022 art. 31). Details
hold no NIK, no photo and no name.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import audit
from db.unit import Unit

BEGINNING = "0" * 64
_CHAIN_LOCK = 7_312_001
"""PostgreSQL advisory lock: one process at a time adds to the chain."""
_LOCK = select(func.pg_advisory_xact_lock(_CHAIN_LOCK))
_LAST = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)


async def write(unit: Unit) -> None:
    """Add the unit's deeds at the end of the chain."""
    if not unit.deeds:
        return
    if unit.is_postgresql:
        await unit.fetch(_LOCK)
    last = await unit.fetch(_LAST)
    written, previous = last[0] if last else (0, BEGINNING)
    for number, deed in enumerate(unit.deeds, written + 1):
        told = msgspec.json.encode(deed.detail, order="deterministic").decode()
        here = _hash(number, unit.now, deed.actor, deed.action, deed.subject, told, previous)
        unit.add(
            audit, number=number, at=unit.now, actor=deed.actor, action=deed.action, subject=deed.subject, detail=told,
            previous=previous, hash=here,
        )  # fmt: skip
        previous = here
    unit.deeds.clear()


async def broken_at(connection: AsyncConnection) -> int | None:
    """The number of the first row that doesn't follow from the one before it; None if the chain holds."""
    previous, expected = BEGINNING, 1
    async for row in await connection.stream(select(audit).order_by(audit.c.number)):
        right = _hash(row.number, row.at, row.actor, row.action, row.subject, row.detail, previous)
        if row.number != expected or row.previous != previous or row.hash != right:
            return int(row.number)
        previous, expected = row.hash, expected + 1
    return None


def _hash(number: int, at: datetime, actor: str, action: str, subject: str, detail: str, previous: str) -> str:
    told = msgspec.json.encode([number, at.timestamp(), actor, action, subject, detail, previous])
    return hashlib.sha256(told).hexdigest()
