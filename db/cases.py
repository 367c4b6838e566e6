"""The tables of claims: who died, the claims, their papers and treatments, and each step they took."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from db.columns import Id, Instant, metadata, only

deaths = Table(
    "deaths",
    metadata,
    # Whose death was reported: from then on nothing is said about that person that nobody asked for.
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("died_on", Date, nullable=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False),  # where it was reported
    Column("reported_at", Instant, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False, unique=True),  # from 1, for people
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),  # of who reported it
    Column("kind", String(12), nullable=False),  # rules.claim_report.Kind
    Column("happened_on", Date, nullable=False),
    Column("report", LargeBinary, nullable=False),  # sealed: rules.claim_report.Report
    Column("doubts", Text, nullable=False),  # words of ours, for who looks at it
    Column("state", String(20), nullable=False),  # these five: rules.claims.Progress
    Column("holder", String(10)),
    Column("since", Instant, nullable=False),
    Column("promised_at", Instant),
    Column("climbed", Integer, nullable=False),
    Column("reference", String(60), unique=True),  # what BPJS calls it
    Column("bpjs_number", String(60)),
    Column("words", String(300), nullable=False),  # BPJS's reason, when it refused
    Column("amount", BigInteger),  # these three are BPJS's word
    Column("paid_on", Date),
    Column("paid_to", LargeBinary),  # sealed
    Column("stated_at", Instant),  # when BPJS said last how the claim stands
    Column("created_at", Instant, nullable=False),
    Index("ix_claims_promised_at", "promised_at", **only("promised_at IS NOT NULL")),
)

claim_papers = Table(
    "claim_papers",
    metadata,
    # Photos of the papers of a claim. One that BPJS wants anew stays, and counts no more.
    Column("claim_id", Id, ForeignKey("claims.id"), primary_key=True, autoincrement=False),
    Column("photo_id", Id, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),  # rules.claim_documents
    Column("kept_at", Instant, nullable=False),
    Column("sent_at", Instant),  # BPJS has it
    Column("unfit_at", Instant),
)

claim_steps = Table(
    "claim_steps",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("claim_id", Id, ForeignKey("claims.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("holder", String(10)),
    Column("climbed", Integer, nullable=False),
    Column("actor", String(60), nullable=False),  # "chat 12", "bpjs", "clock", a name of the office
)

treatments = Table(
    "treatments",
    metadata,
    # Clinics that were told of an accident, and where the injured is by their word.
    Column("claim_id", Id, ForeignKey("claims.id"), primary_key=True, autoincrement=False),
    Column("clinic", String(100), primary_key=True),  # its id in the clinics' directory
    Column("name", String(200), nullable=False),
    Column("reference", String(60), unique=True),  # what the clinic calls it; None until it has taken notice
    Column("state", String(12), nullable=False),  # rules.plkk.TreatmentState, or "refused"
    Column("at", Instant, nullable=False),  # by the clinic's word
)
