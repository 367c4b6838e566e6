"""How long what people give us is kept (rules/data/retention.toml), and how soon their requests are answered.

Invariant: every kind of personal record has a last day, or a day from which it may be counted.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct

from rules.packaged import toml_table

TABLE = "rules/data/retention.toml"
ANSWERED_WITHIN = timedelta(hours=3 * 24)
"""What somebody asks about their own data: UU 27/2022 art. 30 (correction), 32 (access), 40 and 41 (withdrawal)."""
ALARM_BEFORE = timedelta(hours=24)
"""So long before that time is over the operator is told; ours."""

What = Literal["photo", "unfinished-photo", "claim-paper", "transcript", "ledger"]


class _Rule(Struct, frozen=True, forbid_unknown_fields=True):
    what: What
    valid_from: date
    counts_from: str
    source: str
    days: int = 0
    years: int = 0


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    rules: tuple[_Rule, ...]


def answered_by(asked: datetime) -> datetime:
    """When a request of this moment is answered at the latest: on the hour, a time that is easily told."""
    return (asked + ANSWERED_WITHIN).replace(minute=0, second=0, microsecond=0)


def photo_days(on: date) -> int:
    """Days that a photo is kept once it is needed no more, if the operator sets nothing else."""
    return _in_force("photo", on).days


def unfinished_until(sent: datetime) -> datetime:
    """The end of a photo that leads to no membership."""
    return sent + timedelta(days=_in_force("unfinished-photo", sent.date()).days)


def claim_paper_days(on: date) -> int:
    """Days that the photos of a claim's papers are kept once it is closed."""
    return _in_force("claim-paper", on).days


def transcripts_since(now: datetime) -> datetime:
    """What was said before this moment is kept no longer."""
    return now - timedelta(days=_in_force("transcript", now.date()).days)


def ledger_until(last: date, on: date) -> date:
    """The last day on which a ledger is kept whose last entry is of the day `last`, as the rule stands on `on`."""
    return date(last.year + _in_force("ledger", on).years, 12, 31)


def _in_force(what: What, on: date) -> _Rule:
    """LookupError for a day before the first rule."""
    begun = [rule for rule in _RULES if rule.what == what and rule.valid_from <= on]
    if not begun:
        raise LookupError(f"{TABLE} holds nothing for {what} on {on}")
    return max(begun, key=lambda rule: rule.valid_from)


_RULES = toml_table("retention.toml", _Table).rules
