"""A payment code with two bills at the bank, a virtual account and a code of QRIS: the money is taken once, and what
came by QRIS is never forgotten, for there the payer's bank has moved it before anybody is told."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.flows.asks import PostPayment
from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from db import bank
from db.unit import Unit
from gateway import snap
from rules.money import Rupiah
from tests.plays.player import Player
from tests.runtime.test_bank_in import SCRIPT, Caller, code, rows
from tests.world import World, with_bank

numbers = itertools.count(1)
AGAIN = "hasna:  bayar\n\nhasna:  pakai kode itu\n\nhasna:  qris\n"


class Bills:
    """Hasna's virtual account and her code of QRIS, over Rp8.400 each, and the bank that tells of them."""

    def __init__(self, world: World, folder: Path, va: str, qris: str) -> None:
        self.world, self.bank, self.va, self.qris = world, Caller(world, folder), va, qris

    async def pays_va(self, **changed: Any) -> httpx.Response:
        return await self.bank.pays(self.va, **changed)

    async def pays_qris(
        self, reference: str = "ref-1", number: str = "", value: str = "8400.00", state: str = "00"
    ) -> httpx.Response:
        fields = {
            "originalReferenceNo": reference, "originalPartnerReferenceNo": number or self.qris,
            "latestTransactionStatus": state, "amount": {"value": value, "currency": "IDR"},
        }  # fmt: skip
        return await self.bank.call(snap.QR_NOTIFY_PATH, fields)

    async def taken(self) -> list[Any]:
        return await rows(self.world, "SELECT request FROM bank_payments")

    async def tells(self, said: str) -> str:
        """What the chat is answered, without anything that BPJS or the bank does meanwhile."""
        ((chat,),) = await rows(self.world, "SELECT DISTINCT chat_id FROM bank_bills")
        before = await self.world.service.transcript.lines(chat, 0, 200)
        arrival = Arrival("web", "main", "hasna", f"again-{next(numbers)}", Said(said), None)
        await self.world.service.writer.arrive(arrival)
        lines = await self.world.service.transcript.lines(chat, before[-1].id, 200)
        return "\n".join(line.text for line in lines if not line.mine)

    async def waiting(self) -> list[Any]:
        return await rows(self.world, "SELECT queue, reference, amount FROM oddities ORDER BY id")


@pytest.fixture
async def bills(settings: Settings, tmp_path: Path) -> Any:
    async with World(with_bank(settings, tmp_path, merchant_id="M-1"), tmp_path) as world:
        before = SCRIPT.read_text(encoding="utf-8").partition("\n(bank: CODE-1 is paid)\n")[0]
        await Player(world).play(f"{before}\n{AGAIN}")
        made = dict(await rows(world, "SELECT kind, number FROM bank_bills"))
        yield Bills(world, tmp_path, made["va"], made["qris"])


async def test_money_that_came_to_one_bill_closes_the_other_before_bpjs_has_spoken(bills: Bills) -> None:
    assert code(await bills.pays_qris()) == (200, "2005200")

    assert code(await bills.bank.asks(bills.va)) == (404, "4042414")
    assert code(await bills.pays_va()) == (404, "4042514")
    assert await bills.taken() == [("ref-1",)]


async def test_of_two_bills_that_are_paid_at_once_one_is_taken(bills: Bills) -> None:
    answers = await asyncio.gather(bills.pays_va(), bills.pays_qris())

    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert len(await bills.taken()) == 1


async def test_a_payment_by_qris_that_is_not_taken_waits_for_a_person(bills: Bills) -> None:
    assert code(await bills.pays_qris("ref-1", value="8500.00")) == (404, "4045213")
    assert code(await bills.pays_qris("ref-2", number="QR-1")) == (404, "4045201")
    assert code(await bills.pays_va()) == (200, "2002500")
    for _told in range(2):
        assert code(await bills.pays_qris("ref-3" * 12 + "tail")) == (404, "4045214")

    assert await bills.waiting() == [
        ("not-taken", "ref-1", 8_500),
        ("not-taken", "ref-2", 8_400),
        ("not-taken", ("ref-3" * 12 + "tail")[-60:], 8_400),
    ]
    assert await bills.taken() == [("pay-1",)]


async def test_a_payment_by_qris_that_the_bank_gave_back_waits_for_a_person(bills: Bills) -> None:
    assert code(await bills.pays_qris()) == (200, "2005200")
    for _told in range(2):
        assert code(await bills.pays_qris(state="04")) == (200, "2005200")

    assert await bills.waiting() == [("refunded-at-bank", "ref-1", 8_400)]
    assert code(await bills.pays_qris(state="06")) == (200, "2005200")
    assert len(await bills.waiting()) == 1


async def test_a_transfer_that_is_refused_goes_back_to_who_paid_and_waits_for_nobody(bills: Bills) -> None:
    assert code(await bills.pays_va(paidAmount={"value": "1.00", "currency": "IDR"})) == (404, "4042513")

    assert await bills.waiting() == []


async def test_who_has_paid_at_the_bank_is_not_asked_to_pay_again_before_bpjs_has_spoken(bills: Bills) -> None:
    await bills.pays_va()
    bills.world.clock.now += timedelta(days=8)  # the code has ended meanwhile

    told = await bills.tells("bayar")

    assert told.endswith("Bank sudah menerima Rp8.400 untuk Hasna. Kami tunggu BPJS mencatatnya.")
    assert "Bank sudah menerima" in await bills.tells("status")


async def test_who_paid_for_a_code_that_bpjs_refuses_can_pay_by_another(bills: Bills) -> None:
    await bills.pays_va()
    ((payment_code,),) = await rows(bills.world, "SELECT DISTINCT payment_code FROM bank_bills")

    async def refused(unit: Unit) -> None:
        await bank.not_posted(unit, PostPayment(payment_code, Rupiah(8_400), "R1"))

    await bills.world.service.writer.run(refused)

    assert "Kode bayar Hasna masih berlaku" in await bills.tells("bayar")
    assert code(await bills.bank.asks(bills.va)) == (404, "4042414")
