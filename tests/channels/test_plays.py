"""Every play on every channel: the same words, the same pictures, with every webhook posted three times. On both
databases every play is played in tests/plays; what of a channel depends on the database is in test_sending.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.sandbox.telegram_world import World as Telegram
from gateway.sandbox.whatsapp import Sandbox
from gateway.sandbox.whatsapp_template import Template
from tests.channels.conftest import Staged
from tests.channels.players import TelegramPlayer, WhatsAppPlayer, without_pictures
from tests.plays.test_plays import SCRIPTS

TIMES = 3
TEMPLATES = (Template("kabar", "{{1}}"), Template("pengingat", "{{1}}"))
"""Without words of their own, so that what goes out after a day is what stands in the transcript, in one line."""


def _name(script: Path) -> str:
    return script.stem


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
@pytest.mark.enough_on("sqlite")
async def test_on_telegram(script: Path, on_telegram: Staged, telegram: tuple[str, Telegram]) -> None:
    written = script.read_text(encoding="utf-8")
    async with on_telegram() as world:
        played = await TelegramPlayer(world, telegram[1], times=TIMES).play(written)

    assert without_pictures(played) == without_pictures(written)


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
@pytest.mark.enough_on("postgresql")
async def test_on_whatsapp(script: Path, on_whatsapp: Staged, whatsapp: tuple[str, Sandbox]) -> None:
    written = script.read_text(encoding="utf-8")
    for template in TEMPLATES:
        whatsapp[1].world.approves(template)
    async with on_whatsapp(identity_in_chat=True) as world:
        played = await WhatsAppPlayer(world, whatsapp[1], times=TIMES).play(written)

    assert _unasked_in_a_line(without_pictures(played)) == _unasked_in_a_line(without_pictures(written))


def _unasked_in_a_line(played: str) -> str:
    """A template's words hold no new line (META/support/error-codes, 132018)."""
    told, unasked = [], False
    for block in re.split(r"(?m)^(?=\S)", played):
        unasked = block.startswith("(") or (unasked and block.startswith("bot"))
        told.append(" ".join(block.split()) + "\n" if unasked else block)
    return re.sub(r"\n+", "\n", "".join(told))
