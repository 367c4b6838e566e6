"""Who is told besides those whose cover ends: who never paid, who was a member before; and who plans it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.app import Outside, opened
from bot.settings import Settings
from db import reminding
from db.unit import Unit
from tests.runtime.village import A_WEEK_BEFORE, ENDS, HOW_TO, Village
from tests.world import World

REGISTERED = date(2026, 11, 21)
NEVER_PAID = f"Hasna terdaftar, tapi belum terlindungi karena iurannya belum dibayar.\n{HOW_TO}"
CHATS = 40


@pytest.fixture
async def village(settings: Settings, tmp_path: Path) -> AsyncIterator[Village]:
    async with World(settings, tmp_path) as world:
        yield Village(world)


async def test_who_never_paid_is_reminded_four_times_and_then_never_again(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA", until=None)
    told = [passed for passed in range(1, 200) if await village.on(REGISTERED + timedelta(days=passed))]

    assert told == [3, 7, 37, 67]
    assert await village.heard(hasna) == [NEVER_PAID] * 4


async def test_who_never_paid_is_told_with_the_others_of_the_chat(village: Village) -> None:
    day = REGISTERED + timedelta(days=7)
    rina = await village.chat("rina", "HASNA", until=None)
    await village.world.service.writer.run(lambda unit: village.enrol(unit, rina, "LA BACO", day + timedelta(days=7)))

    await village.on(day)

    assert await village.heard(rina) == [
        "1 Hasna terdaftar, tapi belum terlindungi karena iurannya belum dibayar.\n"
        f"2 La Baco terlindungi sampai 5 Desember 2026, sisa 7 hari.\n{HOW_TO}"
    ]


@pytest.mark.parametrize(("until", "chats"), [(None, 0), (ENDS, 1)])
async def test_who_was_a_member_before_counts_once_bpjs_has_told_of_the_cover(
    village: Village, until: date | None, chats: int
) -> None:
    registered_on = A_WEEK_BEFORE - timedelta(days=7)
    await village.chat("hasna", "HASNA", until=until, state="already-member", registered_on=registered_on)

    assert await village.on(A_WEEK_BEFORE) == chats


async def test_a_chat_that_speaks_for_very_many_is_told_of_ten_by_name(village: Village) -> None:
    rina = await village.chat("rina", *(f"NAMA {letter}" for letter in "ABCDEFGHIJKL"))

    await village.on(A_WEEK_BEFORE)

    (told,) = await village.heard(rina)
    assert told.count("sisa 7 hari") == 10
    assert f"Dan 2 orang lagi.\n{HOW_TO}" in told


async def test_a_chat_hears_once_a_day_whoever_joins_it(village: Village) -> None:
    rina = await village.chat("rina", "HASNA")
    await village.on(A_WEEK_BEFORE)

    await village.world.service.writer.run(lambda unit: village.enrol(unit, rina, "LA BACO", ENDS))
    village.world.service.reminders.plan_again()
    await village.on(A_WEEK_BEFORE, hour=15)

    assert len(await village.heard(rina)) == 1


async def test_nobody_is_reminded_more_than_three_times_a_month(village: Village) -> None:
    """Registered on 30 November, reminded on 3 and 7 December, then paid for December: the warning is what is left."""
    hasna = await village.chat("hasna", "HASNA", until=None, registered_on=date(2026, 11, 30))
    for day in (3, 7):
        await village.on(date(2026, 12, day))
    await village.change("UPDATE memberships SET protected_until = '2026-12-31'")

    told = [day for day in range(8, 32) if await village.on(date(2026, 12, day))]

    assert told == [17]
    assert len(await village.heard(hasna)) == 3


async def test_two_processes_that_plan_at_the_same_moment_remind_everybody_once(
    postgres: Callable[[], str], tmp_path: Path, settings_of: Callable[[str], Settings]
) -> None:
    settings = settings_of(postgres())
    async with World(settings, tmp_path) as world:
        village = Village(world)
        for number in range(CHATS):
            await village.chat(f"chat{number}", f"NAMA {number}", "HASNA")
        other = Outside(world.clock, Random(2), world.clock.sleep, None, world.reader)
        async with opened(settings, other) as second:
            first = asyncio.create_task(village.on(A_WEEK_BEFORE))
            await asyncio.sleep(0)
            told = [await second.reminders.run_due(), await first]
            told += [await one.reminders.run_due() for one in (second, world.service)]

        assert sum(told) == CHATS
        assert await village.rows("SELECT count(*) FROM outbox WHERE kind = 'reminder'") == [(CHATS,)]


async def test_whom_another_process_is_at_is_looked_at_again(
    postgres: Callable[[], str], tmp_path: Path, settings_of: Callable[[str], Settings]
) -> None:
    settings = settings_of(postgres())
    async with World(settings, tmp_path) as world:
        village = Village(world)
        hasna = await village.chat("hasna", "HASNA")
        held, let_go = asyncio.Event(), asyncio.Event()

        async def hold(unit: Unit) -> None:
            await reminding.free(unit, {hasna})
            held.set()
            await let_go.wait()

        async with opened(settings, Outside(world.clock, Random(2), world.clock.sleep, None, world.reader)) as second:
            holding = asyncio.create_task(second.writer.run(hold))
            await held.wait()
            while_held = await village.on(A_WEEK_BEFORE)
            let_go.set()
            await holding

        assert while_held == 0
        assert await village.on(A_WEEK_BEFORE) == 1
