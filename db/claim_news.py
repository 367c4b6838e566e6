"""Claims, by what BPJS, the office and the clock do.

Invariant: BPJS's word moves a claim on; an older one that comes after a newer one, or one that is told twice, moves
nothing.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Integer, bindparam, func, select, update

from db.cases import claim_papers, claims
from db.claim_rows import Claim, by_id, lacking, now, sealed, task, task_once, went
from db.unit import Unit
from rules.bpjs import ClaimChanged, ClaimStatus, ClaimTaken
from rules.claim_documents import document
from rules.claims import CLIMBED_MAX, OF_BPJS, complained, move, passed

# -- BPJS's word --------------------------------------------------------------------------------------------------


async def bpjs_said(unit: Unit, event: ClaimTaken | ClaimChanged | ClaimStatus) -> Claim | None:
    """BPJS's word (a bare status is of now); the claim, if that is news. LookupError for a claim that isn't ours."""
    reference = event.status.reference if isinstance(event, ClaimChanged) else event.reference
    rows = await unit.fetch(_BY_REFERENCE, reference=reference)
    if not rows:
        raise LookupError("no claim of ours has this reference")
    found = await by_id(unit, rows[0][0], lock=True)
    assert found is not None
    match event:
        case ClaimTaken():
            unit.change(_NUMBER, this=found.id, number=event.number)
            return None
        case ClaimChanged():
            return await _stands(unit, found, event.status, event.stated_at)
        case ClaimStatus():
            return await _stands(unit, found, event, unit.now)


async def _stands(unit: Unit, claim: Claim, status: ClaimStatus, stated_at: datetime) -> Claim | None:
    if status.state == "received" or (claim.stated_at is not None and stated_at < claim.stated_at):
        return None  # that it has the report it has told when it took it
    moved = move(claim.progress, OF_BPJS[status.state], unit.now)
    if moved is None:
        return None
    unit.change(_STATED, this=claim.id, at=stated_at)
    if status.state == "documents-wanted":
        return await _wanted(unit, claim, status, stated_at)
    if moved == claim.progress:
        return None
    return went(unit, _noted(unit, claim, status), moved.state, "bpjs")


def _noted(unit: Unit, claim: Claim, status: ClaimStatus) -> Claim:
    """The claim with BPJS's words and sums."""
    amount = status.amount.amount if status.amount is not None else None
    payee = unit.vault.seal(status.paid_to.encode(), f"payee {claim.id}") if status.paid_to else None
    unit.change(_BPJS, this=claim.id, told=status.words, sum=amount, day=status.paid_on, payee=payee)
    return replace(claim, words=status.words, paid=status if amount is not None else None)


async def _wanted(unit: Unit, claim: Claim, status: ClaimStatus, stated_at: datetime) -> Claim | None:
    """Papers that BPJS wants, or wants anew. A photo that it hadn't got when it said so still counts; a paper that we
    know nothing of is the office's."""
    before = await lacking(unit, claim)
    known = tuple(kind for kind in status.missing if document(kind) is not None)
    for kind in known:
        unit.change(_WANTED_ANEW, this=claim.id, of=kind, since=stated_at, at=unit.now)
    claim = _needing(unit, claim, known)
    missing, is_unknown = await lacking(unit, claim), len(known) < len(status.missing)
    is_new = is_unknown and await task_once(unit, claim, "claim-unknown-paper")
    was_wanted = missing == before and claim.progress.state == "documents-incomplete"
    if not (missing or is_unknown) or (was_wanted and not is_new):
        return None
    claim = went(unit, _noted(unit, claim, status), "documents-incomplete", "bpjs")
    return claim if missing else now(unit, claim, complained(claim.progress, unit.now), "bpjs")


def _needing(unit: Unit, claim: Claim, kinds: tuple[str, ...]) -> Claim:
    """The claim with these papers among those that it needs."""
    more = tuple(kind for kind in kinds if kind not in claim.report.documents)
    if not more:
        return claim
    report = replace(claim.report, documents=(*claim.report.documents, *more))
    unit.change(_REPORT, this=claim.id, body=sealed(unit, claim.id, report))
    return replace(claim, report=report)


# -- the clock ----------------------------------------------------------------------------------------------------


async def late(unit: Unit, most: int) -> list[int]:
    """Claims whose promise has passed, the oldest promise first."""
    return [claim for (claim,) in await unit.fetch(_LATE, now=unit.now, most=most)]


async def pass_promise(unit: Unit, claim: int) -> Claim | None:
    """Move a claim whose promise has passed; None if it was moved meanwhile."""
    found = await by_id(unit, claim, lock=True)
    if found is None or found.progress.promised is None or found.progress.promised > unit.now:
        return None
    if found.progress.state != "paid" or found.progress.holder != "you":
        task(unit, found, "claim-late" if found.progress.climbed < CLIMBED_MAX else "claim-late-still")
    return now(unit, found, passed(found.progress, unit.now), "clock")


_BY_REFERENCE = select(claims.c.id).where(claims.c.reference == bindparam("reference"))
_LATE = (
    select(claims.c.id)
    .where(claims.c.promised_at <= bindparam("now"))
    .order_by(claims.c.promised_at)
    .limit(bindparam("most", type_=Integer))
)
_THIS = claims.c.id == bindparam("this")
_BPJS = update(claims).where(_THIS).values(
    words=bindparam("told"), amount=func.coalesce(bindparam("sum"), claims.c.amount), paid_on=bindparam("day"),
    paid_to=bindparam("payee"),
)  # fmt: skip
_STATED = update(claims).where(_THIS).values(stated_at=bindparam("at"))
_REPORT = update(claims).where(_THIS).values(report=bindparam("body"))
_NUMBER = update(claims).where(_THIS).values(bpjs_number=bindparam("number"))
_WANTED_ANEW = (
    update(claim_papers)
    .where(
        claim_papers.c.claim_id == bindparam("this"), claim_papers.c.kind == bindparam("of"),
        claim_papers.c.unfit_at.is_(None), claim_papers.c.sent_at < bindparam("since"),
    )
    .values(unfit_at=bindparam("at"))
)  # fmt: skip
