"""The file of somebody's data holds everything that is held, in a form that machines read, for their own chat alone."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import text

from bot.flows.clinic_asks import ChooseClinic
from bot.flows.data_asks import export_of
from db import my_data, treatments
from db.tables import metadata
from tests.claimants import FALL, Claimants
from tests.world import World

NIK, PHONE = "7312025205799901", "+6281234567890"
NOT_OF_A_PERSON = {
    "areas", "bank_calls", "chats", "chat_people", "conversations", "differences", "inbound", "lanes", "links",
    "move_codes", "move_tries", "oddities", "outbox", "photo_keys", "reconciliations", "reminders", "tasks", "waiting",
    "year_tries",
}  # fmt: skip
"""Tables without a part of their own in the file: how the service works, the chat itself, what is told elsewhere."""
NAMED = {"memberships": "membership", "audit": "done_with_it", "people": "person"}
"""What a table is called in the file, where that isn't its name."""


async def of_hasna(world: World, *, full: bool) -> dict[str, Any]:
    async with world.service.transcript._engine.connect() as connection:
        chat, person = (await connection.execute(text("SELECT chat_id, person_id FROM chat_people"))).one()
    transcript, vault = world.service.transcript, world.service.desk.vault
    content = await my_data.export(transcript._engine, vault, export_of(person, full=full), chat)
    assert content is not None
    assert await my_data.export(transcript._engine, vault, export_of(person, full=full), chat + 1) is None
    found: dict[str, Any] = msgspec.json.decode(content)
    return found


async def test_it_holds_everything_with_the_nik_masked(enrolled: World) -> None:
    found = await of_hasna(enrolled, full=False)

    assert found["format"] == "siaga-data-1"
    assert found["person"] == {
        "name": "HASNA", "nik": "7312********9901", "birth_place": "SOPPENG", "birth_date": "1979-05-12",
        "sex": "female", "address": "DUSUN LAPPA", "village": "73.12.02.2005", "phone": "0812xxxx890",
        "since": found["person"]["since"],
    }  # fmt: skip
    assert found["membership"][0]["kpj"] == "31754442421"
    assert found["enrolments"][0]["heir_name"] == "LA BACO"
    assert [one["state"] for one in found["contributions"]] == ["paid"] * 3
    assert found["receipts"][0]["number"] == 1
    assert [one["purpose"] for one in found["consents"]] == ["registration", "reminders"]
    assert len(found["photos"]) == 1
    assert found["done_with_it"]
    assert found["person"]["since"].endswith("+08:00")


async def test_in_full_it_holds_nik_and_phone_as_they_are(enrolled: World) -> None:
    found = await of_hasna(enrolled, full=True)

    assert (found["person"]["nik"], found["person"]["phone"]) == (NIK, PHONE)
    del found["person"]
    assert NIK not in str(found)


async def test_it_holds_claims_and_what_clinics_were_told_and_nobody_elses_name(enrolled: World) -> None:
    people = Claimants(enrolled)
    ((chat, person),) = await people.rows("SELECT chat_id, person_id FROM chat_people")
    claim = await people.reports(chat, person, FALL, by="NURHAYATI", relation="helper")
    await people.sends(chat, "hasna", claim, "ktp")
    told = ChooseClinic(claim.claim, "contoh-10", "Klinik Contoh Jampu")
    await enrolled.service.writer.run(lambda unit: treatments.choose(unit, chat, told))

    found = await of_hasna(enrolled, full=True)

    (held,) = found["claims"]
    assert (held["number"], held["kind"], held["happened_on"], held["state"], held["amount"]) == (
        1, "accident", str(FALL.on), "documents-incomplete", None
    )  # fmt: skip
    assert held["report"]["story"] == FALL.story
    assert [(one["kind"], one["sent_at"]) for one in found["claim_papers"]] == [("ktp", None)]
    assert [one["state"] for one in found["claim_steps"]] == ["reported", "documents-incomplete"]
    assert [(one["name"], one["state"]) for one in found["treatments"]] == [("Klinik Contoh Jampu", "expected")]
    assert "NURHAYATI" not in str(found)


async def test_no_table_about_people_is_left_out(enrolled: World) -> None:
    found = await of_hasna(enrolled, full=False)

    told = {NAMED.get(table.name, table.name) for table in metadata.sorted_tables if table.name not in NOT_OF_A_PERSON}
    assert told == found.keys() - {"format"}
