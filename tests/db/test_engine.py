"""One process owns a SQLite file; readers can't write."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.app import opened
from bot.settings import Settings
from db.engine import DatabaseBusyError, FileLock, reader_engine, sqlite_file
from db.migrate import migrate


def test_a_second_service_on_the_same_file_is_refused_kindly(tmp_path: Path) -> None:
    file = tmp_path / "siaga.db"

    with FileLock(file), pytest.raises(DatabaseBusyError) as told, FileLock(file):
        pass

    assert str(told.value) == f"{file} is in use by another Siaga. Stop that one first, or use PostgreSQL."


def test_the_file_is_free_again_when_its_service_has_ended(tmp_path: Path) -> None:
    with FileLock(tmp_path / "siaga.db"):
        pass
    with FileLock(tmp_path / "siaga.db"):
        pass


async def test_two_services_share_a_database_only_on_postgresql(settings: Settings) -> None:
    async with opened(settings):
        if sqlite_file(settings.database.url) is None:
            async with opened(settings):
                return
        with pytest.raises(DatabaseBusyError):
            async with opened(settings):
                pass


async def test_a_reader_cannot_write(database: str) -> None:
    await migrate(database)
    engine = reader_engine(database)

    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            await connection.execute(text("DELETE FROM areas"))

    await engine.dispose()


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite+aiosqlite:///var/siaga.db", Path("var/siaga.db")),
        ("postgresql+asyncpg://siaga@db.test/siaga", None),
    ],
)
def test_only_sqlite_has_a_file(url: str, file: Path | None) -> None:
    assert sqlite_file(url) == file
