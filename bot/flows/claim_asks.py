"""What the claim flows want from our registry, as typed requests with typed answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from msgspec import Struct

from bot.talk.awaited import Command, Errand, Lookup
from rules.claim_report import Kind, Report
from rules.claims import Holder, State
from rules.nik import Nik
from rules.plkk import AtClinic


class ClaimPerson(Struct, frozen=True, tag="claim-person"):
    """A member about whom a claim can be reported. The cover is BPJS's word."""

    person: int
    name: str
    kpj: str
    covered_from: date | None = None
    protected_until: date | None = None
    has_died: bool = False


class MemberUnknown(Struct, frozen=True, tag="member-unknown"):
    """No member has this number and this birth date. `too_many`: it was tried too often."""

    too_many: bool = False


class OpenClaim(Struct, frozen=True):
    """A claim that was reported here and isn't closed. `missing`: the kinds of its papers that aren't there yet, of
    `needed`. `due`: when something is heard of it. `at_bpjs`: BPJS has the report.
    `guarded`: the chat serves others, too, and only who knows the birth year is told more. `clinic` is the one that was
    told of an accident, "" while none has answered; `treated` what it said last."""

    claim: int
    number: int
    person: int
    name: str
    kind: Kind
    state: State
    holder: Holder
    due: datetime
    needed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    at_bpjs: bool = False
    guarded: bool = False
    words: str = ""
    amount: int | None = None
    paid_on: date | None = None
    paid_to: str = ""
    clinic: str = ""
    treated: AtClinic = "expected"


class ClaimPeople(Lookup[list[ClaimPerson]], frozen=True):
    """The members for whom this chat speaks, the latest first."""

    day: str


class FindMember(Command[ClaimPerson | MemberUnknown], frozen=True):
    """The member with this member number (or this NIK), if the birth date is right: an heir writes from a phone of
    their own. What isn't right is counted against this chat; `number` tells the tries of a conversation apart."""

    kpj: str
    nik: Nik | None
    born: date
    number: int


class ClaimsHere(Lookup[list[OpenClaim]], frozen=True):
    """The open claims that were reported in this chat, the latest first."""

    day: str


class ReportClaim(Command[OpenClaim], frozen=True):
    """Write the claim. With a death, nothing unasked is said about that person from this transaction on."""

    final: ClassVar[bool] = True
    person: int
    report: Report
    doubts: tuple[str, ...]


class KeepPapers(Command[OpenClaim | None], frozen=True):
    """These photos are papers of the claim, by kind. What is complete and beyond doubt goes to BPJS; of a claim that is
    decided none is kept. None: the claim isn't this chat's, or is closed."""

    claim: int
    photos: tuple[tuple[str, int], ...]


class AnswerClaim(Command[bool], frozen=True):
    """What the person says about a claim: "received" the money or not ("missing-money"); wants the refusal "explained"
    or accepts it ("accepted"); takes the report back ("withdrawn"). False: the claim has moved on meanwhile, so that
    this means nothing any more."""

    claim: int
    answer: str


class SendClaim(Errand[None], frozen=True):
    """Tell BPJS of a claim and send its papers. Asked by the registry itself; no conversation waits for it."""

    claim: int

    def seals(self, answer: Any) -> bool:
        return False
