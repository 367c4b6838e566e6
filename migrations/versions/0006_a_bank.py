"""A bank of our own: bills, payments, calls.

Revision ID: 0006
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bank_bills",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("payment_code", sa.String(length=60), nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["payment_code"], ["payment_codes.code"], name=op.f("fk_bank_bills_payment_code")),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_bank_bills_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_bills")),
        sa.UniqueConstraint("number", name=op.f("uq_bank_bills_number")),
    )
    op.create_index(op.f("ix_bank_bills_payment_code"), "bank_bills", ["payment_code"])
    op.create_index(op.f("ix_bank_bills_chat_id"), "bank_bills", ["chat_id"])
    op.create_table(
        "bank_payments",
        sa.Column("request", sa.String(length=128), nullable=False),
        sa.Column("bill_id", ID, nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["bill_id"], ["bank_bills.id"], name=op.f("fk_bank_payments_bill_id")),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_bank_payments")),
    )
    op.create_index(op.f("ix_bank_payments_bill_id"), "bank_payments", ["bill_id"])
    op.create_index(op.f("ix_bank_payments_paid_at"), "bank_payments", ["paid_at"])
    op.create_table(
        "bank_calls",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("external_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("day", "external_id", name=op.f("pk_bank_calls")),
    )
