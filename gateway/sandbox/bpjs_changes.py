"""What changed on a day in the imitated BPJS: payments, members and claims, for its statements.

Invariant: a thing stands in one day's statement alone, the one of its last change; its number only grows, so that a
page asked for twice is the same page and nothing falls between two of them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from gateway.sandbox.store import Store

ZONE = ZoneInfo("Asia/Makassar")
PAGE_ROWS = 100

What = Literal["payment", "member", "claim"]

TABLES = """
create table if not exists changes (
    number integer primary key autoincrement, what text not null, subject text not null, day text not null,
    unique (what, subject));
create index if not exists changes_of_day on changes (what, day, number);
"""


class Changed(Struct, frozen=True):
    """One page of what changed. `after` asks for the next; "" after the last."""

    subjects: tuple[str, ...]
    after: str


def note(store: Store, what: What, subject: str, now: datetime) -> int:
    """This changed now; the number of the change."""
    made = store.db.execute(
        "insert or replace into changes (what, subject, day) values (?, ?, ?)", (what, subject, str(today(now)))
    )
    assert made.lastrowid is not None
    return made.lastrowid


def page(store: Store, what: What, day: date, after: str) -> Changed:
    """What changed last on this day, after the change of this number."""
    rows = store.db.execute(
        "select number, subject from changes where what = ? and day = ? and number > ? order by number limit ?",
        (what, str(day), int(after or 0), PAGE_ROWS + 1),
    ).fetchall()
    shown = rows[:PAGE_ROWS]
    more = len(rows) > PAGE_ROWS
    return Changed(tuple(row["subject"] for row in shown), str(shown[-1]["number"]) if more else "")


def today(now: datetime) -> date:
    return now.astimezone(ZONE).date()
