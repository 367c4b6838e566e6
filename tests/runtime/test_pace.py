"""However fast or slow a channel answers, it never sees more than its messages a second."""

from __future__ import annotations

from itertools import pairwise
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.pace import LEAD_S, LOOK_S, Pace

FLIGHTS_S = st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=120)
PER_S = st.sampled_from([0.2, 0.5, 1, 1.9, 2, 5, 29.7, 30, 40])
TICK_S, ROUNDING = 1e-6, 1e-8


class Simulated:
    """Sends one message after another as soon as there is room; each flies for as long as it is told."""

    def __init__(self, per_s: float) -> None:
        self.now = 0.0
        self.pace = Pace(per_s, 0, lambda: self.now)
        self.pace.kept = True
        self.under_way: list[tuple[float, float]] = []  # lands, left
        self.flown: list[tuple[float, float]] = []  # left, landed

    def send(self, flight_s: float) -> None:
        while self.pace.wait_s() > 0:
            self._pass()
        self.pace.begin()
        self.under_way.append((self.now + flight_s, self.now))
        self._land()

    def end(self) -> None:
        while self.under_way:
            self._pass()

    def _pass(self) -> None:
        """Until the next answer, or until the pace says to look again."""
        wait_s = self.pace.wait_s()
        waits_for_an_answer = wait_s in (0, LOOK_S) and self.under_way
        looks = inf if waits_for_an_answer else self.now + max(wait_s, TICK_S)
        self.now = min([looks, *(at for at, _left in self.under_way)])
        self._land()

    def _land(self) -> None:
        for at, left in sorted(one for one in self.under_way if one[0] <= self.now):
            self.under_way.remove((at, left))
            self.pace.end()
            self.flown.append((left, self.now))


@given(PER_S, FLIGHTS_S)
def test_in_no_second_are_there_more_than_may_be(per_s: float, flights: list[float]) -> None:
    """Each message counts somewhere between its start and its answer; even where it counts worst there is a second
    from the answer of one to the start of the one that is `per_s` later."""
    simulated = Simulated(per_s)

    for flight_s in flights:
        simulated.send(flight_s)
    simulated.end()

    most = max(1, int(per_s))
    span = most / per_s
    left = sorted(left for left, _landed in simulated.flown)
    landed = sorted(landed for _left, landed in simulated.flown)
    for place in range(most, len(left)):
        assert left[place] - landed[place - most] >= span - ROUNDING


@given(PER_S, st.integers(1, 60))
def test_what_is_answered_at_once_goes_as_fast_as_it_may(per_s: float, messages: int) -> None:
    simulated = Simulated(per_s)

    for _message in range(messages):
        simulated.send(0)

    most = max(1, int(per_s))
    assert simulated.now <= (messages // most + 1) * (most / per_s) + 1


@given(PER_S, FLIGHTS_S)
def test_nothing_goes_backwards(per_s: float, flights: list[float]) -> None:
    simulated = Simulated(per_s)

    for flight_s in flights:
        simulated.send(flight_s)
    simulated.end()

    assert len(simulated.flown) == len(flights)
    assert all(one[1] <= two[1] for one, two in pairwise(simulated.flown))
    assert 0 <= simulated.pace.room(0) <= max(1, int(per_s))


def test_what_is_due_may_all_go_out_where_nobody_sends_in_the_background() -> None:
    pace = Pace(1, 0, lambda: 0.0)
    for _message in range(5):
        assert pace.wait_s() == 0
        pace.begin()
        pace.end()


def test_no_more_is_taken_than_can_soon_go_out() -> None:
    now = [0.0]
    pace = Pace(3, 0, lambda: now[0])
    assert (pace.room(0), pace.room(2), pace.room(3)) == (3, 1, 0)

    for _message in range(3):
        pace.begin()
        pace.end()
    assert pace.room(0) == 0
    now[0] = 1 - LEAD_S
    assert pace.room(0) == 3
    assert pace.pause_s(3, 1.0) > 0
