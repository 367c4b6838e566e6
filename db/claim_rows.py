"""A claim as it is written down: reading it, and writing the steps that it takes.

Invariant: every step is written with who took it.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, bindparam, select, type_coerce, update

from db.cases import claim_papers, claim_steps, claims
from db.columns import from_micros
from db.prepared import Row
from db.tables import tasks
from db.unit import Unit
from rules.bpjs import ClaimStatus
from rules.claim_documents import document
from rules.claim_report import Report
from rules.claims import Progress, State, move
from rules.money import Rupiah


class Claim(Struct, frozen=True):
    """A claim as it is written down."""

    id: int
    number: int
    person: int
    chat: int
    report: Report
    doubts: tuple[str, ...]
    progress: Progress
    reference: str | None
    words: str
    paid: ClaimStatus | None  # BPJS's last word with an amount
    stated_at: datetime | None = None  # when BPJS said last how it stands

    @property
    def needed(self) -> tuple[str, ...]:
        """The kinds of its papers: those of its day, and what BPJS asked for besides."""
        return tuple(kind for kind in self.report.documents if document(kind) is not None)


async def by_id(unit: Unit, claim: int, *, lock: bool = False) -> Claim | None:
    """The claim. `lock`: until the end of the transaction nobody else moves it."""
    rows = await unit.fetch(_LOCKED if lock and unit.is_postgresql else _BY_ID, this=claim)
    return claim_of(unit, rows[0]) if rows else None


async def lacking(unit: Unit, claim: Claim) -> tuple[str, ...]:
    """The kinds of its papers that are missing."""
    there = {kind for (kind,) in await unit.fetch(_KINDS, this=claim.id)}
    return tuple(kind for kind in claim.needed if kind not in there)


async def unsent(unit: Unit, claim: int) -> list[tuple[str, int]]:
    """The photos (kind, id) that BPJS doesn't have yet."""
    return [(kind, photo) for kind, photo in await unit.fetch(_UNSENT, this=claim)]


def went(unit: Unit, claim: Claim, state: State, actor: str) -> Claim:
    """The claim in another state, if a way leads there."""
    moved = move(claim.progress, state, unit.now)
    return claim if moved is None or moved == claim.progress else now(unit, claim, moved, actor)


def now(unit: Unit, claim: Claim, progress: Progress, actor: str) -> Claim:
    unit.change(_SET, this=claim.id, **{f"new_{name}": value for name, value in columns(progress).items()})
    step(unit, claim.id, progress, actor)
    return msgspec.structs.replace(claim, progress=progress)


def step(unit: Unit, claim: int, progress: Progress, actor: str) -> None:
    unit.add(
        claim_steps, id=unit.ids.next(), claim_id=claim, at=unit.now, state=progress.state, holder=progress.holder,
        climbed=progress.climbed, actor=actor,
    )  # fmt: skip


async def task_once(unit: Unit, claim: Claim, kind: str) -> bool:
    """Something for the office to do about the claim; False if it is to be done already."""
    if await unit.fetch(_OPEN_TASK, of=str(claim.id), sort=kind):
        return False
    task(unit, claim, kind)
    return True


def task(unit: Unit, claim: Claim, kind: str) -> None:
    unit.add(
        tasks, id=unit.ids.next(), kind=kind, chat_id=claim.chat, flow="claim", step=str(claim.id),
        created_at=unit.now, done_at=None,
    )  # fmt: skip


def columns(progress: Progress) -> dict[str, object]:
    return {
        "state": progress.state, "holder": progress.holder, "since": progress.since,
        "promised_at": progress.promised, "climbed": progress.climbed,
    }  # fmt: skip


def sealed(unit: Unit, claim: int, report: Report) -> bytes:
    return unit.vault.seal(msgspec.json.encode(report), f"claim {claim}")


def claim_of(unit: Unit, row: Row) -> Claim:
    (number_id, number, person, chat, body, doubts, state, holder, since, promised, climbed, reference, words, amount,
     paid_on, payee, stated) = row  # fmt: skip
    report = msgspec.json.decode(unit.vault.open(body, f"claim {number_id}"), type=Report)
    progress = Progress(state, from_micros(since), holder, from_micros(promised) if promised else None, climbed)
    paid = None
    if amount is not None:
        to = unit.vault.open(payee, f"payee {number_id}").decode() if payee else ""
        day = date.fromisoformat(str(paid_on)) if paid_on else None
        paid = ClaimStatus(reference, "paid" if day else "approved", words, (), Rupiah(amount), day, to)
    stated_at = from_micros(stated) if stated else None
    return Claim(
        number_id, number, person, chat, report, tuple(doubts.split()), progress, reference, words, paid, stated_at
    )


SELECTED = (
    claims.c.id, claims.c.number, claims.c.person_id, claims.c.chat_id, claims.c.report, claims.c.doubts,
    claims.c.state, claims.c.holder, type_coerce(claims.c.since, BigInteger),
    type_coerce(claims.c.promised_at, BigInteger), claims.c.climbed, claims.c.reference, claims.c.words,
    claims.c.amount, claims.c.paid_on, claims.c.paid_to, type_coerce(claims.c.stated_at, BigInteger),
)  # fmt: skip
_BY_ID = select(*SELECTED).where(claims.c.id == bindparam("this"))
_LOCKED = _BY_ID.with_for_update()
_THIS = claims.c.id == bindparam("this")
_SET = update(claims).where(_THIS).values({
    name: bindparam(f"new_{name}") for name in ("state", "holder", "since", "promised_at", "climbed")
})  # fmt: skip
_COUNTS = (claim_papers.c.claim_id == bindparam("this")) & claim_papers.c.unfit_at.is_(None)
_KINDS = select(claim_papers.c.kind).where(_COUNTS)
_UNSENT = (
    select(claim_papers.c.kind, claim_papers.c.photo_id)
    .where(_COUNTS, claim_papers.c.sent_at.is_(None))
    .order_by(claim_papers.c.kind, claim_papers.c.photo_id)
)
_OPEN_TASK = select(tasks.c.id).where(
    tasks.c.flow == "claim", tasks.c.step == bindparam("of"), tasks.c.kind == bindparam("sort"),
    tasks.c.done_at.is_(None),
)  # fmt: skip
