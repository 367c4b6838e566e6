"""What a member or the family is paid: every figure with its source, and never more than the paid months support."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import benefits, tariff
from rules.benefits import Name, Promise, if_died_at_work, if_died_of_illness, if_injured, scholarship, school_years
from rules.claim_report import Cause, Level
from rules.history import History, newcomer
from rules.money import Rupiah
from rules.month import Month
from tests.rules.values import TODAY, tier_numbers

M = 1_000_000
GOVERNMENT, MINISTRY = "PP 82/2019", "Permenaker 1/2025"
FAMILY_MAX = Rupiah(42 * M)
"""JKM: 20 + 12 + 10 million. PP 82/2019, as github.com/hibahtiar/jaga-pekerja data/program.js tells it."""
SCHOOL_MAX = Rupiah(174 * M)
"""Of two children together. PP 82/2019, as finance.detik.com 4858380 tells it."""
LEVELS: tuple[Level, ...] = ("primary", "junior", "senior", "university")
RETURNED = History(1, Month(2026, 1).until(3) + Month(2026, 9).until(3), date(2026, 1, 20), date(2026, 11, 30))


def member(months: int, *, tier: int = 1, on: date = TODAY) -> History:
    """Who has paid so many months without a break, that of `on` the last, from the first day of the first."""
    first = Month.of(on) - (months - 1)
    return History(tier, first.until(months), first.first_day, Month.of(on).last_day)


@pytest.mark.parametrize(("name", "amount", "source"), [
    # PP 82/2019 Annex III, as scribd 481284436 tells it
    ("treatment", None, GOVERNMENT),
    ("home-care", 20 * M, GOVERNMENT),
    ("transport-land", 5 * M, GOVERNMENT),
    ("transport-sea", 2 * M, GOVERNMENT),
    ("transport-air", 10 * M, GOVERNMENT),
    ("sick-pay-months-1-6", 1 * M, GOVERNMENT),  # 100 % of the base of the tier
    ("sick-pay-months-7-12", 1 * M, GOVERNMENT),  # 100 %
    ("sick-pay-later", M // 2, GOVERNMENT),  # 50 %
    ("total-disability", 56 * M, GOVERNMENT),  # 70 % x 80
    ("work-periodic", 12 * M, GOVERNMENT),
    ("prosthesis", None, GOVERNMENT),  # the price of the hospital and 40 %
    ("glasses", 1 * M, GOVERNMENT),
])  # fmt: skip
def test_an_injured_member_of_the_lowest_tier_is_paid(name: Name, amount: int | None, source: str) -> None:
    found = if_injured(member(1), TODAY).named(name)

    assert found.amount == (None if amount is None else Rupiah(amount))
    assert (found.source, found.since) == (source, date(2019, 12, 2))


@pytest.mark.parametrize(("tier", "base", "death"), [
    # PP 82/2019: 60 % x 80 x the base of the tier (PP 44/2015 Annex II)
    (1, 1 * M, 48 * M), (2, 1_200_000, 57_600_000), (33, 20_700_000, 993_600_000),
])  # fmt: skip
def test_a_death_at_work_is_paid_from_the_first_day(tier: int, base: int, death: int) -> None:
    promise = if_died_at_work(newcomer(tier, TODAY), TODAY)

    assert tariff.tier(tier).base == Rupiah(base)
    assert _told(promise) == {
        "work-death": Rupiah(death), "work-periodic": Rupiah(12 * M), "work-funeral": Rupiah(10 * M)
    }  # fmt: skip
    assert promise.total == Rupiah(death + 22 * M)
    assert promise.source == GOVERNMENT


def test_a_death_of_illness_is_paid_in_full_after_three_months() -> None:
    promise = if_died_of_illness(member(4), TODAY)

    assert _told(promise) == {
        "illness-death": Rupiah(20 * M), "illness-periodic": Rupiah(12 * M), "illness-funeral": Rupiah(10 * M)
    }  # fmt: skip
    assert (promise.total, promise.source, promise.more) == (FAMILY_MAX, GOVERNMENT, None)


def test_in_the_first_three_months_it_is_the_funeral_alone() -> None:
    """Permenaker 1/2025, as media.alkhairaat.id tells it; bongkar86.com tells the 10 million as 8 and 2."""
    promise = if_died_of_illness(member(2), TODAY)

    assert _told(promise) == {"illness-funeral": Rupiah(10 * M)}
    assert promise.source == MINISTRY
    assert promise.more == benefits.More(date(2027, 1, 1), FAMILY_MAX, unconfirmed=False)


@pytest.mark.parametrize(("on", "total"), [(date(2027, 2, 20), 10 * M), (date(2027, 2, 21), 42 * M)])
def test_the_three_months_are_full_on_the_day(on: date, total: int) -> None:
    joined = History(1, Month(2026, 11).until(4), covered_from=TODAY, protected_until=date(2027, 2, 28))

    assert if_died_of_illness(joined, on).total == Rupiah(total)


def test_who_returned_after_a_lapse_may_begin_anew_and_is_told_so() -> None:
    promise = if_died_of_illness(RETURNED, TODAY)

    assert promise.total == Rupiah(10 * M)
    assert promise.more == benefits.More(date(2026, 12, 30), FAMILY_MAX, unconfirmed=True)


@pytest.mark.parametrize(("level", "words", "a_year", "until_the_end"), [
    # a year, times 8, 3, 3 and 5 years. PP 82/2019, as finance.detik.com 4858380 tells it
    ("primary", "SD", 1_500_000, 87 * M),
    ("junior", "SMP", 2 * M, 75 * M),
    ("senior", "SMA", 3 * M, 69 * M),
    ("university", "Kuliah", 12 * M, 60 * M),
])  # fmt: skip
def test_a_child_is_paid_school_by_level(level: Level, words: str, a_year: int, until_the_end: int) -> None:
    year = next(one for one in school_years(TODAY) if one.name == level)

    assert (year.words.msgid, year.amount, year.source) == (words, Rupiah(a_year), GOVERNMENT)
    assert scholarship(level, 1, "work", member(1), TODAY).total == Rupiah(until_the_end)


@pytest.mark.parametrize(("children", "total"), [(0, 0), (1, 87 * M), (2, 174 * M), (3, 174 * M), (9, 174 * M)])
def test_two_children_are_paid_school_at_most(children: int, total: int) -> None:
    assert benefits.children_max(TODAY) == 2
    assert scholarship("primary", children, "work", member(1), TODAY).total == Rupiah(total)


@pytest.mark.parametrize(("cause", "months", "total"), [
    ("work", 1, 174 * M), ("other", 36, 0), ("unknown", 36, 0), ("other", 37, 174 * M), ("unknown", 37, 174 * M),
])  # fmt: skip
def test_after_a_death_that_isnt_of_work_school_needs_three_full_years(cause: Cause, months: int, total: int) -> None:
    assert scholarship("primary", 2, cause, member(months), TODAY).total == Rupiah(total)


def test_until_then_the_day_is_told() -> None:
    promise = scholarship("primary", 2, "other", member(4), TODAY)

    assert promise.more == benefits.More(date(2029, 8, 1), SCHOOL_MAX, unconfirmed=False)
    returned = scholarship("primary", 2, "other", RETURNED, TODAY).more
    assert returned is not None
    assert returned.unconfirmed


def test_no_child_less_than_none_is_a_bug() -> None:
    with pytest.raises(ValueError, match="children"):
        scholarship("primary", -1, "work", member(1), TODAY)


def test_a_day_before_the_table_is_a_bug_that_names_the_table() -> None:
    with pytest.raises(LookupError, match=r"benefits\.toml begins on 2019-12-02 and holds nothing for 2019-12-01"):
        school_years(date(2019, 12, 1))


def test_what_isnt_promised_isnt_there() -> None:
    with pytest.raises(LookupError, match="glasses isn't promised"):
        if_injured(History(1), TODAY).named("glasses")


class TestHistory:
    """How old the unbroken membership is."""

    def test_a_newcomer_begins_today(self) -> None:
        assert newcomer(1, TODAY).begun(TODAY) == TODAY
        assert newcomer(1, TODAY).covers(TODAY)

    def test_an_unknown_first_day_is_the_last_of_its_month(self) -> None:
        unknown = History(1, Month(2026, 9).until(3), None, date(2026, 11, 30))

        assert unknown.begun(TODAY) == date(2026, 9, 30)
        assert unknown.full_on(3, TODAY) == date(2026, 12, 30)

    def test_who_is_protected_without_a_paid_month_has_none_behind_them(self) -> None:
        assert History(1, (), None, date(2026, 11, 30)).begun(TODAY) == date(2026, 11, 30)

    def test_months_are_full_in_february_too(self) -> None:
        assert newcomer(1, date(2026, 11, 30)).full_on(3, date(2026, 11, 30)) == date(2027, 2, 28)

    @pytest.mark.parametrize(("on", "covered"), [
        (date(2026, 11, 20), False), (TODAY, True), (date(2026, 11, 30), True), (date(2026, 12, 1), False)
    ])  # fmt: skip
    def test_covers_from_the_first_day_to_the_last(self, on: date, covered: bool) -> None:
        assert newcomer(1, TODAY).covers(on) == covered


DAYS = st.dates(date(2025, 2, 24), date(2032, 12, 31))


@st.composite
def histories(draw: st.DrawFn) -> tuple[History, date]:
    """Anybody's, and a day to ask about."""
    on = draw(DAYS)
    passed = draw(st.sets(st.integers(-3, 60)))
    covered_from = draw(st.none() | st.dates(on - timedelta(days=2_000), on + timedelta(days=40)))
    until = draw(st.none() | st.dates(on - timedelta(days=200), on + timedelta(days=400)))
    paid = tuple(Month.of(on) - one for one in sorted(passed))
    return History(draw(tier_numbers), paid, covered_from, until), on


def _promises(history: History, on: date) -> list[Promise]:
    return [
        if_died_of_illness(history, on), if_died_at_work(history, on), if_injured(history, on),
        *(scholarship(level, 2, cause, history, on) for level in LEVELS for cause in ("work", "other")),
    ]  # fmt: skip


@given(histories())
def test_who_isnt_protected_is_promised_nothing(drawn: tuple[History, date]) -> None:
    history, on = drawn

    assert history.covers(on) or _promises(history, on) == [Promise()] * 11


@given(histories(), st.integers(0, 9), st.sampled_from(LEVELS))
def test_nobody_is_promised_more_than_the_table(drawn: tuple[History, date], children: int, level: Level) -> None:
    history, on = drawn
    base = tariff.tier(history.tier).base

    assert if_died_of_illness(history, on).total <= FAMILY_MAX
    assert if_died_at_work(history, on).total <= base * 48 + Rupiah(22 * M)
    assert scholarship(level, children, "work", history, on).total <= SCHOOL_MAX
    for promise in _promises(history, on):
        assert promise.more is None or (promise.more.on > on and promise.more.total > promise.total)


@given(histories())
def test_a_promise_needs_as_many_paid_months(drawn: tuple[History, date]) -> None:
    """Counted anew: the months that are paid in a row, that of the day included."""
    history, on = drawn
    row = 0
    while Month.of(on) - row in history.paid:
        row += 1

    assert row > 3 or if_died_of_illness(history, on).total <= Rupiah(10 * M)
    assert row > 36 or scholarship("primary", 2, "other", history, on).total == Rupiah(0)


@given(histories(), st.integers(0, 61))
def test_one_month_more_never_makes_it_less(drawn: tuple[History, date], passed: int) -> None:
    history, on = drawn
    more = History(history.tier, (*history.paid, Month.of(on) - passed), history.covered_from, history.protected_until)

    for before, after in zip(_promises(history, on), _promises(more, on), strict=True):
        assert after.total >= before.total
        assert after.more is None or (before.more is not None and after.more.on <= before.more.on)


@given(tier_numbers, DAYS)
def test_a_death_at_work_is_never_paid_less_than_another(tier: int, on: date) -> None:
    at_work = if_died_at_work(newcomer(tier, on), on)

    assert at_work.total >= if_died_of_illness(member(12, tier=tier, on=on), on).total


def _told(promise: Promise) -> dict[str, Rupiah | None]:
    return {benefit.name: benefit.amount for benefit in promise.benefits}
