"""One transaction: its connection, its time, and the rows it will write.

Rows are collected and written together, one statement a table, in the order that foreign keys need. Invariant:
whoever reads within the transaction calls `flush` first, so it sees what was added before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Executable,
    Select,
    Table,
    any_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from db.ids import Ids
from db.prepared import Prepared, Row, Step
from db.store import Trips
from db.tables import metadata
from db.vault import Vault
from rules.words import Text

_ORDER = {table.name: place for place, table in enumerate(metadata.sorted_tables)}
_INSERT = {table.name: insert(table) for table in metadata.sorted_tables}


_PREPARED: dict[str, dict[int, tuple[Executable | PerDialect[Any], Prepared]]] = {"sqlite": {}, "postgresql": {}}
"""By dialect and statement; the statements are those of the modules of `db`, a fixed few, kept alive here."""


S = TypeVar("S", bound=Executable)


class PerDialect(Struct, Generic[S], frozen=True):
    """One statement in the words of each database: ON CONFLICT is written alike and built apart."""

    sqlite: S
    postgresql: S


def upsert(table: Table, how: Callable[[Any], Executable]) -> PerDialect[Executable]:
    """An insert with an ON CONFLICT clause; `how` adds the clause to either database's insert."""
    return PerDialect(how(sqlite.insert(table)), how(postgresql.insert(table)))


def for_each(name: str, query: Select[Any], column: ColumnElement[Any]) -> PerDialect[Select[Any]]:
    """The query for all values of the list `name`: its words stay the same however long the list is."""
    from_json = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    return PerDialect(
        query.where(column.in_(select(from_json.c.value))),
        query.where(column == any_(bindparam(name, type_=ARRAY(column.type)))),
    )


class Deed(Struct, frozen=True):
    """Who did what to what. `actor` such as "chat 12" or "bpjs", `subject` such as "enrolment 7"; no personal data."""

    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class Unit:
    """A unit of work; it can collect rows before its transaction begins. `now` is aware, in UTC. After the commit,
    `said_to` are the chats with something new to read, `work_for` the lanes of the outbox with something to do; `held`
    tells whether something waits in a chat for its turn, `reminds_anew` whether people were taken out of the day's
    reminders together with somebody else. `notices` are for other chats than the one that is spoken in;
    who owns the transaction says them before its end."""

    def __init__(self, dialect: Dialect, vault: Vault, ids: Ids, now: datetime) -> None:
        self.dialect, self.vault, self.ids, self.now = dialect, vault, ids, now
        self.said_to: set[int] = set()
        self.work_for: set[str] = set()
        self.held = self.reminds_anew = False
        self.deeds: list[Deed] = []
        self.notices: list[tuple[int, Text]] = []
        self._prepared = _PREPARED[dialect.name]
        self._trips: Trips | None = None
        self._added: dict[Table, list[Row]] = {}
        self._changes: dict[int, tuple[Prepared, list[Row]]] = {}

    def within(self, trips: Trips) -> Unit:
        """From here on its statements run in this transaction."""
        self._trips = trips
        return self

    @property
    def is_postgresql(self) -> bool:
        return self.dialect.name == "postgresql"

    def add(self, table: Table, **row: Any) -> None:
        """Write this row at the next flush. What isn't named is NULL."""
        self._added.setdefault(table, []).append(self.prepare(_INSERT[table.name]).row(row))

    def change(self, statement: Executable | PerDialect[Any], **values: Any) -> None:
        """Run a statement with these values at the next flush, after what was added. The statement is one that its
        module keeps."""
        prepared = self.prepare(statement)
        self._changes.setdefault(id(prepared), (prepared, []))[1].append(prepared.row(values))

    def did(self, actor: str, action: str, subject: str, **detail: Any) -> None:
        """Remember a deed for the audit, which is written before the commit (db/audit.py)."""
        self.deeds.append(Deed(actor, action, subject, detail))

    async def flush(self) -> None:
        """Write what was added and changed."""
        steps = self._steps()
        if steps:
            await self.run(steps)

    async def finish(self) -> None:
        """Write what was added and changed, and commit."""
        await self.run(self._steps(), last=True)

    def _steps(self) -> list[Step]:
        """What was added, in the order of the tables, then what was changed."""
        added, self._added = self._added, {}
        changes, self._changes = self._changes, {}
        steps: list[Step] = []
        for table in sorted(added, key=lambda table: _ORDER[table.name]):
            steps += self.prepare(_INSERT[table.name]).all(added[table])
        for prepared, rows in changes.values():
            steps += prepared.all(rows)
        return steps

    def prepare(self, statement: Executable | PerDialect[Any]) -> Prepared:
        """The statement compiled for this database; compiled once for ever."""
        known = self._prepared.get(id(statement))
        if known is None:
            known = self._prepared[id(statement)] = statement, Prepared(self._worded(statement), self.dialect)
        return known[1]

    async def fetch(self, statement: Executable | PerDialect[Any], **values: Any) -> Sequence[Row]:
        """Flush, then run a statement that its module keeps; bare tuples of what the driver gives."""
        return (await self.run([*self._steps(), self.query(statement, **values)]))[-1]

    async def run(self, steps: Sequence[Step], *, last: bool = False) -> list[Sequence[Row]]:
        """Run these steps before anything that was added; the rows that each gives."""
        assert self._trips is not None, "the unit has no transaction yet"
        return await self._trips.run(steps, last=last)

    def query(self, statement: Executable | PerDialect[Any], **values: Any) -> Step:
        """A statement that its module keeps, as a step."""
        return self.prepare(statement).once(values)

    def _worded(self, statement: Executable | PerDialect[Any]) -> Executable:
        if not isinstance(statement, PerDialect):
            return statement
        worded: Executable = statement.postgresql if self.is_postgresql else statement.sqlite
        return worded
