"""What people ask about their own data, and the last day of every photo.

Revision ID: 0007
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNFINISHED_MICROS = 90 * 24 * 3_600 * 1_000_000
"""rules/data/retention.toml, unfinished-photo; of who was accepted the service shortens it."""


def upgrade() -> None:
    _photos()
    _corrections()
    _erasures()
    op.create_table(
        "year_tries",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_year_tries_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_tries")),
    )
    op.create_index(op.f("ix_year_tries_chat_id"), "year_tries", ["chat_id"])


def _photos() -> None:
    op.add_column("photos", sa.Column("conversation_id", ID, nullable=True))
    op.add_column("photo_keys", sa.Column("dies_at", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_photos_conversation_id"), "photos", ["conversation_id"])
    op.create_index(op.f("ix_enrolments_conversation_id"), "enrolments", ["conversation_id"])
    alive = sa.text("key IS NOT NULL")
    op.create_index("ix_photo_keys_alive", "photo_keys", ["dies_at"], sqlite_where=alive, postgresql_where=alive)
    sent = "SELECT photos.created_at FROM photos WHERE photos.id = photo_keys.photo_id"
    op.execute(f"UPDATE photo_keys SET dies_at = ({sent}) + {UNFINISHED_MICROS}")  # noqa: S608  # a number of this file
    reads = sa.text("action = 'read-person'")
    op.create_index("ix_audit_reads", "audit", ["subject"], sqlite_where=reads, postgresql_where=reads)


def _corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("field", sa.String(length=15), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("photo_id", ID, nullable=True),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("warned_at", sa.BigInteger(), nullable=True),
        sa.Column("late_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_corrections_person_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_corrections_chat_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_corrections_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_person_id"), "corrections", ["person_id"])
    waiting = sa.text("decided_at IS NULL")
    op.create_index("ix_corrections_open", "corrections", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("warned_at", sa.BigInteger(), nullable=True),
        sa.Column("late_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_erasures_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_person_id"), "erasures", ["person_id"])
    for name, column, condition in (("open", "due_at", "done_at IS NULL"), ("kept", "kept_until", "ended_at IS NULL")):
        where = sa.text(condition)
        op.create_index(f"ix_erasures_{name}", "erasures", [column], sqlite_where=where, postgresql_where=where)
