"""What is left when everybody is done: the chats as people see them, the rows of our database, the registry of BPJS.

Invariant: nothing here judges; what it gathers has no full NIK in it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import httpx
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db import audit
from db.engine import reader_engine
from db.money import payment_codes
from db.tables import chats, conversations, enrolments, inbound, outbox
from tests.recovery.service import Siaga
from tests.recovery.visitor import Line, Visitor

READ_S = 30.0
"""For all chats to be read once more."""


class Errand(Struct, frozen=True):
    """An errand as the outbox remembers it. `person` is None when nobody of ours has that chat."""

    lane: str
    person: int | None
    state: str
    tries: int
    seconds: float


class Chat(Struct, frozen=True):
    """One person's chat. `lines` is all of it, `seen` the ids of the lines in the order in which the page got them
    as they came, `sent` and `kept` the ids of the messages as the person sent them and as the database has them."""

    person: int
    masked: str
    lines: tuple[Line, ...]
    seen: tuple[str, ...]
    sent: tuple[str, ...]
    kept: tuple[str, ...]


class Left(Struct, frozen=True):
    """Everything that a verdict needs. `registered` is the sandbox's list, `broken_at` the first bad row of the audit,
    `printed` what the service and the sandbox printed."""

    chats: tuple[Chat, ...]
    errands: tuple[Errand, ...]
    open_rows: dict[str, int]
    parked: int
    strangers: int
    open_conversations: int
    enrolments: dict[str, int]
    payment_codes: int
    broken_at: int | None
    registered: tuple[dict[str, object], ...]
    payments_at_bpjs: int
    printed: str


async def left_by(service: Siaga, visitors: Sequence[Visitor]) -> Left:
    """Reads it all while the service runs, then ends the service as an operator does."""
    async with asyncio.timeout(READ_S):
        lines = [tuple(await visitor.all_lines()) for visitor in visitors]
        async with httpx.AsyncClient(verify=False) as http:  # loopback, without TLS
            registered = (await http.get(f"{service.bpjs}/sandbox/registrations")).json()
    service.end()
    engine = reader_engine(service.database)
    try:
        async with engine.connect() as connection:
            kept = await _kept(connection)
            people = {chat: _number(sent[0]) for chat, sent in kept.items() if sent}
            by_person = {people[chat]: sent for chat, sent in kept.items() if chat in people}
            return Left(
                chats=tuple(_chat(one, seen, by_person) for one, seen in zip(visitors, lines, strict=True)),
                errands=await _errands(connection, people),
                open_rows=await _open_rows(connection),
                parked=await _count(connection, select(func.count()).where(inbound.c.parked.is_not(None))),
                strangers=await _count(connection, select(func.count()).select_from(chats)) - len(visitors),
                open_conversations=await _count(
                    connection, select(func.count()).where(conversations.c.ended_at.is_(None))
                ),
                enrolments=await _by_state(connection),
                payment_codes=await _count(connection, select(func.count()).select_from(payment_codes)),
                broken_at=await audit.broken_at(connection),
                registered=tuple(registered),
                payments_at_bpjs=_payments(service),
                printed=service.printed.read_text(errors="replace"),
            )
    finally:
        await engine.dispose()


def _chat(visitor: Visitor, lines: tuple[Line, ...], kept: dict[int, list[str]]) -> Chat:
    person = visitor.person
    return Chat(
        person.number,
        person.masked,
        lines,
        tuple(line["id"] for line in visitor.seen),
        tuple(visitor.said),
        tuple(kept.get(person.number, ())),
    )


async def _kept(connection: AsyncConnection) -> dict[int, list[str]]:
    """The messages of each chat by the ids that the page gave them, in the order in which they were written."""
    rows = await connection.execute(
        select(inbound.c.chat_id, inbound.c.message_id).where(inbound.c.channel == "web").order_by(inbound.c.id)
    )
    kept: dict[int, list[str]] = {}
    for chat, message_id in rows:
        kept.setdefault(chat, []).append(message_id.rpartition(".")[2])
    return kept


def _number(message_id: str) -> int:
    return int(message_id[1:].partition("-")[0])


async def _errands(connection: AsyncConnection, people: dict[int, int]) -> tuple[Errand, ...]:
    rows = await connection.execute(
        select(
            outbox.c.lane, outbox.c.chat_id, outbox.c.state, outbox.c.tries, outbox.c.created_at, outbox.c.done_at
        ).where(outbox.c.kind == "errand")
    )
    return tuple(
        Errand(row.lane, people.get(row.chat_id), row.state, row.tries, _seconds(row.created_at, row.done_at))
        for row in rows
    )


def _seconds(began: datetime, ended: datetime | None) -> float:
    return (ended - began).total_seconds() if ended else 0.0


async def _open_rows(connection: AsyncConnection) -> dict[str, int]:
    states = select(outbox.c.state, func.count()).where(outbox.c.state != "done").group_by(outbox.c.state)
    return {str(row[0]): int(row[1]) for row in await connection.execute(states)}


async def _by_state(connection: AsyncConnection) -> dict[str, int]:
    counted = select(enrolments.c.state, func.count()).group_by(enrolments.c.state)
    return dict(Counter({str(row[0]): int(row[1]) for row in await connection.execute(counted)}))


async def _count(connection: AsyncConnection, query: object) -> int:
    return int((await connection.execute(query)).scalar_one())  # type: ignore[call-overload]  # any select


def _payments(service: Siaga) -> int:
    """How many payment codes BPJS has given; its own page shows only the latest."""
    database = sqlite3.connect(f"file:{service.sandbox_file}?mode=ro", uri=True)
    try:
        return int(database.execute("select count(*) from payments").fetchone()[0])
    finally:
        database.close()
