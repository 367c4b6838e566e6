"""Whoever says "sudah bayar" has BPJS asked; what it says is told, and booked once, by its webhook."""

from __future__ import annotations

from pathlib import Path

from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from tests.runtime.test_webhooks import played, rows
from tests.world import World

RECEIPT = (
    "Pembayaran Rp33.600 sudah diterima BPJS. Hasna terlindungi sampai 31 Januari 2027. "
    "Tanda terima 000001, iuran November 2026 sampai Januari 2027."
)


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
