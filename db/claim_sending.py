"""Claims on their way to BPJS: what it doesn't have yet, what it took or didn't, and the office's word that it may go.

Invariant: what BPJS has of a claim is written down paper by paper, so that nothing is sent twice for want of memory.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import bindparam, select, update

from db import claims
from db.cases import claim_papers
from db.cases import claims as rows
from db.claim_rows import Claim, by_id, lacking, now, unsent, went
from db.tables import tasks
from db.unit import Unit
from rules.bpjs import ClaimRefused
from rules.claim_report import Accident
from rules.claims import checked, is_checked_first


class Parcel(Struct, frozen=True):
    """What is to be sent of a claim: the report, if BPJS doesn't have it, and photos (kind, id)."""

    claim: Claim
    photos: list[tuple[str, int]]


async def parcel(unit: Unit, claim: int) -> Parcel | None:
    """What BPJS doesn't have yet; None if it has all there is. Nobody changes the claim before the transaction ends."""
    found = await by_id(unit, claim, lock=True)
    if found is None or found.progress.state == "closed":
        return None
    if found.reference is None:
        return None if found.progress.state == "refused" else Parcel(found, await unsent(unit, claim))
    photos = await unsent(unit, claim)
    return Parcel(found, photos) if photos else None


async def refer(unit: Unit, claim: int, reference: str) -> Claim | None:
    """BPJS has the report, and calls it so; the claim, if that is news and its papers are still to come."""
    found = await by_id(unit, claim, lock=True)
    if found is None or found.reference is not None:
        return None
    unit.change(_REFER, this=claim, name=reference)
    found = replace(found, reference=reference)
    if found.progress.state == "closed":
        claims.withdrawn_late(unit, found)
    return found if found.progress.state in claims.COLLECTING else None


async def report_refused(unit: Unit, claim: int, answer: ClaimRefused) -> Claim | None:
    """BPJS doesn't take the report; the claim, if it is open."""
    found = await by_id(unit, claim, lock=True)
    if found is None or found.progress.state == "closed":
        return None
    unit.change(_WORDS, this=claim, told=answer.words)
    return went(unit, replace(found, words=answer.words), "refused", "bpjs")


def paper_sent(unit: Unit, claim: int, photos: Collection[int], at: datetime) -> None:
    """BPJS has these photos, which we began to send at that moment."""
    for photo in photos:
        unit.change(_SENT, this=claim, photo=photo, at=at)


async def paper_refused(unit: Unit, claim: int, photos: Collection[int]) -> Claim | None:
    """These photos are of no use; the claim, if a paper is missing for that."""
    found = await by_id(unit, claim, lock=True)
    if found is None or found.progress.state == "closed":
        return None
    before = await lacking(unit, found)
    for photo in photos:
        unit.change(_NOT_TAKEN, this=claim, photo=photo, at=unit.now)
    if await lacking(unit, found) == before:
        return None  # another photo of the same paper counts
    return went(unit, found, "documents-incomplete", "bpjs") if found.progress.state == "complete" else found


async def handed_in(unit: Unit, claim: int) -> Claim | None:
    """BPJS has all there is; the claim, if it is complete with that."""
    found = await by_id(unit, claim, lock=True)
    if found is None or found.reference is None or found.progress.state != "complete":
        return None
    return went(unit, found, "sent", "bpjs")


async def clear(unit: Unit, number: int, by: str) -> Claim | None:
    """The office has looked at what was doubtful: an accident goes to BPJS at once, the others when they are complete.
    The claim; None if nothing of this number waited for that."""
    found = await unit.fetch(_BY_NUMBER, number=number)
    claim = await by_id(unit, found[0][0], lock=True) if found else None
    if claim is None or claim.progress.state == "closed" or not claim.doubts:
        return None
    unit.change(_CLEAR, this=claim.id)
    unit.change(_CHECKED, of=str(claim.id), at=unit.now)
    unit.did(f"office {by}", "clear-claim", f"claim {claim.id}", doubts=" ".join(claim.doubts))
    if is_checked_first(claim.report.about, claim.doubts):
        claim = now(unit, claim, checked(claim.progress, unit.now), f"office {by}")
    claim = replace(claim, doubts=())
    if isinstance(claim.report.about, Accident) or claim.progress.state == "complete":
        await claims.hand_on(unit, claim)
    return claim


_THIS = rows.c.id == bindparam("this")
_BY_NUMBER = select(rows.c.id).where(rows.c.number == bindparam("number"))
_CLEAR = update(rows).where(_THIS).values(doubts="")
_WORDS = update(rows).where(_THIS).values(words=bindparam("told"))
_REFER = update(rows).where(_THIS).values(reference=bindparam("name"))
_PHOTO = (claim_papers.c.claim_id == bindparam("this")) & (claim_papers.c.photo_id == bindparam("photo"))
_SENT = update(claim_papers).where(_PHOTO).values(sent_at=bindparam("at"))
_NOT_TAKEN = update(claim_papers).where(_PHOTO).values(unfit_at=bindparam("at"))
_CHECKED = (
    update(tasks)
    .where(
        tasks.c.flow == "claim", tasks.c.kind == "claim-check", tasks.c.step == bindparam("of"),
        tasks.c.done_at.is_(None),
    )
    .values(done_at=bindparam("at"))
)  # fmt: skip
