"""The migrations make the tables that the code knows, once, in one line."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from db.engine import writer_engine
from db.migrate import MIGRATIONS, migrate
from db.tables import metadata

LEVELS = {"regency": 1, "district": 8, "village": 70}
"""Soppeng has 8 districts and 70 villages: Kepmendagri 300.2.2-2430/2025."""


async def on(url: str, job: Any) -> Any:
    """What `job(connection)` gives."""
    engine = writer_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(job)
    finally:
        await engine.dispose()


def differences(connection: Connection) -> list[Any]:
    """Of lengths only where they count: to SQLite one is a word."""
    counts = connection.dialect.name != "sqlite"
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": counts}), metadata))


async def test_the_migrations_make_the_tables_of_the_code(empty_database: str) -> None:
    await migrate(empty_database)

    assert await on(empty_database, differences) == []


async def test_migrating_again_changes_nothing(empty_database: str) -> None:
    def everything(connection: Connection) -> dict[str, list[Any]]:
        tables = (*metadata.tables, "alembic_version")
        return {name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=str) for name in tables}

    await migrate(empty_database)
    before = await on(empty_database, everything)

    await migrate(empty_database)

    assert await on(empty_database, everything) == before
    assert before["alembic_version"] == [(_script().get_current_head(),)]


async def test_the_areas_are_written(empty_database: str) -> None:
    await migrate(empty_database)

    counted = await on(
        empty_database,
        lambda connection: connection.execute(text("SELECT level, count(*) FROM areas GROUP BY level")).all(),
    )

    assert dict(map(tuple, counted)) == LEVELS


async def test_an_area_that_was_renamed_is_renamed(empty_database: str) -> None:
    await migrate(empty_database)
    await on(empty_database, lambda connection: connection.execute(text("UPDATE areas SET name = 'Lama'")))

    await migrate(empty_database)

    old = await on(
        empty_database, lambda connection: connection.execute(text("SELECT 1 FROM areas WHERE name = 'Lama'")).all()
    )
    assert old == []


def test_revisions_are_numbered_in_one_line() -> None:
    script = _script()
    line = [revision.revision for revision in script.walk_revisions()][::-1]

    assert len(script.get_heads()) == 1
    assert line == [f"{number:04}" for number in range(1, len(line) + 1)]
    assert sorted(path.name[:5] for path in (MIGRATIONS / "versions").glob("0*.py")) == [
        f"{number}_" for number in line
    ]


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)
