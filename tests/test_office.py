"""The office at the command line: what waits is shown without a whole NIK, and is decided by a second person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import opened
from bot.office import HOW, NOTHING, PROBLEMS, decide_correction, list_corrections
from bot.settings import Settings
from db.engine import DatabaseBusyError, sqlite_file
from tests.db.conftest import SCRIPT
from tests.db.test_photos import PHOTO
from tests.plays.player import Player
from tests.world import World

MENU = "hasna:  data saya\n\nhasna:  2"
NEW_NAME = f"{MENU}\n\nhasna:  nama\n\nhasna:  Hasnah\n\nhasna:  ya\n\nhasna:  (photo hasna.jpg)"
NEW_NIK = f"{MENU}\n\nhasna:  nik\n\nhasna:  7312025205799903\n\nhasna:  ya\n\nhasna:  (photo hasna.jpg)"


@pytest.fixture
async def waiting(settings: Settings, tmp_path: Path) -> AsyncIterator[Settings]:
    """Hasna has asked for another name and another NIK; the service is stopped."""
    async with World(settings, tmp_path) as world:
        await Player(world).play(f"{SCRIPT.read_text(encoding='utf-8').strip()}\n\n{NEW_NAME}\n\n{NEW_NIK}")
    yield settings


async def listed(settings: Settings, folder: Path | None = None) -> tuple[str, list[int]]:
    told = await list_corrections(settings, "Nurul", folder)
    return told, [int(number) for number in re.findall(r"^(\d+)  ", told, re.MULTILINE)]


async def told_to_hasna(settings: Settings) -> str:
    async with opened(settings) as service:
        chat = await service.transcript.chat("web", "main", "hasna")
        assert chat is not None
        return "\n".join(line.text for line in await service.transcript.lines(chat, 0, 3))


async def test_what_waits_is_shown_with_its_evidence(waiting: Settings, tmp_path: Path) -> None:
    told, numbers = await listed(waiting, tmp_path / "evidence")

    assert len(numbers) == 2
    assert "sekarang: HASNA\n" in told
    assert "menjadi:  HASNAH\n" in told
    assert "menjadi:  7312********9903\n" in told
    assert not re.search(r"\b7312\d{12}\b", told)
    assert {file.name: file.read_bytes() for file in (tmp_path / "evidence").iterdir()} == {
        f"{number}.jpg": PHOTO for number in numbers
    }


async def test_that_somebody_looked_is_in_the_audit(waiting: Settings) -> None:
    await listed(waiting)

    async with opened(waiting) as service, service.transcript._engine.connect() as connection:
        seen = (await connection.execute(text("SELECT actor FROM audit WHERE action = 'read-person'"))).scalars().all()
    assert seen == ["Nurul", "Nurul"]


async def test_a_decision_reaches_the_chat(waiting: Settings) -> None:
    _told, (name, nik) = await listed(waiting)

    assert (await decide_correction(waiting, name, "Nurul", accept=True, refuse=""))[1]
    assert (await decide_correction(waiting, nik, "Nurul", accept=False, refuse="KK-nya tidak terbaca"))[1]

    told = await told_to_hasna(waiting)
    assert "Perbaikan Nama sudah diterima petugas" in told
    assert "Perbaikan NIK belum bisa diterima: KK-nya tidak terbaca." in told
    assert await listed(waiting) == (NOTHING, [])


async def test_what_can_not_be_decided_is_told(waiting: Settings) -> None:
    _told, (name, _nik) = await listed(waiting)

    assert await decide_correction(waiting, 17, "Nurul", accept=True, refuse="") == (f"{PROBLEMS['unknown']}\n", False)
    await decide_correction(waiting, name, "Nurul", accept=True, refuse="")
    again = await decide_correction(waiting, name, "Nurul", accept=True, refuse="")
    assert again == (f"{PROBLEMS['decided']}\n", False)


@pytest.mark.parametrize(("accept", "refuse", "by"), [
    (True, "kabur", "Nurul"), (False, "", "Nurul"), (False, " ", "Nurul"), (False, "a" * 101, "Nurul"), (True, "", " "),
])  # fmt: skip
async def test_it_is_either_accepted_or_refused_with_a_short_reason(
    settings: Settings, accept: bool, refuse: str, by: str
) -> None:
    assert await decide_correction(settings, 17, by, accept=accept, refuse=refuse) == (HOW, False)


async def test_beside_a_service_on_sqlite_it_says_to_stop_that_first(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path):
        if sqlite_file(settings.database.url) is None:
            assert await list_corrections(settings, "Nurul", None) == NOTHING
            return
        with pytest.raises(DatabaseBusyError):
            await list_corrections(settings, "Nurul", None)
