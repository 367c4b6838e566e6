"""Where the writer writes: transactions of prepared steps, in as few trips to the database as can be.

Invariant: errors are told as SQLAlchemy tells them, without the values, which may be personal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Protocol

from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError

from db.prepared import Row, Step


class Trips(Protocol):
    """One transaction. It begins with its first trip, and is undone if its block is left by an error."""

    async def run(self, steps: Sequence[Step], *, last: bool = False) -> list[Sequence[Row]]:
        """Run the steps in order; the rows that each gives. `last`: commit, nothing more comes. DBAPIError as from
        SQLAlchemy."""
        ...


class Store(Protocol):
    """A database to write to. `close` it, or its threads and connections keep the process alive. `side_by_side`:
    transactions that may be open at the same time."""

    dialect: Dialect
    side_by_side: int

    def begin(self) -> AbstractAsyncContextManager[Trips]:
        """A transaction, committed at the end of the block if it wasn't before."""
        ...

    async def close(self) -> None: ...


def store(url: str) -> Store:
    """The store at this address; it connects when it is first used."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        from db.on_sqlite import SqliteStore  # noqa: PLC0415  # only the driver that is used

        return SqliteStore(parsed.database or "")
    from db.on_postgresql import PostgresqlStore  # noqa: PLC0415

    return PostgresqlStore(parsed)


Kinds = tuple[tuple[type[Exception], type[DBAPIError]], ...]
"""Errors of a driver and what SQLAlchemy makes of them; the first that fits."""


@contextmanager
def told_as_usual(kinds: Kinds) -> Iterator[None]:
    """Raise a driver's error as SQLAlchemy's."""
    try:
        yield
    except Exception as error:
        for of_driver, usual in kinds:
            if isinstance(error, of_driver):
                raise usual(None, None, error) from None
        raise
