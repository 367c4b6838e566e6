"""Whoever doesn't answer reminders is visited: a task for the agent.

Invariant: once for each lapse of a member, and only while the member isn't protected. A reminder is answered by
anything that is written in its chat afterwards, and by a payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Date, Select, bindparam, func, select, type_coerce

from db.columns import from_micros
from db.money import payments
from db.reminding import Due
from db.tables import chats, inbound, outbox, reminders, tasks
from db.unit import PerDialect, Unit, for_each
from rules.reminding import AFTER_THE_END

KIND = "visit"
UNANSWERED = 2
"""So many reminders one after another."""
LOOKED_BACK = timedelta(days=100)
"""Older reminders were of another lapse."""


async def call_for(unit: Unit, those: Sequence[Due], day: date) -> int:
    """A task for each of these, who are due on this day, that hasn't answered; how many."""
    lapsed = [one for one in those if one.reminder.kind in AFTER_THE_END]
    if not lapsed:
        return 0
    since = await _unanswered_since(unit, lapsed, day)
    wrote = await _latest(unit, _WROTE, "chats", {one.chat for one in lapsed})
    paid = await _latest(unit, _PAID, "persons", {one.person for one in lapsed})
    known = {tuple(row) for row in await unit.fetch(_KNOWN, chats=sorted({one.chat for one in lapsed}))}
    silent = [
        one for one in lapsed
        if (began := since.get((one.chat, one.person))) is not None
        and max(wrote.get(one.chat, began), paid.get(one.person, began)) <= began
        and (one.chat, _lapse(one)) not in known
    ]  # fmt: skip
    for one in silent:
        unit.add(
            tasks, id=unit.ids.next(), kind=KIND, chat_id=one.chat, flow="pay", step=_lapse(one), created_at=unit.now
        )
    return len(silent)


def _lapse(one: Due) -> str:
    """Whose, and since when: what a task is made once for."""
    return f"person {one.person}, protected until {one.protected_until or 'never'}"


async def _unanswered_since(unit: Unit, lapsed: Sequence[Due], day: date) -> dict[tuple[int, int], datetime]:
    """By chat and person: when the first of the last two reminders was made, if there were two."""
    made: dict[tuple[int, int], list[datetime]] = {}
    rows = await unit.fetch(_BEFORE, persons=sorted({one.person for one in lapsed}), day=day, since=day - LOOKED_BACK)
    for chat, person, at in rows:
        made.setdefault((chat, person), []).append(from_micros(at))
    return {key: of_one[UNANSWERED - 1] for key, of_one in made.items() if len(of_one) >= UNANSWERED}


async def _latest(unit: Unit, statement: PerDialect[Select[Any]], name: str, wanted: set[int]) -> dict[int, datetime]:
    rows = await unit.fetch(statement, **{name: sorted(wanted)})
    return {of: from_micros(at) for of, at in rows}


_BEFORE = for_each(
    "persons",
    select(reminders.c.chat_id, reminders.c.person_id, type_coerce(outbox.c.created_at, BigInteger))
    .join(outbox, outbox.c.id == reminders.c.notice)
    .where(reminders.c.day < bindparam("day", type_=Date), reminders.c.day >= bindparam("since", type_=Date))
    .order_by(reminders.c.day.desc()),
    reminders.c.person_id,
)
_WROTE = for_each(
    "chats",
    select(inbound.c.chat_id, func.max(type_coerce(inbound.c.heard_at, BigInteger)))
    .join(chats, (chats.c.id == inbound.c.chat_id) & (chats.c.channel == inbound.c.channel))
    .group_by(inbound.c.chat_id),
    inbound.c.chat_id,
)
"""What errands have brought is written down among what was heard, too, under other names than the chat's channel."""
_PAID = for_each(
    "persons",
    select(payments.c.person_id, func.max(type_coerce(payments.c.told_at, BigInteger))).group_by(payments.c.person_id),
    payments.c.person_id,
)
_KNOWN = for_each("chats", select(tasks.c.chat_id, tasks.c.step).where(tasks.c.kind == KIND), tasks.c.chat_id)
