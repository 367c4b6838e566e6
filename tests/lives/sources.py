"""The databases of all sides, read by questions of our own: nothing here goes through the code that is measured.

Our database through an engine that only reads; the imitated BPJS and bank from their files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from db.engine import reader_engine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = tuple[Any, ...]


class Sources:
    """`ours`, `bpjs` and `bank` give the rows of a question."""

    def __init__(self, url: str, folder: Path) -> None:
        self._engine: AsyncEngine = reader_engine(url)
        self._folder = folder

    async def close(self) -> None:
        await self._engine.dispose()

    async def ours(self, sql: str, **values: object) -> list[Row]:
        async with self._engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(sql), values)]

    async def names(self, sql: str, **values: object) -> list[str]:
        """The first column of the rows."""
        return [str(row[0]) for row in await self.ours(sql, **values)]

    def bpjs(self, sql: str, *values: object) -> list[Row]:
        return self._sandbox("bpjs.db", sql, values)

    def bank(self, sql: str, *values: object) -> list[Row]:
        return self._sandbox("bank.db", sql, values)

    def _sandbox(self, name: str, sql: str, values: Sequence[object]) -> list[Row]:
        with closing(sqlite3.connect(self._folder / name)) as connection:
            return connection.execute(sql, tuple(values)).fetchall()

    # -- what the run asks ------------------------------------------------------------------------------------------

    async def claims_to_check(self) -> list[int]:
        """The numbers of the claims that the office has to look at."""
        rows = await self.ours(
            "SELECT number FROM claims WHERE doubts <> '' AND state <> 'closed' "
            "AND EXISTS (SELECT 1 FROM tasks WHERE tasks.flow = 'claim' AND tasks.kind = 'claim-check' "
            "AND tasks.step = CAST(claims.id AS VARCHAR) AND tasks.done_at IS NULL) ORDER BY number"
        )
        return [number for (number,) in rows]

    def claims_at_bpjs(self) -> list[str]:
        """Those with which BPJS can go on."""
        wanted = "('received', 'verifying', 'approved')"
        return [name for (name,) in self.bpjs(f"select reference from claims where state in {wanted} order by 1")]

    async def promises_passed(self, now: datetime) -> list[str]:
        """Claims whose promised moment has passed, and nobody has done anything."""
        sql = "SELECT 'claim ' || number || ' stands still' FROM claims WHERE promised_at <= :now"
        return await self.names(sql, now=micros(now))

    async def waits(self, until: datetime, lanes: Sequence[str]) -> bool:
        """Whether an errand of these waits to be tried before then."""
        names = ", ".join(f"'{lane}'" for lane in lanes)
        if not names:
            return False
        sql = f"SELECT count(*) FROM outbox WHERE done_at IS NULL AND lane IN ({names}) AND due_at <= :until"
        return bool((await self.ours(sql, until=micros(until)))[0][0])


def micros(at: datetime) -> int:
    """As our database writes an instant."""
    return round((at - EPOCH).total_seconds() * 1e6)
