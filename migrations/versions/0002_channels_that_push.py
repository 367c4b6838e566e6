"""Channels that push: messages that wait for their turn, who sends, one-time links, what became of a message; moving to
another phone.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":  # where a length is only a word
        op.alter_column("chats", "address", existing_type=sa.String(length=128), type_=sa.String(length=160))
        op.alter_column("inbound", "message_id", existing_type=sa.String(length=128), type_=sa.String(length=512))
    op.add_column("chats", sa.Column("quiet", sa.String(length=10), server_default="", nullable=False))
    op.add_column("chats", sa.Column("quiet_since", sa.BigInteger(), nullable=True))
    op.add_column("chats", sa.Column("gone_at", sa.BigInteger(), nullable=True))
    op.add_column("chats", sa.Column("phone", sa.LargeBinary(), nullable=True))
    quiet = sa.text("quiet != ''")
    op.create_index("ix_chats_quiet", "chats", ["quiet"], sqlite_where=quiet, postgresql_where=quiet)
    op.add_column("outbox", sa.Column("sent_as", sa.String(length=512), nullable=True))
    op.add_column("outbox", sa.Column("fate", sa.String(length=10), nullable=True))
    taken = sa.text("sent_as IS NOT NULL")
    op.create_index("ix_outbox_sent_as", "outbox", ["sent_as"], sqlite_where=taken, postgresql_where=taken)
    op.create_table(
        "waiting",
        sa.Column("inbound_id", ID, autoincrement=False, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("place", ID, nullable=False),
        sa.Column("album", sa.String(length=64), nullable=False),
        sa.Column("ripe_at", sa.BigInteger(), nullable=True),
        sa.Column("unread", sa.String(length=20), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_waiting_chat_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_waiting_inbound_id")),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_chat_id"), "waiting", ["chat_id"], unique=False)
    op.create_table(
        "lanes",
        sa.Column("lane", sa.String(length=40), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("held_by", sa.String(length=40), nullable=True),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lanes")),
    )
    op.create_table(
        "links",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_links_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_chat_id"), "links", ["chat_id"], unique=False)
    op.create_table(
        "move_codes",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_move_codes_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_move_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_codes")),
    )
    op.create_index(op.f("ix_move_codes_digest"), "move_codes", ["digest"], unique=False)
    op.create_index(op.f("ix_move_codes_person_id"), "move_codes", ["person_id"], unique=False)
    op.create_table(
        "move_tries",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_move_tries_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_tries")),
    )
    op.create_index(op.f("ix_move_tries_chat_id"), "move_tries", ["chat_id"], unique=False)
    op.create_index(op.f("ix_move_tries_tried_at"), "move_tries", ["tried_at"], unique=False)
