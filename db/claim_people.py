"""About whom a claim can be reported in a chat: whoever it speaks for, or who is named by number and birth date.

Invariant: who has neither right learns nothing; numbers that were tried in vain are counted, as codes are.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select

from bot.flows.claim_asks import ClaimPeople, ClaimPerson, FindMember, MemberUnknown
from db import moves
from db.cases import deaths
from db.prepared import Row
from db.tables import SPEAKS, chat_people, memberships, people
from db.unit import Unit

PEOPLE_MAX = 4
"""Of one chat, the latest; beside them "somebody else"."""


async def speaks_for(unit: Unit, chat: int, wanted: ClaimPeople) -> list[ClaimPerson]:
    return [_person(row) for row in await unit.fetch(_SPEAKS_FOR, chat=chat)]


async def find(unit: Unit, chat: int, wanted: FindMember) -> ClaimPerson | MemberUnknown:
    """The member with this number and birth date."""
    if await moves.tried_too_often(unit, chat):
        return MemberUnknown(too_many=True)
    if wanted.nik is not None:
        rows = await unit.fetch(_BY_NIK, nik=unit.vault.index(wanted.nik), born=wanted.born)
    else:
        rows = await unit.fetch(_BY_KPJ, kpj=wanted.kpj, born=wanted.born)
    if len(rows) == 1:
        unit.did(f"chat {chat}", "find-member", f"person {rows[0][0]}")
        return _person(rows[0])
    moves.tried(unit, chat)
    return MemberUnknown()


def _person(row: Row) -> ClaimPerson:
    person, name, kpj, covered_from, protected_until, died_on = row
    return ClaimPerson(person, name, kpj, _day(covered_from), _day(protected_until), died_on is not None)


def _day(stored: object) -> date | None:
    return date.fromisoformat(str(stored)) if stored else None


_MEMBERS = select(
    people.c.id, people.c.name, memberships.c.kpj, memberships.c.covered_from, memberships.c.protected_until,
    deaths.c.died_on,
).select_from(
    people.join(memberships, memberships.c.person_id == people.c.id)
    .outerjoin(deaths, deaths.c.person_id == people.c.id)
)  # fmt: skip
_BY_KPJ = _MEMBERS.where(memberships.c.kpj == bindparam("kpj"), people.c.birth_date == bindparam("born"))
_BY_NIK = _MEMBERS.where(people.c.nik_index == bindparam("nik"), people.c.birth_date == bindparam("born"))
_SPEAKS_FOR = (
    _MEMBERS.join(chat_people, chat_people.c.person_id == people.c.id)
    .where(chat_people.c.chat_id == bindparam("chat"), SPEAKS)
    .order_by(chat_people.c.since.desc(), people.c.id.desc())
    .limit(PEOPLE_MAX)
)
