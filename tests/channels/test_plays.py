"""Every play on every channel: the same words, the same pictures, with every webhook posted three times."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.sandbox.telegram_world import World as Telegram
from gateway.sandbox.whatsapp import Sandbox
from tests.channels.conftest import Staged
from tests.channels.players import TelegramPlayer, WhatsAppPlayer, without_pictures
from tests.plays.test_plays import SCRIPTS

TIMES = 3
REMINDED = {
    "a_farmer_pays_from_harvest_to_harvest", "reminders_until_it_is_paid",
    "a_death_claimed_by_the_husband_with_a_missing_paper", "a_sister_reports_a_death_though_the_husband_lives",
    "an_accident_from_the_first_message_to_the_paid_claim",
}  # fmt: skip
"""In these the bot speaks unasked after a day. For that WhatsApp wants an approved template, all in one line, so what
goes out there is not what stands in the transcript (tests/channels/test_sending.py)."""


def _name(script: Path) -> str:
    return script.stem


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
async def test_on_telegram(script: Path, on_telegram: Staged, telegram: tuple[str, Telegram]) -> None:
    written = script.read_text(encoding="utf-8")
    async with on_telegram() as world:
        played = await TelegramPlayer(world, telegram[1], times=TIMES).play(written)

    assert without_pictures(played) == without_pictures(written)


@pytest.mark.parametrize("script", [one for one in SCRIPTS if one.stem not in REMINDED], ids=_name)
async def test_on_whatsapp(script: Path, on_whatsapp: Staged, whatsapp: tuple[str, Sandbox]) -> None:
    written = script.read_text(encoding="utf-8")
    async with on_whatsapp(identity_in_chat=True) as world:
        played = await WhatsAppPlayer(world, whatsapp[1], times=TIMES).play(written)

    assert without_pictures(played) == without_pictures(written)
