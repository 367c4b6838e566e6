"""Claims, by what the office, BPJS and the clock do.

Invariant: BPJS's word moves a claim on, never back; what it doesn't have yet of a claim is told to it once.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace
from sqlalchemy import Integer, bindparam, func, select, update

from bot.flows.claim_asks import SendClaim
from db import outbox
from db.cases import claim_papers, claims
from db.claim_rows import Claim, by_id, by_number, lacking, now, task, went
from db.claims import COLLECTING
from db.tables import tasks
from db.unit import Unit
from rules.bpjs import ClaimChanged, ClaimReceived, ClaimRefused, ClaimStatus, ClaimTaken
from rules.claims import CLIMBED_MAX, OF_BPJS, move, passed


async def clear(unit: Unit, number: int, by: str) -> bool:
    """The office has looked at what was doubtful: the claim goes to BPJS. Whether it waited for that."""
    claim = await by_number(unit, number)
    if claim is None or claim.progress.state != "complete" or not claim.doubts:
        return False
    unit.change(_CLEAR, this=claim.id)
    unit.change(_TASK_DONE, of=str(claim.id), at=unit.now)
    unit.did(f"office {by}", "clear-claim", f"claim {claim.id}")
    outbox.send(unit, claim.chat, 0, f"SendClaim#{claim.id}", SendClaim(claim.id), at_once=False)
    return True


async def to_send(unit: Unit, claim: int) -> tuple[Claim, list[tuple[str, int]]] | None:
    """The claim and the photos (kind, id) that BPJS doesn't have yet. None if there is nothing to be sent."""
    found = await by_id(unit, claim)
    if found is None or found.progress.state == "closed":
        return None
    unsent = [(kind, photo) for kind, photo in await unit.fetch(_UNSENT, this=claim)]
    return (found, unsent) if unsent or found.reference is None else None


async def refer(unit: Unit, claim: int, reference: str) -> None:
    """What BPJS calls the claim."""
    unit.change(_REFER, this=claim, name=reference)


async def paper_sent(unit: Unit, claim: int, photos: Collection[int], *, fit: bool) -> None:
    """BPJS has these photos; or it doesn't take them, and the paper is missing again."""
    for photo in photos:
        unit.change(_SENT if fit else _NOT_TAKEN, this=claim, photo=photo, at=unit.now)


async def received(unit: Unit, claim: int, answer: ClaimReceived | ClaimRefused, *, is_new: bool) -> Claim | None:
    """BPJS has the report and what could be sent of its papers, or doesn't take it; the claim, if that is news.
    `is_new`: BPJS didn't have the report before."""
    found = await by_id(unit, claim, lock=True)
    if found is None:
        return None
    if isinstance(answer, ClaimRefused):
        unit.change(_WORDS, this=claim, told=answer.words)
        return went(unit, replace(found, words=answer.words), "refused", "bpjs")
    if found.progress.state == "complete":
        return went(unit, found, "documents-incomplete" if await lacking(unit, found) else "sent", "bpjs")
    return found if is_new and found.progress.state in COLLECTING else None  # BPJS may have spoken of it meanwhile


async def bpjs_said(unit: Unit, event: ClaimTaken | ClaimChanged | ClaimStatus) -> Claim | None:
    """BPJS's word; the claim, if it is moved by that. LookupError for a claim that isn't ours."""
    reference = event.status.reference if isinstance(event, ClaimChanged) else event.reference
    rows = await unit.fetch(_BY_REFERENCE, reference=reference)
    if not rows:
        raise LookupError("no claim of ours has this reference")
    found = await by_id(unit, rows[0][0], lock=True)
    assert found is not None
    if isinstance(event, ClaimTaken):
        unit.change(_NUMBER, this=found.id, number=event.number)
        return None
    status = event.status if isinstance(event, ClaimChanged) else event
    moved = move(found.progress, OF_BPJS[status.state], unit.now)
    if moved is None or moved == found.progress:
        return None
    return await _heard(unit, found, status)


async def _heard(unit: Unit, claim: Claim, status: ClaimStatus) -> Claim:
    if status.state == "documents-wanted":
        for kind in status.missing:
            unit.change(_UNFIT, this=claim.id, of=kind, at=unit.now)
    paid = status if status.amount is not None else None
    amount = status.amount.amount if status.amount is not None else None
    payee = unit.vault.seal(status.paid_to.encode(), f"payee {claim.id}") if status.paid_to else None
    unit.change(_BPJS, this=claim.id, told=status.words, sum=amount, day=status.paid_on, payee=payee)
    claim = replace(claim, words=status.words, paid=paid)
    return went(unit, claim, OF_BPJS[status.state], "bpjs")


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
_UNSENT = (
    select(claim_papers.c.kind, claim_papers.c.photo_id)
    .where(
        claim_papers.c.claim_id == bindparam("this"), claim_papers.c.unfit_at.is_(None),
        claim_papers.c.sent_at.is_(None),
    )
    .order_by(claim_papers.c.kind, claim_papers.c.photo_id)
)  # fmt: skip
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
_CLEAR = update(claims).where(_THIS).values(doubts="")
_WORDS = update(claims).where(_THIS).values(words=bindparam("told"))
_REFER = update(claims).where(_THIS).values(reference=bindparam("name"))
_NUMBER = update(claims).where(_THIS).values(bpjs_number=bindparam("number"))
_SENT = (
    update(claim_papers)
    .where(claim_papers.c.claim_id == bindparam("this"), claim_papers.c.photo_id == bindparam("photo"))
    .values(sent_at=bindparam("at"))
)
_NOT_TAKEN = (
    update(claim_papers)
    .where(claim_papers.c.claim_id == bindparam("this"), claim_papers.c.photo_id == bindparam("photo"))
    .values(unfit_at=bindparam("at"))
)
_UNFIT = (
    update(claim_papers)
    .where(
        claim_papers.c.claim_id == bindparam("this"), claim_papers.c.kind == bindparam("of"),
        claim_papers.c.unfit_at.is_(None),
    )
    .values(unfit_at=bindparam("at"))
)  # fmt: skip
_TASK_DONE = (
    update(tasks)
    .where(tasks.c.flow == "claim", tasks.c.step == bindparam("of"), tasks.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)
