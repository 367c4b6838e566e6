"""The office's commands about claims: what is open, how it got there, and that what was doubtful may go."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.claim_desk import DOUBTS, NOTHING, ClaimDeskError, clear, one_claim, open_claims
from bot.settings import Settings
from db.engine import DatabaseBusyError, sqlite_file
from tests.claimants import DEATH, FALL, SCHOOL, Claimants
from tests.world import World

WAITS = "Klaim nomor 1 diteruskan ke BPJS begitu lengkap; kecelakaan langsung dilaporkan."


async def doubtful(world: World) -> Claimants:
    """Hasna's accident is looked at by the office; the others wait for papers, one of them too long."""
    people = Claimants(world)
    chat = await people.chat("hasna")
    person = await people.member(chat)
    await people.reports(chat, person, FALL, doubts=("not-protected", "reported-late"))
    await world.pass_time(timedelta(days=9))
    await people.reports(chat, person, SCHOOL)
    await people.reports(chat, person, DEATH, by="RAHMAN")
    return people


async def test_open_claims_are_listed_without_names(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        assert await open_claims(settings) == NOTHING
        people = await doubtful(world)
        listed = await open_claims(settings)

    assert listed.splitlines() == [
        "    1  kecelakaan kerja, sudah dilaporkan, menunggu petugas, janji 04-12-2026 16.00, naik 2 kali, "
        "periksa: tidak terlindungi pada hari itu; dilaporkan lewat 2 x 24 jam",
        "    2  beasiswa anak, sudah dilaporkan, menunggu pelapor, janji 07-12-2026 16.00",
        "    3  santunan kematian, sudah dilaporkan, menunggu pelapor, janji 07-12-2026 16.00, "
        "periksa: ahli warisnya lain dari yang didaftarkan",
    ]
    assert not any(name in listed.upper() for name in people.names.values())


async def test_one_claim_is_shown_with_its_steps(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        await doubtful(world)
        shown = (await one_claim(settings, 1)).splitlines()
        with pytest.raises(ClaimDeskError, match=r"^Tidak ada klaim nomor 7\.$"):
            await one_claim(settings, 7)

    assert shown[1].startswith("       21-11-2026 09.00  sudah dilaporkan (chat ")
    assert shown[2].startswith("       23-11-2026 16.")
    assert shown[2].endswith("sudah dilaporkan (clock)")


def test_a_claim_that_is_not_there_is_an_error_of_the_command(tmp_path: Path) -> None:
    environment = {**os.environ, "SIAGA_DATABASE__URL": f"sqlite+aiosqlite:///{tmp_path / 'siaga.db'}"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert run("migrate").returncode == 0
    shown = run("claim", "99")
    assert (shown.returncode, shown.stdout, shown.stderr) == (1, "", "Tidak ada klaim nomor 99.\n")


async def test_a_cleared_one_goes_to_bpjs_once_the_service_runs_again(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        people = await doubtful(world)
        assert await people.at_bpjs() == []

    assert await clear(settings, 1, "Ibu Sari") == WAITS
    with pytest.raises(ClaimDeskError, match=r"^Klaim nomor 1 tidak menunggu pemeriksaan\.$"):
        await clear(settings, 1, "Ibu Sari")

    async with World(settings, tmp_path) as world:
        world.clock.now += timedelta(days=3650)  # the command has the clock of the machine
        await world.settle()
        assert len(await Claimants(world).at_bpjs()) == 1
        rows = await Claimants(world).rows("SELECT actor, action FROM audit ORDER BY number DESC")
    assert ("office Ibu Sari", "clear-claim") in rows


@pytest.mark.parametrize("by", ["", "  ", "x" * 41, "a\nb"])
async def test_who_clears_is_named(by: str, settings: Settings) -> None:
    with pytest.raises(ClaimDeskError, match="Siapa yang memeriksa"):
        await clear(settings, 1, by)


async def test_while_a_service_has_the_file_it_says_so(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        await doubtful(world)
        if sqlite_file(settings.database.url) is None:
            assert await clear(settings, 1, "Ibu Sari") == WAITS
        else:
            with pytest.raises(DatabaseBusyError, match="in use by another Siaga"):
                await clear(settings, 1, "Ibu Sari")


def test_every_doubt_has_words() -> None:
    """The flow's and the registry's."""
    root = Path(__file__).parent.parent
    code = (root / "bot/flows/claim.py").read_text() + (root / "db/claims.py").read_text()

    assert [doubt for doubt in DOUBTS if f'"{doubt}"' not in code] == []
