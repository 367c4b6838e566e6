"""Every play, as written, with every event doubled, and with the service restarted between any two lines.

As written it is played on both databases. What a killed process leaves on PostgreSQL is in tests/recovery."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.runtime.writer import Writer
from bot.settings import Settings
from tests.plays.player import DoublingWriter, Player
from tests.world import World

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.chat"))

MESSAGES_MAX = 14
"""Of the bot, for somebody whose card is read without a doubt."""


def _name(script: Path) -> str:
    return script.stem


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
async def test_as_written(script: Path, settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    played = await _play(script, settings, tmp_path)

    if request.config.getoption("--write"):
        script.write_text(played, encoding="utf-8")
    assert played == script.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
@pytest.mark.enough_on("postgresql")
async def test_every_event_twice(script: Path, settings: Settings, tmp_path: Path) -> None:
    played = await _play(script, settings, tmp_path, writer_kind=DoublingWriter)

    assert played == script.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=_name)
@pytest.mark.enough_on("sqlite")
async def test_restarted_between_any_two_lines(script: Path, settings: Settings, tmp_path: Path) -> None:
    played = await _play(script, settings, tmp_path, restarts=True)

    assert played == script.read_text(encoding="utf-8")


def test_from_the_menu_to_the_payment_code_are_at_most_fourteen_messages() -> None:
    script = next(script for script in SCRIPTS if script.stem == "a_farmer_is_enrolled_from_a_photo").read_text()

    until_paid = script.partition("(BPJS: the code is paid)")[0]
    assert "Kode bayar" in until_paid
    assert until_paid.count("\nbot:") <= MESSAGES_MAX


async def _play(
    script: Path, settings: Settings, folder: Path, *, writer_kind: type[Writer] = Writer, restarts: bool = False
) -> str:
    async with World(settings, folder, writer_kind=writer_kind) as world:
        return await Player(world, restarts=restarts).play(script.read_text(encoding="utf-8"))
