"""Everything that is held about a person of a chat, as a file; and who answers what is asked about one's own data.

UU 27/2022 art. 13: in a form that is in common use and can be read by machines. Invariant: it goes only to a chat that
speaks for the person; NIK and phone are masked unless they were asked for in full; what others did is told without
their names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.flows.data_asks import (
    FULL,
    ChatHolds,
    CheckBirthYear,
    Correct,
    DataOf,
    Erase,
    ForgetPhotos,
    MustKeep,
    NoteExport,
    PeopleHere,
)
from db import correcting, erasing, held
from db.bank_tables import bank_bills, bank_payments
from db.cases import claim_papers, claim_steps, claims, deaths, treatments
from db.money import contributions, payment_codes, payments, receipts
from db.rights import corrections, erasures
from db.tables import audit, chat_people, consents, enrolments, memberships, people, photo_keys, photos
from db.unit import Unit
from db.vault import Vault
from rules.claim_report import Report
from rules.nik import Nik
from rules.phone import Phone
from rules.quiet import WITA

ANSWERS: Mapping[type, Callable[[Unit, int, Any], Awaitable[Any]]] = {
    ChatHolds: held.of_chat,
    CheckBirthYear: held.check_year,
    Correct: correcting.correct,
    DataOf: held.data_of,
    Erase: erasing.erase,
    ForgetPhotos: erasing.forget_photos,
    MustKeep: erasing.must_keep,
    NoteExport: held.note_export,
    PeopleHere: held.here,
}
"""Who answers what: one line a kind."""
FORMAT = "siaga-data-1"


async def export(engine: AsyncEngine, vault: Vault, of: str, chat: int) -> bytes | None:
    """The file, as JSON in UTF-8; None if the chat doesn't speak for that person. `of`: see
    `export_of`."""
    number, _space, how = of.partition(" ")
    person = int(number)
    async with engine.connect() as connection:
        linked = await connection.execute(_LINKED, {"chat": chat, "person": person})
        if linked.first() is None:
            return None
        found: dict[str, Any] = {"format": FORMAT, "person": await _person(connection, vault, person, full=how == FULL)}
        for name, statement in _PARTS.items():
            found[name] = await _rows(connection, statement, person)
        for claim in found["claims"]:
            claim["report"] = _report(vault, claim.pop("id"), claim["report"])
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


async def _person(connection: AsyncConnection, vault: Vault, person: int, *, full: bool) -> dict[str, Any]:
    row = (await connection.execute(_PERSON, {"person": person})).one()
    nik = Nik(vault.open(row.nik, f"nik {person}").decode())
    phone = Phone(vault.open(row.phone, f"phone {person}").decode()) if row.phone is not None else None
    number = (phone.e164 if full else str(phone)) if phone else None
    return {
        "name": row.name, "nik": nik.digits if full else str(nik), "birth_place": row.birth_place,
        "birth_date": row.birth_date.isoformat(), "sex": row.sex, "address": row.address,
        "village": row.village_code, "phone": number, "since": _plain(row.created_at),
    }  # fmt: skip


def _report(vault: Vault, claim: int, sealed: bytes) -> dict[str, Any]:
    """What was reported about the person; not by whom."""
    report = msgspec.json.decode(vault.open(sealed, f"claim {claim}"), type=Report)
    told: dict[str, Any] = msgspec.to_builtins(report.about)
    return told


async def _rows(connection: AsyncConnection, statement: Select[Any], person: int) -> list[dict[str, Any]]:
    rows = await connection.execute(statement, {"person": person, "subject": f"person {person}"})
    return [{name: _plain(value) for name, value in row.items()} for row in rows.mappings()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(WITA).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


_LINKED = select(chat_people.c.person_id).where(
    chat_people.c.chat_id == bindparam("chat"), chat_people.c.person_id == bindparam("person"),
    chat_people.c.role != "moved",
)  # fmt: skip
_PERSON = select(people).where(people.c.id == bindparam("person"))
_IS_PERSON: BindParameter[int] = bindparam("person")
_PARTS: Mapping[str, Select[Any]] = {
    "membership": select(
        memberships.c.kpj, memberships.c.covered_from, memberships.c.protected_until, memberships.c.stated_at
    ).where(memberships.c.person_id == _IS_PERSON),
    "enrolments": select(
        enrolments.c.entered_by, enrolments.c.state, enrolments.c.occupation, enrolments.c.sector,
        enrolments.c.income_band, enrolments.c.heir_name, enrolments.c.heir_relation, enrolments.c.first_month,
        enrolments.c.months, enrolments.c.amount, enrolments.c.doubts, enrolments.c.refusal, enrolments.c.created_at,
        enrolments.c.decided_at,
    ).where(enrolments.c.person_id == _IS_PERSON).order_by(enrolments.c.id),
    "contributions": select(
        contributions.c.month, contributions.c.amount, contributions.c.state, contributions.c.payer
    ).where(contributions.c.person_id == _IS_PERSON).order_by(contributions.c.month),
    "payments": select(
        payments.c.reference, payments.c.amount, payments.c.months, payments.c.refunded, payments.c.told_at
    ).where(payments.c.person_id == _IS_PERSON).order_by(payments.c.told_at),
    "receipts": select(receipts.c.number, receipts.c.amount, receipts.c.created_at)
    .where(receipts.c.person_id == _IS_PERSON).order_by(receipts.c.number),
    "payment_codes": select(
        payment_codes.c.code, payment_codes.c.months, payment_codes.c.amount, payment_codes.c.payable_until,
        payment_codes.c.paid_on,
    ).where(payment_codes.c.person_id == _IS_PERSON).order_by(payment_codes.c.created_at),
    "bank_bills": select(
        bank_bills.c.kind, bank_bills.c.number, bank_bills.c.amount, bank_bills.c.expires_at, bank_bills.c.state,
    ).where(bank_bills.c.payment_code == payment_codes.c.code, payment_codes.c.person_id == _IS_PERSON)
    .order_by(bank_bills.c.id),
    "bank_payments": select(bank_payments.c.reference, bank_payments.c.amount, bank_payments.c.paid_at).where(
        bank_payments.c.bill_id == bank_bills.c.id, bank_bills.c.payment_code == payment_codes.c.code,
        payment_codes.c.person_id == _IS_PERSON,
    ).order_by(bank_payments.c.paid_at),
    "claims": select(
        claims.c.id, claims.c.number, claims.c.kind, claims.c.happened_on, claims.c.report, claims.c.state,
        claims.c.holder, claims.c.promised_at, claims.c.reference, claims.c.bpjs_number, claims.c.words,
        claims.c.amount, claims.c.paid_on, claims.c.created_at,
    ).where(claims.c.person_id == _IS_PERSON).order_by(claims.c.number),
    "claim_steps": select(claims.c.number, claim_steps.c.at, claim_steps.c.state, claim_steps.c.holder)
    .where(claim_steps.c.claim_id == claims.c.id, claims.c.person_id == _IS_PERSON).order_by(claim_steps.c.id),
    "claim_papers": select(
        claims.c.number, claim_papers.c.kind, claim_papers.c.kept_at, claim_papers.c.sent_at, photo_keys.c.dies_at,
        photo_keys.c.destroyed_at,
    ).where(
        claim_papers.c.claim_id == claims.c.id, photo_keys.c.photo_id == claim_papers.c.photo_id,
        claims.c.person_id == _IS_PERSON,
    ).order_by(claim_papers.c.kept_at),
    "treatments": select(claims.c.number, treatments.c.name, treatments.c.state, treatments.c.at)
    .where(treatments.c.claim_id == claims.c.id, claims.c.person_id == _IS_PERSON).order_by(treatments.c.at),
    "deaths": select(deaths.c.died_on, deaths.c.reported_at).where(deaths.c.person_id == _IS_PERSON),
    "consents": select(
        consents.c.purpose, consents.c.version, consents.c.words, consents.c.given_by, consents.c.given_at,
        consents.c.withdrawn_at,
    ).where(consents.c.person_id == _IS_PERSON).order_by(consents.c.id),
    "photos": select(
        photos.c.bytes, photos.c.created_at, photo_keys.c.dies_at, photo_keys.c.destroyed_at, photo_keys.c.why
    ).where(
        photo_keys.c.photo_id == photos.c.id, photos.c.conversation_id == enrolments.c.conversation_id,
        enrolments.c.person_id == _IS_PERSON,
    ).distinct().order_by(photos.c.created_at),
    "corrections": select(
        corrections.c.field, corrections.c.asked_at, corrections.c.due_at, corrections.c.decided_at,
        corrections.c.outcome,
    ).where(corrections.c.person_id == _IS_PERSON).order_by(corrections.c.id),
    "erasures": select(erasures.c.asked_at, erasures.c.due_at, erasures.c.done_at, erasures.c.kept_until)
    .where(erasures.c.person_id == _IS_PERSON).order_by(erasures.c.id),
    "done_with_it": select(audit.c.at, audit.c.action)
    .where(audit.c.subject == bindparam("subject")).order_by(audit.c.number),
}  # fmt: skip
