"""PostgreSQL as a store: connections of asyncpg, as many as transactions are open at the same time.

Inserts that follow each other are one trip to the server: a statement whose WITH holds them all. Invariant: they go
into different tables, because within one statement none sees the rows of the others.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from asyncpg import exceptions
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from db.prepared import Row, Step
from db.store import Kinds, told_as_usual

AWAY = (exceptions.PostgresError, exceptions.InterfaceError, exceptions.InternalClientError)
"""What asyncpg says when there is no talking to the server, besides OSError."""
ERRORS: Kinds = (
    (exceptions.IntegrityConstraintViolationError, IntegrityError),
    (exceptions.SyntaxOrAccessError, ProgrammingError),
    (exceptions.DataError, DataError),
    *((kind, OperationalError) for kind in AWAY),
    (ValueError, DataError),  # a value that the driver can't send
)
ON_CONNECTING: Kinds = tuple((kind, OperationalError) for kind in AWAY)
SIDE_BY_SIDE = 3
"""More made the batches smaller and nothing faster (bench/updates.py)."""
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
"""Whoever waited for the lock of a chat must see what was left by who held it."""
BY_INDEX = "SET enable_seqscan = off"
"""The writer's statements go by the indexes. Left alone, the server reads a table from end to end as long as it
believes it to be small, and keeps that plan while the table grows."""
if TYPE_CHECKING:  # generic in its stubs only
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
_PLACE = re.compile(r"\$(\d+)")


class PostgresqlStore:
    """The database at this address."""

    side_by_side = SIDE_BY_SIDE

    def __init__(self, url: URL) -> None:
        self.dialect: Dialect = url.get_dialect()()
        self._address: dict[str, Any] = dict(self.dialect.create_connect_args(url)[1])
        self._address.pop("prepared_statement_cache_size", None)  # SQLAlchemy's own
        self._idle: list[Connection] = []

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[_PostgresqlTrips]:
        connection = await self._begun()
        is_clean = False
        try:
            try:
                yield _PostgresqlTrips(connection)
            except BaseException:
                with suppress(OSError, *AWAY):
                    await connection.execute("ROLLBACK")
                    is_clean = True
                raise
            with told_as_usual(ERRORS):
                await connection.execute("COMMIT")
            is_clean = True
        finally:
            if is_clean:
                self._idle.append(connection)
            else:
                connection.terminate()  # the server undoes what isn't committed

    async def close(self) -> None:
        for connection in self._idle:
            with suppress(OSError, *AWAY):
                await connection.close()
        self._idle.clear()

    async def _begun(self) -> Connection:
        """A connection in a transaction. One that died while nobody needed it shows itself here and is replaced."""
        while self._idle:
            connection = self._idle.pop()
            with suppress(OSError, *AWAY):
                return await _in_transaction(connection)
        with told_as_usual(ON_CONNECTING):
            connection = await asyncpg.connect(**self._address)
            return await _in_transaction(connection, BY_INDEX)


async def _in_transaction(connection: Connection, *before: str) -> Connection:
    try:
        for sql in (*before, BEGIN):
            await connection.execute(sql)
    except BaseException:
        connection.terminate()
        raise
    return connection


class _PostgresqlTrips:
    def __init__(self, driver: Any) -> None:
        self._driver = driver

    async def run(self, steps: Sequence[Step], *, last: bool = False) -> list[Sequence[Row]]:
        found: list[Sequence[Row]] = []
        for some in _trips(steps):
            with told_as_usual(ERRORS):
                found += await self._trip(some)
        return found

    async def _trip(self, steps: Sequence[Step]) -> list[Sequence[Row]]:
        step = steps[0]
        if step.each:
            await self._driver.executemany(step.sql, step.values)
            return [()]
        if len(steps) == 1:
            return [await self._driver.fetch(step.sql, *step.values)]
        sql = _in_one(tuple([one.sql for one in steps]))
        await self._driver.execute(sql, *chain.from_iterable([one.values for one in steps]))
        return [()] * len(steps)


def _trips(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """What goes together: inserts into different tables."""
    together: list[Step] = []
    for step in steps:
        if together and (step.into is None or step.into in [one.into for one in together]):
            yield together
            together = []
        together.append(step)
        if step.into is None:
            yield together
            together = []
    if together:
        yield together


@lru_cache(maxsize=256)
def _in_one(statements: tuple[str, ...]) -> str:
    """One statement that does them all; the places of its values go on counting."""
    parts: list[str] = []
    before = 0
    for number, sql in enumerate(statements):
        parts.append(f"s{number} AS ({_PLACE.sub(lambda place: f'${int(place[1]) + before}', sql)})")  # noqa: B023
        before += max(int(place) for place in _PLACE.findall(sql))
    return f"WITH {', '.join(parts)} SELECT"
