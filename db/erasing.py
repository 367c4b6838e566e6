"""Erasing what may be erased, and the day until which the rest is kept.

Asked in a chat, photos, consents and reminders end in the same transaction; journals, transcripts and fields follow
once nothing is under way at BPJS and no claim is open. Invariant: afterwards no row holds an erased value, and no chat
speaks for who had them erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from sqlalchemy import Integer, String, bindparam, cast, delete, exists, func, null, select, update

from bot.flows.asks import Register
from bot.flows.data_asks import THE_CHAT, Erase, Erasing, ForgetPhotos, Keeps, MustKeep
from db import claim_erasing, correcting, held, photos, reminding, spoken, talks
from db.cases import claims
from db.claim_erasing import Erased
from db.columns import from_micros
from db.money import contributions, payments
from db.rights import corrections, erasures
from db.spoken import Marks, Window
from db.tables import (
    chat_people,
    chats,
    consents,
    enrolments,
    memberships,
    outbox,
    people,
    tasks,
)
from db.unit import Unit
from rules.phone import INDONESIA
from rules.quiet import WITA
from rules.retention import answered_by, ledger_until

NOBODY_BORN = date(1900, 1, 1)
AT_ONCE_MAX = 50
"""Erasures of one look; the others come with the next one."""


class Open(Struct, frozen=True):
    """An erasure that is to be done. `person` is None for what was sent in a chat without people."""

    number: int
    person: int | None
    chat: int
    kept_until: date | None


async def forget_photos(unit: Unit, chat: int, asked: ForgetPhotos) -> int | None:
    """Destroy the keys of the photos that show this person, or of all that were sent in a chat without people."""
    found = await _photos(unit, chat, asked.person)
    if found is None:
        return None
    for photo in found:
        photos.destroy(unit, photo, "asked")
    return len(found)


async def _photos(unit: Unit, chat: int, person: int) -> list[int] | None:
    if person == THE_CHAT:
        if await unit.fetch(_ANYBODY, chat=chat):
            return None
        return [row[0] for row in await held.photos_of_chat(unit, chat)]
    if not await held.speaks_for(unit, chat, person):
        return None
    return [row[0] for row in await held.alive(unit, chat, person)]


_ANYBODY = select(chat_people.c.person_id).where(chat_people.c.chat_id == bindparam("chat")).limit(1)


async def must_keep(unit: Unit, chat: int, asked: MustKeep) -> Keeps | None:
    """What the law makes us keep of a person, and the claim for which everything is kept; or of a chat without any."""
    if asked.person == THE_CHAT:
        if await unit.fetch(_ANYBODY, chat=chat):
            return None
        return Keeps(claim=await claim_erasing.in_the_way(unit, Erased(None, (chat,))))
    if not await held.knows(unit, chat, asked.person):
        return None
    claim = await claim_erasing.in_the_way(unit, await _erased(unit, asked.person))
    return Keeps(await _kept_until(unit, asked.person), claim)


async def _kept_until(unit: Unit, person: int) -> date | None:
    """None where BPJS never took the person as a member and no money came: then nothing has to be kept."""
    ((*moments, booked),) = await unit.fetch(_LAST, person=person)
    last = max((one for one in moments if one is not None), default=None)
    if last is None:
        return None if not booked else ledger_until(unit.now.date(), unit.now.date())
    return ledger_until(from_micros(last).astimezone(WITA).date(), unit.now.date())


_LAST = select(
    select(func.max(memberships.c.stated_at)).where(memberships.c.person_id == bindparam("person")).scalar_subquery(),
    select(func.max(payments.c.told_at)).where(payments.c.person_id == bindparam("person")).scalar_subquery(),
    select(func.max(claims.c.since)).where(claims.c.person_id == bindparam("person")).scalar_subquery(),
    select(func.count()).where(
        contributions.c.person_id == bindparam("person"), contributions.c.state == "reported"
    ).scalar_subquery(),
)  # fmt: skip


# -- asked --------------------------------------------------------------------------------------------------------


async def erase(unit: Unit, chat: int, asked: Erase) -> Erasing | None:
    """Photos, consents and reminders end here; the rest is done by `perform`."""
    found = await _photos(unit, chat, asked.person)
    if found is None:
        return None
    for photo in found:
        photos.destroy(unit, photo, "erased")
    person = asked.person or None
    kept = await _kept_until(unit, person) if person else None
    due, number = answered_by(unit.now), unit.ids.next()
    unit.add(
        erasures, id=number, person_id=person, chat_id=chat, asked_at=unit.now, due_at=due, done_at=None,
        kept_until=kept, ended_at=None,
    )  # fmt: skip
    if person:
        unit.change(_NOBODY_SPEAKS, person=person, now=unit.now)
        unit.change(_WITHDRAW, person=person, now=unit.now)
        await reminding.take_back(unit, person)
    if not person or await held.is_alone(unit, chat, person):
        unit.change(_WITHDRAW_CHAT, chat=chat, now=unit.now)
    unit.did(f"chat {chat}", "ask-erasure", f"person {person}" if person else f"chat {chat}", erasure=number)
    return Erasing(due.astimezone(WITA), kept)


_NOBODY_SPEAKS = (
    update(chat_people)
    .where(chat_people.c.person_id == bindparam("person"), chat_people.c.role != "moved")
    .values(role="erased", since=bindparam("now"))
)
_WITHDRAW = (
    update(consents)
    .where(consents.c.person_id == bindparam("person"), consents.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("now"))
)
_WITHDRAW_CHAT = (
    update(consents)
    .where(consents.c.chat_id == bindparam("chat"), consents.c.withdrawn_at.is_(None))
    .values(withdrawn_at=bindparam("now"))
)


# -- performed ----------------------------------------------------------------------------------------------------


async def asked_for(unit: Unit) -> list[Open]:
    """What is to be done, the most urgent first."""
    return [_open(row) for row in await unit.fetch(_ASKED, most=AT_ONCE_MAX)]


async def perform(unit: Unit, erasure: Open) -> bool:
    """Erase. False while a registration is under way at BPJS: its answer would bring everything back; or while a claim
    is open that was reported after this was asked."""
    person = erasure.person
    if person is not None and await unit.fetch(_UNDER_WAY, person=person):
        return False
    of = Erased(None, (erasure.chat,)) if person is None else await _erased(unit, person)
    await talks.under_way(unit, of.chats)  # locked: nobody who writes there now writes back what they remember
    if await claim_erasing.in_the_way(unit, of) is not None:
        return False
    await _erase_spoken(unit, of, erasure.number)
    await claim_erasing.erase(unit, of)
    if person is not None:
        _erase_fields(unit, person, erasure)
    unit.change(_DONE, this=erasure.number, at=unit.now)
    unit.did("siaga", "erase", f"person {erasure.person}" if erasure.person else f"chat {erasure.chat}",
             erasure=erasure.number)  # fmt: skip
    return True


async def end_keeping(unit: Unit, today: date) -> int:
    """Erase the name and the NIK, too, of those whose time is over; how many."""
    rows = await unit.fetch(_OVER, today=today, most=AT_ONCE_MAX)
    for row in rows:
        erasure = _open(row)
        assert erasure.person is not None
        _blank(unit, erasure.person, everything=True)
        await claim_erasing.end_keeping(unit, erasure.person)
        unit.change(_FORGET_NUMBER, person=erasure.person)
        unit.change(_FORGET_LINKS, person=erasure.person)
        unit.change(_ENDED, this=erasure.number, at=unit.now)
        unit.did("siaga", "end-keeping", f"person {erasure.person}", erasure=erasure.number)
    return len(rows)


def _open(row: Sequence[Any]) -> Open:
    number, person, chat, kept = row
    return Open(number, person, chat, date.fromisoformat(str(kept)) if kept else None)


_OF_ERASURE = (erasures.c.id, erasures.c.person_id, erasures.c.chat_id, erasures.c.kept_until)
_ASKED = (
    select(*_OF_ERASURE)
    .where(erasures.c.done_at.is_(None))
    .order_by(erasures.c.due_at, erasures.c.id)
    .limit(bindparam("most", type_=Integer))
)
_OVER = (
    select(*_OF_ERASURE)
    .where(
        erasures.c.done_at.is_not(None),
        erasures.c.ended_at.is_(None),
        erasures.c.kept_until < bindparam("today"),
        ~exists().where(claims.c.person_id == erasures.c.person_id, claims.c.state != "closed"),
    )
    .order_by(erasures.c.id)
    .limit(bindparam("most", type_=Integer))
)
_UNDER_WAY = (
    select(outbox.c.id)
    .where(
        outbox.c.conversation_id == enrolments.c.conversation_id, enrolments.c.person_id == bindparam("person"),
        outbox.c.kind == "errand", outbox.c.lane == Register.__name__, outbox.c.done_at.is_(None),
    )
    .limit(1)
)  # fmt: skip
_DONE = update(erasures).where(erasures.c.id == bindparam("this")).values(done_at=bindparam("at"))
_ENDED = update(erasures).where(erasures.c.id == bindparam("this")).values(ended_at=bindparam("at"))


async def _erased(unit: Unit, person: int) -> Erased:
    """Where this person was spoken of, and by what it is known."""
    here = [row[0] for row in await unit.fetch(_CHATS, person=person)]
    alone = tuple([chat for chat in here if await held.is_alone(unit, chat, person)])
    elsewhere = [chat for chat in await claim_erasing.chats(unit, person) if chat not in here]
    shared = (*(chat for chat in here if chat not in alone), *elsewhere)
    return Erased(person, alone, shared, await _marks(unit, person), await _named(unit, person))


async def _erase_spoken(unit: Unit, of: Erased, erasure: int) -> None:
    """What was said in these chats: all of it where nobody else was spoken of, elsewhere what is about this person."""
    for chat in of.chats:
        await spoken.erase(unit, chat, of.marks, before=erasure if chat in of.alone else None)
    for chat in of.alone:
        unit.change(_NO_PHONE, chat=chat)


def _erase_fields(unit: Unit, person: int, erasure: Open) -> None:
    _blank(unit, person, everything=erasure.kept_until is None)
    unit.change(_END_TASKS, person=person, now=unit.now)
    unit.change(_END_CORRECTIONS, person=person, now=unit.now)
    unit.change(_BLANK_ENROLMENTS, person=person)
    if erasure.kept_until is None:
        unit.change(_FORGET_LINKS, person=person)


async def _marks(unit: Unit, person: int) -> Marks:
    """By what it is known that something is about this person. A village, a date or a town is no mark: many have it."""
    name, digits, address = await _name_and_numbers(unit, person)
    words = {name, address}
    for number, field, sealed in await unit.fetch(_CORRECTIONS, person=person):
        value = next(iter(correcting.values(unit, number, sealed)), "")
        if field in ("name", "address", "heir"):
            words.add(value)
        elif field in ("nik", "phone"):
            digits.add(_without_prefix(value))
    rows = await unit.fetch(_ENROLMENTS, person=person)
    words |= {row[1] for row in rows}
    windows = [Window(row[2], row[0]) for row in rows]
    return Marks.of(words, digits, [*windows, *await claim_erasing.windows(unit, person)])


async def _named(unit: Unit, person: int) -> Marks:
    name, digits, _address = await _name_and_numbers(unit, person)
    return Marks.of([name], digits, [])


async def _name_and_numbers(unit: Unit, person: int) -> tuple[str, set[str], str]:
    """Name, NIK and phone, address."""
    ((name, nik, _place, _born, address, _village, phone),) = await unit.fetch(held.PERSON, person=person)
    digits = {unit.vault.open(nik, f"nik {person}").decode()}
    if phone is not None:
        digits.add(_without_prefix(unit.vault.open(phone, f"phone {person}").decode()))
    return name, digits, address


def _without_prefix(number: str) -> str:
    """A telephone number as it stands in any writing of it, with 0 or with +62; a NIK as it is."""
    return number.removeprefix(INDONESIA)


def _blank(unit: Unit, person: int, *, everything: bool) -> None:
    """The fields of a person; `everything`: who it was as well."""
    unit.change(_BLANK, person=person)
    if everything:
        nothing = unit.vault.seal(b"", f"nik {person}")
        unit.change(_BLANK_WHO, person=person, nothing=nothing, index=f"erased {person}", born=NOBODY_BORN)


_CHATS = select(chat_people.c.chat_id).where(chat_people.c.person_id == bindparam("person")).union(
    select(enrolments.c.chat_id).where(enrolments.c.person_id == bindparam("person"))
)  # fmt: skip
_ENROLMENTS = select(enrolments.c.conversation_id, enrolments.c.heir_name, enrolments.c.chat_id).where(
    enrolments.c.person_id == bindparam("person")
)
_CORRECTIONS = select(corrections.c.id, corrections.c.field, corrections.c.value).where(
    corrections.c.person_id == bindparam("person")
)
_OF_PERSON = people.c.id == bindparam("person")
_BLANK = update(people).where(_OF_PERSON).values(birth_place="", address="", phone=null())
_BLANK_WHO = update(people).where(_OF_PERSON).values(
    name="", nik=bindparam("nothing"), nik_index=bindparam("index"), birth_date=bindparam("born")
)  # fmt: skip
_BLANK_ENROLMENTS = (
    update(enrolments)
    .where(enrolments.c.person_id == bindparam("person"))
    .values(heir_name="", doubts="", refusal=null())
)
_END_CORRECTIONS = (
    update(corrections)
    .where(corrections.c.person_id == bindparam("person"))
    .values(
        value=b"", outcome=func.coalesce(corrections.c.outcome, "erased"),
        decided_at=func.coalesce(corrections.c.decided_at, bindparam("now", type_=corrections.c.decided_at.type)),
    )
)  # fmt: skip
_END_TASKS = (
    update(tasks)
    .where(
        tasks.c.done_at.is_(None), tasks.c.flow == "my-data",
        exists().where(
            corrections.c.person_id == bindparam("person"), tasks.c.step == cast(corrections.c.id, String)
        ),
    )
    .values(done_at=bindparam("now"))
)  # fmt: skip
_FORGET_NUMBER = update(memberships).where(memberships.c.person_id == bindparam("person")).values(kpj="")
_FORGET_LINKS = delete(chat_people).where(chat_people.c.person_id == bindparam("person"))
_NO_PHONE = update(chats).where(chats.c.id == bindparam("chat")).values(phone=null())
