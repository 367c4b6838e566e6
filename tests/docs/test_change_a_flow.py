"""docs/change-a-flow.md: the flow of add-a-flow.md is changed as it says, while people are in the middle of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.app import Parts
from bot.flows import HOUSE
from bot.settings import Settings
from bot.talk.flow import Flow, House
from tests.docs.tutorial import Tutorial, apply
from tests.museum.names import broken_promises
from tests.plays.player import DoublingWriter, Player
from tests.world import World

RELEASED = {"0.2": {"price": ["months", "job", "enrol"]}}
ASKED = {"price": {"sector", "enrol"}}


class Releasing(Player):
    """Knows one stage direction more: (the new release)."""

    def __init__(self, world: World, new: House, *, restarts: bool = False) -> None:
        super().__init__(world, restarts=restarts)
        self._new = new

    async def _direct(self, direction: str) -> None:
        if direction != "the new release":
            return await super()._direct(direction)
        self._world.parts = replace(self._world.parts, house=self._new)
        await self._world.restart()
        return await self._world.settle()


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tutorial:
    return Tutorial("add-a-flow.md", tmp_path, monkeypatch)


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tutorial:
    return Tutorial("change-a-flow.md", tmp_path, monkeypatch)


@pytest.fixture
def old(added: Tutorial) -> Flow:
    flow: Flow = added.add_file("bot.flows.price").FLOW
    return flow


@pytest.fixture
def new(added: Tutorial, tutorial: Tutorial, old: Flow) -> Flow:
    """The flow of the page before, with the change of this one."""
    flow: Flow = tutorial.load("bot.flows.price", apply(tutorial.block("diff"), added.block("python"))).FLOW
    return flow


def house(flow: Flow) -> House:
    return replace(HOUSE, flows=(*HOUSE.flows, flow))


async def play(world: World, script: str, new: Flow, *, restarts: bool = False) -> str:
    return await Releasing(world, house(new), restarts=restarts).play(script)


@pytest.mark.parametrize("restarts", [False, True], ids=["as written", "with restarts"])
async def test_goes_as_the_page_shows(
    tutorial: Tutorial, old: Flow, new: Flow, settings: Settings, tmp_path: Path, restarts: bool
) -> None:
    async with World(settings, tmp_path, parts=Parts(house=house(old))) as world:
        played = await play(world, tutorial.block("text"), new, restarts=restarts)

    assert played == tutorial.block("text")


async def test_with_every_event_twice(
    tutorial: Tutorial, old: Flow, new: Flow, settings: Settings, tmp_path: Path
) -> None:
    async with World(settings, tmp_path, parts=Parts(house=house(old)), writer_kind=DoublingWriter) as world:
        played = await play(world, tutorial.block("text"), new)

    assert played == tutorial.block("text")


async def test_without_the_alias_she_would_be_asked_again(
    tutorial: Tutorial, old: Flow, new: Flow, settings: Settings, tmp_path: Path
) -> None:
    async with World(settings, tmp_path, parts=Parts(house=house(old))) as world:
        played = await play(world, tutorial.block("text"), replace(new, aliases={}))

    assert played.count("Apa kerjanya?") > tutorial.block("text").count("Apa kerjanya?")


def test_the_check_is_content_with_both_lines_and_refuses_the_release_without_either(new: Flow) -> None:
    def said(flow: Flow) -> list[str]:
        return broken_promises(House((flow,)), ASKED, RELEASED)

    assert said(new) == []
    assert "price: 'job' of release 0.2 is not asked any more." in said(replace(new, aliases={}))[0]
    assert "price: 'months' of release 0.2 is not asked any more." in said(replace(new, removed=()))[0]
