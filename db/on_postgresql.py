"""PostgreSQL as a store: a pool of asyncpg.

Inserts that follow each other are one trip to the server: a statement whose WITH holds them all. Invariant: they go
into different tables, because within one statement none sees the rows of the others.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from itertools import chain
from typing import Any

import asyncpg
from asyncpg import exceptions
from asyncpg.pool import Pool, PoolConnectionProxy
from asyncpg.transaction import Transaction
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from db.engine import POSTGRES_CONNECTIONS
from db.prepared import Row, Step
from db.store import Kinds, told_as_usual

ERRORS: Kinds = (
    (exceptions.IntegrityConstraintViolationError, IntegrityError),
    (exceptions.SyntaxOrAccessError, ProgrammingError),
    (exceptions.DataError, DataError),
    (ValueError, DataError),  # a value that the driver can't send
    (exceptions.PostgresError, OperationalError),
    (exceptions.InterfaceError, OperationalError),
    (exceptions.InternalClientError, OperationalError),
)
SIDE_BY_SIDE = 3
"""More made the batches smaller and nothing faster (bench/updates.py)."""
LOST = (exceptions.PostgresConnectionError, exceptions.AdminShutdownError, exceptions.InternalClientError)
"""What BEGIN says on a connection whose server is gone, or is saying goodbye."""
BY_INDEX = {"enable_seqscan": "off"}
"""Every statement of the writer has its index. Left alone, the server reads a table from end to end as long as it
believes it to be small, and keeps that plan while the table grows."""
_PLACE = re.compile(r"\$(\d+)")


class PostgresqlStore:
    """The database at this address."""

    side_by_side = SIDE_BY_SIDE

    def __init__(self, url: URL) -> None:
        self.dialect: Dialect = url.get_dialect()()
        self._address: dict[str, Any] = dict(self.dialect.create_connect_args(url)[1])
        self._address.pop("prepared_statement_cache_size", None)  # SQLAlchemy's own
        self._pool: Pool | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[_PostgresqlTrips]:
        with told_as_usual(ERRORS):
            pool = await self._connected()
            connection, transaction = await _begun(pool)
        try:
            try:
                yield _PostgresqlTrips(connection)
            except BaseException:
                if not connection.is_closed():
                    with told_as_usual(ERRORS):
                        await transaction.rollback()
                raise
            with told_as_usual(ERRORS):
                await transaction.commit()
        finally:
            await pool.release(connection)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _connected(self) -> Pool:
        if self._pool is None:
            self._pool = asyncpg.create_pool(
                **self._address, min_size=0, max_size=POSTGRES_CONNECTIONS, reset=_leave_as_it_is,
                server_settings=BY_INDEX,
            )  # fmt: skip
            await self._pool  # connects when it is used
        return self._pool


async def _begun(pool: Pool) -> tuple[PoolConnectionProxy, Transaction]:
    """A connection in a transaction. Those that died while they lay in the pool are thrown away."""
    for _one in range(POSTGRES_CONNECTIONS):
        connection = await pool.acquire()
        transaction = connection.transaction()
        try:
            await transaction.start()
            return connection, transaction
        except LOST:
            connection.terminate()
            await pool.release(connection)
    raise exceptions.ConnectionDoesNotExistError("the server ends every connection")


async def _leave_as_it_is(_connection: object) -> None:
    """Our transactions set nothing that would outlive them."""


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
