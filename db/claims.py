"""Claims, by what people do: report one, send its papers, answer what is told of it.

Invariant: an open claim has one holder and one promised moment; with a report of a death, what was still to be said
about that person is taken back in the same transaction.
"""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import bindparam, delete, exists, func, select, text, update

from bot.flows.claim_asks import AnswerClaim, ClaimsHere, KeepPapers, OpenClaim, ReportClaim, SendClaim
from db import outbox, reminding
from db.cases import claim_papers, claim_steps, claims, deaths, treatments
from db.claim_rows import (
    SELECTED,
    Claim,
    by_id,
    claim_of,
    columns,
    lacking,
    now,
    sealed,
    step,
    task,
    task_once,
    went,
)
from db.tables import SPEAKS, chat_people, enrolments, people
from db.unit import Unit, upsert
from rules import claim_documents as papers
from rules.claim_report import Accident, Death, kind_of
from rules.claims import DECIDED, WRONG_HEIR, checked_first, complained, is_checked_first, move, reported
from rules.quiet import WITA

OPEN_MAX = 30
"""Claims told of in one chat: as many as somebody reports who helps a village."""
COLLECTING = ("reported", "documents-incomplete")
"""The states in which papers are waited for."""


async def here(unit: Unit, chat: int, wanted: ClaimsHere) -> list[OpenClaim]:
    """The open claims of a chat, the latest first."""
    found = [claim_of(unit, row) for row in await unit.fetch(_HERE, chat=chat)]
    return [await told(unit, claim) for claim in found]


async def told(unit: Unit, claim: Claim) -> OpenClaim:
    """The claim as its reporter may know it."""
    ((name,),) = await unit.fetch(_NAME, of=claim.person)
    missing = await lacking(unit, claim) if WRONG_HEIR.isdisjoint(claim.doubts) else ()
    progress, paid = claim.progress, claim.paid
    clinic, treated = next(iter(await unit.fetch(_TREATED, of=claim.id)), ("", "expected"))
    assert progress.holder is not None and progress.promised is not None, "an open claim has a holder and a promise"
    return OpenClaim(
        claim=claim.id, number=claim.number, person=claim.person, name=name, kind=kind_of(claim.report.about),
        state=progress.state, holder=progress.holder, due=progress.promised.astimezone(WITA), needed=claim.needed,
        missing=missing, at_bpjs=claim.reference is not None, guarded=await _is_guarded(unit, claim),
        words=claim.words, amount=paid.amount.amount if paid and paid.amount else None,
        paid_on=paid.paid_on if paid else None, paid_to=paid.paid_to if paid else "", clinic=clinic, treated=treated,
    )  # fmt: skip


async def is_shared(unit: Unit, claim: Claim) -> bool:
    """Whether the chat of this claim serves other people, too."""
    return bool({person for (person,) in await unit.fetch(_SERVED, chat=claim.chat)} - {claim.person})


async def _is_guarded(unit: Unit, claim: Claim) -> bool:
    """Whether it serves others and this person alike."""
    served = {person for (person,) in await unit.fetch(_SERVED, chat=claim.chat)}
    return claim.person in served and len(served) > 1


# -- a new one ----------------------------------------------------------------------------------------------------


async def report(unit: Unit, chat: int, wanted: ReportClaim) -> OpenClaim:
    """Write a new claim; with a death, whose it was."""
    about = wanted.report.about
    claim = await _new(unit, chat, wanted)
    if is_checked_first(about, claim.doubts):
        claim = replace(claim, progress=checked_first(claim.progress, claim.progress, unit.now))
    unit.add(
        claims, id=claim.id, number=claim.number, person_id=claim.person, chat_id=chat, kind=kind_of(about),
        happened_on=_day(unit, wanted), report=sealed(unit, claim.id, claim.report), doubts=" ".join(claim.doubts),
        **columns(claim.progress), reference=None, bpjs_number=None, words="", amount=None, paid_on=None,
        paid_to=None, stated_at=None, created_at=unit.now,
    )  # fmt: skip
    step(unit, claim.id, claim.progress, f"chat {chat}")
    unit.did(f"chat {chat}", "report-claim", f"claim {claim.id}", kind=kind_of(about))
    if isinstance(about, Accident) or claim.doubts:
        await hand_on(unit, claim)  # an accident has to be with BPJS within two days, its papers follow
    if isinstance(about, Death):
        unit.change(_DIED, person_id=claim.person, died_on=about.on, chat_id=chat, reported_at=unit.now)
        await reminding.take_back(unit, claim.person)
    return await told(unit, claim)


async def _new(unit: Unit, chat: int, wanted: ReportClaim) -> Claim:
    if unit.is_postgresql:
        await unit.fetch(_LOCK_REPORTS)
    doubts = (*wanted.doubts, *await _other_doubts(unit, wanted))
    kinds = tuple(one.kind for one in papers.needed(wanted.report.about, wanted.report.reporter))
    ((last,),) = await unit.fetch(_LAST)
    return Claim(
        unit.ids.next(), last + 1, wanted.person, chat, replace(wanted.report, documents=kinds), doubts,
        reported(unit.now), None, "", None,
    )  # fmt: skip


async def _other_doubts(unit: Unit, wanted: ReportClaim) -> tuple[str, ...]:
    """What the registry knows: whether the same was reported before, and which heir was named at the enrolment."""
    about, doubts = wanted.report.about, list[str]()
    for (day,) in await unit.fetch(_BEFORE, of=wanted.person, sort=kind_of(about)):
        if isinstance(about, Death) or str(day) == str(_day(unit, wanted)):
            doubts = ["reported-before"]
    if isinstance(about, Death):
        rows = await unit.fetch(_HEIR, of=wanted.person)
        named = rows[0][0] if rows else wanted.report.reporter.name
        if named.upper() != wanted.report.reporter.name.upper():
            doubts.append("another-heir-was-named")
    return tuple(doubts)


def _day(unit: Unit, wanted: ReportClaim) -> object:
    about = wanted.report.about
    return about.on if isinstance(about, Accident | Death) else unit.now.astimezone(WITA).date()


# -- its papers, and what is answered -----------------------------------------------------------------------------


async def keep_papers(unit: Unit, chat: int, kept: KeepPapers) -> OpenClaim | None:
    """Photos of papers; what is complete and beyond doubt goes to BPJS. Once it is decided none is kept."""
    claim = await by_id(unit, kept.claim, lock=True)
    if claim is None or claim.chat != chat or claim.progress.state == "closed":
        return None
    if claim.progress.state not in DECIDED:
        for kind in dict(kept.photos):
            unit.change(_REPLACED, this=claim.id, of=kind, at=unit.now)
        for kind, photo in kept.photos:
            unit.change(_KEEP, claim_id=claim.id, photo_id=photo, kind=kind, kept_at=unit.now)
        claim = await _counted(unit, claim, f"chat {chat}")
    return await told(unit, claim)


async def _counted(unit: Unit, claim: Claim, actor: str) -> Claim:
    missing = await lacking(unit, claim)
    moved = move(claim.progress, "documents-incomplete" if missing else "complete", unit.now)
    if claim.progress.state in COLLECTING and moved is not None and moved != claim.progress:
        if is_checked_first(claim.report.about, claim.doubts):
            moved = checked_first(moved, claim.progress, unit.now)
        claim = now(unit, claim, moved, actor)
    if not missing or claim.reference is not None:
        await hand_on(unit, claim)
    return claim


async def hand_on(unit: Unit, claim: Claim) -> None:
    """To BPJS, or first to the office if anything is doubtful. One errand at a time sends all there is of a claim, so
    that no older paper comes after a newer one."""
    if claim.doubts:
        await task_once(unit, claim, "claim-check")
    elif not await outbox.is_asked(unit, SendClaim.__name__, f"SendClaim#{claim.id}"):
        outbox.send(unit, claim.chat, 0, f"SendClaim#{claim.id}", SendClaim(claim.id), at_once=False)


async def answer(unit: Unit, chat: int, given: AnswerClaim) -> bool:
    """What the person says about a claim. False: it has moved on meanwhile, so nothing was done."""
    claim = await by_id(unit, given.claim, lock=True)
    if claim is None or claim.chat != chat:
        return False
    actor, state = f"chat {chat}", claim.progress.state
    match given.answer, state:
        case ("received", "paid") | ("accepted", "refused"):
            went(unit, claim, "closed", actor)
        case ("missing-money", "paid") | ("explained", "refused"):
            await _complain(unit, claim, given.answer, actor)
        case "missing-money", "closed" if claim.paid is not None:  # the clock closed it while this was asked
            await _complain(unit, claim, given.answer, actor)
        case "withdrawn", "reported" | "documents-incomplete" if claim.reference is None:
            await _withdraw(unit, claim, actor)
        case _:
            return False
    return True


async def _complain(unit: Unit, claim: Claim, about: str, actor: str) -> None:
    now(unit, claim, complained(claim.progress, unit.now), actor)
    await task_once(unit, claim, f"claim-{about}")


async def _withdraw(unit: Unit, claim: Claim, actor: str) -> None:
    went(unit, claim, "closed", actor)
    unit.did(actor, "withdraw-claim", f"claim {claim.id}")
    if isinstance(claim.report.about, Death):
        unit.change(_LIVES, of=claim.person)


def withdrawn_late(unit: Unit, claim: Claim) -> None:
    """BPJS has got a report that was withdrawn in the same moment: the office tells it."""
    task(unit, claim, "claim-withdrawn")


_HERE = (
    select(*SELECTED)
    .where(claims.c.chat_id == bindparam("chat"), claims.c.state != "closed")
    .order_by(claims.c.number.desc())
    .limit(OPEN_MAX)
)
_NAME = select(people.c.name).where(people.c.id == bindparam("of"))
_TREATED = (
    select(treatments.c.name, treatments.c.state)
    .where(
        treatments.c.claim_id == bindparam("of"),
        treatments.c.reference.is_not(None) | (treatments.c.state == "refused"),
    )
    .order_by(treatments.c.at.desc())
    .limit(1)
)
"""The clinic that said something last."""
_HEIR = (
    select(enrolments.c.heir_name)
    .where(enrolments.c.person_id == bindparam("of"))
    .order_by(enrolments.c.id.desc())
    .limit(1)
)
_STANDS = (claims.c.state != "closed") | claims.c.reference.is_not(None)
"""It wasn't withdrawn: that is possible only as long as BPJS doesn't have it."""
_WAS_REFUSED = exists().where(claim_steps.c.claim_id == claims.c.id, claim_steps.c.state == "refused")
"""Whoever reported it doesn't take back that somebody died by accepting that BPJS won't hear of it."""
_BEFORE = select(claims.c.happened_on).where(
    claims.c.person_id == bindparam("of"), claims.c.kind == bindparam("sort"), _STANDS
)
_LOCK_REPORTS = text("LOCK TABLE claims IN SHARE UPDATE EXCLUSIVE MODE")
"""Against another report only, which may be of the same: who moves a claim meanwhile doesn't wait."""
_LAST = select(func.coalesce(func.max(claims.c.number), 0))
_DIED = upsert(deaths, lambda insert: insert.on_conflict_do_nothing())
_LIVES = delete(deaths).where(
    deaths.c.person_id == bindparam("of"),
    ~exists().where(claims.c.person_id == deaths.c.person_id, claims.c.kind == "death", _STANDS | _WAS_REFUSED),
)
_SERVED = select(chat_people.c.person_id).where(chat_people.c.chat_id == bindparam("chat"), SPEAKS)
_REPLACED = (
    update(claim_papers)
    .where(claim_papers.c.claim_id == bindparam("this"), claim_papers.c.kind == bindparam("of"),
           claim_papers.c.sent_at.is_(None), claim_papers.c.unfit_at.is_(None))
    .values(unfit_at=bindparam("at"))
)  # fmt: skip
_KEEP = upsert(claim_papers, lambda insert: insert.on_conflict_do_nothing())
