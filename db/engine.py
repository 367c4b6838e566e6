"""Engines for both databases, and the lock that keeps a SQLite file in one process.

SQLite: WAL, synchronous=FULL, exactly one writing connection and read-only readers. PostgreSQL: the same code.
Invariant: every engine is disposed; the threads of aiosqlite hang the exit otherwise.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool, StaticPool

BUSY_MS = 5_000
CHECKPOINT_PAGES = 4_000
"""Pages of 4 KiB in the write-ahead log before it is folded into the file."""
READERS = 4
POSTGRES_CONNECTIONS = 6


class DatabaseBusyError(Exception):
    """Another process owns the SQLite file. The operator stops it, or uses PostgreSQL for several processes."""


class FileLock:
    """Holds `FILE.lock` while the process lives, so that two services never write one SQLite file."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise DatabaseBusyError(
                f"{self._path.with_suffix('')} is in use by another Siaga. Stop that one first, or use PostgreSQL."
            ) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address; None for PostgreSQL."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def writer_engine(url: str) -> AsyncEngine:
    """For migrations, which write through SQLAlchemy; the service writes through db/store.py."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, poolclass=NullPool)
    engine = create_async_engine(parsed, poolclass=StaticPool, pool_reset_on_return=None)
    _set_up_sqlite(engine, "BEGIN IMMEDIATE", writer_pragmas())
    return engine


def reader_engine(url: str) -> AsyncEngine:
    """For reading only; on SQLite the connections can't write."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_async_engine(parsed, pool_size=POSTGRES_CONNECTIONS, execution_options=_READ_ONLY)
    engine = create_async_engine(parsed.set(database=str(Path(parsed.database or "").absolute())), pool_size=READERS)
    _set_up_sqlite(engine, "BEGIN", (*_pragmas(), "PRAGMA query_only=ON"))
    return engine


def writer_pragmas() -> tuple[str, ...]:
    """How SQLite is set for whoever writes."""
    return (
        *_pragmas(), "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
        "PRAGMA secure_delete=FAST",  # a destroyed key leaves no trace in the file
        f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}",
    )  # fmt: skip


def _pragmas() -> tuple[str, ...]:
    return f"PRAGMA busy_timeout={BUSY_MS}", "PRAGMA foreign_keys=ON"


_READ_ONLY: dict[str, Any] = {"postgresql_readonly": True}


def _set_up_sqlite(engine: AsyncEngine, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own begins too late
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)
