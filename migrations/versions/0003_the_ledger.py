"""The ledger: what each month costs and what was paid, receipts, and what didn't fit. Reminders.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("payment_codes") as codes:
        codes.add_column(sa.Column("priced", sa.Text(), nullable=True))
        codes.alter_column("enrolment_id", existing_type=ID, nullable=True)
        codes.alter_column("code", existing_type=sa.String(length=40), type_=sa.String(length=60))
        codes.alter_column("amount", existing_type=sa.Integer(), type_=sa.BigInteger())
    op.create_table(
        "contributions",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("payer", sa.String(length=10), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_contributions_person_id")),
        sa.PrimaryKeyConstraint("person_id", "month", name=op.f("pk_contributions")),
    )
    op.create_table(
        "payments",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("months", sa.Text(), nullable=False),
        sa.Column("unallocated", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_payments_person_id")),
        sa.PrimaryKeyConstraint("person_id", "reference", name=op.f("pk_payments")),
    )
    op.create_table(
        "receipts",
        sa.Column("number", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_receipts_person_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipts")),
        sa.UniqueConstraint("person_id", "reference", name=op.f("uq_receipts_person_id")),
    )
    op.create_table(
        "oddities",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_oddities_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oddities")),
    )
    waiting = sa.text("done_at IS NULL")
    op.create_index("ix_oddities_open", "oddities", ["queue"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index(op.f("ix_memberships_protected_until"), "memberships", ["protected_until"])
    op.create_table(
        "reminders",
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("notice", ID, nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_reminders_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reminders_person_id")),
        sa.PrimaryKeyConstraint("chat_id", "person_id", "day", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_person_id"), "reminders", ["person_id"])
