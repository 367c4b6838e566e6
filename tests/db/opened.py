"""Everything that a database holds, opened with the secret: what a thief of both would read.

Invariant: no column of bytes is left out; a table that seals something new names its place here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, text

from db.tables import metadata
from db.vault import Vault
from tests.world import World

PLACES = {
    "people.nik": "nik {id}",
    "people.phone": "phone {id}",
    "chats.phone": "chat phone {id}",
    "conversations.body": "conversation {id}",
    "inbound.body": "inbound {id}",
    "outbox.body": "outbox {id}",
    "corrections.value": "correction {id}",
    "claims.report": "claim {id}",
    "claims.paid_to": "payee {id}",
}
"""Where the values of a column were sealed for."""
PHOTO, KEY = "photos.sealed", "photo_keys.key"


async def opened(world: World) -> list[tuple[str, str]]:
    """(table.column, its value as words) of every value of every row."""
    vault, found = world.service.desk.vault, list[tuple[str, str]]()
    async with world.service.transcript._engine.connect() as connection:
        rows = await connection.execute(text("SELECT photo_id, key FROM photo_keys"))
        keys = {row.photo_id: row.key for row in rows}
        for table in metadata.sorted_tables:
            sealed = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
            for row in (await connection.execute(text(f"SELECT * FROM {table.name}"))).mappings():
                for column, value in row.items():
                    place = f"{table.name}.{column}"
                    if value is not None:
                        told = _told(vault, place, dict(row), bytes(value), keys) if column in sealed else str(value)
                        found.append((place, told))
    return found


def _told(vault: Vault, place: str, row: Mapping[str, Any], value: bytes, keys: dict[int, bytes | None]) -> str:
    if place == KEY or not value:
        return ""
    if place == PHOTO:
        key = keys[row["id"]]
        return vault.open_photo(value, bytes(key), row["id"]).decode("latin1") if key is not None else ""
    plain = vault.open(value, PLACES[place].format(**row))
    if place == "conversations.body":
        plain = msgspec.json.encode(msgspec.msgpack.decode(plain))
    return plain.decode()
