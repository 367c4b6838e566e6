"""The audit only grows, and whoever changes it behind our back is found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from db import audit
from db.audit import broken_at
from db.engine import writer_engine
from db.ids import Ids
from db.migrate import migrate
from db.store import store
from db.unit import Unit
from db.vault import Vault
from tests.world import Clock, World

TRANSACTIONS, DEEDS = 3, 2
"""Transactions, and deeds in each."""
ROWS = TRANSACTIONS * DEEDS

_COPY = "INSERT INTO audit (number, at, actor, action, subject, detail, previous, hash) SELECT"
TAMPERED: dict[str, tuple[tuple[str, ...], int]] = {
    "another actor": (("UPDATE audit SET actor = 'x' WHERE number = 4",), 4),
    "another action": (("UPDATE audit SET action = 'x' WHERE number = 4",), 4),
    "another subject": (("UPDATE audit SET subject = 'x' WHERE number = 4",), 4),
    "another detail": (("UPDATE audit SET detail = '{}' WHERE number = 4",), 4),
    "another time": (("UPDATE audit SET at = at + 1 WHERE number = 4",), 4),
    "another hash": ((f"UPDATE audit SET hash = '{'a' * 64}' WHERE number = 4",), 4),
    "another chain": (("UPDATE audit SET previous = hash WHERE number = 4",), 4),
    "the last row changed": ((f"UPDATE audit SET actor = 'x' WHERE number = {ROWS}",), ROWS),
    "the first row removed": (("DELETE FROM audit WHERE number = 1",), 2),
    "a row removed": (("DELETE FROM audit WHERE number = 4",), 5),
    "a row removed and the gap closed": (
        (
            "DELETE FROM audit WHERE number = 4",
            "UPDATE audit SET number = -number WHERE number > 4",
            "UPDATE audit SET number = -number - 1 WHERE number < 0",
        ),
        4,
    ),
    "a row slipped in before the first": (
        (f"{_COPY} 0, at, actor, action, subject, detail, previous, '{'b' * 64}' FROM audit WHERE number = 1",),
        0,
    ),
    "a row slipped in at the end": (
        (f"{_COPY} {ROWS + 1}, at, actor, action, subject, detail, hash, '{'b' * 64}' FROM audit WHERE number = 6",),
        ROWS + 1,
    ),
    "two rows in each other's place": (
        (
            "UPDATE audit SET number = -3 WHERE number = 3",
            "UPDATE audit SET number = 3 WHERE number = 4",
            "UPDATE audit SET number = 4 WHERE number = -3",
        ),
        3,
    ),
}
"""What was done, how, and at which number the chain then breaks."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """A transaction that is not kept."""
    engine = writer_engine(url)
    try:
        async with engine.connect() as connection:
            yield connection
            await connection.rollback()
    finally:
        await engine.dispose()


@pytest.fixture
async def chain(database: str) -> AsyncIterator[AsyncConnection]:
    """A transaction in a database with ROWS rows in its audit."""
    await migrate(database)
    clock, written = Clock(), store(database)
    for transaction in range(TRANSACTIONS):
        async with written.begin() as trips:
            unit = Unit(written.dialect, Vault(bytes(32)), Ids(clock, Random(1)), clock()).within(trips)
            for number in range(DEEDS):
                unit.did("chat 12", "enrol", f"enrolment {transaction}{number}", by="self")
            await audit.write(unit)
            await unit.finish()
    await written.close()
    async with connected(database) as connection:
        yield connection


async def length(connection: AsyncConnection) -> int:
    count: int = (await connection.execute(text("SELECT count(*) FROM audit"))).scalar_one()
    return count


async def behind_our_back(connection: AsyncConnection, *statements: str) -> None:
    """By somebody who may do anything with the database, and first takes the guards away."""
    if connection.dialect.name == "sqlite":
        guards = ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
    else:
        guards = ["DROP TRIGGER audit_append_only ON audit"]
    for statement in (*guards, *statements):
        await connection.execute(text(statement))


async def test_the_chain_holds_after_a_play(enrolled: World) -> None:
    async with connected(enrolled.settings.database.url) as connection:
        assert await length(connection) >= 3
        assert await broken_at(connection) is None


async def test_deeds_of_many_transactions_make_one_chain(chain: AsyncConnection) -> None:
    assert await length(chain) == ROWS
    assert await broken_at(chain) is None


async def test_whatever_was_changed_is_found_where_it_was_changed(chain: AsyncConnection) -> None:
    found = {}
    for what, (statements, _number) in TAMPERED.items():
        await behind_our_back(chain, *statements)
        found[what] = await broken_at(chain)
        await chain.rollback()

    assert found == {what: number for what, (_statements, number) in TAMPERED.items()}


async def test_an_end_that_was_cut_off_is_not_seen_by_the_chain_alone(chain: AsyncConnection) -> None:
    """What the chain can't tell: somebody has to compare its length with one that was noted elsewhere."""
    await behind_our_back(chain, f"DELETE FROM audit WHERE number = {ROWS}")

    assert await broken_at(chain) is None
    assert await length(chain) == ROWS - 1


async def test_the_database_refuses_to_change_the_audit(chain: AsyncConnection) -> None:
    statements = ["UPDATE audit SET actor = 'x' WHERE number = 1", "DELETE FROM audit"]
    if chain.dialect.name == "postgresql":
        statements.append("TRUNCATE audit")

    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"):
            await chain.execute(text(statement))
        await chain.rollback()

    assert await length(chain) == ROWS
