"""What BPJS reports at night is told in the morning, on a channel that rings; who asks is answered at any hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.sandbox.telegram_world import World as Telegram
from rules.quiet import WITA
from tests.channels.conftest import Staged
from tests.channels.players import TelegramPlayer
from tests.plays.test_plays import SCRIPTS

ENROLMENT = next(script for script in SCRIPTS if script.stem == "a_farmer_is_enrolled_from_a_photo")
LATE = datetime(2026, 11, 21, 22, 0, tzinfo=WITA)


async def test_a_payment_at_night_is_told_in_the_morning(on_telegram: Staged, telegram: tuple[str, Telegram]) -> None:
    until_code = ENROLMENT.read_text(encoding="utf-8").partition("\n(BPJS: the code is paid)")[0]
    async with on_telegram() as world:
        player = TelegramPlayer(world, telegram[1])
        await player.play(until_code)
        world.clock.now = LATE

        at_night = await player.play("(BPJS: the code is paid)\n\nhasna:  status\n")
        in_the_morning = await player.play("(10 hours pass)\n")

    assert "sudah diterima" not in at_night
    assert "terlindungi sampai" in at_night  # she asked
    assert "sudah diterima BPJS" in in_the_morning
    assert world.clock.now - LATE >= timedelta(hours=9, minutes=30)
