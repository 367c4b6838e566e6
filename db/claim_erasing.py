"""Claims, when somebody has their data erased: an open one stands in the way, of a closed one the ledger's part stays.

Invariant: what happened in words, who reported it, who treated, who was paid and the photos of the papers go at once;
kind, day, state and sums stay as long as the ledger; that somebody has died stays, so that nothing is said to who is
dead.
"""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import BigInteger, bindparam, delete, null, or_, select, type_coerce, update

from bot.flows.data_asks import ClaimUnderWay
from db import photos
from db.cases import claim_papers, claims, treatments
from db.claim_rows import SELECTED, Claim, claim_of, sealed
from db.columns import from_micros
from db.ids import BELOW_MILLISECOND_BITS
from db.spoken import Marks, Window
from db.tables import conversations, photo_keys
from db.unit import Unit
from rules.claim_report import About, Accident, Death, Report, Reporter, Scholarship
from rules.quiet import WITA

FLOWS = ("claim", "accident", "death", "scholarship")
"""The conversations in which claims are reported and asked about."""
NOBODY_BORN = date(1900, 1, 1)


class Erased(Struct, frozen=True):
    """Who or what is erased: everything of the chats that are somebody's `alone`, of the `shared` ones what bears the
    marks; `named` are those of name and numbers alone. `person` is None for a chat without people."""

    person: int | None
    alone: tuple[int, ...]
    shared: tuple[int, ...] = ()
    marks: Marks = Marks()
    named: Marks = Marks()

    @property
    def chats(self) -> tuple[int, ...]:
        return (*self.alone, *self.shared)


async def in_the_way(unit: Unit, of: Erased) -> ClaimUnderWay | None:
    """The open claim of which something is heard last."""
    promised = [(one.progress.promised, one.number) for one in await _concerned(unit, of) if one.progress.promised]
    if not promised:
        return None
    due, number = max(promised)
    return ClaimUnderWay(number, due.astimezone(WITA))


async def erase(unit: Unit, of: Erased) -> None:
    """Everything but what the ledger needs; of claims about others, what was said by who is erased."""
    for claim in await _concerned(unit, of):
        unit.change(_STRIP, this=claim.id, body=sealed(unit, claim.id, _without_words(claim.report)))
        unit.change(_UNTREATED, this=claim.id)
        for (photo,) in await unit.fetch(_PAPERS, this=claim.id):
            photos.destroy(unit, photo, "erased")


async def end_keeping(unit: Unit, person: int) -> None:
    """The member number goes, too."""
    await erase(unit, Erased(person, ()))
    for claim in await _concerned(unit, Erased(person, ())):
        unit.change(_STRIP, this=claim.id, body=sealed(unit, claim.id, replace(claim.report, kpj="")))


async def windows(unit: Unit, person: int) -> list[Window]:
    """The conversations in which claims of this person were reported."""
    found = list[Window]()
    for chat, created in await unit.fetch(_REPORTED, person=person):
        until = (created // 1_000 + 1) << BELOW_MILLISECOND_BITS
        rows = await unit.fetch(_HELD, chat=chat, until=until, created=from_micros(created))
        found += [Window(chat, number) for (number,) in rows]
    return found


async def chats(unit: Unit, person: int) -> list[int]:
    """Where claims of this person were reported."""
    return [chat for (chat,) in await unit.fetch(_CHATS, person=person)]


async def _concerned(unit: Unit, of: Erased) -> list[Claim]:
    """The claims of this person, those reported in chats of theirs alone, and those in the others that name them."""
    found = {row[0]: row for row in await unit.fetch(_OF_PERSON, person=of.person or 0)}
    for chat in of.alone:
        found |= {row[0]: row for row in await unit.fetch(_OF_CHAT, chat=chat)}
    there = [claim_of(unit, row) for row in found.values()]
    for chat in of.shared:
        others = [claim_of(unit, row) for row in await unit.fetch(_OF_CHAT, chat=chat) if row[0] not in found]
        there += [one for one in others if of.named.are_in(_words(one))]
    return there


def _words(claim: Claim) -> str:
    paid_to = claim.paid.paid_to if claim.paid else ""
    return f"{msgspec.json.encode(claim.report).decode()} {paid_to}".casefold().replace("\\n", " ")


def _without_words(report: Report) -> Report:
    return replace(report, reporter=Reporter("", report.reporter.relation), about=_bare(report.about))


def _bare(about: About) -> About:
    match about:
        case Accident():
            return replace(about, story="", injury="", clinic="")
        case Death():
            return about
        case Scholarship():
            return replace(about, child_name="", child_born=NOBODY_BORN, school="")


_OF_PERSON = select(*SELECTED).where(claims.c.person_id == bindparam("person"))
_OF_CHAT = select(*SELECTED).where(claims.c.chat_id == bindparam("chat"))
_CHATS = select(claims.c.chat_id).where(claims.c.person_id == bindparam("person")).distinct()
_REPORTED = select(claims.c.chat_id, type_coerce(claims.c.created_at, BigInteger)).where(
    claims.c.person_id == bindparam("person")
)
_HELD = (
    select(conversations.c.id)
    .where(
        conversations.c.chat_id == bindparam("chat"), or_(*(conversations.c.flow == flow for flow in FLOWS)),
        conversations.c.id < bindparam("until"),
        conversations.c.ended_at.is_(None) | (conversations.c.ended_at >= bindparam("created")),
    )
    .order_by(conversations.c.id.desc())
    .limit(1)
)  # fmt: skip
_STRIP = (
    update(claims).where(claims.c.id == bindparam("this")).values(report=bindparam("body"), words="", paid_to=null())
)
_UNTREATED = delete(treatments).where(treatments.c.claim_id == bindparam("this"))
_PAPERS = select(claim_papers.c.photo_id).where(
    claim_papers.c.claim_id == bindparam("this"), photo_keys.c.photo_id == claim_papers.c.photo_id,
    photo_keys.c.key.is_not(None),
)  # fmt: skip
