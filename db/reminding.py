"""Who is to be reminded of the contribution, and who was.

Invariant: a chat is reminded once a day, whoever plans; what was not sent yet is taken back in the transaction in which
a payment or a death is known, be it by a bank of ours alone, and what is of no use any more is dropped in the
transaction that takes it to be sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    bindparam,
    delete,
    distinct,
    exists,
    func,
    or_,
    select,
    text,
    union,
    update,
)

from db import outbox
from db.bank_tables import IS_RECEIVED
from db.ids import first_at, made_at
from db.money import payment_codes
from db.outbox import Taken
from db.prepared import Row
from db.tables import LIVES, SPEAKS, chat_people, chats, consents, enrolments, memberships, people, reminders
from db.tables import outbox as outbox_rows
from db.unit import PerDialect, Unit, for_each
from rules.month import Month
from rules.quiet import WITA
from rules.reminding import DAYS_REGISTERED, due, ends_due, planned, registrations_due
from rules.reminding import Reminder as Planned


class Due(Struct, frozen=True):
    """Somebody whom a chat is to be reminded of, and of what. `protected_until` is None before the first payment."""

    chat: int
    language: str
    lane: str
    person: int
    name: str
    protected_until: date | None
    reminder: Planned


async def candidates(unit: Unit, day: date, after: int, most: int) -> list[tuple[int, int]]:
    """(chat, person) of those who may be due on this day, in chats that weren't reminded on it, by chat, from above the
    chat `after` on. A chat is whole or left out; one with more people than `most` is told of so many."""
    ends = ends_due(day)
    as_stored = ends if unit.is_postgresql else [str(end) for end in ends]
    begun = {
        f"{edge}{place}": first_at(datetime.combine(registered_on + timedelta(days=later), time(), WITA))
        for place, registered_on in enumerate(registrations_due(day))
        for edge, later in (("from", 0), ("before", 1))
    }
    rows = await unit.fetch(_CANDIDATES, ends=as_stored, day=day, after=after, most=most, **begun)
    found = [(chat, person) for chat, person in rows]
    if len(found) < most:
        return found
    return [one for one in found if one[0] != found[-1][0]] or found


async def free(unit: Unit, wanted: Collection[int]) -> set[int]:
    """Which of these chats nobody else is at; they are ours until the end of the transaction. The others are to be
    looked at again: who is at them may fail."""
    if not unit.is_postgresql:
        return set(wanted)
    return {chat for (chat,) in await unit.fetch(_LOCK, chats=sorted(wanted))}


async def due_now(unit: Unit, among: Collection[tuple[int, int]], day: date) -> list[Due]:
    """Which of these are to be reminded on this day: by chats that agreed to it, can be reached and weren't reminded on
    it, and not more often in a month than is good. By chat, then by person."""
    wanted, persons = set(among), sorted({person for _chat, person in among})
    rows = [row for row in await unit.fetch(_DUE, persons=persons, day=day) if (row[0], row[4]) in wanted]
    month = Month.of(day)
    counted = await unit.fetch(_REMINDED, persons=persons, first=month.first_day, day=day)
    reminded: dict[int, int] = dict(counted)
    return [one for row in rows if (one := _due(row, day, reminded.get(row[4], 0))) is not None]


def _due(row: Row, day: date, reminded: int) -> Due | None:
    chat, language, channel, account, person, name, *_rest = row
    until, registered_on = _cover(row)
    reminder = due(day, until, registered_on, reminded)
    if reminder is None or (until is None and row[7] is None):
        return None
    return Due(chat, language, f"{channel}:{account}", person, name, until, reminder)


def _cover(row: Row) -> tuple[date | None, date]:
    """Until when somebody is protected, and when they were registered. Who was a member before never registered with
    us; of them only what BPJS says of the cover counts."""
    *_rest, until, enrolment = row
    return date.fromisoformat(str(until)) if until else None, made_at(enrolment or 0).astimezone(WITA).date()


def reminded(unit: Unit, those: Sequence[Due], day: date, notice: int) -> None:
    """This row of the outbox reminds a chat of these people."""
    for one in those:
        unit.add(reminders, chat_id=one.chat, person_id=one.person, day=day, kind=one.reminder.kind, notice=notice)


def postpone(unit: Unit, taken: Sequence[Taken], until: datetime) -> list[Taken]:
    """No reminder is sent before then; what else was taken. It doesn't count as a try."""
    for row in taken:
        if row.reminds:
            unit.change(_POSTPONE, this=row.id, until=until)
    return [row for row in taken if not row.reminds]


async def without_useless(unit: Unit, taken: Sequence[Taken]) -> tuple[list[Taken], bool]:
    """What was taken to be sent, without the reminders of somebody who has paid meanwhile, or was moved, and those to a
    chat that wrote STOP: these are dropped, and whoever else they were about has to be reminded anew (whether there was
    such a thing)."""
    asked = [row for row in taken if row.reminds]
    if not asked:
        return list(taken), False
    useful = await _of_use(unit, asked)
    useless = [row.id for row in asked if row.id not in useful]
    for row_id in useless:
        outbox.settle(unit, row_id, "stale")
    _forget(unit, useless)
    return [row for row in taken if row.id not in useless], bool(useless)


async def _of_use(unit: Unit, asked: Sequence[Taken]) -> set[int]:
    """Which of these still tell every one of their people something that is true and wanted."""
    told: dict[int, list[Row]] = {row.id: [] for row in asked}
    for row in await unit.fetch(_TOLD, chats=sorted({one.chat for one in asked})):
        if row[0] in told:
            told[row[0]].append(row)
    persons = sorted({row[2] for rows in told.values() for row in rows})
    now = {(row[0], row[4]): _cover(row) for row in await unit.fetch(_REACHABLE, persons=persons)}
    return {notice for notice, rows in told.items() if rows and all(_holds(row, now) for row in rows)}


def _holds(row: Row, now: dict[tuple[int, int], tuple[date | None, date]]) -> bool:
    _notice, chat, person, day, kind = row
    if (chat, person) not in now:
        return False
    plan = planned(date.fromisoformat(str(day)), *now[chat, person])
    return plan is not None and plan.kind == kind


async def take_back(unit: Unit, person: int) -> bool:
    """Take back what was not sent yet about this person. Whether there was such a thing: whoever else it was about has
    to be reminded anew."""
    return await _take_back(unit, [notice for (notice,) in await unit.fetch(_UNSENT_ABOUT, person=person)])


async def stopped(unit: Unit, chat: int) -> None:
    """Take back what this chat wasn't sent yet."""
    await _take_back(unit, [notice for (notice,) in await unit.fetch(_UNSENT_TO, chat=chat)])


async def _take_back(unit: Unit, notices: Sequence[int]) -> bool:
    taken_back = await outbox.take_back(unit, notices) if notices else []
    unit.reminds_anew = unit.reminds_anew or bool(taken_back)
    _forget(unit, taken_back)
    return bool(taken_back)


def _forget(unit: Unit, notices: Iterable[int]) -> None:
    for notice in notices:
        unit.change(_FORGET, notice=notice)


_NOT_YET = ~exists().where(
    reminders.c.chat_id == chat_people.c.chat_id, reminders.c.day == bindparam("day", type_=Date)
)
_IN_TURN = (SPEAKS, chat_people.c.chat_id > bindparam("after"), _NOT_YET)
_ENDS = for_each(
    "ends",
    select(chat_people.c.chat_id.label("chat"), chat_people.c.person_id.label("person"))
    .select_from(memberships.join(chat_people, chat_people.c.person_id == memberships.c.person_id))
    .where(*_IN_TURN),
    memberships.c.protected_until,
)
_NEVER_PAID = (
    select(chat_people.c.chat_id.label("chat"), chat_people.c.person_id.label("person"))
    .select_from(
        enrolments.join(memberships, memberships.c.person_id == enrolments.c.person_id)
        .join(chat_people, chat_people.c.person_id == enrolments.c.person_id)
    )
    .where(
        enrolments.c.state == "registered", memberships.c.protected_until.is_(None), *_IN_TURN,
        or_(
            *(
                (enrolments.c.id >= bindparam(f"from{place}", type_=BigInteger))
                & (enrolments.c.id < bindparam(f"before{place}", type_=BigInteger))
                for place in range(len(DAYS_REGISTERED))
            )
        ),
    )
)  # fmt: skip
"""An id tells when it was made, so the days of registration need no index of their own."""
_CANDIDATES: PerDialect[Any] = PerDialect(
    *(
        union(ends, _NEVER_PAID).order_by(text("chat"), text("person")).limit(bindparam("most", type_=Integer))
        for ends in (_ENDS.sqlite, _ENDS.postgresql)
    )
)
_LOCK = for_each(
    "chats",
    select(chats.c.id).order_by(chats.c.id).with_for_update(skip_locked=True, key_share=True),
    chats.c.id,
)
"""A statement of its own, before who was reminded is looked up: what another process has planned is then seen."""
_WHERE_REACHABLE = (
    SPEAKS, LIVES, chats.c.gone_at.is_(None),
    ~exists().where(payment_codes.c.person_id == people.c.id, payment_codes.c.paid_on.is_(None), IS_RECEIVED),
    exists().where(
        consents.c.chat_id == chats.c.id, consents.c.purpose == "reminders", consents.c.withdrawn_at.is_(None)
    ),
)  # fmt: skip
_ALL = (
    select(
        chats.c.id, chats.c.language, chats.c.channel, chats.c.account, people.c.id.label("person"), people.c.name,
        memberships.c.protected_until,
        select(func.max(enrolments.c.id))
        .where(enrolments.c.person_id == people.c.id, enrolments.c.state == "registered")
        .scalar_subquery()
        .label("enrolment"),
    )
    .select_from(
        people.join(memberships, memberships.c.person_id == people.c.id)
        .join(chat_people, chat_people.c.person_id == people.c.id)
        .join(chats, chats.c.id == chat_people.c.chat_id)
    )
    .where(*_WHERE_REACHABLE)
    .order_by(chats.c.id, people.c.id)
)  # fmt: skip
_REACHABLE = for_each("persons", _ALL, people.c.id)
_DUE = for_each("persons", _ALL.where(_NOT_YET), people.c.id)
_REMINDED = for_each(
    "persons",
    select(reminders.c.person_id, func.count(distinct(reminders.c.day)))
    .where(reminders.c.day >= bindparam("first", type_=Date), reminders.c.day < bindparam("day", type_=Date))
    .group_by(reminders.c.person_id),
    reminders.c.person_id,
)
_TOLD = for_each(
    "chats",
    select(
        reminders.c.notice, reminders.c.chat_id, reminders.c.person_id, reminders.c.day, reminders.c.kind
    ),
    reminders.c.chat_id,
)  # fmt: skip
_UNSENT = (
    select(reminders.c.notice)
    .join(outbox_rows, outbox_rows.c.id == reminders.c.notice)
    .where(outbox_rows.c.state == "ready")
    .distinct()
)
_UNSENT_ABOUT = _UNSENT.where(reminders.c.person_id == bindparam("person"))
_UNSENT_TO = _UNSENT.where(reminders.c.chat_id == bindparam("chat"))
_POSTPONE = (
    update(outbox_rows)
    .where(outbox_rows.c.id == bindparam("this"))
    .values(state="ready", taken_until=None, due_at=bindparam("until"), tries=outbox_rows.c.tries - 1)
)
_FORGET = delete(reminders).where(reminders.c.notice == bindparam("notice"))
