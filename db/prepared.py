"""Statements compiled once and run on the driver itself, for what every message needs.

SQLAlchemy builds the SQL and knows the types; after that a row costs a tuple. On SQLite a statement is one trip to the
thread of aiosqlite instead of four. Invariant: it runs in the transaction of its connection, like any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

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


async def run_many(connection: AsyncConnection, sql: str, rows: Sequence[Row]) -> None:
    """Run the statement for every row."""
    driver = await _sqlite_driver(connection)
    if driver is not None:
        with _told_as_usual(sql):
            await driver.executemany(sql, rows)
    else:
        await connection.exec_driver_sql(sql, list(rows))


async def fetch(connection: AsyncConnection, sql: str, values: Row) -> Sequence[Row]:
    """The rows of a query, as the driver gives them."""
    driver = await _sqlite_driver(connection)
    if driver is not None:
        with _told_as_usual(sql):
            rows: Sequence[Row] = await driver.execute_fetchall(sql, values)
        return rows
    return [tuple(row) for row in await connection.exec_driver_sql(sql, values)]


async def _sqlite_driver(connection: AsyncConnection) -> Any:
    """aiosqlite's connection, or None on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return None
    return (await connection.get_raw_connection()).driver_connection


@contextmanager
def _told_as_usual(sql: str) -> Iterator[None]:
    """A driver's error as SQLAlchemy tells it, without the values, which may be personal."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OperationalError(sql, None, error) from None
    except sqlite3.IntegrityError as error:
        raise IntegrityError(sql, None, error) from None
