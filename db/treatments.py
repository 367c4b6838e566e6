"""Clinics that were told of an accident, and where the injured is by their word.

Invariant: a clinic is told once of a claim; an older word of it doesn't undo a newer one.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select, update

from bot.flows.clinic_asks import ChooseClinic, TellClinic
from db import claim_rows, outbox
from db.cases import treatments
from db.claim_rows import Claim
from db.tables import memberships, people
from db.unit import Unit, upsert
from rules.claim_report import Accident
from rules.nik import Nik
from rules.plkk import AccidentNotice, NoticeTaken, TreatmentChanged


async def choose(unit: Unit, chat: int, chosen: ChooseClinic) -> None:
    """Have the clinic told, if the claim is this chat's."""
    claim = await claim_rows.by_id(unit, chosen.claim)
    if claim is None or claim.chat != chat:
        return
    unit.change(
        _EXPECT, claim_id=claim.id, clinic=chosen.clinic, name=chosen.name, reference=None, state="expected",
        at=unit.now,
    )  # fmt: skip
    errand = TellClinic(claim.id, chosen.clinic, chosen.name)
    outbox.send(unit, chat, 0, f"TellClinic#{claim.id}", errand, at_once=False)


async def notice(unit: Unit, told: TellClinic) -> AccidentNotice | None:
    """What the clinic is told; None if the claim is none of an accident."""
    claim = await claim_rows.by_id(unit, told.claim)
    about = claim.report.about if claim is not None else None
    if claim is None or not isinstance(about, Accident):
        return None
    ((name, sealed, until),) = await unit.fetch(_PERSON, of=claim.person)
    nik = Nik.parse(unit.vault.open(sealed, f"nik {claim.person}").decode())
    assert isinstance(nik, Nik), "it was one when it was sealed"
    unit.did("siaga", "tell-clinic", f"claim {claim.id}", clinic=told.clinic)
    return AccidentNotice(
        claim=f"siaga-{claim.number}", clinic=told.clinic, kpj=claim.report.kpj, name=name, nik=nik,
        protected_until=date.fromisoformat(str(until)) if until else None, on=about.on, part_of_day=about.part_of_day,
        place=about.place, village_code=about.village_code, story=about.story,
    )  # fmt: skip


def taken(unit: Unit, told: TellClinic, answer: NoticeTaken) -> None:
    unit.change(_TAKEN, this=told.claim, at_clinic=told.clinic, name=answer.reference)


def refused(unit: Unit, told: TellClinic) -> None:
    unit.change(_STATE, this=told.claim, at_clinic=told.clinic, now="refused", since=unit.now)


async def said(unit: Unit, event: TreatmentChanged) -> tuple[Claim, str] | None:
    """The clinic's word; the claim and the clinic's name, if it is news of a claim of ours."""
    rows = await unit.fetch(_OF, reference=event.reference)
    if not rows:
        return None
    claim, clinic, name, state, _at = rows[0]
    if _ORDER.index(event.state) <= _ORDER.index(state):
        return None
    unit.change(_STATE, this=claim, at_clinic=clinic, now=event.state, since=event.at)
    found = await claim_rows.by_id(unit, claim)
    return None if found is None else (found, name)


_ORDER = ("refused", "expected", "arrived", "admitted", "discharged")
_EXPECT = upsert(treatments, lambda insert: insert.on_conflict_do_nothing())
_THIS = (treatments.c.claim_id == bindparam("this")) & (treatments.c.clinic == bindparam("at_clinic"))
_TAKEN = update(treatments).where(_THIS).values(reference=bindparam("name"))
_STATE = update(treatments).where(_THIS).values(state=bindparam("now"), at=bindparam("since"))
_OF = select(treatments.c.claim_id, treatments.c.clinic, treatments.c.name, treatments.c.state, treatments.c.at).where(
    treatments.c.reference == bindparam("reference")
)
_PERSON = (
    select(people.c.name, people.c.nik, memberships.c.protected_until)
    .outerjoin(memberships, memberships.c.person_id == people.c.id)
    .where(people.c.id == bindparam("of"))
)
