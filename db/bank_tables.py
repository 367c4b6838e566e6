"""The tables of a bank of our own: bills that can be paid there, what it says to have received, and its calls."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, String, Table, Text, UniqueConstraint, exists

from db.columns import Id, Instant, metadata
from db.money import payment_codes

bank_bills = Table(
    "bank_bills",
    metadata,
    # Each stands for a payment code of BPJS. Nothing of it is paid before BPJS says so.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("payment_code", String(60), ForeignKey("payment_codes.code"), nullable=False, index=True),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),  # that asked for it
    Column("kind", String(4), nullable=False),  # rules.bank.Kind
    Column("number", String(64), nullable=False),  # of the virtual account, or our reference of the QR code
    Column("payload", Text, nullable=False),  # what the QR code says
    Column("amount", BigInteger, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),  # open, received, refused by BPJS
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("number"),
)

bank_payments = Table(
    "bank_payments",
    metadata,
    # The bank's word, once for each of its payments.
    Column("request", String(128), primary_key=True),  # the bank's id of the payment
    Column("bill_id", Id, ForeignKey("bank_bills.id"), nullable=False, index=True),
    Column("reference", String(64), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("paid_at", Instant, nullable=False, index=True),
    Column("digest", String(64), nullable=False),  # of what was told
    Column("told_at", Instant, nullable=False),
)

bank_calls = Table(
    "bank_calls",
    metadata,
    # X-EXTERNAL-ID of the bank's calls, by its day.
    Column("day", Date, primary_key=True),
    Column("external_id", String(36), primary_key=True),
    Column("digest", String(64), nullable=False),  # of what was asked or told
)

IS_RECEIVED = exists().where(bank_bills.c.payment_code == payment_codes.c.code, bank_bills.c.state == "received")
"""Of a payment code: a bank of ours has its money, and BPJS hasn't refused it."""
