"""BPJS is away for two days. What people ask for meanwhile waits, is done in the order of asking once it is back, and
each of it once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from gateway.breaker import REST
from tests.runtime.test_webhooks import rows
from tests.world import World

OUTAGE = timedelta(hours=48)
TICK = timedelta(minutes=20)
ASKING = 4
"""People who enrol during the outage, and as many members who want a payment code."""
ALWAYS_DOWN = 92
"""Of whose NIK the sandbox says that it is down."""
ENROLS = (
    "daftar", "saya sendiri", "y", "1", "{nik}", "benar", "{name}", "watansoppeng", "dusun lappa", "lapajung",
    "petani padi", "1", "tidak punya", "besse", "1", "1", "1", "ya",
)  # fmt: skip
PAYS = ("bayar", "2", "1")
"""The members have an unpaid code of before and want another one."""


async def writes(world: World, who: str, words: tuple[str, ...]) -> None:
    """One message after another, each answered."""
    for number, each in enumerate(words):
        message_id = f"{who}{world.clock.now.timestamp()}-{number}"
        await world.service.writer.arrive(Arrival("web", "main", who, message_id, Said(each)))
        await world.settle()


async def enrols(world: World, number: int) -> None:
    nik, name = f"73120412038599{number:02}", f"LA BACO {chr(ord('A') + number % 26)}"
    await writes(world, f"new{number}", tuple(word.format(nik=nik, name=name) for word in ENROLS))


async def passes(world: World, span: timedelta, tick: timedelta = TICK) -> None:
    for _tick in range(int(span / tick)):
        world.clock.now += tick
        await world.settle()


def accepted(folder: Path) -> list[tuple[str, int]]:
    """Every question that the sandbox took, in the order of taking: its kind, and the number of its errand."""
    with closing(sqlite3.connect(folder / "bpjs.db")) as db:
        keys = [key for (key,) in db.execute("select key from answers order by rowid")]
    return [(kind, int(key.removeprefix("siaga-"))) for kind, _space, key in (each.partition(" ") for each in keys)]


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "restarted"])
async def test_two_days_of_asking_are_done_in_order_and_once(
    restarted: bool, settings: Settings, tmp_path: Path
) -> None:
    async with World(settings, tmp_path) as world:
        for number in range(ASKING):
            await enrols(world, number)
        before = len(accepted(tmp_path))
        await world.bpjs("POST", "/sandbox/down")

        for number in range(ASKING):
            await enrols(world, ASKING + number)
            await passes(world, OUTAGE / ASKING / 2)
            await writes(world, f"new{number}", PAYS)
            await passes(world, OUTAGE / ASKING / 2)
        if restarted:
            await world.restart()
        waiting = [number for (number,) in await rows(world, _WAITING)]
        assert len(waiting) == 2 * ASKING
        assert len(accepted(tmp_path)) == before
        await passes(world, timedelta(minutes=6), REST)  # each rest ends with one who tries in vain, and waits longer
        await world.bpjs("POST", "/sandbox/up")
        await passes(world, timedelta(minutes=2), timedelta(seconds=5))

        taken = [number for _kind, number in accepted(tmp_path)[before:] if number in waiting]
        assert sorted(taken) == waiting
        assert taken[1:] == sorted(taken[1:])  # the first is whoever found BPJS back
        assert await rows(world, _WAITING) == []
        assert await rows(world, "SELECT DISTINCT state FROM outbox WHERE kind = 'errand'") == [("done",)]
        assert await rows(world, "SELECT state, count(*) FROM enrolments GROUP BY state") == [
            ("registered", 2 * ASKING)
        ]
        assert await rows(world, "SELECT count(*) FROM payment_codes") == [(3 * ASKING,)]
        counted = (await world.bpjs("GET", "/sandbox/registrations")).json()
        assert [(one["submitted"], one["registered"]) for one in counted] == [(1, 1)] * 2 * ASKING


async def test_one_that_always_fails_keeps_nobody_else_waiting(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        await world.bpjs("POST", "/sandbox/down")
        await enrols(world, ALWAYS_DOWN)
        for number in range(ASKING):
            await enrols(world, number)
        await passes(world, timedelta(minutes=6), REST)
        await world.bpjs("POST", "/sandbox/up")

        await passes(world, timedelta(minutes=10), REST)

        assert await rows(world, "SELECT state, count(*) FROM enrolments GROUP BY state ORDER BY state") == [
            ("registered", ASKING), ("submitted", 1),
        ]  # fmt: skip


_WAITING = "SELECT id FROM outbox WHERE kind = 'errand' AND done_at IS NULL ORDER BY id"
