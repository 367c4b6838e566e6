"""Statements compiled once, for what every message needs.

SQLAlchemy builds the SQL and knows the types; after that a row costs a tuple, and many rows are one statement: in
SQLite several VALUES, in PostgreSQL an array a column. Invariant: its words depend on nothing but the database and, in
SQLite, the number of rows, in PostgreSQL which columns have one value in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import ARRAY, Executable, Insert, String, bindparam, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

ROWS_MAX = 32
"""Rows of one statement in SQLite; a power of two, so that few statements do for every number of rows."""

NOTHING, ONE, ARRAY_OF = "0", "1", "n"
"""What a column of rows can be in PostgreSQL: NULL in all, one value in all, or a value a row."""
WORDINGS_MAX = 24
"""Wordings of one insert; past that every column is an array, because the driver remembers 100 statements only."""

Row = tuple[Any, ...]
Statement = Executable
"""One whose words don't change with its values: it may not hold an expanding IN."""


class Step(Struct, frozen=True):
    """A statement to run: once with a row of values, or `each`: for each of several rows. `into`: it only inserts, into
    this table, and gives no rows."""

    sql: str
    values: Sequence[Any]
    each: bool = False
    into: str | None = None


class Prepared:
    """One statement in the words of one dialect."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = _compiled(statement, dialect)
        names: list[str] = compiled.positiontup or []
        self._sql = str(compiled)
        self._fixed: dict[str, Any] = {name: compiled.params[name] for name in names}
        self._in_order: Callable[[Mapping[str, Any]], Row] = _getter(names)
        kinds = [_processor(compiled.binds[name].type, dialect) for name in names]
        self._processors = [(place, process) for place, process in enumerate(kinds) if process is not None]
        self._insert = _InsertOfMany(statement, names, dialect) if isinstance(statement, Insert) else None

    def row(self, values: Mapping[str, Any]) -> Row:
        """The values in the statement's order; what isn't given has its fixed value."""
        all_values = values if len(values) == len(self._fixed) else {**self._fixed, **values}
        row = list(self._in_order(all_values))
        for place, process in self._processors:
            row[place] = process(row[place])
        return tuple(row)

    def once(self, values: Mapping[str, Any]) -> Step:
        """The statement with these values."""
        return Step(self._sql, self.row(values))

    def all(self, rows: Sequence[Row]) -> list[Step]:
        """The statement for all these rows, in as few steps as can be."""
        return self._insert.steps(rows) if self._insert is not None else [Step(self._sql, rows, each=True)]


def _getter(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Row]:
    """The values of these names as a tuple; `itemgetter` makes one of several names only."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


class _InsertOfMany:
    """An insert of any number of rows."""

    def __init__(self, statement: Insert, names: Sequence[str], dialect: Dialect) -> None:
        self._statement, self._names, self._dialect = statement, names, dialect
        self._into = None if len(statement.exported_columns) else statement.table.name
        self._worded: dict[str | int, str] = {}

    def steps(self, rows: Sequence[Row]) -> list[Step]:
        if self._dialect.name == "postgresql":
            return [self._of_arrays(rows)]
        steps: list[Step] = []
        start = 0
        while start < len(rows):
            count = min(ROWS_MAX, 1 << (len(rows) - start).bit_length() - 1)
            some = rows[start : start + count]
            steps.append(Step(self._of_values(count), list(chain.from_iterable(some))))
            start += count
        return steps

    def _of_values(self, count: int) -> str:
        if count not in self._worded:
            some = self._statement.values([dict.fromkeys(self._names)] * count)
            self._worded[count] = str(_compiled(some, self._dialect))
        return self._worded[count]

    def _of_arrays(self, rows: Sequence[Row]) -> Step:
        """An array a column; a value that all rows share goes once, and NULL not at all."""
        columns = list(zip(*rows, strict=True))
        forms = "".join([_form(column) for column in columns])
        if forms not in self._worded and len(self._worded) >= WORDINGS_MAX:
            forms = ARRAY_OF * len(columns)
        if forms not in self._worded:
            self._worded[forms] = self._select(forms)
        values = [
            list(column) if form == ARRAY_OF else column[0]
            for column, form in zip(columns, forms, strict=True) if form != NOTHING
        ]  # fmt: skip
        return Step(self._worded[forms], values, into=self._into)

    def _select(self, forms: str) -> str:
        kinds = {name: _plain(self._statement.table.c[name].type) for name in self._names}
        given = {
            name: func.unnest(bindparam(name, type_=ARRAY(kinds[name])))
            if form == ARRAY_OF else bindparam(name, type_=kinds[name])
            for name, form in zip(self._names, forms, strict=True) if form != NOTHING
        }  # fmt: skip
        return str(_compiled(self._statement.from_select(list(given), select(*given.values())), self._dialect))


def _form(column: Row) -> str:
    first = column[0]
    if column.count(first) < len(column):
        return ARRAY_OF
    return NOTHING if first is None else ONE


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Without its length: a cast to VARCHAR(20) would cut off in silence what the column refuses."""
    return String() if isinstance(kind, String) else kind


def _compiled(statement: Statement, dialect: Dialect) -> Any:
    assert isinstance(statement, ClauseElement)
    return statement.compile(dialect=dialect)


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor
