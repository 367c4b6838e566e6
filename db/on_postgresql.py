"""PostgreSQL as a store: a pool of SQLAlchemy, with the steps run on asyncpg itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import exceptions
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

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
)
SIDE_BY_SIDE = 3
"""More made the batches smaller and nothing faster (bench/updates.py)."""


class PostgresqlStore:
    """The database at this address."""

    side_by_side = SIDE_BY_SIDE

    def __init__(self, url: URL) -> None:
        self._engine = create_async_engine(url, pool_size=POSTGRES_CONNECTIONS, hide_parameters=True)
        self.dialect = self._engine.dialect

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[_PostgresqlTrips]:
        async with self._engine.begin() as connection:
            yield _PostgresqlTrips(connection, (await connection.get_raw_connection()).driver_connection)

    async def close(self) -> None:
        await self._engine.dispose()


class _PostgresqlTrips:
    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection, self._driver = connection, driver

    async def run(self, steps: Sequence[Step], *, last: bool = False) -> list[Sequence[Row]]:
        return [await self._step(step) for step in steps]

    async def _step(self, step: Step) -> Sequence[Row]:
        """The first statement of a transaction goes through SQLAlchemy, which begins it."""
        driver = self._driver
        if not driver.is_in_transaction():
            values = list(step.values) if step.each else tuple(step.values)
            done = await self._connection.exec_driver_sql(step.sql, values)
            return [tuple(row) for row in done] if done.returns_rows else ()
        with told_as_usual(ERRORS):
            if step.each:
                await driver.executemany(step.sql, step.values)
                return ()
            rows: Sequence[Row] = await driver.fetch(step.sql, *step.values)
            return rows
