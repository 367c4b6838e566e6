"""Answer the Lookups and Commands of the flows, inside the transaction of the message.

Invariant: one person for one NIK. It is looked for again when an enrolment is written, whatever was seen before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.flows.asks import (
    Duplicate,
    Enrol,
    Enrolled,
    GiveConsent,
    IsEnrolled,
    RecordOutcome,
    RecordPaymentCode,
    Standing,
    Standings,
)
from bot.talk.awaited import CallPerson, Request
from db import audit
from db.tables import chat_people, consents, enrolments, memberships, payment_codes, people, tasks
from db.unit import Unit
from rules.bpjs import AlreadyMember, Registered, Registration, RegistrationRefused
from rules.nik import Nik
from rules.words import Text

_STATES: dict[type, str] = {Registered: "registered", AlreadyMember: "already-member", RegistrationRefused: "refused"}
STANDINGS_MAX = 5
"""People told of in one message."""


class Asker(Struct, frozen=True):
    """Who asks: a chat, its conversation, and how a text is told to it (consent is stored in the words shown)."""

    chat: int
    conversation: int
    tell: Callable[[Text], str]


async def answer(unit: Unit, asker: Asker, request: Request[Any]) -> Any:
    """The answer to a Lookup, or the effect and answer of a Command. TypeError for one that nobody answers."""
    match request:
        case IsEnrolled(nik):
            return await _is_enrolled(unit, nik)
        case Standings():
            return await _standings(unit, asker.chat)
        case GiveConsent():
            return await _give_consent(unit, asker, request)
        case Enrol():
            return await _enrol(unit, asker, request)
        case RecordOutcome():
            return await _record_outcome(unit, request)
        case RecordPaymentCode():
            return await _record_payment_code(unit, request)
        case CallPerson(flow, step):
            return await _call_person(unit, asker, flow, step)
        case _:
            raise TypeError(f"nobody answers {type(request).__name__}")


async def _is_enrolled(unit: Unit, nik: Nik) -> bool:
    statement = (
        select(enrolments.c.id)
        .join(people, people.c.id == enrolments.c.person_id)
        .where(people.c.nik_index == unit.vault.index(nik), enrolments.c.state != "refused")
        .limit(1)
    )
    return (await unit.execute(statement)).first() is not None


async def _standings(unit: Unit, chat: int) -> list[Standing]:
    statement = (
        select(
            people.c.name, enrolments.c.state, memberships.c.kpj, memberships.c.protected_until, payment_codes.c.code,
            payment_codes.c.paid_on,
        )
        .select_from(
            chat_people.join(people, people.c.id == chat_people.c.person_id)
            .join(enrolments, enrolments.c.person_id == people.c.id)
            .outerjoin(memberships, memberships.c.person_id == people.c.id)
            .outerjoin(payment_codes, payment_codes.c.enrolment_id == enrolments.c.id)
        )
        .where(chat_people.c.chat_id == chat)
        .order_by(enrolments.c.id.desc())
        .limit(STANDINGS_MAX)
    )  # fmt: skip
    return [
        Standing(
            row.name, row.state, row.kpj, row.protected_until.isoformat() if row.protected_until else None,
            row.code if row.paid_on is None else None,
        )
        for row in await unit.execute(statement)
    ]  # fmt: skip


async def _give_consent(unit: Unit, asker: Asker, consent: GiveConsent) -> None:
    unit.add(
        consents, id=unit.ids.next(), chat_id=asker.chat, conversation_id=asker.conversation, person_id=None,
        purpose=consent.purpose, version=consent.version, words=asker.tell(Text(consent.words)), given_by=consent.by,
        given_at=unit.now,
    )  # fmt: skip


async def _enrol(unit: Unit, asker: Asker, wanted: Enrol) -> Enrolled | Duplicate:
    registration = wanted.registration
    if await _is_enrolled(unit, registration.nik):
        return Duplicate()
    person, enrolment = await _person(unit, registration), unit.ids.next()
    unit.add(
        enrolments, id=enrolment, person_id=person, chat_id=asker.chat, conversation_id=asker.conversation,
        entered_by=wanted.by, state="submitted", occupation=registration.occupation, sector=registration.sector,
        income_band=registration.income_band, heir_name=registration.heir_name,
        heir_relation=registration.heir_relation, first_month=str(registration.first_month),
        months=registration.months, amount=wanted.amount.amount, doubts=" ".join(wanted.doubts), refusal=None,
        created_at=unit.now, decided_at=None,
    )  # fmt: skip
    await _speak_for(unit, asker.chat, person, wanted.by)
    own = consents.c.conversation_id == asker.conversation
    await unit.execute(update(consents).where(own).values(person_id=person))
    await audit.append(unit, f"chat {asker.chat}", "enrol", f"enrolment {enrolment}", by=wanted.by)
    return Enrolled(enrolment)


async def _person(unit: Unit, registration: Registration) -> int:
    """The person with this NIK, as just confirmed; a new one if there is none."""
    index = unit.vault.index(registration.nik)
    known = (await unit.execute(select(people.c.id).where(people.c.nik_index == index))).scalar()
    person = known or unit.ids.next()
    confirmed = {
        "name": registration.name, "birth_place": registration.birth_place, "birth_date": registration.birth_date,
        "sex": registration.sex, "address": registration.address, "village_code": registration.village_code,
        "phone": _sealed_phone(unit, registration, person),
    }  # fmt: skip
    if known:
        await unit.execute(update(people).where(people.c.id == person).values(**confirmed))
    else:
        nik = unit.vault.seal(registration.nik.digits.encode(), f"nik {person}")
        unit.add(people, id=person, nik_index=index, nik=nik, created_at=unit.now, **confirmed)
    return person


def _sealed_phone(unit: Unit, registration: Registration, person: int) -> bytes | None:
    if registration.phone is None:
        return None
    return unit.vault.seal(registration.phone.e164.encode(), f"phone {person}")


async def _speak_for(unit: Unit, chat: int, person: int, role: str) -> None:
    dialect = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
    row = {"chat_id": chat, "person_id": person, "role": role, "since": unit.now}
    await unit.execute(dialect.insert(chat_people).values(row).on_conflict_do_nothing())


async def _record_outcome(unit: Unit, record: RecordOutcome) -> None:
    outcome = record.outcome
    state = _STATES[type(outcome)]
    refusal = outcome.reason if isinstance(outcome, RegistrationRefused) else None
    if not isinstance(outcome, RegistrationRefused):
        await _record_member(unit, record.enrolment, outcome.kpj)
    changed = update(enrolments).where(enrolments.c.id == record.enrolment)
    await unit.execute(changed.values(state=state, refusal=refusal, decided_at=unit.now))
    await audit.append(unit, "bpjs", state, f"enrolment {record.enrolment}")


async def _record_member(unit: Unit, enrolment: int, kpj: str) -> None:
    person = select(enrolments.c.person_id).where(enrolments.c.id == enrolment)
    dialect: Any = postgresql if unit.connection.dialect.name == "postgresql" else sqlite
    row = {
        "person_id": (await unit.execute(person)).scalar_one(), "kpj": kpj, "covered_from": None,
        "protected_until": None, "stated_at": unit.now,
    }  # fmt: skip
    statement = dialect.insert(memberships).values(row)
    await unit.execute(
        statement.on_conflict_do_update(index_elements=["person_id"], set_={"kpj": kpj, "stated_at": unit.now})
    )


async def _record_payment_code(unit: Unit, record: RecordPaymentCode) -> None:
    person = select(enrolments.c.person_id).where(enrolments.c.id == record.enrolment)
    unit.add(
        payment_codes, code=record.code.code, enrolment_id=record.enrolment,
        person_id=(await unit.execute(person)).scalar_one(), months=" ".join(str(month) for month in record.months),
        amount=record.code.amount.amount, payable_until=record.code.payable_until, created_at=unit.now, paid_on=None,
    )  # fmt: skip


async def _call_person(unit: Unit, asker: Asker, flow: str, step: str) -> None:
    """One open task a chat: calling twice doesn't make two."""
    is_open = (tasks.c.chat_id == asker.chat) & (tasks.c.kind == "call-person") & tasks.c.done_at.is_(None)
    if (await unit.execute(select(tasks.c.id).where(is_open).limit(1))).first() is None:
        unit.add(
            tasks, id=unit.ids.next(), kind="call-person", chat_id=asker.chat, flow=flow, step=step,
            created_at=unit.now, done_at=None,
        )  # fmt: skip
