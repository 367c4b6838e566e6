"""What the members of a chat have paid so far, by the word of whoever collects."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from bot.flows.benefit_asks import CoveredMember, CoverHistory
from db.cases import deaths
from db.dues import MEMBERS
from db.money import contributions
from db.tables import SPEAKS, chat_people, enrolments, memberships, people
from db.unit import Unit, for_each
from rules.history import History
from rules.month import Month

MEMBERS_MAX = 5
"""Members of a chat among whom is chosen, the latest ones."""
MONTHS_BACK = 60
"""The longest wait for a benefit is three years; what was paid long before that changes nothing."""


async def histories(unit: Unit, chat: int, request: CoverHistory) -> list[CoveredMember]:
    """Those who have a member number and for whom the chat speaks."""
    rows = {row[0]: row for row in reversed(await unit.fetch(_MEMBERS, chat=chat))}  # of several enrolments the latest
    latest = sorted(rows.values(), key=lambda row: row[-1], reverse=True)[:MEMBERS_MAX]
    this_month = Month.of(date.fromisoformat(request.day))
    paid: dict[int, list[Month]] = {row[0]: [] for row in latest}
    for person, month in await unit.fetch(
        _PAID, people=list(paid), first=str(this_month - MONTHS_BACK), last=str(this_month)
    ):
        paid[person].append(Month.parse(month))
    return [
        CoveredMember(
            person, name, History(tier, tuple(paid[person]), _day(covered_from), _day(until)), died_on is not None
        )
        for person, name, tier, covered_from, until, died_on, _enrolment in latest
    ]


def _day(told: Any) -> date | None:
    """A date as either driver gives it."""
    return date.fromisoformat(str(told)) if told is not None else None


_MEMBERS = (
    select(
        people.c.id, people.c.name, enrolments.c.income_band, memberships.c.covered_from,
        memberships.c.protected_until, deaths.c.died_on, enrolments.c.id,
    )
    .select_from(
        chat_people.join(people, people.c.id == chat_people.c.person_id)
        .join(memberships, memberships.c.person_id == people.c.id)
        .join(enrolments, enrolments.c.person_id == people.c.id)
        .outerjoin(deaths, deaths.c.person_id == people.c.id)
    )
    .where(chat_people.c.chat_id == bindparam("chat"), SPEAKS, MEMBERS)
    .order_by(enrolments.c.id.desc())
)  # fmt: skip
_PAID = for_each(
    "people",
    select(contributions.c.person_id, contributions.c.month)
    .where(
        contributions.c.state == "paid", contributions.c.month >= bindparam("first"),
        contributions.c.month <= bindparam("last"),
    )
    .order_by(contributions.c.month),
    contributions.c.person_id,
)  # fmt: skip
