"""One-time links to our own page.

Invariant: the first browser that opens a link is the only one that it opens for.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import bindparam, or_, select, type_coerce, update
from sqlalchemy.types import BigInteger

from db.columns import from_micros
from db.tables import chats, links
from db.unit import Unit


class Link(Struct, frozen=True):
    """A link, and the chat that it opens."""

    chat: int
    channel: str
    account: str
    address: str
    language: str
    opened_by: str | None
    expires_at: datetime
    is_done: bool


def add(unit: Unit, chat: int, expires_at: datetime) -> int:
    """A new link to this chat's page; its number."""
    number = unit.ids.next()
    unit.add(links, id=number, chat_id=chat, opened_by=None, expires_at=expires_at, done_at=None, created_at=unit.now)
    return number


async def find(unit: Unit, link: int) -> Link | None:
    """The link of this number."""
    rows = await unit.fetch(_FIND, link=link)
    if not rows:
        return None
    chat, channel, account, address, language, opened_by, expires, done = rows[0]
    return Link(chat, channel, account, address, language, opened_by, from_micros(expires), done is not None)


_FIND = (
    select(
        chats.c.id, chats.c.channel, chats.c.account, chats.c.address, chats.c.language, links.c.opened_by,
        type_coerce(links.c.expires_at, BigInteger), links.c.done_at,
    )
    .join(chats, chats.c.id == links.c.chat_id)
    .where(links.c.id == bindparam("link"))
)  # fmt: skip


async def open_by(unit: Unit, link: int, browser: str, *, is_paper: bool = False) -> bool:
    """Whether this browser (a digest of its cookie) may use the link: it is the first, or was. `is_paper`: also after
    the chat went on."""
    return bool(await unit.fetch(_OPEN_PAPER if is_paper else _OPEN, link=link, browser=browser, now=unit.now))


_OPEN_PAPER = (
    update(links)
    .where(
        links.c.id == bindparam("link"),
        or_(links.c.opened_by.is_(None), links.c.opened_by == bindparam("browser")),
        links.c.expires_at > bindparam("now"),
    )
    .values(opened_by=bindparam("browser"))
    .returning(links.c.id)
)
_OPEN = _OPEN_PAPER.where(links.c.done_at.is_(None))


def close_until(unit: Unit, chat: int, message: int) -> None:
    """The chat goes on with this message: the links that were made for it before open nothing any more."""
    unit.change(_CLOSE, chat=chat, message=message, at=unit.now)


_CLOSE = (
    update(links)
    .where(links.c.chat_id == bindparam("chat"), links.c.id < bindparam("message"), links.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)
