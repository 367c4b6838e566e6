"""What the tables are made of: their metadata, and the types of their columns.

Times are microseconds since 1970 in UTC (`Instant`), so both databases order and compare them alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=2)
def to_micros(instant: datetime | None) -> int | None:
    """The number as which the instant is stored; nearly always it is none, or the one moment of the transaction."""
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return to_micros(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return to_micros

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


def from_micros(value: int) -> datetime:
    """The instant that is stored as this number."""
    return _EPOCH + timedelta(microseconds=value)


def only(condition: str) -> dict[str, Any]:
    """An index of these rows only: most rows are never looked for again by it."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


Id = BigInteger().with_variant(Integer(), "sqlite")  # in SQLite only INTEGER makes the id the row itself

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
