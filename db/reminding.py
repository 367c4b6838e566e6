"""Who is to be reminded of the contribution, and who was.

Invariant: a chat is reminded of a person once a day; what was not sent yet is taken back in the transaction in which a
payment or a death is known, and whoever else it was about is reminded anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import Date, Integer, bindparam, delete, exists, select

from db import outbox
from db.prepared import Row
from db.tables import LIVES, SPEAKS, chat_people, chats, consents, memberships, people, reminders
from db.tables import outbox as outbox_rows
from db.unit import Unit, for_each
from rules.reminding import Kind


class Due(Struct, frozen=True):
    """Somebody whom a chat is to be reminded of."""

    chat: int
    language: str
    lane: str
    person: int
    name: str
    protected_until: date


async def candidates(unit: Unit, ends: Collection[date], day: date, after: int, most: int) -> list[tuple[int, int]]:
    """(chat, person) of those whose cover ends on one of these days and who weren't reminded on that day, by chat, from
    above the chat `after` on. A chat is whole or left out; one with more people than `most` is told of so many."""
    as_stored = sorted(ends) if unit.is_postgresql else sorted(map(str, ends))
    rows = await unit.fetch(_CANDIDATES, ends=as_stored, day=day, after=after, most=most)
    found = [(chat, person) for chat, person in rows]
    if len(found) < most:
        return found
    return [one for one in found if one[0] != found[-1][0]] or found


async def due(unit: Unit, among: Collection[tuple[int, int]], ends: Collection[date], day: date) -> list[Due]:
    """Which of these are to be reminded now: by chats that agreed to it and can be reached, of a cover that still ends
    so, and not a second time on that day. By chat."""
    wanted = set(among)
    rows = await unit.fetch(_DUE, persons=[person for _chat, person in among], day=day)
    found = [_due(row) for row in rows if (row[0], row[4]) in wanted]
    return [one for one in found if one.protected_until in ends]


def _due(row: Row) -> Due:
    chat, language, channel, account, person, name, until = row
    return Due(chat, language, f"{channel}:{account}", person, name, date.fromisoformat(str(until)))


def reminded(unit: Unit, those: Sequence[Due], kinds: Sequence[Kind], day: date, notice: int) -> None:
    """This row of the outbox reminds a chat of these people."""
    for one, kind in zip(those, kinds, strict=True):
        unit.add(reminders, chat_id=one.chat, person_id=one.person, day=day, kind=kind, notice=notice)


async def take_back(unit: Unit, person: int) -> bool:
    """Take back what was not sent yet about this person. Whether there was such a thing: whoever else it was about has
    to be reminded anew."""
    pending = await unit.fetch(_UNSENT_ABOUT, person=person)
    unit.reminds_anew = unit.reminds_anew or bool(pending)
    for (notice,) in pending:
        outbox.take_back(unit, notice)
        unit.change(_FORGET, notice=notice)
    return bool(pending)


async def stopped(unit: Unit, chat: int) -> None:
    """Take back what this chat wasn't sent yet."""
    for (notice,) in await unit.fetch(_UNSENT_TO, chat=chat):
        outbox.take_back(unit, notice)


_NOT_YET = ~exists().where(
    reminders.c.chat_id == chat_people.c.chat_id, reminders.c.person_id == chat_people.c.person_id,
    reminders.c.day == bindparam("day", type_=Date),
)  # fmt: skip
_CANDIDATES = for_each(
    "ends",
    select(chat_people.c.chat_id, chat_people.c.person_id)
    .select_from(memberships.join(chat_people, chat_people.c.person_id == memberships.c.person_id))
    .where(SPEAKS, chat_people.c.chat_id > bindparam("after"), _NOT_YET)
    .order_by(chat_people.c.chat_id, chat_people.c.person_id)
    .limit(bindparam("most", type_=Integer)),
    memberships.c.protected_until,
)
_DUE = for_each(
    "persons",
    select(
        chats.c.id, chats.c.language, chats.c.channel, chats.c.account, people.c.id.label("person"), people.c.name,
        memberships.c.protected_until,
    )
    .select_from(
        people.join(memberships, memberships.c.person_id == people.c.id)
        .join(chat_people, chat_people.c.person_id == people.c.id)
        .join(chats, chats.c.id == chat_people.c.chat_id)
    )
    .where(
        SPEAKS, LIVES, chats.c.gone_at.is_(None), memberships.c.protected_until.is_not(None), _NOT_YET,
        exists().where(
            consents.c.chat_id == chats.c.id, consents.c.purpose == "reminders", consents.c.withdrawn_at.is_(None)
        ),
    )
    .order_by(chats.c.id, people.c.id),
    people.c.id,
)  # fmt: skip
_UNSENT = (
    select(reminders.c.notice)
    .join(outbox_rows, outbox_rows.c.id == reminders.c.notice)
    .where(outbox_rows.c.state == "ready")
    .distinct()
)
_UNSENT_ABOUT = _UNSENT.where(reminders.c.person_id == bindparam("person"))
_UNSENT_TO = _UNSENT.where(reminders.c.chat_id == bindparam("chat"))
_FORGET = delete(reminders).where(reminders.c.notice == bindparam("notice"))
