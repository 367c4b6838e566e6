"""Claims: who died, the claims, their papers and treatments, and each step they took.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "deaths",
        sa.Column("person_id", ID, autoincrement=False, nullable=False),
        sa.Column("died_on", sa.Date(), nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_deaths_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deaths_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_deaths")),
    )
    op.create_table(
        "claims",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("doubts", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=10), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("promised_at", sa.BigInteger(), nullable=True),
        sa.Column("climbed", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("bpjs_number", sa.String(length=60), nullable=True),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_to", sa.LargeBinary(), nullable=True),
        sa.Column("stated_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_claims_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_claims_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("number", name=op.f("uq_claims_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_claims_reference")),
    )
    op.create_index(op.f("ix_claims_person_id"), "claims", ["person_id"])
    op.create_index(op.f("ix_claims_chat_id"), "claims", ["chat_id"])
    promised = sa.text("promised_at IS NOT NULL")
    op.create_index(
        "ix_claims_promised_at", "claims", ["promised_at"], sqlite_where=promised, postgresql_where=promised
    )
    op.create_table(
        "claim_papers",
        sa.Column("claim_id", ID, autoincrement=False, nullable=False),
        sa.Column("photo_id", ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("unfit_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_papers_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "photo_id", name=op.f("pk_claim_papers")),
    )
    op.create_table(
        "claim_steps",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("claim_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("holder", sa.String(length=10), nullable=True),
        sa.Column("climbed", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_steps_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_steps")),
    )
    op.create_index(op.f("ix_claim_steps_claim_id"), "claim_steps", ["claim_id"])
    op.create_table(
        "treatments",
        sa.Column("claim_id", ID, autoincrement=False, nullable=False),
        sa.Column("clinic", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_treatments_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "clinic", name=op.f("pk_treatments")),
        sa.UniqueConstraint("reference", name=op.f("uq_treatments_reference")),
    )
