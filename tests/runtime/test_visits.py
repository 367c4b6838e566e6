"""Whoever doesn't answer is visited, once for each lapse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.runtime.village import A_WEEK_BEFORE, Village
from tests.world import World

LAST_DAY_BUT_ONE = date(2026, 12, 30)
ENDED, UNPAID, SOON_LOST = date(2027, 1, 3), date(2027, 2, 3), date(2027, 3, 25)


@pytest.fixture
async def village(settings: Settings, tmp_path: Path) -> AsyncIterator[Village]:
    async with World(settings, tmp_path) as world:
        yield Village(world)


async def visits(village: Village) -> int:
    return len(await village.rows("SELECT id FROM tasks WHERE kind = 'visit' AND done_at IS NULL"))


async def test_two_reminders_without_an_answer_bring_a_visit_once_the_cover_has_ended(village: Village) -> None:
    await village.chat("hasna", "HASNA")

    counted = []
    for day in (A_WEEK_BEFORE, LAST_DAY_BUT_ONE, ENDED, UNPAID, SOON_LOST):
        await village.on(day)
        counted.append(await visits(village))

    assert counted == [0, 0, 1, 1, 1]


async def test_who_wrote_is_not_visited(village: Village) -> None:
    await village.chat("hasna", "HASNA")

    for day in (A_WEEK_BEFORE, LAST_DAY_BUT_ONE):
        await village.on(day)
    await village.says("hasna", "bayar")
    await village.on(ENDED)

    assert await visits(village) == 0


async def test_who_paid_is_not_visited_and_may_be_at_the_next_lapse(village: Village) -> None:
    await village.chat("hasna", "HASNA")
    for day in (A_WEEK_BEFORE, LAST_DAY_BUT_ONE, ENDED):
        await village.on(day)
    await village.pays("HASNA")
    paid = await visits(village)

    for day in (date(2027, 1, 24), date(2027, 1, 30), date(2027, 2, 3)):
        await village.on(day)

    assert (paid, await visits(village)) == (1, 2)


async def test_who_never_paid_and_says_nothing_is_visited(village: Village) -> None:
    await village.chat("hasna", "HASNA", until=None)

    for day in (date(2026, 11, 24), date(2026, 11, 28), date(2026, 12, 28)):
        await village.on(day)

    assert await visits(village) == 1


async def test_nobody_is_visited_for_an_answer_that_an_errand_brought(village: Village) -> None:
    """What BPJS answers is written down among what was heard, and is no answer of the person."""
    hasna = await village.chat("hasna", "HASNA")
    for day in (A_WEEK_BEFORE, LAST_DAY_BUT_ONE):
        await village.on(day)
    await village.change(
        "INSERT INTO inbound (id, channel, account, message_id, chat_id, heard_at) "
        f"SELECT max(id) + 1, 'outbox', '', 'x', {hasna}, max(heard_at) + 1 FROM inbound"
    )

    await village.on(ENDED)

    assert await visits(village) == 1
