"""Corrections that people ask for, and what becomes of them.

Invariant: phone and heir of who lives change at once; everything else only by the word of somebody who didn't enter it,
and a NIK never to one that another person has. Each change is in the audit.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Executable, bindparam, select, update

from bot.flows.data_asks import Correct, Correction, FieldName
from db.cases import deaths
from db.columns import from_micros
from db.held import HEIR, open_nik, speaks_for
from db.prepared import Row
from db.rights import corrections
from db.tables import enrolments, memberships, people, tasks
from db.unit import Unit
from rules.nik import Nik
from rules.quiet import WITA
from rules.retention import answered_by

AT_ONCE: frozenset[FieldName] = frozenset({"phone", "heir"})
TASK, TELL_BPJS = "correction", "correct-at-bpjs"
"""Kinds of work for the office; the step of either is the number of the correction."""
LISTED_MAX = 200

Problem = Literal["unknown", "decided", "same-person", "nik-taken"]


class Waiting(Struct, frozen=True):
    """A correction that waits for a person. `now` and `wanted` are values as stored."""

    number: int
    person: int
    chat: int
    field: FieldName
    now: tuple[str, ...]
    wanted: tuple[str, ...]
    photo: int | None
    asked_at: datetime
    due_at: datetime


class Decided(Struct, frozen=True):
    """A correction that was decided, and the chat to tell."""

    chat: int
    field: FieldName


async def correct(unit: Unit, chat: int, asked: Correct) -> Correction | None:
    """Change it, or write the request down for the office."""
    if not await speaks_for(unit, chat, asked.person):
        return None
    number, by = unit.ids.next(), f"chat {chat}"
    at_once = asked.field in AT_ONCE and not await unit.fetch(_DIED, person=asked.person)
    due = answered_by(unit.now)
    unit.add(
        corrections, id=number, person_id=asked.person, chat_id=chat, field=asked.field,
        value=unit.vault.seal(msgspec.json.encode(asked.values), f"correction {number}"), photo_id=asked.photo,
        asked_by=by, asked_at=unit.now, due_at=due, decided_at=unit.now if at_once else None,
        decided_by=by if at_once else None, outcome="accepted" if at_once else None,
    )  # fmt: skip
    unit.did(by, "ask-correction", f"person {asked.person}", field=asked.field, correction=number)
    if at_once:
        await _write(unit, asked.person, asked.field, asked.values)
        await _tell_bpjs(unit, chat, asked.person, number)
        unit.did(by, "correct", f"person {asked.person}", field=asked.field, correction=number)
        return Correction()
    _add_task(unit, TASK, chat, number)
    return Correction(due.astimezone(WITA))


async def waiting(unit: Unit) -> list[Waiting]:
    """What waits for the office, the most urgent first."""
    return [await _waiting(unit, row) for row in await unit.fetch(_WAITING)]


async def _waiting(unit: Unit, row: Row) -> Waiting:
    number, person, chat, field, sealed, photo, asked, due = row
    return Waiting(
        number, person, chat, field, await _present(unit, person, field), values(unit, number, sealed), photo,
        from_micros(asked), from_micros(due),
    )  # fmt: skip


async def decide(unit: Unit, number: int, *, accepted: bool, by: str) -> Decided | Problem:
    """Accept or refuse a correction, by a person of the office. "same-person": who asked may not decide; "nik-taken":
    another person has the NIK, so it can only be refused."""
    rows = await unit.fetch(_THIS, number=number)
    if not rows:
        return "unknown"
    ((person, chat, field, sealed, asked_by, decided),) = rows
    if decided is not None:
        return "decided"
    if asked_by.casefold() == by.casefold():
        return "same-person"
    wanted = values(unit, number, sealed)
    if accepted and field == "nik" and await _is_taken(unit, person, Nik(wanted[0])):
        return "nik-taken"
    if accepted:
        await _write(unit, person, field, wanted)
        await _tell_bpjs(unit, chat, person, number)
    outcome = "accepted" if accepted else "refused"
    unit.change(_DECIDE, this=number, at=unit.now, who=by, how=outcome)
    unit.change(_TASK_DONE, what=TASK, which=str(number), at=unit.now)
    unit.did(by, f"correction-{outcome}", f"person {person}", field=field, correction=number)
    return Decided(chat, field)


_DIED = select(deaths.c.died_on).where(deaths.c.person_id == bindparam("person"))
"""Who has the phone of somebody who died makes nobody the heir."""
_WAITING = (
    select(
        corrections.c.id, corrections.c.person_id, corrections.c.chat_id, corrections.c.field, corrections.c.value,
        corrections.c.photo_id, corrections.c.asked_at, corrections.c.due_at,
    )
    .where(corrections.c.decided_at.is_(None))
    .order_by(corrections.c.due_at, corrections.c.id)
    .limit(LISTED_MAX)
)  # fmt: skip
_THIS = (
    select(
        corrections.c.person_id, corrections.c.chat_id, corrections.c.field, corrections.c.value,
        corrections.c.asked_by, corrections.c.decided_at,
    )
    .where(corrections.c.id == bindparam("number"))
    .with_for_update()
)  # fmt: skip
_DECIDE = (
    update(corrections)
    .where(corrections.c.id == bindparam("this"))
    .values(decided_at=bindparam("at"), decided_by=bindparam("who"), outcome=bindparam("how"))
)
_TASK_DONE = (
    update(tasks)
    .where(tasks.c.kind == bindparam("what"), tasks.c.step == bindparam("which"), tasks.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)


def values(unit: Unit, number: int, sealed: bytes) -> tuple[str, ...]:
    """The new value of a correction; nothing of one that was erased."""
    return msgspec.json.decode(unit.vault.open(sealed, f"correction {number}"), type=tuple[str, ...]) if sealed else ()


def _add_task(unit: Unit, kind: str, chat: int, number: int) -> None:
    unit.add(
        tasks, id=unit.ids.next(), kind=kind, chat_id=chat, flow="my-data", step=str(number), created_at=unit.now,
        done_at=None,
    )  # fmt: skip


async def _tell_bpjs(unit: Unit, chat: int, person: int, number: int) -> None:
    """BPJS has its own copy of a member's data, and no way to change it but by a person."""
    if await unit.fetch(_IS_MEMBER, person=person):
        _add_task(unit, TELL_BPJS, chat, number)


async def _is_taken(unit: Unit, person: int, nik: Nik) -> bool:
    owner = await unit.fetch(_OWNER, nik=unit.vault.index(nik))
    return bool(owner) and owner[0][0] != person


_IS_MEMBER = select(memberships.c.person_id).where(memberships.c.person_id == bindparam("person"))
_OWNER = select(people.c.id).where(people.c.nik_index == bindparam("nik"))


# -- the person ---------------------------------------------------------------------------------------------------


async def _present(unit: Unit, person: int, field: FieldName) -> tuple[str, ...]:
    """What is held in that field now."""
    if field == "heir":
        return next((tuple(row) for row in await unit.fetch(HEIR, person=person)), ())
    ((name, nik, place, born, address, village),) = await unit.fetch(_PERSON, person=person)
    found: dict[str, str] = {
        "name": name, "birth-place": place, "birth-date": str(born), "address": address, "village": village,
        "nik": open_nik(unit, person, nik).digits,
    }  # fmt: skip
    return (found[field],) if field in found else ()


_PERSON = select(
    people.c.name, people.c.nik, people.c.birth_place, people.c.birth_date, people.c.address, people.c.village_code
).where(people.c.id == bindparam("person"))


async def _write(unit: Unit, person: int, field: FieldName, new: tuple[str, ...]) -> None:
    match field:
        case "phone":
            sealed = unit.vault.seal(new[0].encode(), f"phone {person}") if new else None
            unit.change(_PHONE, person=person, new=sealed)
        case "heir":
            name, relation = new
            unit.change(_HEIR, person=person, new_name=name, new_relation=relation)
        case "nik":
            nik = Nik(new[0])
            sealed = unit.vault.seal(nik.digits.encode(), f"nik {person}")
            unit.change(_NIK, person=person, new=sealed, new_index=unit.vault.index(nik))
        case "birth-date":
            unit.change(_BORN, person=person, new=date.fromisoformat(new[0]))
        case "name" | "birth-place" | "address" | "village":
            unit.change(_WORDS[field], person=person, new=new[0])


def _setting(column: str) -> Executable:
    return update(people).where(people.c.id == bindparam("person")).values({column: bindparam("new")})


_PHONE, _BORN = _setting("phone"), _setting("birth_date")
_NIK = (
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(nik=bindparam("new"), nik_index=bindparam("new_index"))
)
_WORDS: dict[str, Executable] = {
    "name": _setting("name"), "birth-place": _setting("birth_place"), "address": _setting("address"),
    "village": _setting("village_code"),
}  # fmt: skip
_HEIR = (
    update(enrolments)
    .where(enrolments.c.person_id == bindparam("person"))
    .values(heir_name=bindparam("new_name"), heir_relation=bindparam("new_relation"))
)
