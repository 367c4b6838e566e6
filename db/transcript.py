"""A chat as its person saw it: what was heard and what was said, in order.

Invariant: what certainly never reached the person was not said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Select, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.flows.asks import ReadCard
from bot.flows.paper_asks import LookAtPaper
from bot.talk.heard import Contact, Edited, Heard, Pressed, Said, Shown, Unread
from bot.talk.message import Crop, Line, Message, Paper
from db.tables import chats, inbound, outbox, photo_keys, photos
from db.talks import Quiet
from db.vault import Vault

SPOKEN = ("message", "notice", "reminder")
"""Kinds of rows of the outbox that people read."""
UNSAID = ("stale", "gone", "refused")
"""States of rows that never reached anybody; "unknown" ones may have."""
LINKED_WITHIN = 10
"""Messages looked at after a link was made, for the one that hands over the paper."""
_heard = msgspec.json.Decoder(Heard)
_message = msgspec.json.Decoder(Message)


_PHOTO = (
    select(photos.c.sealed, photo_keys.c.key)
    .join(photo_keys, photo_keys.c.photo_id == photos.c.id)
    .where(photos.c.id == bindparam("photo"), photos.c.chat_id == bindparam("chat"))
)
_SAID = select(outbox.c.body).where(
    outbox.c.id == bindparam("line"), outbox.c.chat_id == bindparam("chat"), outbox.c.kind.in_(SPOKEN)
)
_AFTER = (
    select(outbox.c.id, outbox.c.body)
    .where(outbox.c.id > bindparam("line"), outbox.c.chat_id == bindparam("chat"), outbox.c.kind.in_(SPOKEN))
    .order_by(outbox.c.id)
    .limit(LINKED_WITHIN)
)
_PEER = select(chats.c.address, chats.c.language, chats.c.gone_at).where(chats.c.id == bindparam("chat"))
_HEARD = (
    select(inbound.c.id)
    .where(
        inbound.c.chat_id == bindparam("chat"), inbound.c.channel != "outbox", inbound.c.heard_at > bindparam("since")
    )
    .limit(1)
)
_BEFORE = (
    select(outbox.c.id, outbox.c.body, outbox.c.sent_as)
    .where(
        outbox.c.chat_id == bindparam("chat"), outbox.c.id < bindparam("message"), outbox.c.kind == "message",
        outbox.c.sent_as.is_not(None),
    )
    .order_by(outbox.c.id.desc())
    .limit(1)
)  # fmt: skip
_reading = outbox.alias()
_NEWEST = (
    select(
        outbox.c.id, outbox.c.body, chats.c.quiet,
        exists().where(
            _reading.c.chat_id == outbox.c.chat_id, _reading.c.done_at.is_(None),
            _reading.c.lane.in_((ReadCard.__name__, LookAtPaper.__name__)),
        ).label("is_reading"),
    )
    .join(chats, chats.c.id == outbox.c.chat_id)
    .where(outbox.c.chat_id == bindparam("chat"), outbox.c.kind == "message")
    .order_by(outbox.c.id.desc())
    .limit(1)
)  # fmt: skip


class Newest(Struct, frozen=True):
    """What a chat's bot said last, notices aside. `is_reading`: a photo of this chat is still being read."""

    id: int
    message: Message
    quiet: Quiet
    is_reading: bool


class StoredTranscript:
    """Reads with the reader engine; sees what is committed."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    async def lines(self, chat: int, after: int, most: int) -> Sequence[Line]:
        """At most `most` lines with an id above `after`, oldest first; with `after` 0 the newest ones."""
        asked = select(inbound.c.id, inbound.c.heard_at, inbound.c.body).where(
            inbound.c.chat_id == chat, inbound.c.id > after, inbound.c.channel != "outbox", inbound.c.body.is_not(None)
        )
        told = select(outbox.c.id, outbox.c.created_at, outbox.c.body).where(
            outbox.c.chat_id == chat, outbox.c.id > after, outbox.c.kind.in_(SPOKEN),
            outbox.c.state.not_in(UNSAID), func.coalesce(outbox.c.fate, "") != "failed",
        )  # fmt: skip
        async with self._engine.connect() as connection:
            heard = (await connection.execute(_limited(asked, inbound.c.id, after, most))).all()
            said = (await connection.execute(_limited(told, outbox.c.id, after, most))).all()
        lines = [self._mine(row.id, row.heard_at, row.body) for row in heard]
        lines += [self._ours(row.id, row.created_at, row.body) for row in said]
        lines.sort(key=lambda line: line.id)
        return lines[:most] if after else lines[-most:]

    async def chat(self, channel: str, account: str, address: str) -> int | None:
        """The chat of an address; None before its first message."""
        this = (chats.c.channel == channel) & (chats.c.account == account) & (chats.c.address == address)
        async with self._engine.connect() as connection:
            return (await connection.execute(select(chats.c.id).where(this))).scalar()

    async def peer(self, chat: int, heard_since: datetime | None) -> tuple[str, str, bool] | None:
        """Where a message of this chat goes: address, language, and whether something was heard since then (with None
        it always is); None if the person can't be reached any more. NoResultFound for a chat that isn't ours."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_PEER, {"chat": chat})).one()
            if row.gone_at is not None:
                return None
            heard = None
            if heard_since is not None:
                heard = (await connection.execute(_HEARD, {"chat": chat, "since": heard_since})).scalar()
        return row.address, row.language, heard_since is None or heard is not None

    async def buttons_before(self, chat: int, message: int) -> str | None:
        """What the channel calls the last message before this one, if that has buttons."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_BEFORE, {"chat": chat, "message": message})).first()
        return row.sent_as if row is not None and self._message(row.id, row.body).buttons else None

    async def newest(self, chat: int) -> Newest | None:
        """What the bot said last in this chat, and whether it is about to say more; None if it said nothing yet."""
        async with self._engine.connect() as connection:  # one statement: all of it is of the same moment
            row = (await connection.execute(_NEWEST, {"chat": chat})).first()
        if row is None:
            return None
        return Newest(row.id, self._message(row.id, row.body), row.quiet, bool(row.is_reading))

    async def photo(self, chat: int, photo: int) -> bytes | None:
        """A photo that this chat sent in; None if it isn't this chat's, or has been destroyed."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_PHOTO, {"photo": photo, "chat": chat})).first()
        return self._vault.open_photo(row.sealed, row.key, photo) if row and row.key is not None else None

    async def crop(self, chat: int, line: int) -> Crop | None:
        """The part of a photo that this line of this chat shows; None if it shows none."""
        async with self._engine.connect() as connection:
            body = (await connection.execute(_SAID, {"line": line, "chat": chat})).scalar()
        picture = self._message(line, body).picture if body is not None else None
        return picture.shows if picture is not None and isinstance(picture.shows, Crop) else None

    async def paper(self, chat: int, line: int) -> Paper | None:
        """The paper that this line of this chat hands over; None if it hands over none."""
        async with self._engine.connect() as connection:
            body = (await connection.execute(_SAID, {"line": line, "chat": chat})).scalar()
        return self._message(line, body).paper if body is not None else None

    async def linked_paper(self, chat: int, link: int) -> Paper | None:
        """The paper to which this link of this chat leads. What was said with a link has an id shortly above it."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_AFTER, {"line": link, "chat": chat})).all()
        papers = (self._message(row.id, row.body).paper for row in rows)
        return next((paper for paper in papers if paper is not None and paper.link == link), None)

    def _mine(self, row_id: int, at: datetime, body: bytes) -> Line:
        heard = _heard.decode(self._vault.open(body, f"inbound {row_id}"))
        match heard:
            case Said(text) | Edited(text):
                return Line(row_id, at, True, text)
            case Pressed(_data, label):
                return Line(row_id, at, True, label)
            case Contact(phone):
                return Line(row_id, at, True, phone)
            case Shown(photo):
                return Line(row_id, at, True, "", photo)
            case Unread(kind="too-long"):
                return Line(row_id, at, True, "(pesan terlalu panjang)")
            case _:
                return Line(row_id, at, True, "(berkas)")

    def _ours(self, row_id: int, at: datetime, body: bytes) -> Line:
        said = self._message(row_id, body)
        return Line(row_id, at, False, said.text, None, said.buttons, said.wants, said.back, said.picture, said.paper)

    def _message(self, row_id: int, body: bytes) -> Message:
        return _message.decode(self._vault.open(body, f"outbox {row_id}"))


def _limited(statement: Select[Any], number: Column[Any], after: int, most: int) -> Select[Any]:
    return statement.order_by(number if after else number.desc()).limit(most)
