"""The tables. People are apart from chats: one phone may speak for several people, one person be reached on several.

Personal values that nobody searches are sealed (db/vault.py). Invariant: a change here comes with its migration
(tested).
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    exists,
)

from db import bank_tables, cases, columns, money, rights
from db.columns import Id, Instant, only

metadata = columns.metadata
ELSEWHERE = (bank_tables, cases, money, rights)
"""The modules of further tables."""

areas = Table(
    "areas",
    metadata,
    Column("code", String(16), primary_key=True),  # Kemendagri code, "73.12.02.2005"
    Column("name", String(100), nullable=False),
    Column("level", String(10), nullable=False),
    Column("parent", String(16), ForeignKey("areas.code")),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("nik_index", String(64), nullable=False, unique=True),  # keyed digest, for look-up only
    Column("nik", LargeBinary, nullable=False),  # sealed
    Column("name", String(100), nullable=False),
    Column("birth_place", String(100), nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("sex", String(6), nullable=False),
    Column("address", String(200), nullable=False),
    Column("village_code", String(16), ForeignKey("areas.code"), nullable=False, index=True),
    Column("phone", LargeBinary),  # sealed
    Column("created_at", Instant, nullable=False),
)

chats = Table(
    "chats",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("channel", String(20), nullable=False),
    Column("account", String(64), nullable=False),
    Column("address", String(160), nullable=False),  # where the channel reaches the person
    Column("language", String(5), nullable=False),
    Column("quiet", String(10), nullable=False, server_default=""),  # "held": messages wait; "office": a person answers
    Column("quiet_since", Instant),
    Column("gone_at", Instant),  # the bot is blocked there
    Column("phone", LargeBinary),  # sealed; the channel vouches for it
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("channel", "account", "address"),
    Index("ix_chats_quiet", "quiet", **only("quiet != ''")),
)

chat_people = Table(
    "chat_people",
    metadata,
    Column("chat_id", Id, ForeignKey("chats.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, index=True),
    Column("role", String(10), nullable=False),  # self, helper, moved, erased
    Column("since", Instant, nullable=False),
)
SPEAKS = (chat_people.c.role != "moved") & (chat_people.c.role != "erased")
"""Whether the chat still speaks for the person. Every question to `chat_people` asks it: who helped, and whose member
moved to another phone, sees nothing of that person any more. Who had everything erased that may be is spoken of only
where they ask what is still kept."""

LIVES = ~exists().where(cases.deaths.c.person_id == chat_people.c.person_id)
"""Whether nobody has reported the person's death. What nobody asked for isn't said about who is dead."""

move_codes = Table(
    "move_codes",
    metadata,
    # Codes with which somebody's membership moves from the chat that made them to the one where they are typed.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, index=True),  # keyed
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("created_at", Instant, nullable=False),
)

move_tries = Table(
    "move_tries",
    metadata,
    # Codes that were typed and worth nothing.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("tried_at", Instant, nullable=False, index=True),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False),
    Column("place", Integer, nullable=False),  # in the stack of the chat, 0 lowest
    Column("flow", String(40), nullable=False),
    Column("step", String(80), nullable=False),  # the open question, for drop-off figures
    Column("body", LargeBinary, nullable=False),  # the sealed journal
    Column("touched_at", Instant),
    Column("ended_at", Instant),
    Column("ending", String(10)),
    Index("ix_conversations_open", "chat_id", **only("ended_at IS NULL")),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("channel", String(20), nullable=False),
    Column("account", String(64), nullable=False),
    Column("message_id", String(512), nullable=False),
    Column("chat_id", Id, index=True),
    Column("body", LargeBinary),  # sealed
    Column("heard_at", Instant, nullable=False),
    Column("parked", String(200)),  # why it could not be handled; for the operator, without personal data
    UniqueConstraint("channel", "account", "message_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),  # message, notice, reminder, errand
    Column("lane", String(40), nullable=False),  # who performs it: a channel's account, or the kind of errand
    Column("chat_id", Id, ForeignKey("chats.id"), index=True),
    Column("conversation_id", Id),
    Column("errand_key", String(120)),
    Column("body", LargeBinary, nullable=False),  # sealed
    Column("state", String(10), nullable=False),  # ready, taken, done, refused, gone, unknown, stale
    Column("due_at", Instant, nullable=False),
    Column("useless_at", Instant),
    Column("taken_until", Instant),
    Column("tries", Integer, nullable=False),
    Column("last_error", String(200)),
    Column("reference", String(120)),  # of a partner that answers later by webhook
    Column("sent_as", String(512)),  # what its channel calls a message that was sent
    Column("fate", String(10)),  # of a message, by its channel's word: sent, delivered, read, failed
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    Index("ix_outbox_due", "lane", "due_at", **only("done_at IS NULL")),
    Index("ix_outbox_reference", "reference", **only("reference IS NOT NULL")),
    Index("ix_outbox_sent_as", "sent_as", **only("sent_as IS NOT NULL")),
)

waiting = Table(
    "waiting",
    metadata,
    # What was heard in a chat and waits for its turn: until its photo has come, or the rest of an album.
    Column("inbound_id", Id, ForeignKey("inbound.id"), primary_key=True, autoincrement=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("sent_at", Instant, nullable=False),
    Column("place", Id, nullable=False),
    Column("album", String(64), nullable=False),
    Column("ripe_at", Instant),  # not before its photo has come
    Column("unread", String(20)),  # why its photo can't be used
    Column("since", Instant, nullable=False),
)

lanes = Table(
    "lanes",
    metadata,
    # Who sends for an account of a channel, and since when nobody may: one row an account.
    Column("lane", String(40), primary_key=True),
    Column("not_before", Instant),
    Column("held_by", String(40)),
    Column("held_until", Instant),
)

links = Table(
    "links",
    metadata,
    # One-time links to our own page, for what may not be asked in a chat.
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("opened_by", String(64)),  # a digest of the browser's cookie
    Column("expires_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("created_at", Instant, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("person_id", Id, ForeignKey("people.id"), index=True),
    Column("purpose", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("words", Text, nullable=False),  # as shown
    Column("given_by", String(10), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)

reminders = Table(
    "reminders",
    metadata,
    # Whom a chat was reminded of, on which day, by which row of the outbox.
    Column("chat_id", Id, ForeignKey("chats.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, index=True),
    Column("day", Date, primary_key=True),
    Column("kind", String(15), nullable=False),  # rules.reminding.Kind
    Column("notice", Id, nullable=False),
)

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("entered_by", String(10), nullable=False),
    Column("state", String(20), nullable=False),  # submitted, registered, already-member, refused
    Column("occupation", String(40), nullable=False),
    Column("sector", String(10), nullable=False),
    Column("income_band", Integer, nullable=False),
    Column("heir_name", String(100), nullable=False),
    Column("heir_relation", String(10), nullable=False),
    Column("first_month", String(7), nullable=False),
    Column("months", Integer, nullable=False),
    Column("amount", Integer, nullable=False),  # whole rupiah, as confirmed
    Column("doubts", Text, nullable=False),
    Column("refusal", String(200)),
    Column("created_at", Instant, nullable=False),
    Column("decided_at", Instant),
)

memberships = Table(
    "memberships",
    metadata,
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("kpj", String(11), nullable=False, index=True),
    Column("covered_from", Date),  # BPJS's word
    Column("protected_until", Date, index=True),  # BPJS's word
    Column("stated_at", Instant, nullable=False),
)

photos = Table(
    "photos",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("conversation_id", Id, index=True),  # in which it was sent
    Column("sealed", LargeBinary, nullable=False),  # with the photo's own key
    Column("bytes", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
)

photo_keys = Table(
    "photo_keys",
    metadata,
    # Apart from the photos, so that a backup can leave it out: without its key a photo can't be opened anywhere.
    Column("photo_id", Id, ForeignKey("photos.id"), primary_key=True, autoincrement=False),
    Column("key", LargeBinary),  # sealed; None once destroyed
    Column("dies_at", Instant),  # its last moment, if nobody asks for an earlier one
    Column("destroyed_at", Instant),
    Column("why", String(40)),
    Index("ix_photo_keys_alive", "dies_at", **only("key IS NOT NULL")),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),  # call-person, visit (db/visits.py)
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False, index=True),
    Column("flow", String(40), nullable=False),
    Column("step", String(80), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
)

audit = Table(
    "audit",
    metadata,
    # Append-only: the migration forbids UPDATE and DELETE. Each row holds the hash of the one before it.
    Column("number", Id, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(60), nullable=False),
    Column("detail", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Index("ix_audit_reads", "subject", **only("action = 'read-person'")),
)
