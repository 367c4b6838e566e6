"""The bank's settlement beside ours: printed for a person, told by the exit status, and changing nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.settle import SettleError, settle
from tests.plays.player import Player
from tests.runtime.test_bank_in import SCRIPT, number_of, rows
from tests.world import World, with_bank

PARAMETERS_MAX = 32_767
"""Of one statement of PostgreSQL."""
TITLES = "trxDateTime,channel,billNo,paymentRequestId,referenceNo,amount,fee\n"


@pytest.fixture
async def paid(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    """Hasna paid Rp8.400 to her virtual account."""
    async with World(with_bank(settings, tmp_path), tmp_path) as world:
        before = SCRIPT.read_text(encoding="utf-8").partition("\n(bank: CODE-1 is paid)\n")[0]
        await Player(world).play(before)
        await world.bank("POST", f"/sandbox/bills/{await number_of(world)}/paid")
        await world.settle()
        yield world


async def file_of(world: World, folder: Path, *more: str) -> Path:
    """The bank's file of the day, with more lines."""
    file = folder / "settlement.csv"
    file.write_bytes((await world.bank("GET", "/settlements/2026-11-21.csv")).content + "".join(more).encode())
    return file


async def test_a_day_that_is_alike_is_said_to_be_and_changes_nothing(paid: World, tmp_path: Path) -> None:
    before = await rows(paid, "SELECT * FROM bank_payments")

    told = [await settle(await file_of(paid, tmp_path), paid.settings.database.url) for _run in range(2)]

    said = (
        "Menurut bank: Rp8.400 dari 1 pembayaran, biaya Rp2.000.\nMenurut kita: Rp8.400 dari 1 pembayaran.\n"
        "Cocok: 1.\nSemua cocok.\n"
    )
    assert told == [(said, True)] * 2
    assert await rows(paid, "SELECT * FROM bank_payments") == before


async def test_an_empty_file_of_a_day_on_which_money_came_is_no_good_news(paid: World, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text(TITLES)

    told, is_even = await settle(tmp_path / "empty.csv", paid.settings.database.url, "2026-11-21")

    assert not is_even
    assert f"Hanya di kita: 1\n  {await number_of(paid)}: Rp8.400\n" in told


async def test_every_difference_is_named_with_its_bill(paid: World, tmp_path: Path) -> None:
    number = await number_of(paid)
    unknown = "2026-11-21T10:00:00+07:00,qris,QR-9,pay-9,R9,16800.00,0.00\n"
    again = f"2026-11-21T11:00:00+07:00,va,{number},pay-8,R8,8400.00,2000.00\n"

    told, is_even = await settle(await file_of(paid, tmp_path, unknown, again, "broken\n"), paid.settings.database.url)

    assert not is_even
    assert told == (
        "Menurut bank: Rp33.600 dari 3 pembayaran, biaya Rp4.000.\nMenurut kita: Rp8.400 dari 1 pembayaran.\n"
        "Cocok: 1.\n"
        "Hanya di bank: 1\n  QR-9: Rp16.800, R9, 21-11-2026 11.00 WITA\n"
        f"Dibayar dua kali: 1\n  {number}: Rp8.400, R8, 21-11-2026 12.00 WITA\n"
        "Baris yang tidak terbaca: 1\n  baris 5: jumlah isinya tidak sama dengan jumlah kolom\n"
        "Ada yang perlu diperiksa.\n"
    )


async def test_a_file_of_many_payments_is_compared_to_its_end(paid: World, tmp_path: Path) -> None:
    many = [f"2026-11-21T10:00:00+07:00,qris,QR-{n},pay-{n},R9,16800.00,0.00\n" for n in range(PARAMETERS_MAX)]
    (here,) = (await file_of(paid, tmp_path)).read_text().splitlines()[1:]

    told, _is_even = await settle(await file_of(paid, tmp_path, *many, here, "\n"), paid.settings.database.url)

    assert f"dari {PARAMETERS_MAX + 2} pembayaran" in told
    assert "Menurut kita: Rp8.400 dari 1 pembayaran.\nCocok: 1.\n" in told
    assert "Dibayar dua kali: 1\n" in told


async def test_what_only_we_have_of_that_day_is_named(paid: World, tmp_path: Path) -> None:
    file = tmp_path / "settlement.csv"
    other = "2026-11-21T10:00:00+07:00,qris,QR-9,pay-9,R9,16800.00,0.00\n"
    file.write_text("trxDateTime,channel,billNo,paymentRequestId,referenceNo,amount,fee\n" + other)

    told, _is_even = await settle(file, paid.settings.database.url)

    assert f"Hanya di kita: 1\n  {await number_of(paid)}: Rp8.400\n" in told


async def test_another_sum_is_named_on_both_sides(paid: World, tmp_path: Path) -> None:
    file = await file_of(paid, tmp_path)
    file.write_text(file.read_text().replace(",8400.00,", ",8500.00,"))

    told, is_even = await settle(file, paid.settings.database.url)

    assert not is_even
    assert "Jumlahnya lain: 1\n" in told
    assert told.count(", di kita Rp8.400") == 1


async def test_what_is_no_settlement_is_refused_in_words(paid: World, tmp_path: Path) -> None:
    (tmp_path / "letter.csv").write_text("Dengan hormat\n")

    with pytest.raises(SettleError, match="bukan berkas penyelesaian bank"):
        await settle(tmp_path / "letter.csv", paid.settings.database.url)
    (tmp_path / "empty.csv").write_text(TITLES)
    with pytest.raises(SettleError, match="Sebut harinya"):
        await settle(tmp_path / "empty.csv", paid.settings.database.url)
    with pytest.raises(SettleError, match="bukan tanggal"):
        await settle(tmp_path / "empty.csv", paid.settings.database.url, "kemarin")
    with pytest.raises(SettleError, match=r"none\.csv tidak ada"):
        await settle(tmp_path / "none.csv", paid.settings.database.url)
    with pytest.raises(SettleError, match="tidak bisa dibaca"):
        await settle(tmp_path, paid.settings.database.url)


def test_the_exit_status_tells(tmp_path: Path) -> None:
    environment = {**os.environ, "SIAGA_DATABASE__URL": f"sqlite+aiosqlite:///{tmp_path / 'siaga.db'}"}
    (tmp_path / "even.csv").write_text(TITLES)
    (tmp_path / "odd.csv").write_text(TITLES + "broken\n")

    def status(*words: str) -> int:
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False).returncode

    of_a_day = ("settle", str(tmp_path / "even.csv"), "--day", "2026-11-20")
    assert [status(*of_a_day), status("migrate"), status(*of_a_day)] == [2, 0, 0]
    assert [status("settle", str(tmp_path / name)) for name in ("odd.csv", "even.csv")] == [1, 2]
