"""Photos of identity cards, each sealed with its own key.

Invariant: destroying the key destroys the photo, in every copy of the database too.
"""

from __future__ import annotations

from sqlalchemy import select, update

from db import audit
from db.tables import photo_keys, photos
from db.unit import Unit


def keep(unit: Unit, chat: int, photo_id: int, photo: bytes) -> None:
    """Seal and keep a photo under its id."""
    sealed, key = unit.vault.seal_photo(photo, photo_id)
    unit.add(photos, id=photo_id, chat_id=chat, sealed=sealed, bytes=len(photo), created_at=unit.now)
    unit.add(photo_keys, photo_id=photo_id, key=key, destroyed_at=None, why=None)


async def open_photo(unit: Unit, photo_id: int) -> bytes | None:
    """The photo, or None when its key has been destroyed."""
    statement = (
        select(photos.c.sealed, photo_keys.c.key)
        .join(photo_keys, photo_keys.c.photo_id == photos.c.id)
        .where(photos.c.id == photo_id)
    )
    row = (await unit.execute(statement)).first()
    if row is None or row.key is None:
        return None
    return unit.vault.open_photo(row.sealed, row.key, photo_id)


async def destroy(unit: Unit, photo_id: int, why: str) -> None:
    """Destroy the key: nobody opens this photo again."""
    await unit.execute(
        update(photo_keys)
        .where(photo_keys.c.photo_id == photo_id, photo_keys.c.key.is_not(None))
        .values(key=None, destroyed_at=unit.now, why=why)
    )
    await audit.append(unit, "siaga", "destroy-photo-key", f"photo {photo_id}", why=why)
