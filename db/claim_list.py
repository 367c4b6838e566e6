"""Claims as the office's command line lists them: nothing that is sealed, nobody's name.

Reads beside whoever writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.cases import claim_steps, claims
from rules.claim_report import Kind
from rules.claims import Holder, State


class Listed(Struct, frozen=True):
    """A claim. `promised_at` (aware) and `holder` are None once it is closed."""

    number: int
    kind: Kind
    state: State
    holder: Holder | None
    promised_at: datetime | None
    climbed: int
    doubts: tuple[str, ...]


class Step(Struct, frozen=True):
    """A step of a claim, and who took it, such as "chat 12", "bpjs", "clock"."""

    at: datetime
    state: State
    actor: str


async def listed(connection: AsyncConnection) -> list[Listed]:
    """All that are open, the oldest promise first."""
    rows = await connection.execute(_ROWS.where(claims.c.state != "closed").order_by(claims.c.promised_at))
    return [_listed(row) for row in rows]


async def one(connection: AsyncConnection, number: int) -> Listed | None:
    row = (await connection.execute(_ROWS.where(claims.c.number == number))).one_or_none()
    return None if row is None else _listed(row)


async def steps(connection: AsyncConnection, number: int) -> list[Step]:
    """The steps of one claim, in order."""
    rows = await connection.execute(_STEPS.where(claims.c.number == number))
    return [Step(*row) for row in rows]


def _listed(row: Any) -> Listed:
    return Listed(row.number, row.kind, row.state, row.holder, row.promised_at, row.climbed, tuple(row.doubts.split()))


_ROWS = select(
    claims.c.number, claims.c.kind, claims.c.state, claims.c.holder, claims.c.promised_at, claims.c.climbed,
    claims.c.doubts,
)  # fmt: skip
_STEPS = (
    select(claim_steps.c.at, claim_steps.c.state, claim_steps.c.actor)
    .join(claims, claims.c.id == claim_steps.c.claim_id)
    .order_by(claim_steps.c.id)
)
