"""Where the writer writes: whole transactions, however they travel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from db.engine import reader_engine
from db.ids import Ids
from db.migrate import migrate
from db.store import Store, store
from db.tables import chats, conversations, inbound, people
from db.unit import Unit
from db.vault import Vault
from tests.runtime.outage import end_connections

_PEOPLE = select(people.c.id)
_ISOLATION = select(func.current_setting("transaction_isolation"))
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.fixture
async def opened(database: str) -> AsyncIterator[Store]:
    await migrate(database)
    where = store(database)
    yield where
    await where.close()


def unit_of(where: Store) -> Unit:
    return Unit(where.dialect, Vault(bytes(32)), Ids(lambda: NOW, Random(1)), NOW)


def add_chat(unit: Unit, number: int) -> None:
    unit.add(
        chats, id=number, channel="web", account="main", address=f"a{number}", language="id", quiet="", created_at=NOW
    )  # fmt: skip


def add_conversation(unit: Unit, number: int, chat: int) -> None:
    unit.add(conversations, id=number, chat_id=chat, place=0, flow="enrol", step="who", body=b"sealed")


def add_message(unit: Unit, number: int, chat: int) -> None:
    unit.add(
        inbound, id=number, channel="web", account="main", message_id=f"m{number}", chat_id=chat, body=b"sealed",
        heard_at=NOW,
    )  # fmt: skip


async def counted(url: str) -> tuple[int, ...]:
    """Chats, conversations and messages that were committed."""
    engine = reader_engine(url)
    async with engine.connect() as connection:
        counts = [
            await connection.scalar(select(func.count()).select_from(each)) for each in (chats, conversations, inbound)
        ]
    await engine.dispose()
    return tuple(int(count or 0) for count in counts)


async def test_what_belongs_to_each_other_is_written_together(opened: Store, database: str) -> None:
    """Rows and those that they point to, in one flush, whatever the order in which they were added."""
    unit = unit_of(opened)
    for number in range(1, 6):
        add_message(unit, number, number)
        add_conversation(unit, number, number)
        add_chat(unit, number)

    async with opened.begin() as trips:
        await unit.within(trips).finish()

    assert await counted(database) == (5, 5, 5)


async def test_one_row_that_is_refused_undoes_them_all(opened: Store, database: str) -> None:
    unit = unit_of(opened)
    add_chat(unit, 1)
    add_message(unit, 1, 1)
    add_conversation(unit, 1, 2)  # there is no chat 2

    with pytest.raises(IntegrityError):
        async with opened.begin() as trips:
            await unit.within(trips).finish()

    assert await counted(database) == (0, 0, 0)
    async with opened.begin() as trips:  # and the next one finds a clean connection
        unit = unit_of(opened)
        add_chat(unit, 1)
        await unit.within(trips).finish()
    assert await counted(database) == (1, 0, 0)


async def test_a_server_that_goes_away_in_the_middle_is_told_as_such(postgres: Callable[[], str]) -> None:
    """So that the message is not taken for a poisonous one; and the next transaction finds the server again."""
    url = postgres()
    await migrate(url)
    where = store(url)

    with pytest.raises(OperationalError):
        async with where.begin() as trips:
            unit = unit_of(where).within(trips)
            await unit.fetch(_PEOPLE)
            await end_connections(make_url(url))
            await unit.fetch(_PEOPLE)

    async with where.begin() as trips:
        await unit_of(where).within(trips).fetch(_PEOPLE)
    await where.close()


async def test_whoever_waits_for_a_lock_reads_what_was_left_whatever_the_database_is_set_to(
    postgres: Callable[[], str],
) -> None:
    url = postgres()
    await migrate(url)
    setting = create_async_engine(url)
    async with setting.begin() as connection:
        name = make_url(url).database
        await connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'repeatable read'"))
    await setting.dispose()
    where = store(url)

    async with where.begin() as trips:
        ((isolation,),) = await unit_of(where).within(trips).fetch(_ISOLATION)

    assert isolation == "read committed"
    await where.close()


async def test_a_server_that_was_started_anew_costs_no_transaction(postgres: Callable[[], str]) -> None:
    """The connections that lay in the pool are dead; nobody who writes hears of it."""
    url = postgres()
    await migrate(url)
    where = store(url)

    async def look() -> None:
        async with where.begin() as trips:
            await unit_of(where).within(trips).fetch(_PEOPLE)
            await asyncio.sleep(0.05)  # so that each has a connection of its own

    await asyncio.gather(*(look() for _ in range(3)))
    await end_connections(make_url(url))

    await asyncio.gather(*(look() for _ in range(3)))
    await where.close()
