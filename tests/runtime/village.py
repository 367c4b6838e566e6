"""A village for the tests of reminders: chats, and the members for whom they speak."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from msgspec import Struct
from sqlalchemy import text

from bot.flows.asks import CheckPayment, PostPayment, RecordBankBill
from bot.handlers.contract import Arrival
from bot.runtime.runner import Runner
from bot.runtime.settling import Done, Outcome
from bot.talk.heard import Said
from db import bank
from db.ids import first_at
from db.money import payment_codes
from db.outbox import Taken
from db.tables import chat_people, consents, enrolments, memberships, people
from db.unit import Unit
from rules.bank import BankBill, BankPaid
from rules.bpjs import Payment
from rules.money import Rupiah
from rules.quiet import WITA
from tests.runtime.test_webhooks import told
from tests.world import World

ENDS = date(2026, 12, 31)
A_WEEK_BEFORE = date(2026, 12, 24)
HOW_TO = "Balas bayar untuk kode bayar, STOP untuk berhenti diingatkan."


class Village(Struct):
    """Chats of a service, and the members for whom they speak."""

    world: World
    codes_made: list[str] = []

    async def chat(
        self,
        who: str,
        *names: str,
        until: date | None = ENDS,
        agrees: bool = True,
        registered_on: date | None = None,
        state: str = "registered",
    ) -> int:
        """A chat that speaks for members of these names, whose cover ends so."""
        receipt = await self.world.service.writer.arrive(Arrival("web", "main", who, f"{who}1", Said("halo")))

        async def enrol(unit: Unit) -> None:
            for name in names:
                _member(unit, receipt.chat, name, until, registered_on or self.world.clock.now.date(), state)
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

    async def says(self, who: str, words: str) -> None:
        """Somebody writes."""
        number = len(await self.rows("SELECT id FROM inbound"))
        await self.world.service.writer.arrive(Arrival("web", "main", who, f"{who} {number}", Said(words)))

    async def enrol(self, unit: Unit, chat: int, name: str, until: date | None) -> None:
        """One more member for whom a chat speaks."""
        _member(unit, chat, name, until, self.world.clock.now.date(), "registered")

    async def protects(self, name: str, until: date) -> None:
        """BPJS says that this member is paid for, and protected until then."""
        code = f"88{len(self.codes_made)}"
        self.codes_made.append(code)
        ((person,),) = await self.rows(f"SELECT id FROM people WHERE name = '{name}'")
        event = {
            "kind": "paid", "event_id": f"paid-{code}", "code": code, "paid_on": str(self.world.clock.now.date()),
            "amount": 8_400, "covered_from": str(self.world.clock.now.date()), "protected_until": str(until),
        }  # fmt: skip

        async def add(unit: Unit) -> None:
            unit.add(
                payment_codes, code=code, person_id=person, months=f"{until:%Y-%m}", priced="8400", amount=8_400,
                payable_until=until, created_at=unit.now,
            )  # fmt: skip

        await self.world.service.writer.run(add)
        assert (await told(self.world, event)).status_code == 200

    async def codes(self, name: str, *, expired: int = 0, paid: int = 0, old: int = 0) -> None:
        """More codes of a member: that can't be paid any more, that were paid, that were made long ago."""
        ((person,),) = await self.rows(f"SELECT id FROM people WHERE name = '{name}'")
        now = self.world.clock.now

        async def add(unit: Unit) -> None:
            kinds = [(now, None)] * expired + [(now, now.date())] * paid + [(now - timedelta(days=70), None)] * old
            for made_at, paid_on in kinds:
                unit.add(
                    payment_codes, code=f"88{unit.ids.next()}", person_id=person, months="2027-01", priced="16800",
                    amount=16_800, payable_until=now.date() - timedelta(days=1), created_at=made_at, paid_on=paid_on,
                )  # fmt: skip

        await self.world.service.writer.run(add)

    async def asked_about(self, chat: int, words: str) -> list[str]:
        """Whose codes BPJS is asked about when this is written."""
        ((who,),) = await self.rows(f"SELECT address FROM chats WHERE id = {chat}")
        await self.says(who, words)
        asked: list[str] = []

        async def ask(row: Taken) -> Outcome:
            assert isinstance(row.body, CheckPayment)
            asked.append(row.body.code)
            return Done(Payment(row.body.code, False))

        runner = Runner(self.world.service.writer, {"CheckPayment": ask}, self.world.clock, Random(1))
        while await runner.run_due():
            pass
        names = dict(await self.rows("SELECT c.code, p.name FROM payment_codes c JOIN people p ON p.id = c.person_id"))
        return [names[code] for code in asked]

    async def away(self) -> None:
        """From now on all chats are reached by a channel that doesn't fetch, and is down."""
        await self.change("UPDATE chats SET channel = 'nowhere'")

    async def change(self, sql: str) -> None:
        """Somebody changes the database by hand."""
        statement = _CHANGES.setdefault(sql, text(sql))
        await self.world.service.writer.run(lambda unit: unit.fetch(statement))

    async def pays(self, name: str) -> None:
        """BPJS says that the code of this member is paid."""
        ((code,),) = await self.rows(f"SELECT c.code FROM payment_codes c JOIN people p ON p.id = c.person_id "
                                     f"WHERE p.name = '{name}'")  # fmt: skip  # a name of this file
        event = {
            "kind": "paid", "event_id": f"paid-{code}", "code": code, "paid_on": "2026-12-20", "amount": 16_800,
            "covered_from": "2026-12-20", "protected_until": "2027-01-31",
        }  # fmt: skip
        assert (await told(self.world, event)).status_code == 200

    async def pays_at_the_bank(self, name: str) -> PostPayment:
        """A bank of ours says that it received the money for the code of this member, which is to be posted to BPJS."""
        ((code,),) = await self.rows(f"SELECT c.code FROM payment_codes c JOIN people p ON p.id = c.person_id "
                                     f"WHERE p.name = '{name}'")  # fmt: skip  # a name of this file
        ((chat,),) = await self.rows(f"SELECT c.chat_id FROM chat_people c JOIN people p ON p.id = c.person_id "
                                     f"WHERE p.name = '{name}'")  # fmt: skip
        amount, now = Rupiah(16_800), self.world.clock.now

        async def receive(unit: Unit) -> None:
            await bank.record_bill(unit, chat, RecordBankBill(code, BankBill("va", code, amount, now)))
            bill = await bank.bill(unit, code)
            assert bill is not None
            await bank.take(unit, bill, BankPaid("va", code, code, amount, now, "R1"), "")

        await self.world.service.writer.run(receive)
        return PostPayment(code, amount, "R1")

    async def rows(self, sql: str) -> list[Any]:
        async with self.world.service.transcript._engine.connect() as connection:
            return list((await connection.execute(text(sql))).all())


_CHANGES: dict[str, Any] = {}
"""Statements are compiled once and kept."""


def _member(unit: Unit, chat: int, name: str, until: date | None, registered_on: date, state: str) -> None:
    person = unit.ids.next()
    enrolment = first_at(datetime.combine(registered_on, time(9), WITA)) + person % 2**20
    unit.add(
        people, id=person, nik_index=str(person), nik=b"", name=name, birth_place="SOPPENG", birth_date=ENDS,
        sex="female", address="DUSUN LAPPA", village_code="73.12.02.2005", created_at=unit.now,
    )  # fmt: skip
    unit.add(chat_people, chat_id=chat, person_id=person, role="helper", since=unit.now)
    unit.add(memberships, person_id=person, kpj=f"{person % 10**11:011}", protected_until=until, stated_at=unit.now)
    unit.add(
        enrolments, id=enrolment, person_id=person, chat_id=chat, conversation_id=1, entered_by="helper",
        state=state, occupation="x", sector="other", income_band=1, heir_name="", heir_relation="spouse",
        first_month="2026-12", months=1, amount=8_400, doubts="", created_at=unit.now,
    )  # fmt: skip
    unit.add(
        payment_codes, code=f"88{person}", enrolment_id=enrolment, person_id=person, months="2027-01", priced="16800",
        amount=16_800, payable_until=ENDS, created_at=unit.now,
    )  # fmt: skip
