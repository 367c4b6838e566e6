"""The tables of money: payment codes, the ledgers of the members, receipts, and what didn't fit."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, String, Table, Text, UniqueConstraint

from db.columns import Id, Instant, metadata, only

payment_codes = Table(
    "payment_codes",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("enrolment_id", Id, ForeignKey("enrolments.id"), index=True),  # of the first one; later ones have none
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("months", Text, nullable=False),  # "2026-12 2027-01"
    Column("priced", Text),  # what each of them costs, "8400 16800"
    Column("amount", BigInteger, nullable=False),
    Column("payable_until", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("paid_on", Date),  # BPJS's word
)

contributions = Table(
    "contributions",
    metadata,
    # A member's ledger, a row a month (rules/ledger.py).
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),  # expected, reported, disputed, paid, refunded
    Column("payer", String(10), nullable=False),
    Column("reference", String(60), nullable=False),  # of the payment, or of the report of cash
)

payments = Table(
    "payments",
    metadata,
    # Money that came in, by the word of whoever collects.
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("reference", String(60), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("asked", Text, nullable=False),  # the months that were asked for and their prices, "2026-12=8400 …"
    Column("months", Text, nullable=False),  # those that it covers
    Column("unallocated", BigInteger, nullable=False),
    Column("refunded", Boolean, nullable=False),
    Column("told_at", Instant, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    # Numbered from 1, without gaps.
    Column("number", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("reference", String(60), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("person_id", "reference"),
)

oddities = Table(
    "oddities",
    metadata,
    # What didn't fit and waits for a person, by queue.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("queue", String(20), nullable=False),  # rules.ledger.Oddity, or "unknown-code"
    Column("reference", String(60), nullable=False),
    Column("person_id", Id, ForeignKey("people.id")),
    Column("amount", BigInteger),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("ix_oddities_open", "queue", **only("done_at IS NULL")),
)

reconciliations = Table(
    "reconciliations",
    metadata,
    # What was compared with BPJS's statement of a day, and when it was last.
    Column("day", Date, primary_key=True),
    Column("part", String(10), primary_key=True),  # rules.reconciliation.Part
    Column("stated", BigInteger, nullable=False),  # rows that BPJS stated
    Column("matched", BigInteger, nullable=False),
    Column("done_at", Instant, nullable=False),
)

differences = Table(
    "differences",
    metadata,
    # What we had differently. Settled: mended, or not found any more.
    Column("day", Date, primary_key=True),
    Column("part", String(10), primary_key=True),
    Column("kind", String(10), primary_key=True),  # rules.reconciliation.Kind
    Column("subject", String(60), primary_key=True),  # a payment code, a claim's reference, "person 7"
    Column("our_amount", BigInteger),
    Column("their_amount", BigInteger),
    Column("first_seen", Instant, nullable=False),
    Column("settled_at", Instant),
    Index("ix_differences_open", "day", **only("settled_at IS NULL")),
)
