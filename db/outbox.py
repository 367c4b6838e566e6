"""What is to be done after the commit: messages to say, errands to run. One table, claimed and settled in
transactions of the writer.

Invariant: a row has its final id before anything is done about it. A message that may have been sent and was not
confirmed ends as "unknown" and is never sent again by itself; an errand is idempotent by its id and is tried again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)

from bot.flows.asks import ERRANDS
from bot.talk.awaited import Errand
from bot.talk.message import Message
from db.columns import from_micros
from db.prepared import Row
from db.tables import outbox
from db.unit import PerDialect, Unit, for_each

LEASE = timedelta(seconds=10)
"""After this long without a word from whoever took a row, it is anybody's again (errands) or unknown (messages). So
long waits a person whose errand was under way in a process that was killed, when there are several."""

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
HANDED_BACK = END_OF_TIME
"""When what the bot has to tell in a chat that the office has is due."""
ERROR_CHARS = 200

State = Literal["done", "refused", "gone", "unknown", "stale"]
Fate = Literal["sent", "delivered", "read", "failed"]
_KINDS = {kind.__name__: kind for kind in ERRANDS}


class Taken(Struct, frozen=True):
    """A row that this process has taken. `tries` counts this one. `reference`: a partner took it and answers later.
    `reminds`: it is a reminder, which may be of no use any more."""

    id: int
    lane: str
    chat: int
    conversation: int
    key: str
    tries: int
    reference: str | None
    created_at: datetime
    body: Message | Errand[Any]
    reminds: bool = False


def say(
    unit: Unit, chat: int, lane: str, message: Message, *, pulled: bool, not_before: datetime | None = None,
    useless_at: datetime | None = None, reminds: bool = False,
) -> int:  # fmt: skip
    """A message to a chat; its row. `pulled`: the channel fetches it itself, so it is done when it is written.
    `not_before`: it is a notice, which may go then and waits for nothing that was said before. `useless_at`: who hasn't
    got it by then doesn't get it any more. `reminds`: it is a notice that may be of no use before that, too."""
    unit.said_to.add(chat)
    if not pulled:
        unit.work_for.add(lane)
    number = unit.ids.next()
    kind = "reminder" if reminds else "notice" if not_before else "message"
    _add(
        unit, number, msgspec.json.encode(message), kind=kind, lane=lane,
        chat_id=chat, conversation_id=None, errand_key=None, state="done" if pulled else "ready", tries=0,
        taken_until=None, done_at=unit.now if pulled else None, due_at=not_before or unit.now, useless_at=useless_at,
    )  # fmt: skip
    return number


def send(unit: Unit, chat: int, conversation: int, key: str, errand: Errand[Any], *, at_once: bool) -> Taken | None:
    """An errand of a conversation. Its lane is its kind. `at_once`: it is written as taken, and given back to be
    performed after the commit."""
    number, lane = unit.ids.next(), type(errand).__name__
    if not at_once:
        unit.work_for.add(lane)
    _add(
        unit, number, msgspec.json.encode(errand), kind="errand", lane=lane, chat_id=chat,
        conversation_id=conversation, errand_key=key, state="taken" if at_once else "ready", tries=int(at_once),
        taken_until=unit.now + LEASE if at_once else None, done_at=None, due_at=unit.now, useless_at=None,
    )  # fmt: skip
    return Taken(number, lane, chat, conversation, key, 1, None, unit.now, errand) if at_once else None


def _add(unit: Unit, number: int, body: bytes, **more: Any) -> None:
    unit.add(
        outbox, id=number, body=unit.vault.seal(body, f"outbox {number}"),
        last_error=None, reference=None, sent_as=None, fate=None, created_at=unit.now, **more,
    )  # fmt: skip


async def take(unit: Unit, lanes: Sequence[str], most: int, gap: timedelta | None = None) -> list[Taken]:
    """Take rows that are due, the oldest first. Of a chat's messages only the oldest, so that order is kept. `gap`:
    nothing to a chat to which something went so recently."""
    until = unit.now + LEASE
    if gap:
        since = unit.now - gap
        rows = await unit.fetch(_TAKE_APART, lanes=list(lanes), now=unit.now, most=most, until=until, since=since)
    else:
        rows = await unit.fetch(_TAKE, lanes=list(lanes), now=unit.now, most=most, until=until)
    return [_taken(unit, row) for row in sorted(rows)]


_older = outbox.alias()
_FIRST_OF_CHAT = ~exists().where(
    (_older.c.chat_id == outbox.c.chat_id) & (_older.c.kind == "message") & (_older.c.id < outbox.c.id)
    & _older.c.done_at.is_(None)
)  # fmt: skip
_APART = ~exists().where(
    (_older.c.chat_id == outbox.c.chat_id) & (_older.c.lane == outbox.c.lane)
    & (
        (_older.c.done_at > bindparam("since")) | (_older.c.state == "taken")
        | ((_older.c.id < outbox.c.id) & _older.c.done_at.is_(None) & (_older.c.due_at <= bindparam("now")))
    )
)  # fmt: skip


def _due(*more: ColumnElement[bool]) -> PerDialect[Select[Any]]:
    return for_each(
        "lanes",
        select(outbox.c.id)
        .where(
            outbox.c.state == "ready",
            outbox.c.done_at.is_(None),
            outbox.c.due_at <= bindparam("now"),
            outbox.c.useless_at.is_(None) | (outbox.c.useless_at > bindparam("now")),
            (outbox.c.kind != "message") | _FIRST_OF_CHAT,
            *more,
        )
        .order_by(outbox.c.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True, of=outbox),
        outbox.c.lane,
    )


_ROW = (
    outbox.c.id, outbox.c.kind, outbox.c.lane, outbox.c.chat_id, outbox.c.conversation_id, outbox.c.errand_key,
    outbox.c.tries, outbox.c.reference, type_coerce(outbox.c.created_at, BigInteger), outbox.c.body,
)  # fmt: skip


def _taking(due: PerDialect[Select[Any]]) -> PerDialect[Any]:
    return PerDialect(
        *(
            update(outbox)
            .where(outbox.c.id.in_(select(of_dialect.cte("due").c.id)))  # asked once, whatever the plan
            .values(state="taken", taken_until=bindparam("until"), tries=outbox.c.tries + 1)
            .returning(*_ROW)
            for of_dialect in (due.sqlite, due.postgresql)
        )
    )


_TAKE, _TAKE_APART = _taking(_due()), _taking(_due(_APART))
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("this"))
    .values(state=bindparam("ends"), done_at=bindparam("at"), last_error=bindparam("error"), sent_as=bindparam("ref"))
)


def _taken(unit: Unit, row: Row) -> Taken:
    number, kind, lane, chat, conversation, key, tries, reference, created, sealed = row
    body = unit.vault.open(sealed, f"outbox {number}")
    typed = _KINDS[lane] if kind == "errand" else Message
    return Taken(
        number, lane, chat, conversation or 0, key or "", tries, reference, from_micros(created),
        msgspec.json.decode(body, type=typed), kind == "reminder",
    )  # fmt: skip


async def is_open(unit: Unit, row_id: int) -> bool:
    """Whether the row is still to be settled."""
    return bool(await unit.fetch(_OPEN, this=row_id))


_OPEN = select(outbox.c.id).where(outbox.c.id == bindparam("this"), outbox.c.done_at.is_(None))


async def is_asked(unit: Unit, lane: str, key: str) -> bool:
    """Whether an errand of this key is still to be settled."""
    return bool(await unit.fetch(_ASKED, lane=lane, key=key))


_ASKED = select(outbox.c.id).where(
    outbox.c.lane == bindparam("lane"), outbox.c.errand_key == bindparam("key"), outbox.c.done_at.is_(None)
)


async def withdraw(unit: Unit, chat: int) -> None:
    """Answers to this chat that nobody has begun to send are not sent any more; notices are."""
    await unit.fetch(_WITHDRAW, chat=chat, at=unit.now)


_WITHDRAW = (
    update(outbox)
    .where(outbox.c.chat_id == bindparam("chat"), outbox.c.kind == "message", outbox.c.state == "ready",
           outbox.c.done_at.is_(None))
    .values(state="stale", done_at=bindparam("at"))
    .returning(outbox.c.id)
)  # fmt: skip


async def take_back(unit: Unit, row_ids: Iterable[int]) -> list[int]:
    """Notices that nobody has begun to send are not sent any more; which of these they are."""
    return [row_id for (row_id,) in await unit.fetch(_TAKE_BACK, rows=sorted(row_ids), at=unit.now)]


_READY = for_each("rows", select(outbox.c.id).where(outbox.c.state == "ready", outbox.c.done_at.is_(None)), outbox.c.id)
_TAKE_BACK = PerDialect(
    *(
        update(outbox)
        .where(outbox.c.id.in_(ready), outbox.c.state == "ready")  # asked again of a row that somebody held
        .values(state="stale", done_at=bindparam("at"))
        .returning(outbox.c.id)
        for ready in (_READY.sqlite, _READY.postgresql)
    )
)


def drop_useless(unit: Unit) -> None:
    """What wasn't sent while it was of use is not sent any more."""
    unit.change(_DROP_USELESS, now=unit.now)


_DROP_USELESS = (
    update(outbox)
    .where(outbox.c.useless_at <= bindparam("now"), outbox.c.state == "ready", outbox.c.done_at.is_(None))
    .values(state="stale", done_at=bindparam("now"))
)


def let_go(unit: Unit, chat: int) -> None:
    """What was kept until the office handed the chat back may go."""
    unit.change(_LET_GO, chat=chat, until=HANDED_BACK, now=unit.now)


_LET_GO = (
    update(outbox)
    .where(
        outbox.c.chat_id == bindparam("chat"), outbox.c.done_at.is_(None), outbox.c.kind == "notice",
        outbox.c.due_at == bindparam("until", type_=outbox.c.due_at.type),
    )
    .values(due_at=bindparam("now", type_=outbox.c.due_at.type))
)  # fmt: skip


def settle(unit: Unit, row_id: int, state: State, error: str | None = None, ref: str = "") -> None:
    """The row is finished. `ref`: what its channel calls a message that was sent."""
    unit.change(_SETTLE, this=row_id, ends=state, at=unit.now, error=error, ref=ref or None)


async def became(unit: Unit, ref: str, fate: Fate, error: str | None = None) -> int | None:
    """Write what became of a message that its channel calls so; its chat, None if no message of ours is called so or
    more is known of it already. A later word never undoes "read" or "failed"."""
    rows = await unit.fetch(_BECAME[fate], this=ref, error=error)
    return rows[0][0] if rows else None


_FATES: tuple[Fate, ...] = ("sent", "delivered", "read", "failed")
_BECAME = {
    fate: update(outbox)
    .where(
        outbox.c.sent_as == bindparam("this"),
        or_(outbox.c.fate.is_(None), *(outbox.c.fate == weaker for weaker in _FATES[:place])),
    )
    .values(fate=fate, last_error=func.coalesce(bindparam("error"), outbox.c.last_error))
    .returning(outbox.c.chat_id)
    for place, fate in enumerate(_FATES)
}


def put_back(unit: Unit, row_id: int, due_at: datetime, error: str | None, reference: str | None = None) -> None:
    """Try the row again when it is due. `error` tells the operator why, without personal data."""
    unit.change(_PUT_BACK, this=row_id, due=due_at, why=error[:ERROR_CHARS] if error else None, under=reference)


_PUT_BACK = (
    update(outbox)
    .where(outbox.c.id == bindparam("this"))
    .values(
        state="ready", taken_until=None, due_at=bindparam("due"), last_error=bindparam("why"),
        reference=func.coalesce(bindparam("under"), outbox.c.reference),
    )
)  # fmt: skip


async def awaiting(unit: Unit, reference: str) -> Taken | None:
    """The errand that waits for a partner's later answer under this reference, if it is still open."""
    rows = await unit.fetch(_AWAITING, under=reference)
    return _taken(unit, rows[0]) if rows else None


_AWAITING = select(*_ROW).where(outbox.c.reference == bindparam("under"), outbox.c.done_at.is_(None))


async def is_known(unit: Unit, ref: str) -> bool:
    """Whether a message of ours is called so by its channel."""
    return bool(await unit.fetch(_KNOWN, this=ref))


_KNOWN = select(outbox.c.id).where(outbox.c.sent_as == bindparam("this")).limit(1)


async def untouched(unit: Unit, lane: str, before: datetime, above: int, most: int) -> list[Taken]:
    """Errands of a lane, made before this time and with ids above this one, that nobody has taken yet; the oldest
    first. They stay as they are."""
    rows = await unit.fetch(_UNTOUCHED, lane=lane, before=before, above=above, most=most)
    return [_taken(unit, row) for row in rows]


_UNTOUCHED = (
    select(*_ROW)
    .where(
        outbox.c.lane == bindparam("lane"), outbox.c.kind == "errand", outbox.c.state == "ready", outbox.c.tries == 0,
        outbox.c.done_at.is_(None), outbox.c.created_at <= bindparam("before"), outbox.c.id > bindparam("above"),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip


def keep(unit: Unit, row_ids: Iterable[int]) -> None:
    """These rows are still under way here: their lease begins anew."""
    unit.change(_KEEP, rows=sorted(row_ids), until=unit.now + LEASE)


def release_lost(unit: Unit, *, all_taken: bool) -> None:
    """Rows taken by somebody who is gone: errands are ready again, messages unknown. `all_taken` at the start of the
    only process (SQLite); otherwise those whose lease is over."""
    before = END_OF_TIME if all_taken else unit.now
    unit.change(_ERRANDS_READY, before=before, now=unit.now)
    unit.change(_MESSAGES_UNKNOWN, before=before, now=unit.now)


def _free(taken: Select[Any]) -> Select[Any]:
    """Without the rows that another transaction is at: we would wait for it, and it perhaps for us."""
    return taken.order_by(outbox.c.id).with_for_update(skip_locked=True)


_TAKEN = select(outbox.c.id).where(outbox.c.state == "taken", outbox.c.done_at.is_(None))
_MINE = for_each("rows", _TAKEN, outbox.c.id)
_LOST = _TAKEN.where(outbox.c.taken_until < bindparam("before"))
_KEEP = PerDialect(
    *(
        update(outbox).where(outbox.c.id.in_(_free(mine))).values(taken_until=bindparam("until"))
        for mine in (_MINE.sqlite, _MINE.postgresql)
    )
)
_ERRANDS_READY = (
    update(outbox)
    .where(outbox.c.id.in_(_free(_LOST.where(outbox.c.kind == "errand"))))
    .values(state="ready", due_at=bindparam("now"))
)
_MESSAGES_UNKNOWN = (
    update(outbox)
    .where(outbox.c.id.in_(_free(_LOST.where(outbox.c.kind != "errand"))))
    .values(state="unknown", done_at=bindparam("now"))
)


async def oldest(unit: Unit) -> dict[str, datetime]:
    """By lane: since when the row that has waited longest waits, without the time that it was meant to."""
    return {lane: from_micros(since) for lane, since in await unit.fetch(_OLDEST, now=unit.now)}


_SINCE = case((outbox.c.tries == 0, outbox.c.due_at), else_=outbox.c.created_at)
_OLDEST = (
    select(outbox.c.lane, func.min(type_coerce(_SINCE, BigInteger)))
    .where(outbox.c.done_at.is_(None), (outbox.c.due_at <= bindparam("now")) | (outbox.c.tries > 0))
    .group_by(outbox.c.lane)
)


async def waiting(unit: Unit) -> dict[str, int]:
    """How many rows wait, by lane: for the metrics."""
    return dict(await unit.fetch(_WAITING))


_WAITING = select(outbox.c.lane, func.count()).where(outbox.c.done_at.is_(None)).group_by(outbox.c.lane)
