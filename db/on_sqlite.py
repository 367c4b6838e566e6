"""SQLite as a store: WAL, synchronous=FULL, one writing connection in a thread of aiosqlite.

Several steps are one trip to the thread; BEGIN goes with the first trip of a transaction and COMMIT with the last.
Transactions stand in line, and the next one's first trip is queued behind the last trip of the one before, so the
thread goes on without waiting for the loop. Invariant: a trip that fails undoes its transaction there and then, so what
is queued behind it finds a clean connection.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, OperationalError, ProgrammingError

from db.engine import writer_pragmas
from db.prepared import Row, Step
from db.store import Kinds, told_as_usual

ERRORS: Kinds = (
    (sqlite3.IntegrityError, IntegrityError),
    (sqlite3.OperationalError, OperationalError),
    (sqlite3.DataError, DataError),
    (sqlite3.ProgrammingError, ProgrammingError),
    (sqlite3.InterfaceError, ProgrammingError),
    (sqlite3.Error, DatabaseError),  # such as a damaged file
)
BEGIN, COMMIT = Step("BEGIN IMMEDIATE", ()), Step("COMMIT", ())
SIDE_BY_SIDE = 2
"""One that is committed, and one whose first trip waits behind it."""


class SqliteStore:
    """The file at this path. Only one process may write it (db/engine.py, FileLock)."""

    side_by_side = SIDE_BY_SIDE

    def __init__(self, file: str) -> None:
        self.dialect: Dialect = SQLiteDialect_aiosqlite()
        self._file, self._line = file, asyncio.Lock()
        self._driver: _Driver | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[_SqliteTrips]:
        await self._line.acquire()
        trips = None
        try:
            with told_as_usual(ERRORS):
                trips = _SqliteTrips(await self._connected(), self._line.release)
            yield trips
            if not trips.is_over:
                await trips.run((), last=True)
        except BaseException:
            if trips is None:
                self._line.release()
            elif not trips.is_over:
                await trips.undo()
            raise

    async def close(self) -> None:
        if self._driver is not None:
            await self._driver.close()
            self._driver = None

    async def _connected(self) -> _Driver:
        if self._driver is None:
            driver = _Driver(partial(sqlite3.connect, self._file, isolation_level=None), iter_chunk_size=1)
            driver._thread.daemon = True  # a process that ends without `close` must not hang
            await driver
            try:
                await driver.trip(_set_up)
            except BaseException:
                await driver.close()
                raise
            self._driver = driver
        return self._driver


class _SqliteTrips:
    """`is_over` once its last trip is queued; then `leave` lets the next transaction go."""

    def __init__(self, driver: _Driver, leave: Callable[[], None]) -> None:
        self._driver, self._leave = driver, leave
        self._begun = self.is_over = False

    async def run(self, steps: Sequence[Step], *, last: bool = False) -> list[Sequence[Row]]:
        begin = [] if self._begun or not steps else [BEGIN]
        self._begun = self._begun or bool(steps)
        trip = self._driver.trip(partial(_steps, [*begin, *steps, *([COMMIT] if last and self._begun else [])]))
        if last:
            self._end()
        with told_as_usual(ERRORS):
            found: list[Sequence[Row]] = await trip
        return found[len(begin) : len(begin) + len(steps)]

    async def undo(self) -> None:
        """Roll back what a failed trip hasn't rolled back already."""
        try:
            trip = self._driver.trip(sqlite3.Connection.rollback)
        finally:
            self._end()
        with told_as_usual(ERRORS):
            await trip

    def _end(self) -> None:
        self.is_over = True
        self._leave()


class _Driver(aiosqlite.Connection):
    """aiosqlite's connection, whose trips can be queued one behind the other."""

    def trip(self, work: Callable[[sqlite3.Connection], Any]) -> asyncio.Future[Any]:
        """Queue work for the thread."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((done, partial(work, self._conn)))
        return done


def _set_up(connection: sqlite3.Connection) -> None:
    for pragma in writer_pragmas():
        connection.execute(pragma)


def _steps(steps: Sequence[Step], connection: sqlite3.Connection) -> list[Sequence[Row]]:
    try:
        return [_step(step, connection) for step in steps]
    except BaseException:
        connection.rollback()
        raise


def _step(step: Step, connection: sqlite3.Connection) -> Sequence[Row]:
    if step.each:
        connection.executemany(step.sql, step.values)
        return ()
    return connection.execute(step.sql, step.values).fetchall()
