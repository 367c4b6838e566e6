"""Claims: one holder and one clock while open, whatever happens to them and in whatever order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.claims import (
    CLIMBED_MAX,
    OF_BPJS,
    STATES,
    Progress,
    complained,
    is_late,
    lapses_on,
    move,
    passed,
    report_by,
    reported,
)
from rules.quiet import WITA
from rules.workdays import CLOSES, is_workday

START = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
A_YEAR = 366

events = st.lists(
    st.tuples(st.integers(0, 10), st.one_of(st.sampled_from(STATES), st.sampled_from(["clock", "complaint"]))),
    max_size=40,
)


def happen(progress: Progress, event: str, now: datetime) -> Progress:
    if event == "clock":
        return passed(progress, now) if is_late(progress, now) else progress
    if event == "complaint":
        return complained(progress, now) if progress.state in ("refused", "paid") else progress
    return move(progress, event, now) or progress  # type: ignore[arg-type]  # a state


def well(progress: Progress) -> bool:
    """One holder and one clock while open; neither once closed."""
    is_open = progress.state != "closed"
    return (progress.holder is not None) == (progress.promised is not None) == is_open


@given(events)
def test_an_open_claim_has_exactly_one_holder_and_one_clock(history: list[tuple[int, str]]) -> None:
    progress, now = reported(START), START
    for days, event in history:
        now += timedelta(days=days)
        progress = happen(progress, event, now)
        assert well(progress)
        assert progress.promised is None or progress.promised > now or is_late(progress, now)


@given(events)
def test_a_promise_that_passes_moves_the_claim_so_it_never_passes_twice(history: list[tuple[int, str]]) -> None:
    progress, now = reported(START), START
    for days, event in history:
        now += timedelta(days=days)
        progress = happen(progress, event, now)
        if is_late(progress, now):
            after = passed(progress, now)
            assert not is_late(after, now)
            assert after.state == "closed" or after.climbed == min(progress.climbed + 1, CLIMBED_MAX)


@given(events)
def test_a_promise_is_for_a_working_day_at_closing_time(history: list[tuple[int, str]]) -> None:
    progress, now = reported(START), START
    for days, event in history:
        now += timedelta(days=days)
        progress = happen(progress, event, now)
        if progress.promised is not None:
            assert is_workday(progress.promised.date())
            assert progress.promised.timetz().replace(tzinfo=None) == CLOSES


def test_every_state_leads_to_the_end() -> None:
    for state in STATES:
        reachable, new = {state}, {state}
        while new:
            new = {
                to for at in new for to in STATES
                if move(Progress(at, START, "you", START), to, START) is not None
            } - reachable  # fmt: skip
            reachable |= new
        assert "closed" in reachable, state


@pytest.mark.parametrize("word", ["received", "verifying", "documents-wanted", "approved"])
def test_an_older_word_of_bpjs_never_takes_money_back(word: str) -> None:
    paid = move(move(reported(START), "sent", START) or reported(START), "paid", START)
    assert paid is not None
    assert move(paid, OF_BPJS[word], START) is None  # type: ignore[index]  # one of its words


def test_money_of_which_nobody_complains_closes_the_claim() -> None:
    paid = move(move(reported(START), "sent", START) or reported(START), "paid", START)
    assert paid is not None and paid.holder == "you"
    assert passed(paid, START + timedelta(days=30)).state == "closed"


def test_money_that_never_came_is_the_offices_until_somebody_acts() -> None:
    paid = move(move(reported(START), "sent", START) or reported(START), "paid", START)
    assert paid is not None
    missing = complained(paid, START)
    assert missing.holder == "office"
    assert passed(missing, START + timedelta(days=30)).state == "paid"


def test_who_sends_nothing_is_helped_by_the_agent() -> None:
    waiting = reported(START)
    assert waiting.holder == "you"
    late = passed(waiting, START + timedelta(days=10))
    assert (late.state, late.holder, late.climbed) == ("reported", "agent", 1)


def test_an_accident_is_reported_within_two_days_and_claimed_within_five_years() -> None:
    assert report_by(START) == START + timedelta(hours=48)
    assert lapses_on(date(2021, 11, 23)) == date(2026, 11, 23)
    assert lapses_on(date(2024, 2, 29)) == date(2029, 3, 1)
