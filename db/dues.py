"""Who can pay in a chat, and the codes that were given for it: open, or perhaps paid already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from operator import itemgetter

from sqlalchemy import bindparam, select, text

from bot.flows.asks import DuesMember, MembersHere, OpenCode, RecordDuesCode, UnpaidCode, UnpaidCodes
from db import payments
from db.bank_tables import IS_RECEIVED
from db.money import payment_codes
from db.prepared import Row
from db.tables import LIVES, SPEAKS, chat_people, enrolments, memberships, people, reminders
from db.unit import Unit, for_each
from rules.month import Month
from rules.quiet import WITA

MEMBERS_MAX = 10
"""Members of a chat who can be paid for, the latest ones."""
CHECKED_BACK, CHECKED_MAX = timedelta(days=60), 10
"""So far back, and so many codes at most, "sudah bayar" asks about: a bank's word may take its time."""


async def members(unit: Unit, chat: int, request: MembersHere) -> list[DuesMember]:
    """Those who have a member number and for whom the chat speaks, in the order in which a reminder names them."""
    rows: dict[int, Row] = {}
    for row in await unit.fetch(_MEMBERS, chat=chat):
        rows.setdefault(row[0], row)
    latest = sorted(list(rows)[:MEMBERS_MAX])
    unpaid = await open_codes(unit, latest, date.fromisoformat(request.day))
    return [_member(rows[person], unpaid.get(person)) for person in latest]


async def open_codes(unit: Unit, persons: Sequence[int], today: date) -> dict[int, OpenCode]:
    """By person: the code whose money a bank of ours has, or else the latest that can still be paid. A code for months
    that are covered already is none."""
    found: dict[int, OpenCode] = {}
    rows = await unit.fetch(_UNPAID, people=persons, today=today)
    for person, code, amount, payable_until, months, until, received in rows:
        each = tuple(months.split())
        if until is None or each[0] > str(Month.of(date.fromisoformat(str(until)))):
            found[person] = OpenCode(code, amount, str(payable_until), each, bool(received))
    return found


async def unpaid_codes(unit: Unit, chat: int, request: UnpaidCodes) -> list[UnpaidCode] | None:
    """Those that BPJS can be asked about."""
    persons = [person for (person,) in await unit.fetch(_SPOKEN_FOR, chat=chat)]
    if request.number:
        listed = [person for (person,) in await unit.fetch(_LISTED, chat=chat)]
        persons = [person for person in listed[request.number - 1 : request.number] if person in persons]
        if not persons:
            return None
    since = datetime.combine(date.fromisoformat(request.day) - CHECKED_BACK, time(), WITA)
    rows = await unit.fetch(_TO_CHECK, people=persons, since=since)
    return [UnpaidCode(name, code) for _person, name, code in sorted(rows[:CHECKED_MAX], key=itemgetter(0))]


async def record_code(unit: Unit, chat: int, request: RecordDuesCode) -> bool:
    """Keep the code, and expect its months: whoever pays it, the payment finds its owner. Whether the chat still speaks
    for that person."""
    payments.add_code(unit, request.person, None, request.priced, request.code)
    await payments.expect(unit, request.person, request.priced)
    return bool(await unit.fetch(_SPEAKS_FOR, chat=chat, person=request.person))


def _member(row: Row, unpaid: OpenCode | None) -> DuesMember:
    person, name, kpj, sector, tier, until = row
    return DuesMember(person, name, kpj, sector, tier, str(until) if until else None, unpaid)


MEMBERS = (enrolments.c.state == "registered") | (
    (enrolments.c.state == "already-member") & memberships.c.protected_until.is_not(None)
)
"""Who was a member before counts once BPJS has told of the cover: until then nobody knows what is owed."""
_MEMBERS = (
    select(
        people.c.id, people.c.name, memberships.c.kpj, enrolments.c.sector, enrolments.c.income_band,
        memberships.c.protected_until,
    )
    .select_from(
        chat_people.join(people, people.c.id == chat_people.c.person_id)
        .join(memberships, memberships.c.person_id == people.c.id)
        .join(enrolments, enrolments.c.person_id == people.c.id)
    )
    .where(chat_people.c.chat_id == bindparam("chat"), SPEAKS, LIVES, MEMBERS)
    .order_by(enrolments.c.id.desc())
)  # fmt: skip
_UNPAID = for_each(
    "people",
    select(
        payment_codes.c.person_id, payment_codes.c.code, payment_codes.c.amount, payment_codes.c.payable_until,
        payment_codes.c.months, memberships.c.protected_until, IS_RECEIVED.label("received"),
    )
    .outerjoin(memberships, memberships.c.person_id == payment_codes.c.person_id)
    .where(payment_codes.c.paid_on.is_(None), (payment_codes.c.payable_until >= bindparam("today")) | IS_RECEIVED)
    .order_by(text("received"), payment_codes.c.created_at),  # the last one wins
    payment_codes.c.person_id,
)  # fmt: skip
_TO_CHECK = for_each(
    "people",
    select(people.c.id, people.c.name, payment_codes.c.code)
    .join(people, people.c.id == payment_codes.c.person_id)
    .where(payment_codes.c.paid_on.is_(None), payment_codes.c.created_at >= bindparam("since"))
    .order_by(payment_codes.c.created_at.desc(), payment_codes.c.person_id),
    payment_codes.c.person_id,
)
_SPOKEN_FOR = select(chat_people.c.person_id).where(chat_people.c.chat_id == bindparam("chat"), SPEAKS)
_LATEST = (
    select(reminders.c.notice)
    .where(reminders.c.chat_id == bindparam("chat"))
    .order_by(reminders.c.day.desc())
    .limit(1)
    .scalar_subquery()
)
_LISTED = (
    select(reminders.c.person_id)
    .where(reminders.c.chat_id == bindparam("chat"), reminders.c.notice == _LATEST)
    .order_by(reminders.c.person_id)
)
"""The people of the last reminder, in the order in which it names them (db/reminding.py)."""
_SPEAKS_FOR = select(chat_people.c.person_id).where(
    chat_people.c.chat_id == bindparam("chat"), chat_people.c.person_id == bindparam("person"), SPEAKS
)
