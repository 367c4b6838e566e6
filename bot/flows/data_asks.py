"""What the flows about one's own data want from the registry.

Invariant: whatever is asked about a person is answered only to a chat that speaks for that person, at that moment.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from msgspec import Struct

from bot.talk.awaited import Command, Lookup
from rules.consent import Purpose

FieldName = Literal["phone", "heir", "address", "name", "nik", "birth-date", "birth-place", "village"]
THE_CHAT = 0
"""Instead of a person: what was sent in a chat from which nobody was enrolled."""


class Mine(Struct, frozen=True):
    """Somebody of this chat. `erased`: everything that may be is erased, or about to be; `kept_until`: the rest."""

    person: int
    name: str
    kpj: str | None = None
    erased: bool = False
    kept_until: date | None = None


class PeopleHere(Lookup[list[Mine]], frozen=True):
    """Everybody for whom this chat speaks, the latest first, with those who had their data erased."""

    day: str  # asked anew each day


class Holding(Struct, frozen=True):
    """What a chat holds besides the people: photos that can still be opened, and whether anything was said at all."""

    photos: int
    drafts: int


class ChatHolds(Lookup[Holding], frozen=True):
    """What was sent in this chat and belongs to nobody who is enrolled."""

    day: str  # asked anew each day


class CheckBirthYear(Command[Literal["right", "wrong", "too-many"]], frozen=True):
    """Whether somebody was born in that year. What isn't right is counted against this chat; `number` tells the tries
    of a conversation apart."""

    person: int
    year: int
    number: int


class Given(Struct, frozen=True):
    """A consent: which words, since when, until when."""

    purpose: Purpose
    version: int
    given: date
    withdrawn: date | None = None


class Pending(Struct, frozen=True):
    """A correction that the office decides, by `due` (WITA)."""

    field: FieldName
    due: datetime


class Held(Struct, frozen=True):
    """What is held about one person. NIK and phone are masked. `photos`: the last day of each that can still be opened.
    `reads`: how often people of the office opened these data."""

    name: str
    nik: str
    birth_place: str
    birth_date: date
    address: str
    village: str
    months_paid: int
    reads: int
    kpj: str | None = None
    phone: str | None = None
    heir: str = ""
    heir_relation: str = ""
    photos: tuple[date, ...] = ()
    consents: tuple[Given, ...] = ()
    pending: tuple[Pending, ...] = ()


class DataOf(Lookup[Held | None], frozen=True):
    """What is held about somebody; None if this chat doesn't speak for them."""

    person: int
    day: str  # asked anew each day


class Correction(Struct, frozen=True):
    """What became of a request. `due`: by when the office decides (WITA); None: it is done."""

    due: datetime | None = None


class Correct(Command[Correction | None], frozen=True):
    """Correct a field of somebody's: at once, or after the office has looked. `values`: the new value as it is stored,
    of an heir name and relation; of a phone that there is none, nothing. `photo`: the evidence. None if this chat
    doesn't speak for that person."""

    person: int
    field: FieldName
    values: tuple[str, ...]
    photo: int | None = None


class ForgetPhotos(Command[int | None], frozen=True):
    """Destroy the keys of somebody's photos; how many that were. None if this chat doesn't speak for that person."""

    final: ClassVar[bool] = True
    person: int  # or THE_CHAT


class ClaimUnderWay(Struct, frozen=True):
    """A claim that is open; something is heard of it by `due` (WITA)."""

    number: int
    due: datetime


class Keeps(Struct, frozen=True, omit_defaults=True):
    """What can't be erased yet: name, NIK, member number and ledger, `until` that day (None: nothing is kept); nothing
    at all as long as a `claim` is open."""

    until: date | None = None
    claim: ClaimUnderWay | None = None


class MustKeep(Lookup[Keeps | None], frozen=True):
    """What has to be kept of somebody; None if this chat doesn't speak for them."""

    person: int  # or THE_CHAT
    day: str  # asked anew each day


class Erasing(Struct, frozen=True):
    """An erasure that was asked for: done by `due` (WITA), but for what is kept until that day."""

    due: datetime
    kept_until: date | None = None


class Erase(Command[Erasing | None], frozen=True):
    """Erase what may be erased of somebody. Photos, consents and reminders end at once. None if this chat doesn't speak
    for that person."""

    final: ClassVar[bool] = True
    person: int  # or THE_CHAT

    def seals(self, answer: Any) -> bool:
        return answer is not None


class NoteExport(Command[bool], frozen=True):
    """Write down that somebody's data are handed out as a file, with the NIK in `full` or masked. False if this chat
    doesn't speak for that person."""

    person: int
    full: bool


FULL = "full"
"""After the number of a person: with the NIK and the phone as they are."""


def export_of(person: int, *, full: bool) -> str:
    """What the file of somebody's data is made of."""
    return f"{person} {FULL}" if full else str(person)
