"""Ids sort by time, fit any database, and are no other process's."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from db.ids import Ids
from tests.world import Clock

MANY = 5_000


def test_each_id_is_greater_than_the_last_though_the_clock_stands() -> None:
    ids = Ids(Clock(), Random(1))

    made = [ids.next() for _ in range(MANY)]

    assert made == sorted(set(made))


def test_a_clock_that_goes_back_changes_nothing() -> None:
    clock = Clock()
    ids = Ids(clock, Random(1))
    first = ids.next()

    clock.now -= timedelta(hours=1)

    assert ids.next() > first


def test_later_ids_are_greater_whoever_made_them() -> None:
    clock = Clock()
    one, other = Ids(clock, Random(1)), Ids(clock, Random(2))
    first = one.next()

    clock.now += timedelta(milliseconds=1)

    assert other.next() > first


def test_an_id_has_63_bits_for_centuries() -> None:
    clock = Clock()
    clock.now = clock.now.replace(year=2200)

    assert Ids(clock, Random(1)).next() < 2**63


def test_two_processes_never_make_the_same_id() -> None:
    clock = Clock()
    one, other = Ids(clock, Random(1)), Ids(clock, Random(2))

    assert not {one.next() for _ in range(MANY)} & {other.next() for _ in range(MANY)}


def test_the_digits_of_a_code_are_all_there_and_of_any_value() -> None:
    ids = Ids(Clock(), Random(1))

    drawn = {ids.digits(2) for _ in range(MANY)}

    assert drawn == {f"{number:02}" for number in range(100)}
