"""The tables of what people ask about their own data: corrections, erasures, birth years that were guessed.

Each request has the time by which it is answered, 3 x 24 hours (UU 27/2022 art. 30, 32, 40).
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, LargeBinary, String, Table

from db.columns import Id, Instant, metadata, only

corrections = Table(
    "corrections",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False),
    Column("field", String(15), nullable=False),  # bot.flows.data_asks.FieldName
    Column("value", LargeBinary, nullable=False),  # the new one, sealed
    Column("photo_id", Id, ForeignKey("photos.id")),  # the evidence
    Column("asked_by", String(60), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", String(60)),
    Column("outcome", String(10)),  # accepted, refused, erased
    Column("warned_at", Instant),
    Column("late_at", Instant),
    Index("ix_corrections_open", "due_at", **only("decided_at IS NULL")),
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, index=True),  # NULL: of a chat from which nobody was enrolled
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("kept_until", Date),  # what the law makes us keep; NULL: nothing
    Column("ended_at", Instant),  # when that was erased, too
    Column("warned_at", Instant),
    Column("late_at", Instant),
    Index("ix_erasures_open", "due_at", **only("done_at IS NULL")),
    Index("ix_erasures_kept", "kept_until", **only("ended_at IS NULL")),
)

year_tries = Table(
    "year_tries",
    metadata,
    # Birth years that were typed and not right, where a phone is shared.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("tried_at", Instant, nullable=False),
)
