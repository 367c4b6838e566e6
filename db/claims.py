"""Claims, by what people do: report one, send its papers, answer what is told of it.

Invariant: an open claim has one holder and one promised moment; with a report of a death, what was still to be said
about that person is taken back in the same transaction.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, delete, func, select, text, update

from bot.flows.claim_asks import AnswerClaim, ClaimsHere, KeepPapers, OpenClaim, ReportClaim, SendClaim
from db import outbox, reminding
from db.cases import claim_papers, claims, deaths
from db.claim_rows import SELECTED, Claim, by_id, claim_of, columns, lacking, now, step, task, went
from db.tables import SPEAKS, chat_people, enrolments, people
from db.unit import Unit, upsert
from rules import claim_documents as papers
from rules.claim_report import Accident, Death, Report, kind_of
from rules.claims import complained, reported
from rules.quiet import WITA

OPEN_MAX = 5
"""Claims told of in one chat."""
COLLECTING = ("reported", "documents-incomplete")
"""The states in which papers are waited for."""


async def here(unit: Unit, chat: int, wanted: ClaimsHere) -> list[OpenClaim]:
    """The open claims of a chat, the latest first."""
    found = [claim_of(unit, row) for row in await unit.fetch(_HERE, chat=chat)]
    return [await told(unit, claim) for claim in found]


async def told(unit: Unit, claim: Claim) -> OpenClaim:
    """The claim as its reporter may know it."""
    ((name,),) = await unit.fetch(_NAME, of=claim.person)
    wanted = papers.needed(claim.report.about, claim.report.reporter)
    missing = await lacking(unit, claim)
    progress, paid = claim.progress, claim.paid
    assert progress.holder is not None and progress.promised is not None, "an open claim has a holder and a promise"
    return OpenClaim(
        claim=claim.id, number=claim.number, person=claim.person, name=name, kind=kind_of(claim.report.about),
        state=progress.state, holder=progress.holder, due=progress.promised.astimezone(WITA),
        needed=tuple(one.kind for one in wanted), missing=tuple(one.kind for one in missing),
        at_bpjs=claim.reference is not None, guarded=await _is_guarded(unit, claim), words=claim.words,
        amount=paid.amount.amount if paid and paid.amount else None, paid_on=paid.paid_on if paid else None,
        paid_to=paid.paid_to if paid else "",
    )  # fmt: skip


async def is_shared(unit: Unit, claim: Claim) -> bool:
    """Whether the chat of this claim serves other people, too."""
    return bool({person for (person,) in await unit.fetch(_SERVED, chat=claim.chat)} - {claim.person})


async def _is_guarded(unit: Unit, claim: Claim) -> bool:
    """Whether it serves others and this person alike."""
    served = {person for (person,) in await unit.fetch(_SERVED, chat=claim.chat)}
    return claim.person in served and len(served) > 1


async def report(unit: Unit, chat: int, wanted: ReportClaim) -> OpenClaim:
    """Write a new claim; with a death, whose it was."""
    about = wanted.report.about
    if unit.is_postgresql:
        await unit.fetch(_LOCK_NUMBERS)
    ((last,),) = await unit.fetch(_LAST)
    kinds = tuple(one.kind for one in papers.needed(about, wanted.report.reporter))
    doubts = (*wanted.doubts, *await _heir_doubts(unit, wanted))
    claim = Claim(
        unit.ids.next(), last + 1, wanted.person, chat, msgspec.structs.replace(wanted.report, documents=kinds),
        doubts, reported(unit.now), None, "", None,
    )  # fmt: skip
    happened_on = about.on if hasattr(about, "on") else unit.now.astimezone(WITA).date()
    unit.add(
        claims, id=claim.id, number=claim.number, person_id=claim.person, chat_id=chat, kind=kind_of(about),
        happened_on=happened_on, report=_sealed(unit, claim.id, claim.report), doubts=" ".join(doubts),
        **columns(claim.progress), reference=None, bpjs_number=None, words="", amount=None, paid_on=None,
        paid_to=None, created_at=unit.now,
    )  # fmt: skip
    step(unit, claim.id, claim.progress, f"chat {chat}")
    unit.did(f"chat {chat}", "report-claim", f"claim {claim.id}", kind=kind_of(about))
    if isinstance(about, Accident) or doubts:
        hand_on(unit, claim)  # an accident has to be with BPJS within two days, its papers follow
    if isinstance(about, Death):
        unit.change(_DIED, person_id=claim.person, died_on=about.on, chat_id=chat, reported_at=unit.now)
        await reminding.paid(unit, claim.person)
    return await told(unit, claim)


async def _heir_doubts(unit: Unit, wanted: ReportClaim) -> tuple[str, ...]:
    """Whether another heir was named when the member enrolled."""
    if not isinstance(wanted.report.about, Death):
        return ()
    rows = await unit.fetch(_HEIR, of=wanted.person)
    named = rows[0][0] if rows else wanted.report.reporter.name
    return () if named.upper() == wanted.report.reporter.name.upper() else ("another-heir-was-named",)


async def keep_papers(unit: Unit, chat: int, kept: KeepPapers) -> OpenClaim | None:
    """Photos of papers; what is complete and beyond doubt goes to BPJS."""
    claim = await by_id(unit, kept.claim, lock=True)
    if claim is None or claim.chat != chat or claim.progress.state == "closed":
        return None
    for kind in dict(kept.photos):
        unit.change(_REPLACED, this=claim.id, of=kind, at=unit.now)
    for kind, photo in kept.photos:
        unit.change(_KEEP, claim_id=claim.id, photo_id=photo, kind=kind, kept_at=unit.now)
    missing = await lacking(unit, claim)
    if claim.progress.state in COLLECTING:
        claim = went(unit, claim, "documents-incomplete" if missing else "complete", f"chat {chat}")
    if not missing or claim.reference is not None:
        hand_on(unit, claim)
    return await told(unit, claim)


def hand_on(unit: Unit, claim: Claim) -> None:
    """To BPJS, or first to the office if anything is doubtful."""
    if claim.doubts:
        task(unit, claim, "claim-check")
    else:
        outbox.send(unit, claim.chat, 0, f"SendClaim#{claim.id}", SendClaim(claim.id), at_once=False)


async def answer(unit: Unit, chat: int, given: AnswerClaim) -> None:
    """What the person says about a claim."""
    claim = await by_id(unit, given.claim, lock=True)
    if claim is None or claim.chat != chat:
        return
    match given.answer:
        case "received" | "accepted":
            went(unit, claim, "closed", f"chat {chat}")
        case "missing-money" | "explained":
            now(unit, claim, complained(claim.progress, unit.now), f"chat {chat}")
            task(unit, claim, f"claim-{given.answer}")
        case "withdrawn" if claim.progress.state in COLLECTING and claim.reference is None:
            went(unit, claim, "closed", f"chat {chat}")
            unit.change(_LIVES, of=claim.person, here=chat)
            unit.did(f"chat {chat}", "withdraw-claim", f"claim {claim.id}")


def _sealed(unit: Unit, claim: int, body: Report) -> bytes:
    return unit.vault.seal(msgspec.json.encode(body), f"claim {claim}")


_HERE = (
    select(*SELECTED)
    .where(claims.c.chat_id == bindparam("chat"), claims.c.state != "closed")
    .order_by(claims.c.number.desc())
    .limit(OPEN_MAX)
)
_NAME = select(people.c.name).where(people.c.id == bindparam("of"))
_HEIR = (
    select(enrolments.c.heir_name)
    .where(enrolments.c.person_id == bindparam("of"))
    .order_by(enrolments.c.id.desc())
    .limit(1)
)
_LOCK_NUMBERS = text("LOCK TABLE claims IN EXCLUSIVE MODE")
_LAST = select(func.coalesce(func.max(claims.c.number), 0))
_DIED = upsert(deaths, lambda insert: insert.on_conflict_do_nothing())
_LIVES = delete(deaths).where(deaths.c.person_id == bindparam("of"), deaths.c.chat_id == bindparam("here"))
_SERVED = select(chat_people.c.person_id).where(chat_people.c.chat_id == bindparam("chat"), SPEAKS)
_REPLACED = (
    update(claim_papers)
    .where(claim_papers.c.claim_id == bindparam("this"), claim_papers.c.kind == bindparam("of"),
           claim_papers.c.sent_at.is_(None), claim_papers.c.unfit_at.is_(None))
    .values(unfit_at=bindparam("at"))
)  # fmt: skip
_KEEP = upsert(claim_papers, lambda insert: insert.on_conflict_do_nothing())
