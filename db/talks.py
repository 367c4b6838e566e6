"""Chats, what arrived in them, and what is under way there.

Invariant: a message of a channel is written once, for ever, by (channel, account, message id); never by its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.talk.heard import Heard
from bot.talk.journal import Conversation, Ending, Talk
from db.tables import chats, conversations, inbound
from db.unit import Unit

Door = tuple[str, str, str]
"""(channel, account, address): where a chat is reached."""

_conversation = msgspec.msgpack.Decoder(Conversation)
_pack = msgspec.msgpack.Encoder()
_heard = msgspec.json.Encoder()


class Stamp(Struct, frozen=True):
    """What makes a message the same message."""

    channel: str
    account: str
    message_id: str


async def chat_ids(unit: Unit, doors: Iterable[Door], language: str) -> dict[Door, int]:
    """The chat of each door; new ones are opened."""
    wanted = set(doors)
    known = await _known(unit, wanted)
    new = wanted - known.keys()
    if not new:
        return known
    rows = [
        {"id": unit.ids.next(), "channel": channel, "account": account, "address": address, "language": language,
         "created_at": unit.now}
        for channel, account, address in sorted(new)
    ]  # fmt: skip
    await unit.execute(_insert_quietly(unit, chats), rows)
    return await _known(unit, wanted)  # another process may have opened one at the same moment


async def _known(unit: Unit, doors: set[Door]) -> dict[Door, int]:
    where = tuple_(chats.c.channel, chats.c.account, chats.c.address).in_(doors)
    rows = await unit.execute(select(chats.c.channel, chats.c.account, chats.c.address, chats.c.id).where(where))
    return {(row.channel, row.account, row.address): row.id for row in rows}


async def receive(unit: Unit, arrived: Sequence[tuple[Stamp, int, Heard]]) -> set[Stamp]:
    """Write what arrived, and tell which of it is new. `int` is the chat."""
    rows = [
        {"id": (row_id := unit.ids.next()), "channel": stamp.channel, "account": stamp.account,
         "message_id": stamp.message_id, "chat_id": chat, "heard_at": unit.now,
         "body": unit.vault.seal(_heard.encode(heard), f"inbound {row_id}")}
        for stamp, chat, heard in arrived
    ]  # fmt: skip
    columns = (inbound.c.channel, inbound.c.account, inbound.c.message_id)
    result = await unit.execute(_insert_quietly(unit, inbound).returning(*columns), rows)
    return {Stamp(row.channel, row.account, row.message_id) for row in result}


def _insert_quietly(unit: Unit, table: Any) -> Any:
    dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


async def park(unit: Unit, stamp: Stamp, why: str) -> None:
    """Keep a message that could not be handled, with the reason for the operator (no personal data)."""
    this = (
        (inbound.c.channel == stamp.channel)
        & (inbound.c.account == stamp.account)
        & (inbound.c.message_id == stamp.message_id)
    )
    await unit.execute(update(inbound).where(this).values(parked=why[:200]))


async def load(unit: Unit, chat_ids: Iterable[int]) -> dict[int, Talk]:
    """What is under way in each chat. Locked until the end of the transaction, so that one chat is one lane."""
    opened = (conversations.c.chat_id == chats.c.id) & conversations.c.ended_at.is_(None)
    statement = (
        select(chats.c.id, chats.c.language, conversations.c.id.label("conversation"), conversations.c.body)
        .select_from(chats.outerjoin(conversations, opened))
        .where(chats.c.id.in_(sorted(set(chat_ids))))
        .order_by(chats.c.id, conversations.c.place)
        .with_for_update(of=chats)
    )
    talks: dict[int, Talk] = {}
    for row in await unit.execute(statement):
        talk = talks.setdefault(row.id, Talk(row.language))
        if row.conversation is not None:
            talk.stack.append(_conversation.decode(unit.vault.open(row.body, f"conversation {row.conversation}")))
    return talks


async def save(unit: Unit, talks: dict[int, Talk], ended: Sequence[tuple[int, Conversation, Ending]]) -> None:
    """Write the talks, the conversations that ended in them, and a changed language."""
    rows = [
        _row(unit, chat, place, conversation, None, None)
        for chat, talk in talks.items()
        for place, conversation in enumerate(talk.stack)
    ]
    rows += [_row(unit, chat, 0, conversation, unit.now, ending) for chat, conversation, ending in ended]
    if rows:
        dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
        statement: Any = dialect.insert(conversations)
        changing = ("place", "step", "body", "touched_at", "ended_at", "ending")
        changes = {name: statement.excluded[name] for name in changing}
        await unit.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes), rows)


async def reach(unit: Unit, chat: int) -> tuple[str, str]:
    """How a chat is spoken to: its language, and the lane of who sends to it, "channel:account"."""
    where = chats.c.id == chat
    row = (await unit.execute(select(chats.c.language, chats.c.channel, chats.c.account).where(where))).one()
    return row.language, f"{row.channel}:{row.account}"


async def set_language(unit: Unit, chat: int, language: str) -> None:
    """The language in which the chat is spoken to from now on."""
    await unit.execute(update(chats).where(chats.c.id == chat).values(language=language))


def _row(
    unit: Unit, chat: int, place: int, conversation: Conversation, ended_at: datetime | None, ending: Ending | None
) -> dict[str, Any]:
    step = conversation.open.name if conversation.open else ""
    if ending == "cancelled":
        conversation.journal.clear()  # what was not sent is not kept
    return {
        "id": conversation.id, "chat_id": chat, "place": place, "flow": conversation.flow, "step": step,
        "body": unit.vault.seal(_pack.encode(conversation), f"conversation {conversation.id}"),
        "touched_at": conversation.touched, "ended_at": ended_at, "ending": ending,
    }  # fmt: skip
