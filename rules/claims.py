"""How a claim stands, who has to act, and by when something is heard of it.

Pure. Invariants (property-tested): an open claim has exactly one holder and one promised moment, a closed one neither;
a promise that passes moves the claim, so that somebody is told; BPJS's word moves it on, never silently back.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from rules.bpjs import ClaimState
from rules.claim_report import About, Accident
from rules.packaged import toml_table
from rules.workdays import closing_after

TABLE = "rules/data/claims.toml"
State = Literal[
    "reported", "documents-incomplete", "complete", "sent", "verifying", "approved", "refused", "paid", "closed"
]
Holder = Literal["you", "agent", "office", "bpjs"]
STATES: tuple[State, ...] = get_args(State)
CLIMBED_MAX = 2
"""The coordinator, then the head of the office; from then on each week anew."""
CLIMB_WORKDAYS, CLIMB_AGAIN_WORKDAYS = 2, 5
CHECK_WORKDAYS = 1
"""For what the office looks at first."""
WRONG_HEIR = frozenset({"not-an-heir", "a-nearer-heir-lives"})
"""Doubts about who is paid after a death: no papers are asked for before the office has looked."""

OF_BPJS: dict[ClaimState, State] = {
    "received": "sent", "verifying": "verifying", "documents-wanted": "documents-incomplete", "approved": "approved",
    "refused": "refused", "paid": "paid",
}  # fmt: skip
"""What BPJS's words mean here."""

_FORWARD: frozenset[State] = frozenset({"verifying", "approved", "refused", "paid"})
_ON: dict[State, frozenset[State]] = {
    "reported": _FORWARD | {"documents-incomplete", "complete", "sent", "closed"},
    "documents-incomplete": _FORWARD | {"complete", "sent", "closed"},
    "complete": _FORWARD | {"documents-incomplete", "sent", "closed"},
    "sent": frozenset({"documents-incomplete", "verifying", "approved", "refused", "paid"}),
    "verifying": frozenset({"documents-incomplete", "approved", "refused", "paid"}),
    "approved": frozenset({"refused", "paid"}),
    "refused": frozenset({"documents-incomplete", "verifying", "approved", "paid", "closed"}),
    "paid": frozenset({"closed"}),
    "closed": frozenset(),
}
"""From each state to which. BPJS may skip some: not every word of it reaches us, and it begins before the papers are
complete if it likes."""
DECIDED: frozenset[State] = frozenset({"approved", "refused", "paid", "closed"})
"""BPJS has decided: no papers are wanted any more."""


class Progress(Struct, frozen=True):
    """Where a claim is. `holder` and `promised` are None once it is closed. `climbed`: how often a promise passed since
    the claim came into this state."""

    state: State
    since: datetime
    holder: Holder | None
    promised: datetime | None
    climbed: int = 0


class _Limits(Struct, frozen=True, forbid_unknown_fields=True):
    valid_from: date
    report_within_hours: int
    lapses_after_years: int
    source: str


class _Promise(Struct, frozen=True, forbid_unknown_fields=True):
    state: State
    holder: Holder
    workdays: int
    source: str


class _Table(Struct, frozen=True):
    limits: tuple[_Limits, ...]
    promises: tuple[_Promise, ...]


def reported(now: datetime) -> Progress:
    """A new claim."""
    return _in("reported", now)


def move(progress: Progress, state: State, now: datetime) -> Progress | None:
    """The claim in another state; the same one, if it is there already. None if no way leads there from where it is: an
    older word than one that was heard before, or none of ours."""
    if state == progress.state:
        return progress
    return _in(state, now) if state in _ON[progress.state] else None


def passed(progress: Progress, now: datetime) -> Progress:
    """The claim after its promise has passed: money of which nobody complained closes it, from somebody who doesn't
    send what is missing it goes to the agent, and everything else climbs."""
    if progress.state == "paid" and progress.holder == "you":
        return _in("closed", now)
    climbed = min(progress.climbed + 1, CLIMBED_MAX)
    workdays = CLIMB_AGAIN_WORKDAYS if progress.climbed >= CLIMBED_MAX else CLIMB_WORKDAYS
    holder: Holder | None = "agent" if progress.holder == "you" else progress.holder
    return replace(progress, holder=holder, climbed=climbed, promised=closing_after(now, workdays))


def is_checked_first(about: About, doubts: Collection[str]) -> bool:
    """Whether the office looks before papers are waited for: an accident has to be with BPJS within 2 x 24 hours, and
    nobody is to collect the papers of a claim that is another's."""
    return bool(doubts) if isinstance(about, Accident) else not WRONG_HEIR.isdisjoint(doubts)


def checked_first(progress: Progress, before: Progress, now: datetime) -> Progress:
    """The claim while the office looks at what is doubtful; what comes meanwhile doesn't put off its promise."""
    promised = before.promised if before.holder == "office" else closing_after(now, CHECK_WORKDAYS)
    return replace(progress, holder="office", promised=promised, climbed=before.climbed)


def checked(progress: Progress, now: datetime) -> Progress:
    """The claim after the office has looked: its state's own holder and promise."""
    return _in(progress.state, now)


def complained(progress: Progress, now: datetime) -> Progress:
    """The claim after the person said that something about it isn't right: the office has to act. Asking again doesn't
    put off what was promised. Money that never came opens a claim that was closed."""
    promised = closing_after(now, CLIMB_WORKDAYS)
    if progress.holder == "office" and progress.promised is not None:
        promised = min(promised, progress.promised)
    state = "paid" if progress.state == "closed" else progress.state
    return replace(progress, state=state, holder="office", promised=promised)


def is_late(progress: Progress, now: datetime) -> bool:
    return progress.promised is not None and progress.promised <= now


def report_by(happened: datetime) -> datetime:
    """Until when an accident has to be reported."""
    return happened + timedelta(hours=_limits(happened.date()).report_within_hours)


def lapses_on(happened: date) -> date:
    """The first day on which nothing can be claimed any more."""
    year = happened.year + _limits(happened).lapses_after_years
    try:
        return happened.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 3, 1)


def _in(state: State, now: datetime) -> Progress:
    promise = _PROMISES.get(state)
    if promise is None:
        return Progress(state, now, None, None)
    return Progress(state, now, promise.holder, closing_after(now, promise.workdays))


def _limits(day: date) -> _Limits:
    """Of an accident before the first entry the right has lapsed by any of them."""
    return next((limits for limits in reversed(_TABLE.limits) if limits.valid_from <= day), _TABLE.limits[0])


_TABLE = toml_table("claims.toml", _Table)
_PROMISES = {promise.state: promise for promise in _TABLE.promises}
assert _PROMISES.keys() == set(STATES) - {"closed"}, f"{TABLE} promises something for every open state"
