"""Whoever says "sudah bayar" has BPJS asked; what it says is told, and booked once, by its webhook."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from tests.runtime.test_webhooks import played, rows
from tests.runtime.village import A_WEEK_BEFORE, ENDS, Village
from tests.world import World

RECEIPT = (
    "Pembayaran Rp33.600 sudah diterima BPJS. Hasna terlindungi sampai 31 Januari 2027. "
    "Tanda terima 000001, iuran November 2026 sampai Januari 2027."
)


@pytest.fixture
async def village(settings: Settings, tmp_path: Path) -> AsyncIterator[Village]:
    async with World(settings, tmp_path) as world:
        yield Village(world)


async def test_what_bpjs_answers_is_told_and_booked_by_its_webhook_alone(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        await played(world, "a_farmer_is_enrolled_from_a_photo", until="(BPJS: the code is paid)")
        ((code,),) = await rows(world, "SELECT code FROM payment_codes")

        await world.bpjs("POST", f"/sandbox/payments/{code}/paid")  # its webhook waits
        asked = await world.service.writer.arrive(Arrival("web", "main", "hasna", "asks", Said("sudah bayar")))
        await world.settle()

        lines = await world.service.transcript.lines(asked.chat, 0, 100)
        assert [line.text for line in lines if "sudah diterima" in line.text] == [RECEIPT]
        assert [line.text for line in lines if "sudah mencatat" in line.text] == [
            f"Hasna: BPJS sudah mencatat pembayaran kode {code}. Tanda terimanya kami kirim ke sini."
        ]
        assert await rows(world, "SELECT number, amount FROM receipts") == [(1, 33_600)]
        assert await rows(world, "SELECT DISTINCT state FROM contributions") == [("paid",)]
        assert await rows(world, "SELECT * FROM oddities") == []


async def test_every_code_of_the_last_weeks_is_asked_about_also_one_that_has_expired(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")
    await village.codes("HASNA", expired=2, paid=1, old=1)

    asked = await village.asked_about(hasna, "sudah bayar")

    assert asked == ["HASNA", "HASNA", "HASNA"]  # the open one, and the two that have expired


async def test_never_more_than_ten_are_asked_about(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")
    await village.codes("HASNA", expired=20)

    assert len(await village.asked_about(hasna, "sudah bayar")) == 10


@pytest.mark.parametrize(
    "words", ["2 sudah", "2 sudah bayar", "2 sdh", "2 lunas", "no 2 sudah", "nomor 2 sudah", "sudah 2", "2 Sudah!"]
)
async def test_a_number_is_that_of_the_last_reminder(village: Village, words: str) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO", "NURDIN")
    await village.on(A_WEEK_BEFORE)

    assert await village.asked_about(rina, words) == ["LA BACO"]


async def test_a_number_counts_those_who_were_reminded_of_and_no_others(village: Village) -> None:
    rina = await village.chat("rina", "BESSE", until=date(2027, 6, 30))
    for name in ("HASNA", "LA BACO"):
        await village.world.service.writer.run(partial(village.enrol, chat=rina, name=name, until=ENDS))
    await village.on(A_WEEK_BEFORE)

    assert await village.asked_about(rina, "2 sudah") == ["LA BACO"]


async def test_a_number_that_no_reminder_named_is_told(village: Village) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO")
    never = await village.asked_about(rina, "1 sudah")
    await village.on(A_WEEK_BEFORE)

    assert (never, await village.asked_about(rina, "3 sudah")) == ([], [])
    lines = await village.world.service.transcript.lines(rina, 0, 100)
    told = [line.text.splitlines()[0] for line in lines if line.text.startswith("Nomor")]
    assert told == [
        f"Nomor {number} tidak ada di pengingat terakhir. Ketik sudah bayar untuk cek semua." for number in (1, 3)
    ]


async def test_who_moved_away_is_not_asked_about(village: Village) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO")
    await village.on(A_WEEK_BEFORE)
    await village.change("UPDATE chat_people SET role = 'moved' WHERE person_id IN "
                         "(SELECT id FROM people WHERE name = 'HASNA')")  # fmt: skip

    assert await village.asked_about(rina, "sudah bayar") == ["LA BACO"]
    assert await village.asked_about(rina, "1 sudah") == []
