"""Photos of identity cards and of papers, each sealed with its own key.

Invariant: destroying the key destroys the photo, also in every copy of the database that leaves out `photo_keys`. A
backup that holds the keys (and the secret beside it) still opens the photo: it has to end when the photo has to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    bindparam,
    case,
    exists,
    or_,
    select,
    type_coerce,
    update,
)

from db.cases import claim_papers, claims
from db.columns import from_micros
from db.rights import corrections
from db.tables import enrolments, photo_keys, photos
from db.unit import Unit
from rules.retention import claim_paper_days, unfinished_until


def keep(unit: Unit, chat: int, photo_id: int, photo: bytes) -> None:
    """Seal and keep a photo under its id."""
    sealed, key = unit.vault.seal_photo(photo, photo_id)
    unit.add(
        photos, id=photo_id, chat_id=chat, conversation_id=None, sealed=sealed, bytes=len(photo), created_at=unit.now
    )
    unit.add(
        photo_keys, photo_id=photo_id, key=key, dies_at=unfinished_until(unit.now), destroyed_at=None, why=None
    )  # fmt: skip


def belongs(unit: Unit, photo_ids: Iterable[int], conversation: int) -> None:
    """They were sent in this conversation."""
    for photo in photo_ids:
        unit.change(_BELONGS, photo=photo, to=conversation)


_BELONGS = update(photos).where(photos.c.id == bindparam("photo")).values(conversation_id=bindparam("to"))


def destroy(unit: Unit, photo_id: int, why: str) -> None:
    """Destroy the key: nobody opens this photo again."""
    unit.change(_DESTROY, photo=photo_id, at=unit.now, because=why)
    unit.did("siaga", "destroy-photo-key", f"photo {photo_id}", why=why)


_DESTROY = (
    update(photo_keys)
    .where(photo_keys.c.photo_id == bindparam("photo"), photo_keys.c.key.is_not(None))
    .values(key=None, destroyed_at=bindparam("at"), why=bindparam("because"))
)


# -- the last day of each -----------------------------------------------------------------------------------------

AT_ONCE_MAX = 500
"""Photos of one look; the others come with the next one."""
_MICROSECOND = timedelta(microseconds=1)
WHY = {
    "accepted": "{days} days after BPJS accepted", "decided": "{days} days after the decision",
    "claim": "its claim was closed", "unfinished": "nothing came of it",
}  # fmt: skip


async def hasten(unit: Unit, keep: timedelta) -> int:
    """Photos that have served, since BPJS accepted the registration or the office decided the correction, die so long
    after that, and the papers of a claim after it was closed; how many got that day now."""
    papers = timedelta(days=claim_paper_days(unit.now.date()))
    found = 0
    for statement, span in ((_OF_ENROLMENTS, keep), (_OF_CORRECTIONS, keep), (_OF_CLAIMS, papers)):
        rows = await unit.fetch(statement, keep=span // _MICROSECOND, most=AT_ONCE_MAX)
        for photo, decided in rows:
            unit.change(_DIES, photo=photo, at=from_micros(decided) + span)
        found += len(rows)
    return found


async def destroy_dying(unit: Unit, keep: timedelta) -> int:
    """Destroy the keys of those whose time is over; how many."""
    rows = await unit.fetch(_DYING, now=unit.now, most=AT_ONCE_MAX)
    for photo, why in rows:
        destroy(unit, photo, WHY[why].format(days=keep.days))
    return len(rows)


def _since(decided: Column[Any]) -> ColumnElement[bool]:
    """Whether a photo would outlive that day."""
    day = type_coerce(decided, BigInteger) + bindparam("keep", type_=BigInteger)
    return photo_keys.c.key.is_not(None) & (type_coerce(photo_keys.c.dies_at, BigInteger) > day)


_ACCEPTED = or_(enrolments.c.state == "registered", enrolments.c.state == "already-member")
_SERVED = (photos.c.conversation_id == enrolments.c.conversation_id) & _ACCEPTED
_OF_ENROLMENTS = (
    select(photos.c.id, enrolments.c.decided_at)
    .where(photo_keys.c.photo_id == photos.c.id, _SERVED, _since(enrolments.c.decided_at))
    .limit(bindparam("most", type_=Integer))
)
_OF_CORRECTIONS = (
    select(corrections.c.photo_id, corrections.c.decided_at)
    .where(photo_keys.c.photo_id == corrections.c.photo_id, _since(corrections.c.decided_at))
    .limit(bindparam("most", type_=Integer))
)
_OF_CLAIMS = (
    select(claim_papers.c.photo_id, claims.c.since)
    .where(
        photo_keys.c.photo_id == claim_papers.c.photo_id, claims.c.id == claim_papers.c.claim_id,
        claims.c.state == "closed", photo_keys.c.key.is_not(None),
        type_coerce(photo_keys.c.dies_at, BigInteger)
        != type_coerce(claims.c.since, BigInteger) + bindparam("keep", type_=BigInteger),
    )
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip
_IS_PAPER = (claim_papers.c.photo_id == photo_keys.c.photo_id) & (claim_papers.c.claim_id == claims.c.id)
NOT_IN_USE = ~exists().where(_IS_PAPER, claims.c.state != "closed")
"""Whether a photo is none of the papers of an open claim: those stay until it is closed."""
_DIES = update(photo_keys).where(photo_keys.c.photo_id == bindparam("photo")).values(dies_at=bindparam("at"))
_DECIDED = (corrections.c.photo_id == photo_keys.c.photo_id) & corrections.c.decided_at.is_not(None)
_DYING = (
    select(
        photo_keys.c.photo_id,
        case(
            (exists().where(photos.c.id == photo_keys.c.photo_id, _SERVED), "accepted"),
            (exists().where(_DECIDED), "decided"),
            (exists().where(_IS_PAPER), "claim"),
            else_="unfinished",
        ),
    )
    .where(photo_keys.c.key.is_not(None), photo_keys.c.dies_at <= bindparam("now"), NOT_IN_USE)
    .order_by(photo_keys.c.dies_at)
    .limit(bindparam("most", type_=Integer))
)
