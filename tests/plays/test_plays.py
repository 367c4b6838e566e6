"""Every play, as written, with every event doubled, and with the service restarted between any two lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.runtime.writer import Writer
from bot.settings import Settings
from tests.plays.player import DoublingWriter, Player
from tests.world import World

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.chat"))


def _name(script: Path) -> str:
    return script.stem


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
async def test_as_written(script: Path, settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    played = await _play(script, settings, tmp_path)

    if request.config.getoption("--write"):
        script.write_text(played, encoding="utf-8")
    assert played == script.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
async def test_every_event_twice(script: Path, settings: Settings, tmp_path: Path) -> None:
    played = await _play(script, settings, tmp_path, writer_kind=DoublingWriter)

    assert played == script.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
async def test_restarted_between_any_two_lines(script: Path, settings: Settings, tmp_path: Path) -> None:
    played = await _play(script, settings, tmp_path, restarts=True)

    assert played == script.read_text(encoding="utf-8")


async def _play(
    script: Path, settings: Settings, folder: Path, *, writer_kind: type[Writer] = Writer, restarts: bool = False
) -> str:
    async with World(settings, folder, writer_kind=writer_kind) as world:
        return await Player(world, restarts=restarts).play(script.read_text(encoding="utf-8"))
