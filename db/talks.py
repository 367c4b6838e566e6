"""Chats, what arrived in them, and what is under way there.

Invariant: a message of a channel is written once, for ever, by (channel, account, message id); never by its text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select, update

from bot.talk.heard import Heard
from bot.talk.journal import Conversation, Ending, Talk
from bot.talk.stack import Live
from db.prepared import Row
from db.tables import chats, conversations, inbound
from db.unit import Unit, for_each, upsert

Door = tuple[str, str, str]
"""(channel, account, address): where a chat is reached."""


Seal = bytes
"""The beginning of a sealed journal: new at every save, so it tells whether what a process remembers still holds."""


class Underway(Struct):
    """What is under way in a chat, and who sends to it ("channel:account"). `language` and `seals` are as the database
    holds them; by these a process knows whether `talk` and its flows, `live` where they stand, are still true."""

    talk: Talk
    lane: str
    language: str
    live: Live = {}
    seals: dict[int, Seal] = {}


REASON_CHARS = 200
SEAL = 12
"""Bytes of a seal: the nonce of AES-GCM."""
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
    opening = unit.prepare(_OPEN)
    rows = [
        opening.row(
            {"id": unit.ids.next(), "channel": channel, "account": account, "address": address, "language": language,
             "created_at": unit.now}
        )
        for channel, account, address in sorted(new)
    ]  # fmt: skip
    await unit.run(opening.all(rows))
    return await _known(unit, wanted)  # another process may have opened one at the same moment


async def _known(unit: Unit, doors: set[Door]) -> dict[Door, int]:
    known: dict[Door, int] = {}
    for (channel, account), some in groupby(sorted(doors), itemgetter(0, 1)):
        addresses = [address for _channel, _account, address in some]
        # not `fetch`, which would write what was foreseen before the chats are locked and looked at
        (rows,) = await unit.run([unit.query(_AT_DOORS, channel=channel, account=account, addresses=addresses)])
        known.update({(channel, account, address): chat for address, chat in rows})
    return known


_OPEN = upsert(chats, lambda insert: insert.on_conflict_do_nothing())
_AT_DOORS = for_each(
    "addresses",
    select(chats.c.address, chats.c.id).where(
        chats.c.channel == bindparam("channel"), chats.c.account == bindparam("account")
    ),
    chats.c.address,
)


class Arrived(Struct):
    """One thing heard in a chat, to be written under this id."""

    id: int
    stamp: Stamp
    chat: int
    heard: Heard


def seal(unit: Unit, one: Arrived) -> Row:
    """What is written of something heard."""
    stamp, body = one.stamp, unit.vault.seal(_heard.encode(one.heard), f"inbound {one.id}")
    return unit.prepare(_RECEIVE).row(
        {"id": one.id, "channel": stamp.channel, "account": stamp.account, "message_id": stamp.message_id,
         "chat_id": one.chat, "heard_at": unit.now, "body": body, "parked": None}
    )  # fmt: skip


class Received(Struct):
    """What of it is new, and what the chats hold, as `load` wants it."""

    new: set[Stamp]
    chats: Sequence[Row]


async def receive(unit: Unit, arrived: Sequence[Arrived], rows: Sequence[Row]) -> Received:
    """Lock the chats until the end of the transaction, so that one chat is one lane; write what arrived, sealed as
    `rows`, before anything else; and ask what is under way."""
    stamps = {one.id: one.stamp for one in arrived}
    in_chats = sorted({one.chat for one in arrived})
    lock = [unit.query(_LOCK, chats=in_chats)] if unit.is_postgresql else []
    write = unit.prepare(_RECEIVE).all(rows)
    *found, chats = await unit.run([*lock, *write, unit.query(_UNDER_WAY, chats=in_chats)])
    return Received({stamps[row[0]] for written in found[len(lock) :] for row in written}, chats)


_LOCK = for_each("chats", select(chats.c.id).order_by(chats.c.id).with_for_update(), chats.c.id)
"""A statement of its own: whoever waited for the lock then sees what was left by who held it. SQLite has one writer."""
_RECEIVE = upsert(inbound, lambda insert: insert.on_conflict_do_nothing().returning(inbound.c.id))


def park(unit: Unit, stamp: Stamp, why: str) -> None:
    """Keep a message that could not be handled, with the reason for the operator (no personal data)."""
    unit.change(
        _PARK, of_channel=stamp.channel, of_account=stamp.account, this=stamp.message_id, why=why[:REASON_CHARS]
    )


_PARK = (
    update(inbound)
    .where(
        inbound.c.channel == bindparam("of_channel"), inbound.c.account == bindparam("of_account"),
        inbound.c.message_id == bindparam("this"),
    )
    .values(parked=bindparam("why"))
)  # fmt: skip


def load(unit: Unit, rows: Sequence[Row], remembered: Mapping[int, Underway]) -> dict[int, Underway]:
    """What is under way in each chat. What is `remembered` of one, and is still what the database holds, is given as
    it is."""
    found: dict[int, Underway] = {}
    for chat, its_rows in groupby(rows, itemgetter(0)):
        some = list(its_rows)
        _chat, language, channel, account, *_conversation = some[0]
        bodies: dict[int, bytes] = {row[4]: row[5] for row in some if row[4] is not None}
        seals = {number: body[:SEAL] for number, body in bodies.items()}
        known = remembered.get(chat)
        if known is None or (known.seals, known.language) != (seals, language):
            stack = [_open(unit, number, body) for number, body in bodies.items()]
            known = Underway(Talk(language, stack), f"{channel}:{account}", language, seals=seals)
        found[chat] = known
    return found


def _open(unit: Unit, number: int, body: bytes) -> Conversation:
    return _conversation.decode(unit.vault.open(body, f"conversation {number}"))


_UNDER_WAY = for_each(
    "chats",
    select(
        chats.c.id, chats.c.language, chats.c.channel, chats.c.account, conversations.c.id.label("conversation"),
        conversations.c.body,
    )
    .select_from(
        chats.outerjoin(
            conversations, (conversations.c.chat_id == chats.c.id) & conversations.c.ended_at.is_(None)
        )
    )
    .order_by(chats.c.id, conversations.c.place),
    chats.c.id,
)  # fmt: skip


def save(unit: Unit, chat: int, here: Underway, ended: Sequence[tuple[Conversation, Ending]]) -> dict[int, Seal]:
    """Write what is under way in a chat, and the conversations that ended; the seals under which it is found again."""
    for conversation, ending in ended:
        _save(unit, chat, 0, conversation, ending)
    stack = enumerate(here.talk.stack)
    return {conversation.id: _save(unit, chat, place, conversation, None) for place, conversation in stack}


def _save(unit: Unit, chat: int, place: int, conversation: Conversation, ending: Ending | None) -> Seal:
    if ending == "cancelled":
        conversation.journal.clear()  # what was not sent is not kept
    body = unit.vault.seal(_pack.encode(conversation), f"conversation {conversation.id}")
    unit.change(
        _SAVE, id=conversation.id, chat_id=chat, place=place, flow=conversation.flow,
        step=conversation.open.name if conversation.open else "", body=body, touched_at=conversation.touched,
        ended_at=unit.now if ending else None, ending=ending,
    )  # fmt: skip
    return body[:SEAL]


_SAVE = upsert(
    conversations,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["id"],
        set_={name: insert.excluded[name] for name in ("place", "step", "body", "touched_at", "ended_at", "ending")},
    ),
)


async def reach(unit: Unit, chat: int) -> tuple[str, str]:
    """How a chat is spoken to outside a conversation: its language, and who sends to it, "channel:account"."""
    ((language, channel, account),) = await unit.fetch(_REACH, chat=chat)
    return language, f"{channel}:{account}"


_REACH = select(chats.c.language, chats.c.channel, chats.c.account).where(chats.c.id == bindparam("chat"))


def set_language(unit: Unit, chat: int, language: str) -> None:
    """The language in which the chat is spoken to from now on."""
    unit.change(_SET_LANGUAGE, chat=chat, spoken=language)


_SET_LANGUAGE = update(chats).where(chats.c.id == bindparam("chat")).values(language=bindparam("spoken"))
