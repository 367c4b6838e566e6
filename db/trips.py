"""Run prepared steps on the driver itself, in as few trips to the database as can be.

In SQLite several steps are one trip to the thread of aiosqlite, BEGIN goes with the first of them and COMMIT with the
last. Invariant: they run in the transaction of their connection, like any other statement, and their errors are told
as SQLAlchemy tells them, without the values, which may be personal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.prepared import Row, Step

T = TypeVar("T")
COMMIT = Step("COMMIT", ())


class OneTrip(aiosqlite.Connection):
    """aiosqlite's connection, which can run several steps in one trip to its thread."""

    _begin: str | None = None

    def begin(self, words: str) -> None:
        """Begin a transaction with the next trip."""
        self._begin = words

    async def commit(self) -> None:
        if self._is_begun():
            await super().commit()

    async def rollback(self) -> None:
        if self._is_begun():
            await super().rollback()

    async def run(self, steps: Sequence[Step]) -> list[Sequence[Row]]:
        """Run the steps in order; the rows that each gives."""
        found: list[Sequence[Row]] = await self._execute(self._run_here, steps)
        return found

    def _is_begun(self) -> bool:
        self._begin = None
        return self.in_transaction

    async def _execute(self, fn: Callable[..., T], *args: Any, **more: Any) -> T:
        """Every trip of aiosqlite goes through here."""
        begin, self._begin = self._begin, None
        if begin is None:
            done: T = await super()._execute(fn, *args, **more)  # type: ignore[no-untyped-call]  # aiosqlite
        else:
            done = await super()._execute(self._begin_here, begin, fn, *args, **more)  # type: ignore[no-untyped-call]
        return done

    def _begin_here(self, begin: str, fn: Callable[..., T], *args: Any, **more: Any) -> T:
        self._conn.execute(begin)
        return fn(*args, **more)

    def _run_here(self, steps: Sequence[Step]) -> list[Sequence[Row]]:
        return [self._step_here(step) for step in steps]

    def _step_here(self, step: Step) -> Sequence[Row]:
        if step.each:
            self._conn.executemany(step.sql, step.values)
            return ()
        return self._conn.execute(step.sql, step.values).fetchall()


async def run(connection: AsyncConnection, steps: Sequence[Step], *, last: bool = False) -> list[Sequence[Row]]:
    """Run the steps in order, in the transaction of the connection; the rows that each gives. `last`: nothing more
    comes in this transaction. DBAPIError as from SQLAlchemy."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if isinstance(driver, OneTrip):
        with _told_as_usual(_OF_SQLITE):
            return await driver.run([*steps, COMMIT] if last else steps)
    return [await _step(connection, driver, step) for step in steps]


async def _step(connection: AsyncConnection, driver: Any, step: Step) -> Sequence[Row]:
    """One step on asyncpg. The first one of a transaction goes through SQLAlchemy, which begins it."""
    if not driver.is_in_transaction():
        done = await connection.exec_driver_sql(step.sql, list(step.values) if step.each else tuple(step.values))
        return [tuple(row) for row in done] if done.returns_rows else ()
    with _told_as_usual(_of_postgresql()):
        if step.each:
            await driver.executemany(step.sql, step.values)
            return ()
        rows: Sequence[Row] = await driver.fetch(step.sql, *step.values)
        return rows


Kinds = tuple[tuple[type[Exception], type[DBAPIError]], ...]
"""Errors of a driver and what SQLAlchemy makes of them; the first that fits."""
_OF_SQLITE: Kinds = ((sqlite3.IntegrityError, IntegrityError), (sqlite3.OperationalError, OperationalError))


@cache
def _of_postgresql() -> Kinds:
    from asyncpg import exceptions  # noqa: PLC0415  # only where PostgreSQL is used

    return (
        (exceptions.IntegrityConstraintViolationError, IntegrityError),
        (exceptions.SyntaxOrAccessError, ProgrammingError),
        (exceptions.DataError, DataError),
        (ValueError, DataError),  # a value that the driver can't send
        (exceptions.PostgresError, OperationalError),
        (exceptions.InterfaceError, OperationalError),
    )


@contextmanager
def _told_as_usual(kinds: Kinds) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for of_driver, usual in kinds:
            if isinstance(error, of_driver):
                raise usual(None, None, error) from None
        raise
