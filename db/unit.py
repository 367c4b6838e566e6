"""One transaction: its connection, its time, and the rows it will write.

Rows are collected and written together, one statement a table, in the order that foreign keys need. Invariant:
whoever reads within the transaction calls `flush` first, so it sees what was added before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Table, insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from db.ids import Ids
from db.tables import metadata
from db.vault import Vault

_ORDER = {table.name: place for place, table in enumerate(metadata.sorted_tables)}


class Unit:
    """A unit of work. `now` is aware, in UTC. After the commit, `said_to` are the chats with something new to read and
    `work_for` the lanes of the outbox with something to do."""

    def __init__(self, connection: AsyncConnection, vault: Vault, ids: Ids, now: datetime) -> None:
        self.connection, self.vault, self.ids, self.now = connection, vault, ids, now
        self.said_to: set[int] = set()
        self.work_for: set[str] = set()
        self._added: dict[Table, list[Mapping[str, Any]]] = {}

    def add(self, table: Table, **row: Any) -> None:
        """Write this row at the next flush. All rows of a table name the same columns."""
        self._added.setdefault(table, []).append(row)

    async def flush(self) -> None:
        """Write what was added."""
        added, self._added = self._added, {}
        for table in sorted(added, key=lambda table: _ORDER[table.name]):
            await self.connection.execute(insert(table), added[table])

    async def execute(self, statement: Executable, rows: list[dict[str, Any]] | None = None) -> CursorResult[Any]:
        """Flush, then run the statement."""
        await self.flush()
        return await self.connection.execute(statement, rows)
