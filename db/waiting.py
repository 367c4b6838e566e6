"""What was heard in a chat and waits for its turn there: until a photo has come, or the rest of an album.

Invariant: as long as anything waits in a chat, what is heard after it waits behind it; it is heard in the order in
which it was sent, or in which it came where its channel gives no time. It waits no longer than HELD_MAX.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

import msgspec
from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.types import BigInteger

from bot.talk.heard import Edited, FromPerson, Said, Shown, Unread, UnreadKind
from db.columns import from_micros
from db.tables import inbound, waiting
from db.unit import Unit

HELD_MAX = timedelta(seconds=90)
"""A photo that hasn't come by then is lost."""
AT_ONCE_MAX = 100
"""Messages of one chat that are heard in one go."""
CHATS_AT_ONCE_MAX = 256
_heard = msgspec.json.Decoder(FromPerson)
_UNREAD = frozenset(get_args(UnreadKind))


class Waiting(Struct, frozen=True):
    """Something that waits. `sent_at`: None for what its channel gives no time, such as a pressed button; it waits
    behind all that came before it. `ripe_at`: not before this; None: not before its photo has come."""

    inbound: int
    sent_at: datetime | None
    place: int
    album: str
    ripe_at: datetime | None


class Heard(Struct, frozen=True):
    """Something whose turn has come."""

    inbound: int
    heard: FromPerson


def add(unit: Unit, chat: int, one: Waiting) -> None:
    """It waits from now on."""
    unit.add(
        waiting, inbound_id=one.inbound, chat_id=chat, sent_at=one.sent_at or unit.now, place=one.place,
        album=one.album, ripe_at=one.ripe_at, unread=None, since=unit.now,
    )  # fmt: skip
    if one.sent_at is None:
        unit.change(_BEHIND, this=one.inbound)


_other = waiting.alias()


def _of_last_before(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """This column of what came before in the same chat and was sent last."""
    return (
        select(column)
        .where(_other.c.chat_id == waiting.c.chat_id, _other.c.inbound_id < waiting.c.inbound_id)
        .order_by(_other.c.sent_at.desc(), _other.c.place.desc())
        .limit(1)
        .correlate(waiting)
        .scalar_subquery()
    )


_BEHIND = (
    update(waiting)
    .where(waiting.c.inbound_id == bindparam("this"))
    .values(
        sent_at=func.coalesce(_of_last_before(_other.c.sent_at), waiting.c.sent_at),
        place=func.coalesce(_of_last_before(_other.c.place), waiting.c.place),
    )
)
"""Our own clock doesn't do for it: a channel's is another, and may have whole seconds only."""


def ripen(unit: Unit, inbound_id: int, ripe_at: datetime, unread: UnreadKind | None) -> None:
    """Its photo has come; or it can't be used, for this reason."""
    unit.change(_RIPEN, this=inbound_id, at=ripe_at, why=unread)


_RIPEN = (
    update(waiting)
    .where(waiting.c.inbound_id == bindparam("this"))
    .values(ripe_at=bindparam("at"), unread=bindparam("why"))
)


async def take(unit: Unit, chat: int, most: int = AT_ONCE_MAX) -> list[Heard]:
    """What is to be heard now in this chat, in order; nothing if something of it isn't ripe yet."""
    rows = await unit.fetch(_OF_CHAT, chat=chat, most=most)
    if not rows:
        return []
    overdue = min(from_micros(row[4]) for row in rows) <= unit.now - HELD_MAX
    ripe = all(row[2] is not None and from_micros(row[2]) <= unit.now for row in rows)
    if not ripe and not overdue:
        return []
    for row in rows:
        unit.change(_DONE, this=row[0])
    return _together(unit, rows)


def _together(unit: Unit, rows: Sequence[tuple]) -> list[Heard]:  # type: ignore[type-arg]  # rows of a driver
    """Photos of one album are one message; what was edited meanwhile is heard as edited."""
    found: list[Heard] = []
    albums: dict[str, int] = {}
    for number, album, ripe_at, unread, _since, body in rows:
        heard = _heard.decode(unit.vault.open(body, f"inbound {number}"))
        if isinstance(heard, Shown) and (unread is not None or ripe_at is None):
            heard = Unread(unread if unread in _UNREAD else "photo-lost")
        if isinstance(heard, Edited) and _rewritten(found, heard):
            continue
        place = albums.get(album) if album and isinstance(heard, Shown) else None
        if place is not None and isinstance(heard, Shown):
            first = found[place].heard
            assert isinstance(first, Shown)
            found[place] = Heard(found[place].inbound, Shown(first.photo, (*first.more, heard.photo)))
            continue
        if album and isinstance(heard, Shown):
            albums[album] = len(found)
        found.append(Heard(number, heard))
    return found


def _rewritten(found: list[Heard], edited: Edited) -> bool:
    """Whether it was among those that are heard now."""
    for place, one in enumerate(found):
        if isinstance(one.heard, Said) and one.heard.ref == edited.ref:
            found[place] = Heard(one.inbound, Said(edited.text, edited.ref))
            return True
    return False


_OF_CHAT = (
    select(
        waiting.c.inbound_id, waiting.c.album, type_coerce(waiting.c.ripe_at, BigInteger), waiting.c.unread,
        type_coerce(waiting.c.since, BigInteger), inbound.c.body,
    )
    .join(inbound, inbound.c.id == waiting.c.inbound_id)
    .where(waiting.c.chat_id == bindparam("chat"))
    .order_by(waiting.c.sent_at, waiting.c.place, waiting.c.inbound_id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip
_DONE = delete(waiting).where(waiting.c.inbound_id == bindparam("this"))


async def is_empty(unit: Unit, chat: int) -> bool:
    """Whether nothing waits in the chat any more."""
    return not await unit.fetch(_OF_CHAT, chat=chat, most=1)


async def is_waiting(unit: Unit, inbound_id: int) -> bool:
    """Whether this waits for its turn."""
    return bool(await unit.fetch(_WAITS, this=inbound_id))


_WAITS = select(waiting.c.inbound_id).where(waiting.c.inbound_id == bindparam("this"))


async def first_with(unit: Unit, chat: int, inbound_id: int) -> int | None:
    """What has waited longest in the chat, if the photo of this one has not come yet; it stays the same as long as
    the chat waits."""
    ((first,),) = await unit.fetch(_FIRST, chat=chat, this=inbound_id)
    return None if first is None else int(first)


_FIRST = select(func.min(waiting.c.inbound_id)).where(
    waiting.c.chat_id == bindparam("chat"),
    exists().where(_other.c.inbound_id == bindparam("this"), _other.c.ripe_at.is_(None)),
)


def forget(unit: Unit, chat: int) -> None:
    """Nothing of it is to be heard: a person of the office has read it."""
    unit.change(_FORGET, chat=chat)


_FORGET = delete(waiting).where(waiting.c.chat_id == bindparam("chat"))


async def due(unit: Unit) -> list[int]:
    """Chats in which something is to be heard now."""
    rows = await unit.fetch(_DUE, now=unit.now, overdue=unit.now - HELD_MAX, most=CHATS_AT_ONCE_MAX)
    return [row[0] for row in rows]


_DUE = (
    select(waiting.c.chat_id)
    .group_by(waiting.c.chat_id)
    .having(
        or_(
            (func.count(waiting.c.ripe_at) == func.count()) & (func.max(waiting.c.ripe_at) <= bindparam("now")),
            func.min(waiting.c.since) <= bindparam("overdue"),
        )
    )
    .limit(bindparam("most", type_=Integer))
)
