"""Who can pay in a chat, and the codes that were given for it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select

from bot.flows.asks import DuesMember, MembersHere, OpenCode, RecordDuesCode
from db import payments
from db.money import payment_codes
from db.prepared import Row
from db.tables import LIVES, SPEAKS, chat_people, enrolments, memberships, people
from db.unit import Unit, for_each

MEMBERS_MAX = 10
"""Members of a chat who can be paid for, the latest ones."""


async def members(unit: Unit, chat: int, request: MembersHere) -> list[DuesMember]:
    """Those who have a member number and for whom the chat speaks."""
    rows: dict[int, Row] = {}
    for row in await unit.fetch(_MEMBERS, chat=chat):
        rows.setdefault(row[0], row)
    latest = list(rows)[:MEMBERS_MAX]
    today = date.fromisoformat(request.day)
    unpaid = {row[0]: row for row in await unit.fetch(_UNPAID, people=latest, today=today)}  # the latest one wins
    return [_member(rows[person], unpaid.get(person)) for person in latest]


async def record_code(unit: Unit, chat: int, request: RecordDuesCode) -> bool:
    """Keep the code, and expect its months: whoever pays it, the payment finds its owner. Whether the chat still speaks
    for that person."""
    payments.add_code(unit, request.person, None, request.priced, request.code)
    await payments.expect(unit, request.person, request.priced)
    return bool(await unit.fetch(_SPEAKS_FOR, chat=chat, person=request.person))


def _member(row: Row, code: Row | None) -> DuesMember:
    person, name, kpj, sector, tier, until = row
    unpaid = OpenCode(code[1], code[2], str(code[3])) if code is not None else None
    return DuesMember(person, name, kpj, sector, tier, str(until) if until else None, unpaid)


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
    .where(chat_people.c.chat_id == bindparam("chat"), SPEAKS, LIVES, enrolments.c.state == "registered")
    .order_by(enrolments.c.id.desc())
)  # fmt: skip
_UNPAID = for_each(
    "people",
    select(payment_codes.c.person_id, payment_codes.c.code, payment_codes.c.amount, payment_codes.c.payable_until)
    .where(payment_codes.c.paid_on.is_(None), payment_codes.c.payable_until >= bindparam("today"))
    .order_by(payment_codes.c.created_at),
    payment_codes.c.person_id,
)
_SPEAKS_FOR = select(chat_people.c.person_id).where(
    chat_people.c.chat_id == bindparam("chat"), chat_people.c.person_id == bindparam("person"), SPEAKS
)
