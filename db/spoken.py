"""What was said in a chat, erased: transcripts, journals, errands.

Invariant: a message is known by its id for ever, so its row stays and its words go; what is still to be sent stays,
unless it speaks of who is erased.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Integer, bindparam, delete, exists, null, select, update

from bot.talk.journal import Conversation
from db.columns import to_micros
from db.ids import BELOW_MILLISECOND_BITS
from db.tables import conversations, inbound, outbox, waiting
from db.unit import Unit

PAGE = 500
"""Rows looked at together."""
SLACK = timedelta(seconds=10)
"""The messages of a conversation may be a moment older than its id."""
OLD_AT_ONCE = 5_000
"""Rows of one look at what is too old; the others come with the next one."""
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s.\-]+(?=\d)")
_pack = msgspec.msgpack.Encoder()


class Window(Struct, frozen=True):
    """A conversation of a chat, whose every message is about the person."""

    chat: int
    conversation: int


class Marks(Struct, frozen=True):
    """By what it is known that something is about a person: words and digits that stand in it, and whole conversations.
    Nothing bears the marks of nobody."""

    words: re.Pattern[str] | None = None
    digits: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()

    @classmethod
    def of(cls, words: Iterable[str], digits: Iterable[str], windows: Sequence[Window]) -> Marks:
        """Whole words only: Hasna isn't Hasnawati."""
        found = sorted(re.escape(word.casefold()) for word in words if word)
        pattern = re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)") if found else None
        return cls(pattern, frozenset(filter(None, digits)), tuple(windows))

    def are_in(self, text: str) -> bool:
        return bool(self.words and self.words.search(text)) or self.are_counted_in(text)

    def are_counted_in(self, text: str) -> bool:
        """Whether its digits are there, however they are grouped."""
        joined = _BETWEEN_DIGITS.sub("", text)
        return any(digits in joined for digits in self.digits)


async def erase(unit: Unit, chat: int, marks: Marks, *, before: int | None) -> None:
    """Erase what bears the marks; with `before`, also everything else with a lower id."""
    spans = [await _span(unit, one) for one in marks.windows if one.chat == chat]
    inside = {one.conversation for one in marks.windows}
    await _erase_heard(unit, chat, marks, before, spans)
    await _erase_said(unit, chat, marks, before, spans)
    await _erase_journals(unit, chat, marks, before, inside)


Span = tuple[int, int]
"""From and until, in microseconds."""


async def _span(unit: Unit, window: Window) -> Span:
    """When a conversation was held; one that isn't over is held until now. Of one that is forgotten, what was said is
    forgotten as well."""
    rows = await unit.fetch(_HELD, conversation=window.conversation)
    began = (window.conversation >> BELOW_MILLISECOND_BITS) * 1_000 - SLACK // timedelta(microseconds=1)
    now = to_micros(unit.now)
    assert now is not None
    if not rows:
        return began, began
    return began, rows[0][0] if rows[0][0] is not None else now


_HELD = select(conversations.c.ended_at).where(conversations.c.id == bindparam("conversation"))


async def _erase_heard(unit: Unit, chat: int, marks: Marks, before: int | None, spans: Sequence[Span]) -> None:
    after = 0
    while rows := await unit.fetch(_HEARD, chat=chat, after=after, most=PAGE):
        for number, at, body in rows:
            if _goes(number, at, before, spans) or marks.are_in(_text(unit.vault.open(body, f"inbound {number}"))):
                unit.change(_UNHEAR, this=number)
        after = rows[-1][0]


async def _erase_said(unit: Unit, chat: int, marks: Marks, before: int | None, spans: Sequence[Span]) -> None:
    after = 0
    while rows := await unit.fetch(_SAID, chat=chat, after=after, most=PAGE):
        for number, at, done, body in rows:
            is_over = done is not None and _goes(number, at, before, spans)
            if is_over or marks.are_in(_text(unit.vault.open(body, f"outbox {number}"))):
                unit.change(_UNSAY, this=number)
        after = rows[-1][0]


def _goes(number: int, at: int, before: int | None, spans: Sequence[Span]) -> bool:
    return (before is not None and number < before) or any(began <= at <= ended for began, ended in spans)


async def _erase_journals(unit: Unit, chat: int, marks: Marks, before: int | None, inside: set[int]) -> None:
    """Conversations that are over lose their journals; one under way that is about the person ends here. An enrolment
    under way is of who has its NIK: somebody else may have the same name."""
    for number, flow, ended, body in await unit.fetch(_JOURNALS, chat=chat):
        text = _text(msgspec.json.encode(msgspec.msgpack.decode(unit.vault.open(body, f"conversation {number}"))))
        bears = marks.are_counted_in if flow == "enrol" and ended is None else marks.are_in
        goes = before is not None and number < before and (ended is not None or marks == Marks())
        if goes or number in inside or bears(text):
            empty = unit.vault.seal(_pack.encode(Conversation(number, flow)), f"conversation {number}")
            if ended is not None:
                unit.change(_FORGET, this=number, empty=empty)
            else:
                unit.change(_END, this=number, empty=empty, at=unit.now)


def _text(body: bytes) -> str:
    """JSON as words: its line breaks are none of their letters."""
    return body.decode().casefold().replace("\\n", " ")


async def forget_old(unit: Unit, since: datetime) -> int:
    """Erase what was said before this moment, and the journals of conversations that ended before it; how many rows, at
    most OLD_AT_ONCE of a kind."""
    first = int(since.timestamp() * 1_000) << BELOW_MILLISECOND_BITS
    gone = 0
    for statement in (_OLD_HEARD, _OLD_SAID, _OLD_JOURNALS):
        gone += len(await unit.fetch(statement, first=first, most=OLD_AT_ONCE))
    return gone


_HEARD = (
    select(inbound.c.id, inbound.c.heard_at, inbound.c.body)
    .where(
        inbound.c.chat_id == bindparam("chat"), inbound.c.id > bindparam("after"), inbound.c.body.is_not(None),
        ~exists().where(waiting.c.inbound_id == inbound.c.id),
    )
    .order_by(inbound.c.id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip
_SAID = (
    select(outbox.c.id, outbox.c.created_at, outbox.c.done_at, outbox.c.body)
    .where(outbox.c.chat_id == bindparam("chat"), outbox.c.id > bindparam("after"))
    .order_by(outbox.c.id)
    .limit(bindparam("most", type_=Integer))
)
_JOURNALS = select(conversations.c.id, conversations.c.flow, conversations.c.ended_at, conversations.c.body).where(
    conversations.c.chat_id == bindparam("chat")
)
_UNHEAR = update(inbound).where(inbound.c.id == bindparam("this")).values(body=null())
_UNSAY = delete(outbox).where(outbox.c.id == bindparam("this"))
_FORGET = update(conversations).where(conversations.c.id == bindparam("this")).values(body=bindparam("empty"))
_END = (
    update(conversations)
    .where(conversations.c.id == bindparam("this"))
    .values(body=bindparam("empty"), ended_at=bindparam("at"), ending="cancelled")
)
_NOT_WAITING = ~exists().where(waiting.c.inbound_id == inbound.c.id)
_OLD_HEARD = (
    update(inbound)
    .where(inbound.c.id.in_(
        select(inbound.c.id)
        .where(inbound.c.id < bindparam("first"), inbound.c.body.is_not(None), _NOT_WAITING)
        .limit(bindparam("most", type_=Integer))
    ))
    .values(body=null())
    .returning(inbound.c.id)
)  # fmt: skip
_OLD_SAID = (
    delete(outbox)
    .where(outbox.c.id.in_(
        select(outbox.c.id)
        .where(outbox.c.id < bindparam("first"), outbox.c.done_at.is_not(None))
        .limit(bindparam("most", type_=Integer))
    ))
    .returning(outbox.c.id)
)  # fmt: skip
_OLD_JOURNALS = (
    delete(conversations)
    .where(conversations.c.id.in_(
        select(conversations.c.id)
        .where(conversations.c.id < bindparam("first"), conversations.c.ended_at.is_not(None))
        .limit(bindparam("most", type_=Integer))
    ))
    .returning(conversations.c.id)
)  # fmt: skip
