"""What is stored of a conversation: the journal, and the little that is not an answer.

Invariant: this is all of it. Whoever loads these values can go on, in another process and another release.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

STACK_MAX = 4
"""Unfinished conversations of one chat; one more replaces the oldest."""
JOURNAL_MAX = 400
"""Entries of one journal. A flow that needs more has a loop without an end."""

CALLED = "="
"""The entry with the words that began the conversation. No question has this name."""

Ending = Literal["done", "cancelled", "replaced", "broken"]


class Entry(Struct, array_like=True, frozen=True):
    """A kept answer: plain JSON, and the digest of what it was about ("" for nothing)."""

    value: Any
    about: str = ""


class Open(Struct, array_like=True):
    """The question that waits: its token (name and what it is about), slips so far, and an offer to pick from."""

    name: str
    token: str
    slips: int = 0
    offered: tuple[str, ...] = ()


class Aside(Struct, array_like=True):
    """A question of the engine itself. "cancel" this conversation; "change" answer `name` to `value`, an option or, if
    `typed`, words; "person"; "draft": which of the conversations in `value`, or a new one of the flow `name`."""

    kind: Literal["cancel", "change", "person", "draft"]
    name: str = ""
    value: str = ""
    typed: bool = False


class Editing(Struct, array_like=True):
    """A field of the summary `at` is being changed. `taken` are the answers taken out, put back by "back";
    `reopened` the names that are asked although an answer is given."""

    at: str
    taken: dict[str, Entry]
    reopened: list[str]


class Conversation(Struct, omit_defaults=True):
    """One run of a flow. `awaiting` are the keys of errands under way, `photos` the ids of all that were sent in,
    `touched` when the person last wrote. `refs`: which message answered which question, and under "" the last one that
    was heard, where messages can be edited. `subject`: whom it is about, where that isn't who writes."""

    id: int
    flow: str
    journal: dict[str, Entry] = field(default_factory=dict)
    open: Open | None = None
    aside: Aside | None = None
    awaiting: list[str] = field(default_factory=list)
    editing: Editing | None = None
    photos: list[int] = field(default_factory=list)
    touched: datetime | None = None
    refs: dict[str, str] = field(default_factory=dict)
    subject: str = ""


class Talk(Struct):
    """All that a chat has under way; the last conversation is the one being held."""

    language: str = "id"
    stack: list[Conversation] = field(default_factory=list)
