"""What a member or the family is paid after a death, an accident at work, or for a child's school.

All figures are dated entries of rules/data/benefits.toml, each with its source. Invariant: whose cover doesn't hold is
promised nothing, and nobody more than the months without a break support; what is unconfirmed is said to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, TypeVar, get_args

from msgspec import Struct

from rules import tariff
from rules.claim_report import Cause, Level
from rules.history import History
from rules.money import Rupiah
from rules.month import Month
from rules.packaged import toml_table
from rules.words import Text, Translate

TABLE = "rules/data/benefits.toml"
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the lowest."""
Name = Literal[
    "treatment", "home-care", "transport-land", "transport-sea", "transport-air", "sick-pay-months-1-6",
    "sick-pay-months-7-12", "sick-pay-later", "total-disability", "work-death", "work-periodic", "work-funeral",
    "prosthesis", "glasses", "illness-death", "illness-periodic", "illness-funeral",
]  # fmt: skip
AT_WORK: tuple[Name, ...] = ("work-death", "work-periodic", "work-funeral")
OF_ILLNESS: tuple[Name, ...] = ("illness-death", "illness-periodic", "illness-funeral")
INJURED: tuple[Name, ...] = (
    "treatment", "sick-pay-months-1-6", "sick-pay-months-7-12", "sick-pay-later", "total-disability", "work-periodic",
    "home-care", "transport-land", "transport-sea", "transport-air", "prosthesis", "glasses",
)  # fmt: skip
Wait = Literal["illness-death", "illness-scholarship"]
ZERO = Rupiah(0)


class Benefit(Struct, frozen=True):
    """One figure for one member. `amount` is None for what is paid by need. `since` the rule of `source` holds."""

    name: str
    amount: Rupiah | None
    words: Text
    since: date
    source: str

    def tell(self, language: str, translate: Translate) -> str:
        """ "Biaya pemakaman Rp10.000.000"."""
        words = self.words.tell(language, translate)
        return words if self.amount is None else f"{words} {self.amount.tell(language, translate)}"


class More(Struct, frozen=True):
    """What is paid from the day `on`, if no month is missed until then. `unconfirmed`: months before a break may
    count, so it may be paid earlier; no source tells."""

    on: date
    total: Rupiah
    unconfirmed: bool


class Promise(Struct, frozen=True):
    """What is paid, nothing if the cover doesn't hold. `source`: the rule that decides it."""

    benefits: tuple[Benefit, ...] = ()
    source: str = ""
    more: More | None = None

    @property
    def total(self) -> Rupiah:
        """The sums that are paid once; of an injury they aren't all due, so don't add those."""
        return _sum(self.benefits)

    def named(self, name: Name) -> Benefit:
        """One of them. LookupError if it isn't promised."""
        for benefit in self.benefits:
            if benefit.name == name:
                return benefit
        raise LookupError(f"{name} isn't promised")


def if_died_of_illness(history: History, on: date) -> Promise:
    """JKM. In the first months of a membership the funeral alone."""
    if not history.covers(on):
        return Promise()
    full, wait = _benefits(OF_ILLNESS, history, on), _wait("illness-death", on)
    day = history.full_on(wait.months, on)
    if day <= on:
        return Promise(full, full[0].source)
    return Promise(full[-1:], wait.source, More(day, _sum(full), history.has_break(on)))


def if_died_at_work(history: History, on: date) -> Promise:
    """JKK, from the first day."""
    if not history.covers(on):
        return Promise()
    benefits = _benefits(AT_WORK, history, on)
    return Promise(benefits, benefits[0].source)


def if_injured(history: History, on: date) -> Promise:
    """JKK, from the first day: what is paid by need, by the month, and once for a total disability."""
    if not history.covers(on):
        return Promise()
    benefits = _benefits(INJURED, history, on)
    return Promise(benefits, benefits[0].source)


def scholarship(level: Level, children: int, cause: Cause, history: History, on: date) -> Promise:
    """The most that so many children, who now go to school at this level, are paid together until the last one; an
    entry for each level that is left. After a death of work from the first day, after another one only when
    contributions were paid for three years. ValueError for fewer than no children."""
    if children < 0:
        raise ValueError("there are no fewer than no children")
    if not history.covers(on):
        return Promise()
    benefits = _schooling(level, children, on)
    limit = _in_force(_TABLES.school_limits, on)
    if cause == "work":
        return Promise(benefits, limit.source)
    wait = _wait("illness-scholarship", on)
    day = history.full_on(wait.months, on)
    if day <= on:
        return Promise(benefits, limit.source)
    return Promise((), wait.source, More(day, _sum(benefits), history.has_break(on)))


def school_years(on: date) -> tuple[Benefit, ...]:
    """What a year of school is paid, by level from the lowest."""
    return tuple(
        Benefit(school.level, Rupiah(school.a_year), Text(school.words), school.valid_from, school.source)
        for school in _schools(on)
    )


def children_max(on: date) -> int:
    """How many children of a member are paid a scholarship."""
    return _in_force(_TABLES.school_limits, on).children_max


def words() -> Iterable[Text]:
    """The names that the table shows to people."""
    named: tuple[_Figure | _School, ...] = (*_TABLES.figures, *_TABLES.schools)
    return (Text(entry.words) for entry in named)


class _Dated(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    valid_from: date
    source: str
    read_at: str
    unconfirmed: str = ""


class _Figure(_Dated, frozen=True, kw_only=True):
    name: Name
    words: str
    amount: int | None = None
    percent_of_base: int | None = None


class _Wait(_Dated, frozen=True, kw_only=True):
    name: Wait
    months: int


class _School(_Dated, frozen=True, kw_only=True):
    level: Level
    words: str
    a_year: int
    years_max: int


class _SchoolLimit(_Dated, frozen=True, kw_only=True):
    children_max: int
    amount_max: int


class _Tables(Struct, frozen=True, forbid_unknown_fields=True):
    figures: tuple[_Figure, ...]
    waits: tuple[_Wait, ...]
    schools: tuple[_School, ...]
    school_limits: tuple[_SchoolLimit, ...]


def _benefits(names: Sequence[Name], history: History, on: date) -> tuple[Benefit, ...]:
    return tuple(_benefit(name, history.tier, on) for name in names)


def _benefit(name: Name, tier: int, on: date) -> Benefit:
    figure = _in_force([one for one in _TABLES.figures if one.name == name], on)
    amount = None if figure.amount is None else Rupiah(figure.amount)
    if figure.percent_of_base is not None:
        amount = tariff.tier(tier, Month.of(on)).base.percent(figure.percent_of_base)
    if name == "work-death":  # PP 82/2019: not below what a death that isn't of work is paid
        amount = max(amount or ZERO, _benefit("illness-death", tier, on).amount or ZERO)
    return Benefit(name, amount, Text(figure.words), figure.valid_from, figure.source)


def _schooling(level: Level, children: int, on: date) -> tuple[Benefit, ...]:
    """The years from this level on, for so many children, as far as the limits of all of them reach."""
    limit = _in_force(_TABLES.school_limits, on)
    left, found = Rupiah(limit.amount_max), list[Benefit]()
    for school in _schools(on)[LEVELS.index(level) :]:
        amount = min(left, Rupiah(school.a_year) * school.years_max * min(children, limit.children_max))
        left -= amount
        found.append(Benefit(school.level, amount, Text(school.words), school.valid_from, school.source))
    return tuple(found)


def _schools(on: date) -> list[_School]:
    return [_in_force([one for one in _TABLES.schools if one.level == level], on) for level in LEVELS]


def _wait(name: Wait, on: date) -> _Wait:
    return _in_force([one for one in _TABLES.waits if one.name == name], on)


def _sum(benefits: Iterable[Benefit]) -> Rupiah:
    return sum((one.amount for one in benefits if one.amount is not None), ZERO)


_Entry = TypeVar("_Entry", bound=_Dated)


def _in_force(entries: Sequence[_Entry], on: date) -> _Entry:
    for entry in reversed(entries):
        if entry.valid_from <= on:
            return entry
    raise LookupError(f"{TABLE} begins on {entries[0].valid_from} and holds nothing for {on}")


_TABLES = toml_table("benefits.toml", _Tables)
"""Of each name from the oldest."""
