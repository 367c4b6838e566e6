"""Photos of identity cards, each sealed with its own key.

Invariant: destroying the key destroys the photo, also in every copy of the database that leaves out `photo_keys`. A
backup that holds the keys (and the secret beside it) still opens the photo: it has to end when the photo has to.
"""

from __future__ import annotations

from sqlalchemy import bindparam, update

from db.tables import photo_keys, photos
from db.unit import Unit


def keep(unit: Unit, chat: int, photo_id: int, photo: bytes) -> None:
    """Seal and keep a photo under its id."""
    sealed, key = unit.vault.seal_photo(photo, photo_id)
    unit.add(photos, id=photo_id, chat_id=chat, sealed=sealed, bytes=len(photo), created_at=unit.now)
    unit.add(photo_keys, photo_id=photo_id, key=key, destroyed_at=None, why=None)


def destroy(unit: Unit, photo_id: int, why: str) -> None:
    """Destroy the key: nobody opens this photo again."""
    unit.change(_DESTROY, photo=photo_id, at=unit.now, because=why)
    unit.did("siaga", "destroy-photo-key", f"photo {photo_id}", why=why)


_DESTROY = (
    update(photo_keys)
    .where(photo_keys.c.photo_id == bindparam("photo"), photo_keys.c.key.is_not(None))
    .values(key=None, destroyed_at=bindparam("at"), why=bindparam("because"))
)
