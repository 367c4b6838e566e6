"""NIK, phone, photo, what was said and what was reported stand nowhere in clear, in no column of no table and in no
file beside it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from db.engine import sqlite_file
from db.tables import metadata
from rules.nik import Nik
from tests.claimants import DEATH, FALL, SCHOOL, Claimants
from tests.ktp.samples import FOLDER
from tests.world import World

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


@pytest.fixture
async def claimed(enrolled: World) -> World:
    """Hasna's accident, her death and a child's school are reported, with a paper."""
    people = Claimants(enrolled)
    chat = await people.chat("hasna")
    ((person,),) = await people.rows("SELECT id FROM people")
    accident, _school, _death = [
        await people.reports(chat, person, about, by="NURHAYATI", doubts=("not-protected",))
        for about in (FALL, SCHOOL, DEATH)
    ]
    await people.sends(chat, "hasna", accident, "ktp")
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
        "lanes",
        "links",
        "move_codes",
        "move_tries",
        "oddities",
        "reconciliations",
        "differences",
        "reminders",
        "corrections",
        "erasures",
        "year_tries",
    }  # or this looked at nothing
    assert found == []


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
