"""The database can't be written for a while, as an operator would see it on either kind."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from db.engine import sqlite_file


@asynccontextmanager
async def unwritable(url: str) -> AsyncIterator[None]:
    """SQLite: another program holds the file. PostgreSQL: the database takes no connections and ends those it has."""
    file = sqlite_file(url)
    if file is not None:
        with closing(sqlite3.connect(file, isolation_level=None)) as another:
            another.execute("BEGIN IMMEDIATE")
            yield
            another.execute("ROLLBACK")
        return
    parsed = make_url(url)
    await _allow(parsed, "false")
    yield
    await _allow(parsed, "true")


async def _allow(url: URL, allowed: str) -> None:
    await _tell_server(url, f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS {allowed}")
    await end_connections(url)


async def end_connections(url: URL) -> None:
    """End those that the database has, as a server does that is shut down."""
    await _tell_server(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")


async def _tell_server(url: URL, sql: str) -> None:
    engine = create_async_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(sql), {"name": url.database} if ":name" in sql else {})
    await engine.dispose()
