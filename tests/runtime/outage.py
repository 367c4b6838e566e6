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
    engine = create_async_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS {allowed}"))
        of_this = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        await connection.execute(of_this, {"name": url.database})
    await engine.dispose()
