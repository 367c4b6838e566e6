"""Bring a database to the newest tables, and its areas to the newest list.

Invariant: running it again changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, insert, select, update

from db.engine import sqlite_file, writer_engine
from db.tables import areas
from rules.areas import AREAS

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


async def migrate(url: str) -> None:
    """Migrate the database at this address; a SQLite file is made if it isn't there."""
    file = sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = writer_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
            await connection.run_sync(_write_areas)
    finally:
        await engine.dispose()


def upgrade(connection: Connection) -> None:
    """All migrations that this database doesn't have yet."""
    command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    """Alembic's settings; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _write_areas(connection: Connection) -> None:
    known: dict[str, Any] = {row.code: row for row in connection.execute(select(areas))}
    for area in AREAS:
        values = {"name": area.name, "level": area.level, "parent": area.parent}
        if area.code not in known:
            connection.execute(insert(areas).values(code=area.code, **values))
        elif known[area.code].name != area.name:
            connection.execute(update(areas).where(areas.c.code == area.code).values(**values))
