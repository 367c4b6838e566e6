"""What arrives has effect once, in the order of its chat, and chats don't wait for each other."""

from __future__ import annotations

from random import Random

from bot.handlers.contract import Receipt
from tests.runtime.small_service import at_once, small_service

CHATS = 200


async def test_a_message_delivered_three_times_at_once_has_one_effect(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m1")

        receipts = await at_once(*(service.hear("nasi", "m2") for _ in range(3)))

        assert sorted(receipt.new for receipt in receipts) == [False, False, True]
        assert await service.said() == ["Apa?", "Nomor 1: nasi.", "Apa?"]
        assert await service.rows("SELECT count(*) FROM inbound") == [(2,)]


async def test_the_same_words_a_moment_later_are_another_message(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m1")

        await at_once(service.hear("1", "m2"), service.hear("1", "m3"))

        assert await service.said() == ["Apa?", "Nomor 1: 1.", "Apa?", "Nomor 2: 1.", "Apa?"]
