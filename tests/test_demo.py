"""The demo at another hour: one clock for all, shifted within the day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.demo import AHEAD, ahead
from bot.settings import SettingsError
from gateway.sandbox import served
from rules.quiet import WITA

NIGHT = datetime(2026, 11, 21, 22, 30, tzinfo=WITA)


def test_without_an_hour_it_is_the_real_time() -> None:
    assert ahead("", NIGHT) == timedelta(0)


@pytest.mark.parametrize(
    ("at", "hours"), [("10:00", -12.5), ("10.00", -12.5), ("10", -12.5), ("23:00", 0.5), ("22:30", 0)]
)
def test_the_hour_is_one_of_the_same_day(at: str, hours: float) -> None:
    assert ahead(at, NIGHT) == timedelta(hours=hours)


@pytest.mark.parametrize("at", ["ten", "25:00", "-1"])
def test_what_is_no_time_of_day_is_refused_in_words(at: str) -> None:
    with pytest.raises(SettingsError) as told:
        ahead(at, NIGHT)

    assert str(told.value) == f"--at {at}: that is no time of day; one looks like 10:00."


def test_the_imitations_are_told_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AHEAD, raising=False)
    assert served.ahead() == timedelta(0)

    monkeypatch.setenv(AHEAD, str(timedelta(hours=-12.5).total_seconds()))
    assert served.ahead() == timedelta(hours=-12.5)
    assert served.AHEAD == AHEAD
