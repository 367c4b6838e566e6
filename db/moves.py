"""Moving a membership from the chat of who helped to the member's own.

Invariant: a code moves once, only its digest is kept, and from then on no helper's chat speaks for the person any more
or hears of their claims; those of who died stay with who reported them.
Two codes that happened to be alike would both be worth nothing, so nobody gets another's membership.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, exists, func, select, update

from bot.flows import notices
from bot.flows.asks import (
    CheckMoveCode,
    Helped,
    HelpedPeople,
    MakeMoveCode,
    Movable,
    MoveCode,
    Moved,
    MoveRefused,
    RedeemMoveCode,
)
from bot.talk.code import DIGITS
from db.cases import claim_papers, claims, deaths
from db.tables import chat_people, conversations, enrolments, memberships, move_codes, move_tries, people, photos
from db.unit import Unit, upsert
from rules.quiet import WITA

PEOPLE_MAX = 5
"""People told of in one message."""
GOOD_FOR = timedelta(hours=24)
"""A code at most, and as long a code without worth is counted."""
WRONG_MAX, WRONG_EVERYWHERE_MAX = 5, 200
"""Codes without worth within 24 hours, from one chat and from all: who opens many chats to try many codes meets the
second. With 20 codes about, 200 tries hit one in 250 times; the name would still be shown and confirmed."""
DRAWS_MAX = 20
"""So often a code is drawn that somebody has already, and another is drawn."""

_HELPS = chat_people.c.role == "helper"


async def helped(unit: Unit, chat: int, wanted: HelpedPeople) -> list[Helped]:
    """Whose membership can move away from this chat: registered, and the conversation that enrolled them is over."""
    return [Helped(*row) for row in await unit.fetch(_HELPED, chat=chat)]


_UNDER_WAY = exists(
    select(enrolments.c.id)
    .join(conversations, conversations.c.id == enrolments.c.conversation_id)
    .where(enrolments.c.person_id == people.c.id, conversations.c.ended_at.is_(None))
)
_HELPED = (
    select(people.c.id, people.c.name, memberships.c.kpj)
    .select_from(
        chat_people.join(people, people.c.id == chat_people.c.person_id).join(
            memberships, memberships.c.person_id == people.c.id
        )
    )
    .where(chat_people.c.chat_id == bindparam("chat"), _HELPS, ~_UNDER_WAY)
    .order_by(chat_people.c.since.desc(), people.c.id.desc())
    .limit(PEOPLE_MAX)
)


# -- the code -----------------------------------------------------------------------------------------------------


async def make_code(unit: Unit, chat: int, wanted: MakeMoveCode) -> MoveCode | None:
    """A new code; None if this chat doesn't speak for that person as a helper."""
    if not await unit.fetch(_IS_HELPER, chat=chat, person=wanted.person):
        return None
    unit.change(_WORTHLESS, of=wanted.person, now=unit.now)
    code = await _drawn(unit)
    until = (unit.now + GOOD_FOR).replace(minute=0, second=0, microsecond=0)  # a time that is easily told
    unit.add(
        move_codes, id=unit.ids.next(), digest=unit.vault.code_digest(code), person_id=wanted.person, chat_id=chat,
        expires_at=until, used_at=None, created_at=unit.now,
    )  # fmt: skip
    unit.did(f"chat {chat}", "make-move-code", f"person {wanted.person}")
    return MoveCode(code, until.astimezone(WITA))


async def _drawn(unit: Unit) -> str:
    """A code that nobody has now."""
    for _draw in range(DRAWS_MAX):
        code = unit.ids.digits(DIGITS)
        if not await unit.fetch(_LIVE, of=unit.vault.code_digest(code), now=unit.now):
            return code
    raise RuntimeError(f"{DRAWS_MAX} codes drawn, and somebody has each of them")


_IS_HELPER = select(chat_people.c.since).where(
    chat_people.c.chat_id == bindparam("chat"), chat_people.c.person_id == bindparam("person"), _HELPS
)
_IS_LIVE = move_codes.c.used_at.is_(None) & (move_codes.c.expires_at > bindparam("now"))
_WORTHLESS = (
    update(move_codes).where(move_codes.c.person_id == bindparam("of"), _IS_LIVE).values(expires_at=bindparam("now"))
)
_MAKER_HELPS = (
    (chat_people.c.chat_id == move_codes.c.chat_id) & (chat_people.c.person_id == move_codes.c.person_id) & _HELPS
)
_LIVE = (
    select(move_codes.c.id, move_codes.c.chat_id, people.c.name)
    .join(people, people.c.id == move_codes.c.person_id)
    .join(chat_people, _MAKER_HELPS)
    .where(move_codes.c.digest == bindparam("of"), _IS_LIVE)
)


async def check_code(unit: Unit, chat: int, typed: CheckMoveCode) -> Movable | MoveRefused:
    """Whose membership it moves. A code without worth is counted."""
    if await tried_too_often(unit, chat):
        return MoveRefused("too-many")
    live = await unit.fetch(_LIVE, of=unit.vault.code_digest(typed.code), now=unit.now)
    if len(live) == 1:
        ((move, maker, name),) = live
        return MoveRefused("own") if maker == chat else Movable(move, name)
    tried(unit, chat)
    return MoveRefused("too-many" if await _wrong(unit, chat) >= WRONG_MAX else "not-valid")


async def tried_too_often(unit: Unit, chat: int) -> bool:
    """Whether so many codes and numbers were tried in vain lately, here or everywhere, that no more is looked up."""
    ((everywhere,),) = await unit.fetch(_WRONG_EVERYWHERE, since=unit.now - GOOD_FOR)
    return await _wrong(unit, chat) >= WRONG_MAX or everywhere >= WRONG_EVERYWHERE_MAX


def tried(unit: Unit, chat: int) -> None:
    """Count what was tried in vain."""
    unit.add(move_tries, id=unit.ids.next(), chat_id=chat, tried_at=unit.now)


async def _wrong(unit: Unit, chat: int) -> int:
    """Codes without worth that were typed here lately."""
    ((count,),) = await unit.fetch(_WRONG, chat=chat, since=unit.now - GOOD_FOR)
    return int(count)


_WRONG_EVERYWHERE = select(func.count(move_tries.c.id)).where(move_tries.c.tried_at > bindparam("since"))
_WRONG = _WRONG_EVERYWHERE.where(move_tries.c.chat_id == bindparam("chat"))


# -- the move -----------------------------------------------------------------------------------------------------


async def redeem(unit: Unit, chat: int, confirmed: RedeemMoveCode) -> Moved | MoveRefused:
    """Move the membership here. All who helped lose it, whoever of them made the code."""
    used = await unit.fetch(_USE, this=confirmed.move, now=unit.now)
    if not used:
        return MoveRefused("not-valid")
    ((person, maker),) = used
    left = [row[0] for row in await unit.fetch(_LEAVE, of=person, here=chat, now=unit.now)]
    if maker not in left:  # moved by another code in the same moment
        return MoveRefused("not-valid")
    unit.change(_ARRIVE, chat_id=chat, person_id=person, role="self", since=unit.now)
    ((name, died_on),) = await unit.fetch(_NAME, of=person)
    for old in left:
        unit.did(f"chat {chat}", "move", f"person {person}", from_chat=old, to_chat=chat)
        if died_on is None:
            unit.change(_PAPERS_FOLLOW, of=person, old=old, new=chat)
            unit.change(_CLAIMS_FOLLOW, of=person, old=old, new=chat)
            unit.notices.append((old, notices.moved(name)))
    return Moved(name)


_USE = (
    update(move_codes)
    .where(move_codes.c.id == bindparam("this"), _IS_LIVE)
    .values(used_at=bindparam("now"))
    .returning(move_codes.c.person_id, move_codes.c.chat_id)
)
_LEAVE = (
    update(chat_people)
    .where(chat_people.c.person_id == bindparam("of"), chat_people.c.chat_id != bindparam("here"), _HELPS)
    .values(role="moved", since=bindparam("now"))
    .returning(chat_people.c.chat_id)
)
_ARRIVE = upsert(
    chat_people,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["chat_id", "person_id"], set_={"role": insert.excluded.role, "since": insert.excluded.since}
    ),
)
_REPORTED = (claims.c.person_id == bindparam("of")) & (claims.c.chat_id == bindparam("old"))
_PAPERS_FOLLOW = (
    update(photos)
    .where(photos.c.id.in_(
        select(claim_papers.c.photo_id).join(claims, claims.c.id == claim_papers.c.claim_id).where(_REPORTED)
    ))
    .values(chat_id=bindparam("new"))
)  # fmt: skip
_CLAIMS_FOLLOW = update(claims).where(_REPORTED).values(chat_id=bindparam("new"))
_NAME = (
    select(people.c.name, deaths.c.died_on)
    .select_from(people.outerjoin(deaths, deaths.c.person_id == people.c.id))
    .where(people.c.id == bindparam("of"))
)
