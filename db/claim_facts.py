"""What stands in the letter about an accident: read for its reporter's chat, outside the writer."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncEngine

from db.cases import claims
from db.tables import memberships, people
from db.vault import Vault
from rules.claim_report import Report
from rules.nik import Nik
from rules.quiet import WITA


class Facts(Struct, frozen=True):
    """A claim, and the member as of today. `protected_until` is BPJS's word."""

    number: int
    report: Report
    reported_on: date
    reference: str | None
    name: str
    nik: Nik
    protected_until: date | None


async def facts(engine: AsyncEngine, vault: Vault, claim: int, chat: int) -> Facts | None:
    """None if there is no such claim of this chat."""
    async with engine.connect() as connection:
        row = (await connection.execute(_FACTS, {"claim": claim, "chat": chat})).first()
    if row is None:
        return None
    nik = Nik.parse(vault.open(row.nik, f"nik {row.person}").decode())
    assert isinstance(nik, Nik), "it was one when it was sealed"
    report = msgspec.json.decode(vault.open(row.report, f"claim {claim}"), type=Report)
    return Facts(
        row.number, report, row.created_at.astimezone(WITA).date(), row.reference, row.name, nik, row.protected_until
    )


_FACTS = (
    select(
        claims.c.number, claims.c.report, claims.c.created_at, claims.c.reference, people.c.id.label("person"),
        people.c.name, people.c.nik, memberships.c.protected_until,
    )
    .select_from(
        claims.join(people, people.c.id == claims.c.person_id)
        .outerjoin(memberships, memberships.c.person_id == people.c.id)
    )
    .where(claims.c.id == bindparam("claim"), claims.c.chat_id == bindparam("chat"))
)  # fmt: skip
