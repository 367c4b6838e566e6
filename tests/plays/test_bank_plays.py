"""The plays with a bank of our own: as written, every event doubled, and restarted between any two lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.runtime.writer import Writer
from bot.settings import Settings
from tests.plays.player import DoublingWriter, Player
from tests.world import World, with_bank

SCRIPTS = sorted((Path(__file__).parent / "with_bank").glob("*.chat"))
WAYS: list[tuple[type[Writer], bool]] = [(Writer, False), (DoublingWriter, False), (Writer, True)]


@pytest.mark.parametrize(("writer_kind", "restarts"), WAYS, ids=["as_written", "every_event_twice", "restarted"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
async def test_play(
    script: Path, writer_kind: type[Writer], restarts: bool, settings: Settings, tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    written = script.read_text(encoding="utf-8")

    async with World(with_bank(settings, tmp_path), tmp_path, writer_kind=writer_kind) as world:
        played = await Player(world, restarts=restarts).play(written)

    if request.config.getoption("--write") and (writer_kind, restarts) == WAYS[0]:
        script.write_text(played, encoding="utf-8")
    assert played == script.read_text(encoding="utf-8")
