"""Statements compiled once and run on the driver itself, for what every message needs.

SQLAlchemy builds the SQL and knows the types; after that a row costs a tuple. On SQLite many statements are one trip to
the thread of aiosqlite instead of four each. Invariant: it runs in the transaction of its connection, like any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import aiosqlite
from msgspec import Struct
from sqlalchemy import Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ClauseElement

Row = tuple[Any, ...]


class Prepared:
    """One statement in the words of one dialect. It may not hold an expanding IN, whose words change."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        assert isinstance(statement, ClauseElement)
        compiled: Any = statement.compile(dialect=dialect)
        self.sql: str = str(compiled)
        names: list[str] = compiled.positiontup or []
        self._fixed: dict[str, Any] = {name: compiled.params[name] for name in names}
        self._places = [(name, _processor(compiled.binds[name], dialect)) for name in names]

    def row(self, values: Mapping[str, Any]) -> Row:
        """The values in the statement's order; what isn't given has its fixed value."""
        given = {**self._fixed, **values}
        return tuple([given[name] if process is None else process(given[name]) for name, process in self._places])


def _processor(bound: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = bound.type.dialect_impl(dialect).bind_processor(dialect)
    return processor


class Step(Struct, frozen=True):
    """A statement to run: for each of the rows, or, as a query, for the one row of its values."""

    sql: str
    rows: Sequence[Row]
    is_query: bool = False


class OneTrip(aiosqlite.Connection):
    """aiosqlite's connection, which can run several statements in one trip to its thread."""

    async def run(self, steps: Sequence[Step]) -> list[Sequence[Row]]:
        """Run the steps in order; the rows of each query."""
        found: list[Sequence[Row]] = await self._execute(self._run_here, steps)  # type: ignore[no-untyped-call]  # aiosqlite
        return found

    def _run_here(self, steps: Sequence[Step]) -> list[Sequence[Row]]:
        found: list[Sequence[Row]] = []
        for step in steps:
            if step.is_query:
                found.append(self._conn.execute(step.sql, step.rows[0]).fetchall())
            else:
                self._conn.executemany(step.sql, step.rows)
        return found


async def run(connection: AsyncConnection, steps: Sequence[Step]) -> list[Sequence[Row]]:
    """Run the steps in order, in the transaction of the connection; the rows of each query."""
    if connection.dialect.name == "sqlite":
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, OneTrip)
        with _told_as_usual(steps):
            return await driver.run(steps)
    found: list[Sequence[Row]] = []
    for step in steps:
        if step.is_query:
            found.append([tuple(row) for row in await connection.exec_driver_sql(step.sql, step.rows[0])])
        else:
            await connection.exec_driver_sql(step.sql, list(step.rows))
    return found


@contextmanager
def _told_as_usual(steps: Sequence[Step]) -> Iterator[None]:
    """A driver's error as SQLAlchemy tells it, without the values, which may be personal."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OperationalError(steps[-1].sql, None, error) from None
    except sqlite3.IntegrityError as error:
        raise IntegrityError(steps[-1].sql, None, error) from None
