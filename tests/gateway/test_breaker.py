"""When a partner is left alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from gateway.breaker import BACKOFF_MAX_S, FAILURES_MAX, REST, Breaker, backoff_s

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=ZoneInfo("Asia/Makassar"))


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_MAX):
        breaker.failed(NOW)
    return breaker


def test_opens_after_failures_in_a_row() -> None:
    breaker = Breaker()

    for _ in range(FAILURES_MAX - 1):
        breaker.failed(NOW)
    assert breaker.lets_through(NOW)

    breaker.failed(NOW)
    assert not breaker.lets_through(NOW)
    assert breaker.rest_s(NOW) == REST.total_seconds()


def test_an_answer_in_between_starts_the_count_again() -> None:
    breaker = Breaker()

    for _ in range(FAILURES_MAX * 2):
        breaker.failed(NOW)
        breaker.answered()

    assert breaker.lets_through(NOW)


def test_after_the_rest_one_probe_goes_out_and_its_answer_closes() -> None:
    breaker = opened()

    assert breaker.lets_through(NOW + REST)
    assert not breaker.lets_through(NOW + REST)

    breaker.answered()
    assert breaker.lets_through(NOW + REST)
    assert breaker.rest_s(NOW + REST) == 0


def test_a_probe_that_fails_begins_another_rest() -> None:
    breaker = opened()

    assert breaker.lets_through(NOW + REST)
    breaker.failed(NOW + REST)

    assert not breaker.lets_through(NOW + REST * 2 - timedelta(seconds=1))
    assert breaker.lets_through(NOW + REST * 2)


def test_a_probe_that_is_never_heard_of_again_costs_one_rest() -> None:
    breaker = opened()

    assert breaker.lets_through(NOW + REST)

    assert breaker.lets_through(NOW + REST * 2)


def test_the_first_after_a_rest_is_awaited_and_its_answer_told_once() -> None:
    breaker, told = opened(), list[str]()
    breaker.on_back.append(lambda: told.append("back"))

    assert not breaker.awaits_probe(NOW)
    assert breaker.awaits_probe(NOW + REST)
    breaker.lets_through(NOW + REST)
    assert not breaker.awaits_probe(NOW + REST)
    breaker.answered()
    breaker.answered()

    assert told == ["back"]
    assert not breaker.awaits_probe(NOW + REST * 3)


def test_waits_grow_within_a_limit_and_are_spread_from_zero() -> None:
    chance = Random(1)
    waits = {tries: [backoff_s(tries, chance) for _ in range(500)] for tries in (1, 2, 3, 20)}

    assert 0.19 < max(waits[1]) <= 0.2
    assert 0.38 < max(waits[2]) <= 0.4
    assert 0.76 < max(waits[3]) <= 0.8
    assert 1.9 < max(waits[20]) <= BACKOFF_MAX_S
    assert all(min(tried) < 0.1 * max(tried) for tried in waits.values())
