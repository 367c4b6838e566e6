"""docs/add-a-flow.md: with its file and its line the house has one conversation more, and it goes as the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import Parts
from bot.flows import HOUSE
from bot.settings import Settings
from bot.talk.flow import House
from tests.docs.tutorial import Tutorial
from tests.plays.player import DoublingWriter, Player
from tests.world import World


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tutorial:
    return Tutorial("add-a-flow.md", tmp_path, monkeypatch)


@pytest.fixture
def house(tutorial: Tutorial) -> House:
    """The house with the file and the line of the page."""
    tutorial.add_file("bot.flows.price")
    changed: House = tutorial.changed("bot/flows/__init__.py", "bot.flows").HOUSE
    return changed


def test_a_file_and_a_line_add_one_flow(house: House) -> None:
    added = [flow.name for flow in house.flows if flow.name not in {known.name for known in HOUSE.flows}]

    assert added == ["price"]
    assert len(house.flows) == len(HOUSE.flows) + 1


async def test_goes_as_the_page_shows(tutorial: Tutorial, house: House, settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path, parts=Parts(house=house)) as world:
        played = await Player(world).play(tutorial.block("text"))

    assert played == tutorial.block("text")


async def test_with_every_event_twice(tutorial: Tutorial, house: House, settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path, parts=Parts(house=house), writer_kind=DoublingWriter) as world:
        played = await Player(world).play(tutorial.block("text"))

    assert played == tutorial.block("text")


async def test_with_restarts(tutorial: Tutorial, house: House, settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path, parts=Parts(house=house)) as world:
        played = await Player(world, restarts=True).play(tutorial.block("text"))

    assert played == tutorial.block("text")
