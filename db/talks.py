"""Chats, what arrived in them, and what is under way there.

Invariant: a message of a channel is written once, for ever, by (channel, account, message id); never by its text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, cast, delete, select, update

from bot.talk.heard import Heard
from bot.talk.journal import Conversation, Ending, Talk
from bot.talk.stack import Live
from db.prepared import Row, Step
from db.tables import chat_people, chats, conversations, inbound
from db.unit import Unit, for_each, upsert

Door = tuple[str, str, str]
"""(channel, account, address): where a chat is reached."""


Quiet = Literal["", "held", "office"]
"""Whether what is heard in a chat waits for its turn, or is for a person of the office to answer."""

Seal = bytes
"""The beginning of a sealed journal: new at every save, so it tells whether what a process remembers still holds."""


class Underway(Struct):
    """What is under way in a chat, and who sends to it ("channel:account"). `language`, `quiet` and `seals` are as the
    database holds them; by these a process knows whether `talk` and its flows, `live` where they stand, are still
    true."""

    talk: Talk
    lane: str
    language: str
    live: Live = {}
    seals: dict[int, Seal] = {}
    quiet: Quiet = ""


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


async def chat_ids(
    unit: Unit, doors: Mapping[Door, Sequence[str]], language: str, beside: Collection[int] = ()
) -> dict[Door, int]:
    """The chat of each door; new ones are opened.

    A door may have aliases: addresses under which its person is reached today, and somebody else may be tomorrow, as
    with the number behind an id. Somebody who comes by an id that is new takes over the chat that was begun under the
    alias, once; from then on the alias leads nobody there. Of two who come with one alias the first has it. `beside`:
    chats that this transaction will lock besides.
    """
    holders = _holders(doors)
    found = await _at(unit, doors.keys() | holders.keys())
    if not found.keys().isdisjoint(holders):
        if unit.is_postgresql:  # all at once and in their order, or two transactions might wait for each other
            await unit.run([unit.query(_LOCK, chats=sorted({*found.values(), *beside}))])
            found = await _at(unit, doors.keys() | holders.keys())
        await unit.run(_take_over(unit, holders, found))
    if missing := doors.keys() - found.keys() - holders.keys():
        await unit.run(_openings(unit, sorted(missing), language))
        found = await _at(unit, doors.keys())  # another process may have opened one at the same moment
    return {door: found[door] if door in found else found[holders[door]] for door in doors}


def _holders(doors: Mapping[Door, Sequence[str]]) -> dict[Door, Door]:
    """Who has each alias: the first who comes with it. Who comes with one of their own is no alias of anybody."""
    named = {door: [alias for alias in aliases if alias != door[2]] for door, aliases in doors.items()}
    holders: dict[Door, Door] = {}
    for door, aliases in named.items():
        channel, account, _address = door
        for alias in aliases:
            if not named.get((channel, account, alias)):
                holders.setdefault((channel, account, alias), door)
    return holders


def _take_over(unit: Unit, holders: Mapping[Door, Door], found: dict[Door, int]) -> list[Step]:
    """Give the chats that were begun under an alias to who has it; `found` is changed accordingly. Who has a chat
    already gets the people of the other, which is reached no more."""
    steps: list[Step] = []
    for alias in sorted(holders.keys() & found.keys(), key=found.__getitem__):
        begun, holder = found.pop(alias), holders[alias]
        if holder not in found:
            found[holder] = begun
            steps.append(unit.query(_MOVE, chat=begun, to=holder[2]))
        else:
            steps += [
                unit.query(_HAND_OVER, of=begun, to=found[holder]), unit.query(_LET_GO, of=begun),
                unit.query(_RETIRE, chat=begun, to=f"{begun}{RETIRED}", now=unit.now),
            ]  # fmt: skip
    return steps


def _openings(unit: Unit, doors: Sequence[Door], language: str) -> Sequence[Step]:
    opening = unit.prepare(_OPEN)
    return opening.all(
        [
            opening.row(
                {"id": unit.ids.next(), "channel": channel, "account": account, "address": address,
                 "language": language, "quiet": "", "created_at": unit.now}
            )
            for channel, account, address in doors
        ]
    )  # fmt: skip


async def _at(unit: Unit, doors: Collection[Door]) -> dict[Door, int]:
    """The chats that there are at these doors."""
    found: dict[Door, int] = {}
    for (channel, account), some in groupby(sorted(doors), itemgetter(0, 1)):
        addresses = [address for _channel, _account, address in some]
        # not `fetch`, which would write what was foreseen before the chats are locked and looked at
        (rows,) = await unit.run([unit.query(_AT_DOORS, channel=channel, account=account, addresses=addresses)])
        found.update({(channel, account, address): chat for address, chat in rows})
    return found


RETIRED = " retired"
"""After the id of a chat: an address under which no channel reaches anybody."""
_AT_DOORS = for_each(
    "addresses",
    select(chats.c.address, chats.c.id).where(
        chats.c.channel == bindparam("channel"), chats.c.account == bindparam("account")
    ),
    chats.c.address,
)
_MOVE = update(chats).where(chats.c.id == bindparam("chat")).values(address=bindparam("to"), gone_at=None)
_RETIRE = update(chats).where(chats.c.id == bindparam("chat")).values(address=bindparam("to"), gone_at=bindparam("now"))
_HAND_OVER = upsert(
    chat_people,
    lambda insert: insert.from_select(
        ["chat_id", "person_id", "role", "since"],
        select(
            cast(bindparam("to"), chat_people.c.chat_id.type), chat_people.c.person_id, chat_people.c.role,
            chat_people.c.since,
        ).where(chat_people.c.chat_id == bindparam("of")),
    ).on_conflict_do_nothing(),
)  # fmt: skip
_LET_GO = delete(chat_people).where(chat_people.c.chat_id == bindparam("of"))
_OPEN = upsert(chats, lambda insert: insert.on_conflict_do_nothing())


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


_LOCK = for_each("chats", select(chats.c.id).order_by(chats.c.id).with_for_update(key_share=True), chats.c.id)
"""A statement of its own: whoever waited for the lock then sees what was left by who held it. SQLite has one writer."""
_RECEIVE = upsert(inbound, lambda insert: insert.on_conflict_do_nothing().returning(inbound.c.id))


async def is_first(unit: Unit, one: Arrived) -> bool:
    """Write down what is to happen once; whether it is the first time."""
    (written,) = await unit.run(unit.prepare(_RECEIVE).all([seal(unit, one)]))
    return bool(written)


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


def park_heard(unit: Unit, inbound_id: int, why: str) -> None:
    """The same, of what was waiting for its turn."""
    unit.change(_PARK_HEARD, this=inbound_id, why=why[:REASON_CHARS])


_PARK_HEARD = update(inbound).where(inbound.c.id == bindparam("this")).values(parked=bindparam("why"))


def load(unit: Unit, rows: Sequence[Row], remembered: Mapping[int, Underway]) -> dict[int, Underway]:
    """What is under way in each chat. What is `remembered` of one, and is still what the database holds, is given as
    it is."""
    found: dict[int, Underway] = {}
    for chat, its_rows in groupby(rows, itemgetter(0)):
        some = list(its_rows)
        _chat, language, channel, account, quiet, *_rest = some[0]
        bodies: dict[int, bytes] = {row[6]: row[7] for row in some if row[6] is not None}
        seals = {number: body[:SEAL] for number, body in bodies.items()}
        known = remembered.get(chat)
        if known is None or (known.seals, known.language, known.quiet) != (seals, language, quiet):
            stack = [_open(unit, number, body) for number, body in bodies.items()]
            known = Underway(Talk(language, stack), f"{channel}:{account}", language, seals=seals, quiet=quiet)
        found[chat] = known
    return found


def _open(unit: Unit, number: int, body: bytes) -> Conversation:
    return _conversation.decode(unit.vault.open(body, f"conversation {number}"))


_UNDER_WAY = for_each(
    "chats",
    select(
        chats.c.id, chats.c.language, chats.c.channel, chats.c.account, chats.c.quiet, chats.c.gone_at,
        conversations.c.id.label("conversation"), conversations.c.body,
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


async def under_way(unit: Unit, wanted: Collection[int]) -> Sequence[Row]:
    """Lock chats in which nothing arrived, and ask what is under way there, as `load` wants it."""
    numbers = sorted(wanted)
    lock = [unit.query(_LOCK, chats=numbers)] if unit.is_postgresql else []
    return (await unit.run([*lock, unit.query(_UNDER_WAY, chats=numbers)]))[-1]


def hush(unit: Unit, chat: int, quiet: Quiet) -> None:
    """From now on what is heard there waits, or is for the office; "": the bot answers again."""
    unit.change(_HUSH, chat=chat, how=quiet, since=unit.now if quiet else None)


_HUSH = (
    update(chats).where(chats.c.id == bindparam("chat")).values(quiet=bindparam("how"), quiet_since=bindparam("since"))
)


async def is_with_office(unit: Unit, chat: int) -> bool:
    """Whether a person of the office answers there."""
    return bool(await unit.fetch(_WITH_OFFICE, chat=chat))


_WITH_OFFICE = select(chats.c.id).where(chats.c.id == bindparam("chat"), chats.c.quiet == "office")


async def any_held(unit: Unit) -> bool:
    """Whether in any chat something waits for its turn."""
    return bool(await unit.fetch(_HELD))


_HELD = select(chats.c.id).where(chats.c.quiet == "held").limit(1)


async def left_by_office(unit: Unit, since: datetime) -> list[int]:
    """Chats that the office took and has said nothing in since then."""
    return [row[0] for row in await unit.fetch(_LEFT, since=since)]


_LEFT = select(chats.c.id).where(chats.c.quiet == "office", chats.c.quiet_since <= bindparam("since")).limit(100)


def set_gone(unit: Unit, chat: int, *, gone: bool) -> None:
    """The person can't be reached there any more, or again."""
    unit.change(_GONE, chat=chat, since=unit.now if gone else None)


_GONE = update(chats).where(chats.c.id == bindparam("chat")).values(gone_at=bindparam("since"))


def set_gone_at(unit: Unit, door: Door, *, gone: bool) -> None:
    """The same, by where the chat is."""
    channel, account, address = door
    since = unit.now if gone else None
    unit.change(_GONE_AT, of_channel=channel, of_account=account, at_address=address, since=since)


_GONE_AT = (
    update(chats)
    .where(
        chats.c.channel == bindparam("of_channel"), chats.c.account == bindparam("of_account"),
        chats.c.address == bindparam("at_address"),
    )
    .values(gone_at=bindparam("since"))
)  # fmt: skip


def keep_phone(unit: Unit, chat: int, phone: str) -> None:
    """The number of who writes there, by the channel's word."""
    unit.change(_KEEP_PHONE, chat=chat, sealed=unit.vault.seal(phone.encode(), f"chat phone {chat}"))


_KEEP_PHONE = update(chats).where(chats.c.id == bindparam("chat")).values(phone=bindparam("sealed"))


async def reach(unit: Unit, chat: int) -> tuple[str, str]:
    """How a chat is spoken to outside a conversation: its language, and who sends to it, "channel:account"."""
    ((language, channel, account),) = await unit.fetch(_REACH, chat=chat)
    return language, f"{channel}:{account}"


_REACH = select(chats.c.language, chats.c.channel, chats.c.account).where(chats.c.id == bindparam("chat"))


def set_language(unit: Unit, chat: int, language: str) -> None:
    """The language in which the chat is spoken to from now on."""
    unit.change(_SET_LANGUAGE, chat=chat, spoken=language)


_SET_LANGUAGE = update(chats).where(chats.c.id == bindparam("chat")).values(language=bindparam("spoken"))
