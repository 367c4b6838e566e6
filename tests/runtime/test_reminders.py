"""Whoever is due is told once a day, in one message a chat, and never once it is of no use: paid, stopped, too late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.settings import Settings
from db import bank
from tests.runtime.village import A_WEEK_BEFORE, ENDS, HOW_TO, Village
from tests.world import World


@pytest.fixture
async def village(settings: Settings, tmp_path: Path) -> AsyncIterator[Village]:
    async with World(settings, tmp_path) as world:
        yield Village(world)


async def test_a_chat_gets_one_message_however_many_it_speaks_for(village: Village) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO")
    hasna = await village.chat("hasna", "DANIA")

    assert await village.on(A_WEEK_BEFORE) == 2
    assert await village.heard(rina) == [
        "1 Hasna terlindungi sampai 31 Desember 2026, sisa 7 hari.\n"
        f"2 La Baco terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"
    ]
    assert await village.heard(hasna) == [f"Dania terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"]


async def test_only_on_the_days_that_are_due_and_not_before_the_morning(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")

    assert await village.on(A_WEEK_BEFORE, hour=7) == 0
    assert await village.on(A_WEEK_BEFORE, hour=8) == 1
    assert await village.on(A_WEEK_BEFORE + timedelta(days=1)) == 0
    assert len(await village.heard(hasna)) == 1


async def test_once_a_day_over_restarts_too(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")

    for _again in range(3):
        await village.on(A_WEEK_BEFORE)
        await village.world.restart()

    assert len(await village.heard(hasna)) == 1


@pytest.mark.parametrize("why", ["never agreed", "wrote STOP", "blocked the bot", "never paid", "moved"])
async def test_nothing_is_said_to_who(village: Village, why: str) -> None:
    until = None if why == "never paid" else ENDS
    hasna = await village.chat("hasna", "HASNA", agrees=why != "never agreed", until=until)
    changes = {
        "wrote STOP": "UPDATE consents SET withdrawn_at = 1", "blocked the bot": "UPDATE chats SET gone_at = 1",
        "moved": "UPDATE chat_people SET role = 'moved'",
    }  # fmt: skip
    if why in changes:
        await village.change(changes[why])

    assert await village.on(A_WEEK_BEFORE) == 0
    assert await village.heard(hasna) == []


async def test_what_was_not_sent_when_it_is_paid_is_taken_back_and_the_others_are_reminded_anew(
    village: Village,
) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO")
    await village.away()
    await village.on(A_WEEK_BEFORE)

    await village.pays("HASNA")
    await village.on(A_WEEK_BEFORE, hour=10)

    states = await village.rows("SELECT state FROM outbox WHERE kind = 'reminder' ORDER BY id")
    assert [state for (state,) in states] == ["stale", "ready"]
    assert await village.heard(rina) == [f"La Baco terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"]


async def test_nobody_is_reminded_whose_money_the_bank_has_until_bpjs_refuses_it(village: Village) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO")
    await village.away()
    await village.on(A_WEEK_BEFORE)

    posted = await village.pays_at_the_bank("HASNA")
    await village.on(A_WEEK_BEFORE, hour=10)
    assert await village.heard(rina) == [f"La Baco terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"]

    await village.on(ENDS - timedelta(days=1))
    assert await village.heard(rina) == [f"Besok hari terakhir La Baco terlindungi.\n{HOW_TO}"]
    await village.world.service.writer.run(lambda unit: bank.not_posted(unit, posted))
    await village.on(ENDS + timedelta(days=3))
    assert "1 Perlindungan Hasna habis sejak 31 Desember 2026." in (await village.heard(rina))[-1]


async def test_who_has_paid_is_reminded_of_the_new_end(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")

    await village.pays("HASNA")

    assert await village.on(A_WEEK_BEFORE) == 0
    assert await village.on(date(2027, 1, 24)) == 1
    assert await village.heard(hasna) == [f"Hasna terlindungi sampai 31 Januari 2027, sisa 7 hari.\n{HOW_TO}"]


async def test_what_could_not_be_sent_while_it_was_of_use_is_dropped(village: Village) -> None:
    await village.chat("rina", "HASNA")
    await village.away()
    await village.on(A_WEEK_BEFORE)

    await village.on(date(2026, 12, 30))

    states = await village.rows("SELECT state FROM outbox WHERE kind = 'reminder' ORDER BY id")
    assert [state for (state,) in states] == ["stale", "ready"]
