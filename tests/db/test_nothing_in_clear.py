"""NIK, phone, photo, what was said and what was reported stand nowhere in clear, in no column of no table and in no
file beside it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.flows.clinic_asks import ChooseClinic
from bot.settings import Settings
from db import claim_news, claim_sending, treatments
from db.engine import sqlite_file
from db.tables import metadata
from rules.bpjs import ClaimStatus
from rules.money import Rupiah
from rules.nik import Nik
from tests.claimants import DEATH, FALL, SCHOOL, Claimants
from tests.db.conftest import SCRIPT
from tests.ktp.samples import FOLDER
from tests.plays.player import Player
from tests.world import World, with_bank

NIK = Nik("7312025205799901")
PHONE = "81234567890"
PHOTO = (FOLDER / "hasna.jpg").read_bytes()
PIECE = PHOTO[len(PHOTO) // 2 :][:32]
SAID = b"Selamat, Hasna terdaftar"
DIGITS_BETWEEN = rb"\D{0,2}"


async def every_value(world: World) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    async with world.service.transcript._engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in (await connection.execute(text(f"SELECT * FROM {table.name}"))).mappings():
                found += [(f"{table.name}.{column}", value) for column, value in row.items() if value is not None]
    return found


def in_bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def spelt(digits: str) -> re.Pattern[bytes]:
    """The digits in a row, or grouped as people and pages write them."""
    return re.compile(DIGITS_BETWEEN.join(digit.encode() for digit in digits))


SECRETS = {
    "NIK": spelt(NIK.digits),
    "phone": spelt(PHONE),
    "photo": re.compile(re.escape(PIECE)),
    "chat": re.compile(re.escape(SAID)),
    "accident": re.compile(re.escape(FALL.story.encode())),
    "injury": re.compile(re.escape(FALL.injury.encode())),
    "school": re.compile(re.escape(SCHOOL.school.encode())),
    "heir": re.compile(b"NURHAYATI"),
}
AT_THE_BANK = SCRIPT.parent.parent / "with_bank" / "a_contribution_is_paid_at_a_virtual_account.chat"
NAMES = re.compile(rb"hasna|baco|nurhayati", re.IGNORECASE)


@pytest.fixture
async def claimed(enrolled: World) -> World:
    """Hasna's accident, her death and a child's school are reported, with a paper; a clinic knows, an heir is paid."""
    people = Claimants(enrolled)
    chat = await people.chat("hasna")
    ((person,),) = await people.rows("SELECT id FROM people")
    for about in (FALL, SCHOOL):
        await people.reports(chat, person, about, by="NURHAYATI", doubts=("not-protected",))
    claim = await people.reports(chat, person, DEATH, by="NURHAYATI", doubts=("not-protected",))
    await people.sends(chat, "hasna", claim, "ktp")
    paid = ClaimStatus("CLM-1", "paid", "", (), Rupiah(42_000_000), date(2026, 11, 21), "NURHAYATI")
    run = enrolled.service.writer.run
    await run(lambda unit: treatments.choose(unit, chat, ChooseClinic(claim.claim, "contoh-10", "Klinik Contoh Jampu")))
    await run(lambda unit: claim_sending.refer(unit, claim.claim, "CLM-1"))
    await run(lambda unit: claim_news.bpjs_said(unit, paid))
    return enrolled


async def test_no_column_holds_anything_in_clear(claimed: World) -> None:
    values = await every_value(claimed)
    found = [
        (place, secret)
        for place, value in values
        for secret, pattern in SECRETS.items()
        if pattern.search(in_bytes(value))
    ]

    untouched = {table.name for table in metadata.sorted_tables} - {place.partition(".")[0] for place, _value in values}
    assert untouched == {
        "waiting",
        "bank_bills",
        "bank_calls",
        "bank_payments",
        "differences",
        "reconciliations",
        "lanes",
        "links",
        "move_codes",
        "move_tries",
        "oddities",
        "reminders",
        "corrections",
        "erasures",
        "year_tries",
    }  # or this looked at nothing
    assert found == []


async def test_what_clinics_are_told_is_kept_without_a_name(claimed: World) -> None:
    assert await named(claimed, {"treatments"}) == []


async def test_what_a_bank_tells_is_kept_without_a_name(settings: Settings, tmp_path: Path) -> None:
    async with World(with_bank(settings, tmp_path), tmp_path) as world:
        await Player(world).play(AT_THE_BANK.read_text(encoding="utf-8"))

        assert await named(world, {"bank_bills", "bank_calls", "bank_payments"}) == []


async def named(world: World, tables: set[str]) -> list[str]:
    """The columns of these tables, none of them empty, in which somebody is named."""
    values = [one for one in await every_value(world) if one[0].partition(".")[0] in tables]
    assert {place.partition(".")[0] for place, _value in values} == tables
    return [place for place, value in values if NAMES.search(in_bytes(value))]


async def test_no_file_of_the_database_holds_anything_in_clear(claimed: World) -> None:
    file = sqlite_file(claimed.settings.database.url)
    files = [] if file is None else [path for path in file.parent.iterdir() if path.name.startswith(file.name)]

    found = [
        (path.suffix, secret)
        for path in files
        for secret, pattern in SECRETS.items()
        if pattern.search(path.read_bytes())
    ]

    assert found == []


async def test_the_secret_is_not_in_the_database(enrolled: World) -> None:
    secret = enrolled.settings.secret.file.read_text().strip()

    for place, value in await every_value(enrolled):
        assert bytes.fromhex(secret) not in in_bytes(value), place
        assert secret.encode() not in in_bytes(value), place


async def test_what_is_sealed_opens_for_the_service(enrolled: World) -> None:
    vault = enrolled.service.desk.vault
    async with enrolled.service.transcript._engine.connect() as connection:
        person = (await connection.execute(text("SELECT id, nik, nik_index, phone FROM people"))).one()

    assert vault.open(bytes(person.nik), f"nik {person.id}").decode() == NIK.digits
    assert vault.open(bytes(person.phone), f"phone {person.id}").decode() == f"+62{PHONE}"
    assert person.nik_index == vault.index(NIK)
