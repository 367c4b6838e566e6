"""A database as one enrolment leaves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.db.claim_house import House
from tests.plays.player import Player
from tests.world import World

SCRIPT = Path(__file__).parent.parent / "plays" / "scripts" / "a_farmer_is_enrolled_from_a_photo.chat"


@pytest.fixture
async def enrolled(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    """Hasna enrolled herself from a photo and paid."""
    async with World(settings, tmp_path) as world:
        await Player(world).play(SCRIPT.read_text(encoding="utf-8"))
        yield world


@pytest.fixture
async def house(settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    async with World(settings, tmp_path) as world:
        made = House(world)
        made.chat_, made.other = await made.chat("hasna"), await made.chat("somebody")
        made.hasna = await made.member(made.chat_)
        made.baco = await made.member(made.chat_, "LA BACO", "9902")
        yield made
