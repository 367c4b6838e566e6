"""Every kind of record has its last day, and the day says where it comes from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Photos
from rules.retention import answered_by, ledger_until, photo_days, transcripts_since, unfinished_until
from tests.rules.values import TODAY

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def test_the_setting_begins_with_what_the_rule_says() -> None:
    assert Photos().keep_days == photo_days(TODAY) == 30


def test_what_leads_to_nothing_is_kept_for_ninety_days() -> None:
    assert unfinished_until(NOW) == NOW + timedelta(days=90)


def test_what_was_said_is_kept_for_two_years() -> None:
    assert transcripts_since(NOW) == NOW - timedelta(days=730)


@given(last=st.dates(date(2026, 11, 1), date(2100, 1, 1)))
def test_a_ledger_is_kept_for_ten_whole_years_after_the_year_of_its_last_entry(last: date) -> None:
    until = ledger_until(last, TODAY)

    assert (until.month, until.day) == (12, 31)
    assert until.year == last.year + 10


@given(asked=st.datetimes(datetime(2026, 11, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_request_is_answered_within_three_times_twenty_four_hours(asked: datetime) -> None:
    by = answered_by(asked)

    assert timedelta(hours=71) < by - asked <= timedelta(hours=72)
    assert (by.minute, by.second, by.microsecond) == (0, 0, 0)


def test_before_the_first_rule_there_is_none() -> None:
    with pytest.raises(LookupError, match=r"retention\.toml holds nothing for photo on 2026-10-31"):
        photo_days(date(2026, 10, 31))
