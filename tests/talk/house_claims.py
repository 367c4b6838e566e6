"""What the invented registry of `house_chat` knows of claims.

Invariant: each answer follows from the request alone, so a conversation of a release goes on alike in a new chat.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from bot.flows.claim_asks import (
    AnswerClaim,
    ClaimPeople,
    ClaimPerson,
    ClaimsHere,
    FindMember,
    KeepPapers,
    MemberUnknown,
    OpenClaim,
    ReportClaim,
)
from bot.flows.clinic_asks import ChooseClinic
from bot.talk.awaited import Request
from rules.claim_documents import needed
from rules.claim_report import kind_of
from rules.quiet import WITA

KPJ, BORN = "31754442421", date(1979, 5, 12)
TRIES_MAX = 3
PEOPLE = [
    ClaimPerson(1, "HASNA", KPJ, date(2026, 10, 5), date(2026, 12, 31)),
    ClaimPerson(2, "LA BACO", "31754442439", date(2026, 8, 1), date(2026, 8, 31)),
    ClaimPerson(3, "NURDIN", "31754442447"),
    ClaimPerson(4, "BESSE", "31754442454", date(2026, 1, 5), date(2026, 10, 31), has_died=True),
]
"""One is protected, one was until August, one never, one has died."""
DUE = datetime(2026, 11, 9, 16, 0, tzinfo=WITA)
_DEATH = ("ktp", "heir-ktp", "family-card", "death-certificate", "heir-letter", "account-book")
CLAIMS = [
    OpenClaim(1, 1, 1, "HASNA", "accident", "documents-incomplete", "you", DUE, ("ktp", "witnesses"), ("witnesses",)),
    OpenClaim(
        2, 2, 2, "BESSE", "death", "refused", "office", DUE, _DEATH, (), True, False, "Kejadiannya tidak dijamin."
    ),
    OpenClaim(
        3, 3, 3, "BESSE", "death", "paid", "you", DUE, _DEATH, (), True, False, "", 42_000_000, DUE.date(), "LA BACO"
    ),
    OpenClaim(4, 4, 4, "LA BACO", "accident", "verifying", "bpjs", DUE, ("ktp", "witnesses"), ("ktp",), True),
    OpenClaim(5, 5, 5, "NURDIN", "accident", "sent", "bpjs", DUE, ("ktp",), (), True),
]
"""The fourth is closed before its paper comes."""
CLOSED, MOVED_ON = 4, (3, "missing-money")
_FIRST_NEW = 10
_KINDS = (
    ("ktp", "witnesses", "work-letter", "doctor-letter"),
    ("ktp", "witnesses", "work-letter", "doctor-letter", "police-report"),
    _DEATH,
    (*_DEATH[:-1], "marriage-book", "account-book"),
    ("ktp", "family-card", "account-book", "birth-certificate", "school-letter", "school-report", "guardian-ktp"),
)
"""The papers of a new claim; its place tells its id."""


def _find(asked: FindMember) -> ClaimPerson | MemberUnknown:
    if asked.born == BORN and (asked.nik is not None or asked.kpj == KPJ):
        return PEOPLE[0]
    return MemberUnknown(too_many=asked.number == TRIES_MAX)


def _report(asked: ReportClaim) -> OpenClaim:
    about = asked.report.about
    kinds = tuple(one.kind for one in needed(about, asked.report.reporter))
    number = _FIRST_NEW + _KINDS.index(kinds)
    person = next(one for one in PEOPLE if one.person == asked.person)
    return OpenClaim(number, number, 1, person.name, kind_of(about), "reported", "you", DUE, kinds, kinds)


def _keep(asked: KeepPapers) -> OpenClaim | None:
    """The papers after the last of these are still missing."""
    if asked.claim == CLOSED:
        return None
    if asked.claim < _FIRST_NEW:
        claim = next(one for one in CLAIMS if one.claim == asked.claim)
    else:
        kinds = _KINDS[asked.claim - _FIRST_NEW]
        claim = OpenClaim(asked.claim, asked.claim, 1, "HASNA", "accident", "documents-incomplete", "you", DUE, kinds)
    left = claim.needed[claim.needed.index(asked.photos[-1][0]) + 1 :]
    if left:
        return replace(claim, missing=left)
    return replace(claim, missing=(), state="complete", holder="office")


REGISTRY: dict[type[Request[Any]], Any] = {
    AnswerClaim: lambda asked: (asked.claim, asked.answer) != MOVED_ON,
    ChooseClinic: None,
    ClaimPeople: PEOPLE,
    ClaimsHere: CLAIMS,
    FindMember: _find,
    KeepPapers: _keep,
    ReportClaim: _report,
}
