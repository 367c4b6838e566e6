"""A photo whose key is destroyed can't be opened; what a backup may hold for that to be true everywhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import text

from db import photos
from db.engine import reader_engine, sqlite_file
from db.transcript import StoredTranscript
from db.unit import Unit
from tests.ktp.samples import FOLDER
from tests.world import World

PHOTO = (FOLDER / "hasna.jpg").read_bytes()


async def kept(world: World) -> tuple[int, int]:
    """(chat, photo) of the only photo."""
    async with world.service.transcript._engine.connect() as connection:
        chat, photo = (await connection.execute(text("SELECT chat_id, id FROM photos"))).one()
    return chat, photo


async def destroy(world: World, photo: int, why: str = "asked") -> None:
    async def job(unit: Unit) -> None:
        photos.destroy(unit, photo, why)

    await world.service.writer.run(job)


async def test_a_photo_opens_for_its_own_chat(enrolled: World) -> None:
    chat, photo = await kept(enrolled)

    assert await enrolled.service.transcript.photo(chat, photo) == PHOTO
    assert await enrolled.service.transcript.photo(chat + 1, photo) is None
    assert await enrolled.service.transcript.photo(chat, photo + 1) is None


async def test_a_photo_whose_key_is_destroyed_opens_for_nobody(enrolled: World) -> None:
    chat, photo = await kept(enrolled)

    await destroy(enrolled, photo)
    await destroy(enrolled, photo, "again")

    assert await enrolled.service.transcript.photo(chat, photo) is None
    async with enrolled.service.transcript._engine.connect() as connection:
        key, destroyed_at, why = (await connection.execute(text("SELECT key, destroyed_at, why FROM photo_keys"))).one()
        audited = (await connection.execute(text("SELECT subject FROM audit ORDER BY number DESC LIMIT 1"))).scalar()
    assert (key, why) == (None, "asked")  # the first reason stays
    assert destroyed_at is not None
    assert audited == f"photo {photo}"


def copied(file: Path, copy: Path, *without: str) -> Path:
    """A backup as SQLite makes it, without the rows of these tables."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        for table in without:
            target.execute(f"DELETE FROM {table}")
        target.commit()
    return copy


async def opened_from(copy: Path, world: World, chat: int, photo: int) -> Any:
    """What a thief gets who has the copy and the secret too."""
    engine = reader_engine(f"sqlite+aiosqlite:///{copy}")
    try:
        return await StoredTranscript(engine, world.service.desk.vault).photo(chat, photo)
    finally:
        await engine.dispose()


async def test_a_backup_without_the_keys_opens_no_photo(enrolled: World, tmp_path: Path) -> None:
    """And one with them still does: `photo_keys` is left out of backups, or its copies end when the photo has to."""
    chat, photo = await kept(enrolled)
    file = sqlite_file(enrolled.settings.database.url)
    if file is None:
        return  # a dump of PostgreSQL is the same case
    whole, without = copied(file, tmp_path / "whole.db"), copied(file, tmp_path / "without.db", "photo_keys")

    await destroy(enrolled, photo)

    assert await opened_from(without, enrolled, chat, photo) is None
    assert await opened_from(whole, enrolled, chat, photo) == PHOTO


async def test_a_destroyed_key_leaves_no_trace_in_the_file(enrolled: World, tmp_path: Path) -> None:
    file = sqlite_file(enrolled.settings.database.url)
    _chat, photo = await kept(enrolled)
    async with enrolled.service.transcript._engine.connect() as connection:
        key = bytes((await connection.execute(text("SELECT key FROM photo_keys"))).scalar_one())

    await destroy(enrolled, photo)
    await enrolled.restart()

    if file is not None:
        left = [path.name for path in file.parent.glob(f"{file.name}*") if key in path.read_bytes()]
        assert left == []
