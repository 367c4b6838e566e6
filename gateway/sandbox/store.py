"""What every sandbox remembers in its own SQLite file: nonces, answers by idempotency key, events to send, an outage.

Invariant: a nonce passes once; an idempotency key has one answer for ever; what an event tells is stored together
with the event, and an event is tried a limited number of times.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.signing import AGE_MAX

Answer = dict[str, Any]
"""An answer of the contract, as JSON."""

EVENT_TRIES_MAX = 10
EVENT_WAIT_S_MAX = 60.0
EVENTS_AT_ONCE_MAX = 20

TABLES = """
create table if not exists answers (key text primary key, question text not null, answer text not null);
create table if not exists events (
    event_id text primary key, body text not null, due_at real not null, tries integer not null default 0,
    delivered_at real);
create table if not exists nonces (nonce text primary key, seen_at real not null);
create table if not exists outage (since real not null);
"""


class Store:
    """Used by one thread; `open` before use. `tables` are the sandbox's own."""

    def __init__(self, database: Path, secret: str, tables: str) -> None:
        self._database = database
        self._secret = secret
        self._tables = tables

    def open(self) -> None:
        self.db = sqlite3.connect(self._database, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("pragma journal_mode = wal")
        self.db.executescript(TABLES + self._tables)

    def close(self) -> None:
        self.db.close()

    def down(self) -> bool:
        return self.one("select since from outage") is not None

    def switch(self, *, down: bool, now: datetime) -> None:
        with self.transaction():
            self.db.execute("delete from outage")
            if down:
                self.db.execute("insert into outage values (?)", (now.timestamp(),))

    def first_time(self, nonce: str, now: datetime) -> bool:
        with self.transaction():
            # A timestamp may lie AGE_MAX ahead, so its nonce is dangerous for twice as long.
            self.db.execute("delete from nonces where seen_at < ?", ((now - 2 * AGE_MAX).timestamp(),))
            stored = self.db.execute("insert or ignore into nonces values (?, ?)", (nonce, now.timestamp()))
            return stored.rowcount == 1

    def due_events(self, now: datetime) -> list[tuple[str, str]]:
        """Event ids and bodies that should be sent now."""
        due = "select event_id, body from events where delivered_at is null and tries < ? and due_at <= ? "
        rows = self.db.execute(f"{due} order by due_at limit {EVENTS_AT_ONCE_MAX}", (EVENT_TRIES_MAX, now.timestamp()))
        return [(row["event_id"], row["body"]) for row in rows.fetchall()]

    def event_sent(self, event_id: str, now: datetime, *, delivered: bool) -> None:
        with self.transaction():
            row = self.one("select tries from events where event_id = ?", event_id)
            tries = row["tries"] + 1 if row else 1
            due_at = now.timestamp() + min(2.0**tries, EVENT_WAIT_S_MAX)
            self.db.execute(
                "update events set tries = ?, due_at = ?, delivered_at = ? where event_id = ?",
                (tries, due_at, now.timestamp() if delivered else None, event_id),
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing. Not to be nested."""
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")

    def one(self, query: str, *values: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self.db.execute(query, values).fetchone()
        return row

    def once(self, key: str, question: str, make: Callable[[], Answer]) -> Answer | None:
        """The answer of the key, made the first time. None: the key was used for another question."""
        digest = self.token(question)
        with self.transaction():
            row = self.one("select question, answer from answers where key = ?", key)
            if row is None:
                answer = make()
                self.db.execute("insert into answers values (?, ?, ?)", (key, digest, json.dumps(answer)))
                return answer
        stored: Answer = json.loads(row["answer"])
        return stored if row["question"] == digest else None

    def add_event(self, event_id: str, kind: str, now: datetime, *, told: bool = True, **what: Any) -> None:
        """Not `told`: it gets lost on the way, as after too many tries."""
        body = json.dumps({"event_id": event_id, "kind": kind, **what})
        self.db.execute(
            "insert into events (event_id, body, due_at, tries) values (?, ?, ?, ?)",
            (event_id, body, now.timestamp(), 0 if told else EVENT_TRIES_MAX),
        )

    def event(self, event_id: str) -> Answer | None:
        """What the event tells. None: no such event."""
        row = self.one("select body from events where event_id = ?", event_id)
        told: Answer | None = json.loads(row["body"]) if row else None
        return told

    def token(self, text: str) -> str:
        """A stable name from which `text` can't be guessed: a question holds a NIK, and NIKs can be counted through."""
        return hmac.new(self._secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:24]
