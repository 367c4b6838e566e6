"""Answer the Lookups and Commands of the flows, inside the transaction of the messages.

What the chats of a batch ask is answered together, one statement for all who ask the same kind of thing. Invariant:
one person for one NIK. It is looked for again when an enrolment is written, whatever was seen before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from sqlalchemy import bindparam, select, update

from bot.flows.asks import (
    CheckMoveCode,
    Duplicate,
    Enrol,
    Enrolled,
    GiveConsent,
    HelpedPeople,
    IsEnrolled,
    MakeMoveCode,
    MembersHere,
    OpenCode,
    RecordBankBill,
    RecordDuesCode,
    RecordOutcome,
    RecordPaymentCode,
    RedeemMoveCode,
    Standing,
    Standings,
    UnpaidCodes,
    WaysToPay,
)
from bot.flows.benefit_asks import CoverHistory
from bot.flows.claim_asks import AnswerClaim, ClaimPeople, ClaimsHere, FindMember, KeepPapers, ReportClaim
from bot.flows.clinic_asks import ChooseClinic
from bot.talk.awaited import CallPerson, KeepPhone, Request, StopReminders
from db import bank, benefits, claim_people, claims, dues, moves, my_data, payments, reminding, talks, treatments
from db.cases import deaths
from db.prepared import Row
from db.tables import SPEAKS, chat_people, consents, enrolments, memberships, people, tasks
from db.unit import Unit, for_each, upsert
from rules.bank import Kind
from rules.bpjs import AlreadyMember, Registered, Registration, RegistrationRefused
from rules.words import Text

STANDINGS_MAX = 5
"""People told of in one message."""


class Asker(Struct, frozen=True):
    """Who asks: a chat, its conversation, and how a text is told to it (consent is stored in the words shown). `ways`
    are those to pay at a bank that the operator set up."""

    chat: int
    conversation: int
    tell: Callable[[Text], str]
    ways: tuple[Kind, ...] = ()


Asked = tuple[Asker, Any]


async def answer_all(unit: Unit, asked: Sequence[tuple[Asker, Request[Any]]]) -> list[Any]:
    """An answer to each, in order. TypeError for a kind that nobody answers."""
    by_kind: dict[type, list[int]] = {}
    for place, (_asker, request) in enumerate(asked):
        by_kind.setdefault(type(request), []).append(place)
    answers: list[Any] = [None] * len(asked)
    for kind, places in by_kind.items():
        if kind not in ANSWERING:
            raise TypeError(f"nobody answers {kind.__name__}")
        for place, answer in zip(places, await ANSWERING[kind](unit, [asked[i] for i in places]), strict=True):
            answers[place] = answer
    return answers


# -- who is enrolled ----------------------------------------------------------------------------------------------

_KNOWN = for_each(
    "niks",
    select(people.c.id, people.c.nik_index, enrolments.c.state).outerjoin(
        enrolments, enrolments.c.person_id == people.c.id
    ),
    people.c.nik_index,
)


class _Known(Struct):
    """The people of some NIKs, and which of them are enrolled."""

    person: dict[str, int]
    enrolled: set[str]


async def _known(unit: Unit, niks: Iterable[str]) -> _Known:
    known = _Known({}, set())
    for person, nik, state in await unit.fetch(_KNOWN, niks=list(niks)):
        known.person[nik] = person
        if state not in (None, "refused"):
            known.enrolled.add(nik)
    return known


async def _are_enrolled(unit: Unit, asked: list[Asked]) -> list[bool]:
    niks = [unit.vault.index(request.nik) for _asker, request in asked]
    known = await _known(unit, niks)
    return [nik in known.enrolled for nik in niks]


# -- enrolling ----------------------------------------------------------------------------------------------------


async def _enrol(unit: Unit, asked: list[Asked]) -> list[Enrolled | Duplicate]:
    niks = [unit.vault.index(request.registration.nik) for _asker, request in asked]
    if unit.is_postgresql:
        await unit.fetch(_LOCK_PEOPLE, niks=niks)
    known = await _known(unit, niks)
    return [_enrol_one(unit, known, nik, *one) for nik, one in zip(niks, asked, strict=True)]


_LOCK_PEOPLE = for_each(
    "niks", select(people.c.id).order_by(people.c.id).with_for_update(key_share=True), people.c.nik_index
)
"""Somebody who is known, and was refused before, may be enrolled in two chats at once. New people are kept apart by
their index."""


def _enrol_one(unit: Unit, known: _Known, nik: str, asker: Asker, wanted: Enrol) -> Enrolled | Duplicate:
    if nik in known.enrolled:
        return Duplicate()
    registration = wanted.registration
    person, enrolment = _write_person(unit, known, nik, registration), unit.ids.next()
    unit.add(
        enrolments, id=enrolment, person_id=person, chat_id=asker.chat, conversation_id=asker.conversation,
        entered_by=wanted.by, state="submitted", occupation=registration.occupation, sector=registration.sector,
        income_band=registration.income_band, heir_name=registration.heir_name,
        heir_relation=registration.heir_relation, first_month=str(registration.first_month),
        months=registration.months, amount=wanted.amount.amount, doubts=" ".join(wanted.doubts), refusal=None,
        created_at=unit.now, decided_at=None,
    )  # fmt: skip
    unit.change(_SPEAK_FOR, chat_id=asker.chat, person_id=person, role=wanted.by, since=unit.now)
    unit.change(_OWN_CONSENTS, asker=asker.conversation, person=person)
    unit.did(f"chat {asker.chat}", "enrol", f"enrolment {enrolment}", by=wanted.by)
    known.enrolled.add(nik)
    return Enrolled(enrolment, person)


_SPEAK_FOR = upsert(chat_people, lambda insert: insert.on_conflict_do_nothing())
_OWN_CONSENTS = (
    update(consents).where(consents.c.conversation_id == bindparam("asker")).values(person_id=bindparam("person"))
)
_CONFIRM = (
    update(people)
    .where(people.c.id == bindparam("person"))
    .values({column: bindparam(f"new_{column}") for column in (
        "name", "birth_place", "birth_date", "sex", "address", "village_code", "phone")})
)  # fmt: skip


def _write_person(unit: Unit, known: _Known, nik: str, registration: Registration) -> int:
    """The person with this NIK, with what was just confirmed."""
    person = known.person.get(nik) or unit.ids.next()
    confirmed = {
        "name": registration.name, "birth_place": registration.birth_place, "birth_date": registration.birth_date,
        "sex": registration.sex, "address": registration.address, "village_code": registration.village_code,
        "phone": _sealed_phone(unit, registration, person),
    }  # fmt: skip
    if nik in known.person:
        unit.change(_CONFIRM, person=person, **{f"new_{column}": value for column, value in confirmed.items()})
    else:
        sealed = unit.vault.seal(registration.nik.digits.encode(), f"nik {person}")
        unit.add(people, id=person, nik_index=nik, nik=sealed, created_at=unit.now, **confirmed)
        known.person[nik] = person
    return person


def _sealed_phone(unit: Unit, registration: Registration, person: int) -> bytes | None:
    if registration.phone is None:
        return None
    return unit.vault.seal(registration.phone.e164.encode(), f"phone {person}")


# -- what BPJS answered -------------------------------------------------------------------------------------------

_STATES: dict[type, str] = {Registered: "registered", AlreadyMember: "already-member", RegistrationRefused: "refused"}
_DECIDE = (
    update(enrolments)
    .where(enrolments.c.id == bindparam("this"))
    .values(state=bindparam("outcome"), refusal=bindparam("reason"), decided_at=bindparam("at"))
)
_MEMBER = upsert(
    memberships,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["person_id"], set_={"kpj": insert.excluded.kpj, "stated_at": insert.excluded.stated_at}
    ),
)


async def _record_outcomes(unit: Unit, asked: list[Asked]) -> list[None]:
    for _asker, request in asked:
        _record_outcome(unit, request)
    return [None] * len(asked)


def _record_outcome(unit: Unit, request: RecordOutcome) -> None:
    record, outcome = request.record, request.outcome
    reason = outcome.reason if isinstance(outcome, RegistrationRefused) else None
    if not isinstance(outcome, RegistrationRefused):
        unit.change(
            _MEMBER, person_id=record.person, kpj=outcome.kpj, covered_from=None, protected_until=None,
            stated_at=unit.now,
        )  # fmt: skip
    unit.change(_DECIDE, this=record.enrolment, outcome=_STATES[type(outcome)], reason=reason, at=unit.now)
    unit.did("bpjs", _STATES[type(outcome)], f"enrolment {record.enrolment}")


async def _record_payment_codes(unit: Unit, asked: list[Asked]) -> list[None]:
    for _asker, request in asked:
        record = request.record
        priced = await payments.price(unit, record.enrolment, request.months)
        payments.add_code(unit, record.person, record.enrolment, priced, request.code)
        await payments.expect(unit, record.person, priced)
    return [None] * len(asked)


# -- the chat itself ----------------------------------------------------------------------------------------------


async def _give_consents(unit: Unit, asked: list[Asked]) -> list[None]:
    for asker, consent in asked:
        unit.add(
            consents, id=unit.ids.next(), chat_id=asker.chat, conversation_id=asker.conversation, person_id=None,
            purpose=consent.purpose, version=consent.version, words=asker.tell(Text(consent.words)),
            given_by=consent.by, given_at=unit.now, withdrawn_at=None,
        )  # fmt: skip
    return [None] * len(asked)


async def _stop_reminders(unit: Unit, asked: list[Asked]) -> list[None]:
    """Consent is withdrawn as easily as it was given. UU 27/2022 art. 40."""
    for asker, _request in asked:
        unit.change(_WITHDRAW, chat=asker.chat, at=unit.now)
        await reminding.stopped(unit, asker.chat)
        unit.did(f"chat {asker.chat}", "withdraw-consent", f"chat {asker.chat}", purpose="reminders")
    return [None] * len(asked)


_WITHDRAW = (
    update(consents)
    .where(
        consents.c.chat_id == bindparam("chat"), consents.c.purpose == "reminders", consents.c.withdrawn_at.is_(None)
    )
    .values(withdrawn_at=bindparam("at"))
)


async def _call_people(unit: Unit, asked: list[Asked]) -> list[None]:
    """One open task a chat: calling twice doesn't make two."""
    for asker, request in asked:
        if not await unit.fetch(_OPEN_CALL, chat=asker.chat):
            unit.add(
                tasks, id=unit.ids.next(), kind="call-person", chat_id=asker.chat, flow=request.flow,
                step=request.step, created_at=unit.now, done_at=None,
            )  # fmt: skip
    return [None] * len(asked)


async def _keep_phones(unit: Unit, asked: list[Asked]) -> list[None]:
    for asker, request in asked:
        talks.keep_phone(unit, asker.chat, request.phone.e164)
    return [None] * len(asked)


_OPEN_CALL = select(tasks.c.id).where(
    tasks.c.chat_id == bindparam("chat"), tasks.c.kind == "call-person", tasks.c.done_at.is_(None)
)
_STANDINGS = (
    select(
        people.c.id, people.c.name, enrolments.c.state, memberships.c.kpj, memberships.c.protected_until,
        chat_people.c.role, deaths.c.died_on,
    )
    .select_from(
        chat_people.join(people, people.c.id == chat_people.c.person_id)
        .join(enrolments, enrolments.c.person_id == people.c.id)
        .outerjoin(memberships, memberships.c.person_id == people.c.id)
        .outerjoin(deaths, deaths.c.person_id == people.c.id)
    )
    .where(chat_people.c.chat_id == bindparam("chat"), SPEAKS)
    .order_by(enrolments.c.id.desc())
    .limit(STANDINGS_MAX)
)  # fmt: skip


async def _standings(unit: Unit, chat: int, request: Standings) -> list[Standing]:
    rows = await unit.fetch(_STANDINGS, chat=chat)
    unpaid = await dues.open_codes(unit, [row[0] for row in rows], date.fromisoformat(request.day))
    return [_standing(row, unpaid.get(row[0])) for row in rows]


def _standing(row: Row, unpaid: OpenCode | None) -> Standing:
    _person, name, state, kpj, until, role, died_on = row
    movable = role == "helper" and kpj is not None
    return Standing(name, state, kpj, str(until) if until else None, movable, unpaid, died_on is not None)


async def _ways(unit: Unit, asked: list[Asked]) -> list[list[Kind]]:
    return [list(asker.ways) for asker, _request in asked]


Answering = Callable[[Unit, list[Asked]], Awaitable[list[Any]]]


def _one_by_one(answer: Callable[[Unit, int, Any], Awaitable[Any]]) -> Answering:
    """For what is asked so seldom that a statement for each chat does no harm."""

    async def answer_each(unit: Unit, asked: list[Asked]) -> list[Any]:
        return [await answer(unit, asker.chat, request) for asker, request in asked]

    return answer_each


ANSWERING: dict[type, Answering] = {
    AnswerClaim: _one_by_one(claims.answer),
    CallPerson: _call_people,
    CheckMoveCode: _one_by_one(moves.check_code),
    ChooseClinic: _one_by_one(treatments.choose),
    ClaimPeople: _one_by_one(claim_people.speaks_for),
    ClaimsHere: _one_by_one(claims.here),
    CoverHistory: _one_by_one(benefits.histories),
    Enrol: _enrol,
    FindMember: _one_by_one(claim_people.find),
    GiveConsent: _give_consents,
    HelpedPeople: _one_by_one(moves.helped),
    IsEnrolled: _are_enrolled,
    KeepPapers: _one_by_one(claims.keep_papers),
    KeepPhone: _keep_phones,
    MakeMoveCode: _one_by_one(moves.make_code),
    MembersHere: _one_by_one(dues.members),
    RecordBankBill: _one_by_one(bank.record_bill),
    RecordDuesCode: _one_by_one(dues.record_code),
    RecordOutcome: _record_outcomes,
    RecordPaymentCode: _record_payment_codes,
    RedeemMoveCode: _one_by_one(moves.redeem),
    ReportClaim: _one_by_one(claims.report),
    Standings: _one_by_one(_standings),
    StopReminders: _stop_reminders,
    **{kind: _one_by_one(answer) for kind, answer in my_data.ANSWERS.items()},
    WaysToPay: _ways,
    UnpaidCodes: _one_by_one(dues.unpaid_codes),
}
"""Who answers what: one line a kind."""
