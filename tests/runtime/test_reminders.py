"""Whoever is due is told once a day, in one message a chat, and never once it is of no use: paid, stopped, too late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from sqlalchemy import text

from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from db.money import payment_codes
from db.tables import chat_people, consents, enrolments, memberships, people
from db.unit import Unit
from rules.quiet import WITA
from tests.runtime.test_webhooks import told
from tests.world import World

ENDS = date(2026, 12, 31)
A_WEEK_BEFORE = date(2026, 12, 24)
HOW_TO = "Balas bayar untuk kode bayar, STOP untuk berhenti diingatkan."


class Village(Struct):
    """Chats of a service, and the members for whom they speak."""

    world: World

    async def chat(self, who: str, *names: str, until: date | None = ENDS, agrees: bool = True) -> int:
        """A chat that speaks for members of these names, whose cover ends so."""
        receipt = await self.world.service.writer.arrive(Arrival("web", "main", who, f"{who}1", Said("halo")))

        async def enrol(unit: Unit) -> None:
            for name in names:
                _member(unit, receipt.chat, name, until)
            if agrees:
                unit.add(
                    consents, id=unit.ids.next(), chat_id=receipt.chat, conversation_id=1, purpose="reminders",
                    version=1, words="", given_by="self", given_at=unit.now,
                )  # fmt: skip

        await self.world.service.writer.run(enrol)
        return receipt.chat

    async def on(self, day: date, hour: int = 9) -> int:
        """What is due then is done; how many chats were reminded."""
        self.world.clock.now = datetime.combine(day, time(hour), WITA)
        return await self.world.service.reminders.run_due()

    async def heard(self, chat: int) -> list[str]:
        """Everything unasked that this chat was told."""
        lines = await self.world.service.transcript.lines(chat, 0, 100)
        return [line.text for line in lines if not line.mine and HOW_TO in line.text]

    async def pays(self, name: str) -> None:
        """BPJS says that the code of this member is paid."""
        ((code,),) = await self.rows(f"SELECT c.code FROM payment_codes c JOIN people p ON p.id = c.person_id "
                                     f"WHERE p.name = '{name}'")  # fmt: skip  # a name of this file
        event = {
            "kind": "paid", "event_id": f"paid-{code}", "code": code, "paid_on": "2026-12-20", "amount": 16_800,
            "covered_from": "2026-12-20", "protected_until": "2027-01-31",
        }  # fmt: skip
        assert (await told(self.world, event)).status_code == 200

    async def rows(self, sql: str) -> list[Any]:
        async with self.world.service.transcript._engine.connect() as connection:
            return list((await connection.execute(text(sql))).all())


def _member(unit: Unit, chat: int, name: str, until: date | None) -> None:
    person, enrolment = unit.ids.next(), unit.ids.next()
    unit.add(
        people, id=person, nik_index=str(person), nik=b"", name=name, birth_place="SOPPENG", birth_date=ENDS,
        sex="female", address="DUSUN LAPPA", village_code="73.12.02.2005", created_at=unit.now,
    )  # fmt: skip
    unit.add(chat_people, chat_id=chat, person_id=person, role="helper", since=unit.now)
    unit.add(memberships, person_id=person, kpj=f"{person % 10**11:011}", protected_until=until, stated_at=unit.now)
    unit.add(
        enrolments, id=enrolment, person_id=person, chat_id=chat, conversation_id=1, entered_by="helper",
        state="registered", occupation="x", sector="other", income_band=1, heir_name="", heir_relation="spouse",
        first_month="2026-12", months=1, amount=8_400, doubts="", created_at=unit.now,
    )  # fmt: skip
    unit.add(
        payment_codes, code=f"88{person}", enrolment_id=enrolment, person_id=person, months="2027-01", priced="16800",
        amount=16_800, payable_until=ENDS, created_at=unit.now,
    )  # fmt: skip


@pytest.fixture
async def village(settings: Settings, tmp_path: Path) -> AsyncIterator[Village]:
    async with World(settings, tmp_path) as world:
        yield Village(world)


async def test_a_chat_gets_one_message_however_many_it_speaks_for(village: Village) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO")
    hasna = await village.chat("hasna", "DANIA")

    assert await village.on(A_WEEK_BEFORE) == 2
    assert await village.heard(rina) == [
        "1 Hasna terlindungi sampai 31 Desember 2026, sisa 7 hari.\n"
        f"2 La Baco terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"
    ]
    assert await village.heard(hasna) == [f"Dania terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"]


async def test_only_on_the_days_that_are_due_and_not_before_the_morning(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")

    assert await village.on(A_WEEK_BEFORE, hour=7) == 0
    assert await village.on(A_WEEK_BEFORE, hour=8) == 1
    assert await village.on(A_WEEK_BEFORE + timedelta(days=1)) == 0
    assert len(await village.heard(hasna)) == 1


async def test_once_a_day_over_restarts_too(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")

    for _again in range(3):
        await village.on(A_WEEK_BEFORE)
        await village.world.restart()

    assert len(await village.heard(hasna)) == 1


@pytest.mark.parametrize("why", ["never agreed", "wrote STOP", "blocked the bot", "never paid", "moved"])
async def test_nothing_is_said_to_who(village: Village, why: str) -> None:
    until = None if why == "never paid" else ENDS
    hasna = await village.chat("hasna", "HASNA", agrees=why != "never agreed", until=until)
    changes = {
        "wrote STOP": "UPDATE consents SET withdrawn_at = 1", "blocked the bot": "UPDATE chats SET gone_at = 1",
        "moved": "UPDATE chat_people SET role = 'moved'",
    }  # fmt: skip
    if why in changes:
        await village.world.service.writer.run(lambda unit: unit.fetch(_STATEMENTS[changes[why]]))

    assert await village.on(A_WEEK_BEFORE) == 0
    assert await village.heard(hasna) == []


_STATEMENTS = {
    words: text(words) for words in (
        "UPDATE consents SET withdrawn_at = 1", "UPDATE chats SET gone_at = 1",
        "UPDATE chat_people SET role = 'moved'", "UPDATE chats SET channel = 'nowhere'",
    )
}  # fmt: skip


async def test_what_was_not_sent_when_it_is_paid_is_taken_back_and_the_others_are_reminded_anew(
    village: Village,
) -> None:
    rina = await village.chat("rina", "HASNA", "LA BACO")
    await village.world.service.writer.run(
        lambda unit: unit.fetch(_STATEMENTS["UPDATE chats SET channel = 'nowhere'"])
    )  # a channel that doesn't fetch, and is down
    await village.on(A_WEEK_BEFORE)

    await village.pays("HASNA")
    await village.on(A_WEEK_BEFORE, hour=10)

    states = await village.rows("SELECT state FROM outbox WHERE kind = 'notice' AND useless_at IS NOT NULL ORDER BY id")
    assert [state for (state,) in states] == ["stale", "ready"]
    assert await village.heard(rina) == [f"La Baco terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"]


async def test_who_has_paid_is_reminded_of_the_new_end(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA")

    await village.pays("HASNA")

    assert await village.on(A_WEEK_BEFORE) == 0
    assert await village.on(date(2027, 1, 24)) == 1
    assert await village.heard(hasna) == [f"Hasna terlindungi sampai 31 Januari 2027, sisa 7 hari.\n{HOW_TO}"]


async def test_what_could_not_be_sent_while_it_was_of_use_is_dropped(village: Village) -> None:
    await village.chat("rina", "HASNA")
    await village.world.service.writer.run(lambda unit: unit.fetch(_STATEMENTS["UPDATE chats SET channel = 'nowhere'"]))
    await village.on(A_WEEK_BEFORE)

    await village.on(date(2026, 12, 30))

    states = await village.rows("SELECT state FROM outbox WHERE kind = 'notice' ORDER BY id")
    assert [state for (state,) in states] == ["stale", "ready"]
