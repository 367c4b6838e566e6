"""The append-only record of who did what to whose data. Each row carries the hash of the one before it.

Invariant: no row can be changed, removed or slipped in without `broken_at` finding it (UU 27/2022 art. 31). Details
hold no NIK, no photo and no name.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables import audit
from db.unit import Unit

BEGINNING = "0" * 64
_CHAIN_LOCK = 7_312_001
"""PostgreSQL advisory lock: one process at a time adds to the chain."""


async def append(unit: Unit, actor: str, action: str, subject: str, **detail: Any) -> None:
    """Add a row at the end of the chain. `actor` such as "chat 12" or "bpjs", `subject` such as "enrolment 7"."""
    if unit.connection.dialect.name == "postgresql":
        await unit.execute(text("SELECT pg_advisory_xact_lock(:lock)").bindparams(lock=_CHAIN_LOCK))
    last = (await unit.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1))).first()
    number, previous = (last.number + 1, last.hash) if last else (1, BEGINNING)
    told = msgspec.json.encode(detail, order="deterministic").decode()
    unit.add(
        audit, number=number, at=unit.now, actor=actor, action=action, subject=subject, detail=told,
        previous=previous, hash=_hash(number, unit.now, actor, action, subject, told, previous),
    )  # fmt: skip


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
