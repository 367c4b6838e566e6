"""What is held about the people of a chat, as they are told of it.

Invariant: nothing is told to a chat that doesn't speak for the person, whatever it asks for.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from sqlalchemy import bindparam, func, literal_column, select

from bot.flows.data_asks import (
    ChatHolds,
    CheckBirthYear,
    DataOf,
    Given,
    Held,
    Holding,
    Mine,
    NoteExport,
    Pending,
    PeopleHere,
)
from db.columns import from_micros
from db.money import contributions
from db.photos import NOT_IN_USE
from db.prepared import Row
from db.rights import corrections, erasures, year_tries
from db.tables import (
    SPEAKS,
    audit,
    chat_people,
    consents,
    conversations,
    enrolments,
    memberships,
    people,
    photo_keys,
    photos,
)
from db.unit import Unit
from rules.nik import Nik
from rules.phone import Phone
from rules.quiet import WITA

READ = "read-person"
"""What the audit calls it when somebody of the office opens a person's data; its subject is "person 17"."""
WRONG_YEARS_MAX = 5
"""Birth years that weren't right, from one chat within a day."""
COUNTED_FOR = timedelta(hours=24)

_LINK = (chat_people.c.chat_id == bindparam("chat")) & (chat_people.c.person_id == bindparam("person"))
_SPEAKS_FOR = select(chat_people.c.person_id).where(_LINK, SPEAKS)
_KNOWS = select(chat_people.c.person_id).where(_LINK, chat_people.c.role != "moved")


async def speaks_for(unit: Unit, chat: int, person: int) -> bool:
    """Whether this chat may change something about this person."""
    return bool(await unit.fetch(_SPEAKS_FOR, chat=chat, person=person))


async def knows(unit: Unit, chat: int, person: int) -> bool:
    """Whether this chat may ask about this person: also what is left after an erasure."""
    return bool(await unit.fetch(_KNOWS, chat=chat, person=person))


async def here(unit: Unit, chat: int, asked: PeopleHere) -> list[Mine]:
    """The people of the chat, the latest first."""
    found = {row[0]: _mine(row) for row in await unit.fetch(_HERE, chat=chat)}
    return list(found.values())


def _mine(row: Row) -> Mine:
    person, name, kpj, role, until = row
    return Mine(person, name, kpj, role == "erased", date.fromisoformat(str(until)) if until else None)


_HERE = (
    select(people.c.id, people.c.name, memberships.c.kpj, chat_people.c.role, func.max(erasures.c.kept_until))
    .select_from(
        chat_people.join(people, people.c.id == chat_people.c.person_id)
        .outerjoin(memberships, memberships.c.person_id == people.c.id)
        .outerjoin(erasures, erasures.c.person_id == people.c.id)
    )
    .where(chat_people.c.chat_id == bindparam("chat"), chat_people.c.role != "moved")
    .group_by(people.c.id, people.c.name, memberships.c.kpj, chat_people.c.role)
    .order_by(people.c.id.desc())
)


async def of_chat(unit: Unit, chat: int, asked: ChatHolds) -> Holding:
    """What a chat holds besides its people."""
    ((count,),) = await unit.fetch(_PHOTOS_OF_CHAT, chat=chat)
    ((drafts,),) = await unit.fetch(_DRAFTS, chat=chat)
    return Holding(count, drafts)


_PHOTOS_OF_CHAT = (
    select(func.count())
    .select_from(photos.join(photo_keys, photo_keys.c.photo_id == photos.c.id))
    .where(photos.c.chat_id == bindparam("chat"), photo_keys.c.key.is_not(None), NOT_IN_USE)
)
_DRAFTS = select(func.count()).where(
    conversations.c.chat_id == bindparam("chat"), conversations.c.flow == "enrol", conversations.c.ended_at.is_(None)
)


async def check_year(unit: Unit, chat: int, typed: CheckBirthYear) -> Literal["right", "wrong", "too-many"]:
    """Whether that is the birth year. After too many wrong ones nothing is right for a day."""
    ((wrong,),) = await unit.fetch(_WRONG, chat=chat, since=unit.now - COUNTED_FOR)
    if wrong >= WRONG_YEARS_MAX:
        return "too-many"
    born = await unit.fetch(_BORN, person=typed.person)
    if await knows(unit, chat, typed.person) and date.fromisoformat(str(born[0][0])).year == typed.year:
        return "right"
    unit.add(year_tries, id=unit.ids.next(), chat_id=chat, tried_at=unit.now)
    return "too-many" if wrong + 1 >= WRONG_YEARS_MAX else "wrong"


_WRONG = select(func.count(year_tries.c.id)).where(
    year_tries.c.chat_id == bindparam("chat"), year_tries.c.tried_at > bindparam("since")
)
_BORN = select(people.c.birth_date).where(people.c.id == bindparam("person"))


async def note_export(unit: Unit, chat: int, asked: NoteExport) -> bool:
    """Write down that a file is handed out."""
    if not await knows(unit, chat, asked.person):
        return False
    unit.did(f"chat {chat}", "export", f"person {asked.person}", full=asked.full)
    return True


# -- one person ---------------------------------------------------------------------------------------------------


async def data_of(unit: Unit, chat: int, asked: DataOf) -> Held | None:
    """What is held about somebody; NIK and phone masked."""
    person = asked.person
    if not await knows(unit, chat, person):
        return None
    ((name, nik, place, born, address, village, phone),) = await unit.fetch(PERSON, person=person)
    heir = await unit.fetch(HEIR, person=person)
    kpj = await unit.fetch(_KPJ, person=person)
    ((months,),) = await unit.fetch(_MONTHS, person=person)
    ((reads,),) = await unit.fetch(_READS, subject=f"person {person}")
    ends = tuple([_day(dies) for _photo, dies in await alive(unit, chat, person)])
    return Held(
        name, str(open_nik(unit, person, nik)), place, date.fromisoformat(str(born)), address, village, months, reads,
        kpj=kpj[0][0] if kpj else None, phone=_masked(unit, person, phone), heir=heir[0][0] if heir else "",
        heir_relation=heir[0][1] if heir else "", photos=ends,
        consents=await _consents(unit, person), pending=await _pending(unit, person),
    )  # fmt: skip


def open_nik(unit: Unit, person: int, sealed: bytes) -> Nik:
    return Nik(unit.vault.open(sealed, f"nik {person}").decode())


def _masked(unit: Unit, person: int, sealed: bytes | None) -> str | None:
    return None if sealed is None else str(Phone(unit.vault.open(sealed, f"phone {person}").decode()))


def _day(micros: int) -> date:
    return from_micros(micros).astimezone(WITA).date()


async def _consents(unit: Unit, person: int) -> tuple[Given, ...]:
    """The latest for each purpose."""
    latest: dict[str, Given] = {}
    for purpose, version, given, withdrawn in await unit.fetch(_CONSENTS, person=person):
        latest[purpose] = Given(purpose, version, _day(given), _day(withdrawn) if withdrawn is not None else None)
    return tuple(latest.values())


async def _pending(unit: Unit, person: int) -> tuple[Pending, ...]:
    latest: dict[str, Pending] = {}
    for field, due in await unit.fetch(_PENDING, person=person):
        latest[field] = Pending(field, from_micros(due).astimezone(WITA))
    return tuple(latest.values())


PERSON = select(
    people.c.name, people.c.nik, people.c.birth_place, people.c.birth_date, people.c.address, people.c.village_code,
    people.c.phone,
).where(people.c.id == bindparam("person"))  # fmt: skip
"""Name, NIK, birth place, birth date, address, village, phone; NIK and phone sealed."""
HEIR = (
    select(enrolments.c.heir_name, enrolments.c.heir_relation)
    .where(enrolments.c.person_id == bindparam("person"))
    .order_by(enrolments.c.id.desc())
    .limit(1)
)
_KPJ = select(memberships.c.kpj).where(memberships.c.person_id == bindparam("person"))
_MONTHS = select(func.count()).where(contributions.c.person_id == bindparam("person"), contributions.c.state == "paid")
_READS = select(func.count()).where(
    audit.c.action == literal_column(f"'{READ}'"), audit.c.subject == bindparam("subject")
)
_CONSENTS = (
    select(consents.c.purpose, consents.c.version, consents.c.given_at, consents.c.withdrawn_at)
    .where(consents.c.person_id == bindparam("person"))
    .order_by(consents.c.id)
)
_PENDING = (
    select(corrections.c.field, corrections.c.due_at)
    .where(corrections.c.person_id == bindparam("person"), corrections.c.decided_at.is_(None))
    .order_by(corrections.c.id)
)


# -- photos -------------------------------------------------------------------------------------------------------


async def alive(unit: Unit, chat: int, person: int) -> list[Row]:
    """(photo, its last moment in microseconds) of those that show this person: sent while they were enrolled or as
    evidence; where the chat speaks for nobody else, all that were sent there. Not those that an open claim needs."""
    found = {*await unit.fetch(_OF_ENROLMENT, person=person), *await unit.fetch(_OF_CORRECTION, person=person)}
    if await is_alone(unit, chat, person):
        found |= {*await unit.fetch(_OF_CHAT, chat=chat)}
    return sorted(found)


async def is_alone(unit: Unit, chat: int, person: int) -> bool:
    """Whether this chat never spoke for anybody else."""
    return not await unit.fetch(_OTHERS, chat=chat, person=person)


_OTHERS = select(chat_people.c.person_id).where(
    chat_people.c.chat_id == bindparam("chat"), chat_people.c.person_id != bindparam("person")
).limit(1)  # fmt: skip
_ALIVE = (
    select(photos.c.id, photo_keys.c.dies_at)
    .select_from(photos.join(photo_keys, photo_keys.c.photo_id == photos.c.id))
    .where(photo_keys.c.key.is_not(None), NOT_IN_USE)
)
_OF_CHAT = _ALIVE.where(photos.c.chat_id == bindparam("chat"))
_OF_ENROLMENT = _ALIVE.where(
    photos.c.conversation_id == enrolments.c.conversation_id, enrolments.c.person_id == bindparam("person")
)
_OF_CORRECTION = _ALIVE.where(photos.c.id == corrections.c.photo_id, corrections.c.person_id == bindparam("person"))


async def photos_of_chat(unit: Unit, chat: int) -> list[Row]:
    """The same of all that were sent in a chat."""
    return list(await unit.fetch(_OF_CHAT, chat=chat))
