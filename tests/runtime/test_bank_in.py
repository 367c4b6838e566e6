"""What a bank of ours tells: believed when signed, taken once, posted to BPJS, and answered when it is stored."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from db import bank as bank_rows
from db.cases import deaths
from db.unit import Unit
from gateway import snap
from gateway.payments import GRANT
from gateway.sandbox.bank import BANK, CHANNEL
from gateway.sandbox.bank_keys import kept
from gateway.snap_door import BODY_BYTES_MAX
from tests.plays.player import Player
from tests.runtime.outage import unwritable
from tests.world import World, with_bank

SCRIPT = Path(__file__).parent.parent / "plays" / "with_bank" / "a_contribution_is_paid_at_a_virtual_account.chat"
numbers = itertools.count(1)


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    async with World(with_bank(settings, tmp_path), tmp_path) as made:
        yield made


@pytest.fixture
async def billed(world: World) -> World:
    """Hasna has a virtual account over Rp8.400."""
    before, found, _after = SCRIPT.read_text(encoding="utf-8").partition("\n(bank: CODE-1 is paid)\n")
    assert found
    await Player(world).play(before)
    return world


async def rows(world: World, sql: str) -> list[Any]:
    async with world.service.transcript._engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def number_of(world: World) -> str:
    ((number,),) = await rows(world, "SELECT number FROM bank_bills")
    return str(number)


async def told_by_bank(world: World) -> list[str]:
    """What the chat was told of the bank's money."""
    ((chat,),) = await rows(world, "SELECT DISTINCT chat_id FROM bank_bills")
    return [one.text for one in await world.service.transcript.lines(chat, 0, 200) if "Bank sudah" in one.text]


class Caller:
    """The bank, signing with its own key, without its sandbox."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world, self._key = world, kept(folder / "bank-keys").bank
        self._secret = world.settings.bank.secret.get_secret_value()

    async def token(self) -> httpx.Response:
        at = snap.timestamp(self._world.clock())
        headers = {snap.CLIENT_KEY: BANK, snap.TIMESTAMP: at, snap.SIGNATURE: snap.sign_token(self._key, BANK, at)}
        return await self._world.post(snap.TOKEN_PATH, content=GRANT, headers=headers)

    async def call(self, path: str, fields: dict[str, Any], external_id: str = "") -> httpx.Response:
        token = (await self.token()).json()["accessToken"]
        body, at = msgspec.json.encode(fields), snap.timestamp(self._world.clock())
        headers = {
            "Authorization": f"Bearer {token}", snap.TIMESTAMP: at, snap.PARTNER_ID: BANK, snap.CHANNEL_ID: CHANNEL,
            snap.EXTERNAL_ID: external_id or str(next(numbers)),
            snap.SIGNATURE: snap.sign_symmetric(self._secret, "POST", path, token, body, at),
        }  # fmt: skip
        return await self._world.post(path, content=body, headers=headers)

    async def pays(self, number: str, **changed: Any) -> httpx.Response:
        external_id = changed.pop("external_id", "")
        fields = {
            "partnerServiceId": "    8808", "customerNo": number[4:], "virtualAccountNo": f"    {number}",
            "paymentRequestId": "pay-1", "paidAmount": {"value": "8400.00", "currency": "IDR"}, "referenceNo": "R1",
        }  # fmt: skip
        return await self.call(snap.PAYMENT_PATH, fields | changed, external_id)

    async def asks(self, number: str) -> httpx.Response:
        fields = {
            "partnerServiceId": "    8808", "customerNo": number[4:], "virtualAccountNo": f"    {number}",
            "inquiryRequestId": "inq-1",
        }  # fmt: skip
        return await self.call(snap.INQUIRY_PATH, fields)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["responseCode"]


async def test_without_a_bank_nobody_is_heard(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        answers = [await world.post(path) for path in (snap.TOKEN_PATH, snap.PAYMENT_PATH)]

    assert [answer.status_code for answer in answers] == [404, 404]


async def test_what_is_not_signed_is_refused_and_has_no_effect(world: World) -> None:
    with capture_logs() as logged:
        answers = [await world.post(path, content=b"{}") for path in (snap.TOKEN_PATH, snap.PAYMENT_PATH)]

    assert [code(answer) for answer in answers] == [(400, "4007302"), (401, "4012501")]
    assert [(line["event"], line["code"]) for line in logged] == [
        ("bank-refused", "4007302"),
        ("bank-refused", "4012501"),
    ]
    assert await rows(world, "SELECT * FROM bank_calls") == []


async def test_a_body_that_is_too_long_is_not_read_to_its_end(world: World) -> None:
    assert code(await world.post(snap.PAYMENT_PATH, content=b"x" * (BODY_BYTES_MAX + 1))) == (400, "4002500")


async def test_a_bill_is_told_with_the_name_of_its_owner(billed: World, tmp_path: Path) -> None:
    answer = await Caller(billed, tmp_path).asks(await number_of(billed))

    account = answer.json()["virtualAccountData"]
    assert (code(answer), account["virtualAccountName"]) == ((200, "2002400"), "HASNA")
    assert account["totalAmount"] == {"value": "8400.00", "currency": "IDR"}
    unknown = await Caller(billed, tmp_path).asks("8808990000000000001")
    assert code(unknown) == (404, "4042412")


async def test_after_a_reported_death_the_money_is_taken_and_nobody_is_told(billed: World, tmp_path: Path) -> None:
    ((person, chat),) = await rows(billed, "SELECT person_id, chat_id FROM chat_people")

    async def died(unit: Unit) -> None:
        unit.add(deaths, person_id=person, died_on=unit.now.date(), chat_id=chat, reported_at=unit.now)

    await billed.service.writer.run(died)

    assert code(await Caller(billed, tmp_path).pays(await number_of(billed))) == (200, "2002500")
    assert await rows(billed, "SELECT amount FROM bank_payments") == [(8_400,)]
    assert await told_by_bank(billed) == []


async def test_a_payment_told_three_times_at_once_and_later_is_one(billed: World, tmp_path: Path) -> None:
    bank, number = Caller(billed, tmp_path), await number_of(billed)

    answers = await asyncio.gather(*(bank.pays(number) for _ in range(3)))
    await billed.settle()
    await billed.restart()
    later = await bank.pays(number, flagAdvise="Y")
    await billed.settle()

    assert [code(answer) for answer in (*answers, later)] == [(200, "2002500")] * 4
    assert len({answer.text for answer in (*answers, later)}) == 1
    assert await told_by_bank(billed) == ["Bank sudah menerima Rp8.400 untuk Hasna. Kami tunggu BPJS mencatatnya."]
    assert await rows(billed, "SELECT request, amount FROM bank_payments") == [("pay-1", 8_400)]
    assert await rows(billed, "SELECT state, tries FROM outbox WHERE lane = 'PostPayment'") == [("done", 1)]
    assert await rows(billed, "SELECT DISTINCT state FROM contributions") == [("paid",)]
    assert len(await rows(billed, "SELECT * FROM audit WHERE action = 'received'")) == 1


async def test_what_the_bank_received_is_not_paid_before_bpjs_says_so(billed: World, tmp_path: Path) -> None:
    await Caller(billed, tmp_path).pays(await number_of(billed))

    assert await rows(billed, "SELECT DISTINCT state FROM contributions") == [("expected",)]
    assert await rows(billed, "SELECT protected_until FROM memberships") == [(None,)]
    await billed.settle()
    assert await rows(billed, "SELECT DISTINCT state FROM contributions") == [("paid",)]


async def test_what_does_not_fit_is_refused_and_nothing_is_told(billed: World, tmp_path: Path) -> None:
    bank, number = Caller(billed, tmp_path), await number_of(billed)
    other_sum = {"value": "8401.00", "currency": "IDR"}

    assert code(await bank.pays(number, paidAmount=other_sum)) == (404, "4042513")
    assert code(await bank.pays(number, external_id="7")) == (200, "2002500")
    assert code(await bank.pays(number, paidAmount=other_sum)) == (404, "4042518")
    assert code(await bank.pays(number, paymentRequestId="pay-2")) == (404, "4042514")
    assert code(await bank.pays(number, paymentRequestId="pay-3", external_id="7")) == (409, "4092500")
    assert len(await told_by_bank(billed)) == 1
    assert await rows(billed, "SELECT request FROM bank_payments") == [("pay-1",)]


async def test_an_external_id_may_come_again_on_another_day(billed: World, tmp_path: Path) -> None:
    bank, number = Caller(billed, tmp_path), await number_of(billed)
    await bank.pays(number, external_id="7")

    billed.clock.now += timedelta(days=1)

    assert code(await bank.pays(number, paymentRequestId="pay-2", external_id="7")) == (404, "4042514")
    billed.clock.now += timedelta(days=3)
    await bank.pays(number, external_id="8")
    assert await rows(billed, "SELECT external_id FROM bank_calls") == [("8",)]


async def test_a_bill_that_ended_cannot_be_paid(billed: World, tmp_path: Path) -> None:
    billed.clock.now += timedelta(days=8)

    assert code(await Caller(billed, tmp_path).asks(await number_of(billed))) == (404, "4042419")
    assert code(await Caller(billed, tmp_path).pays(await number_of(billed))) == (404, "4042519")


async def test_a_code_that_was_paid_elsewhere_is_paid_at_the_bank_too(billed: World, tmp_path: Path) -> None:
    ((payment_code,),) = await rows(billed, "SELECT payment_code FROM bank_bills")
    await billed.bpjs("POST", f"/sandbox/payments/{payment_code}/paid")
    await billed.settle()

    assert code(await Caller(billed, tmp_path).asks(await number_of(billed))) == (404, "4042414")


async def test_money_that_bpjs_does_not_take_waits_for_a_person(billed: World, tmp_path: Path) -> None:
    ((payment_code,),) = await rows(billed, "SELECT payment_code FROM bank_bills")
    assert code(await Caller(billed, tmp_path).pays(await number_of(billed))) == (200, "2002500")
    await billed.bpjs("POST", f"/sandbox/payments/{payment_code}/paid")  # at a counter, a moment before the posting

    await billed.settle()

    assert await rows(billed, "SELECT queue, reference, amount FROM oddities") == [("not-posted", payment_code, 8_400)]


async def test_money_of_which_bpjs_never_speaks_waits_for_a_person_once(billed: World, tmp_path: Path) -> None:
    ((payment_code,),) = await rows(billed, "SELECT payment_code FROM bank_bills")
    await billed.bpjs("POST", "/sandbox/down")
    await Caller(billed, tmp_path).pays(await number_of(billed))
    run = billed.service.writer.run

    assert await run(bank_rows.not_booked) == 0
    billed.clock.now += timedelta(days=4)
    assert [await run(bank_rows.not_booked) for _night in range(2)] == [1, 1]
    assert await rows(billed, "SELECT queue, reference, amount FROM oddities") == [("not-booked", payment_code, 8_400)]

    await billed.bpjs("POST", "/sandbox/up")
    await billed.settle()
    assert await run(bank_rows.not_booked) == 0


async def test_what_could_not_be_stored_is_told_again(billed: World, tmp_path: Path) -> None:
    bank, number = Caller(billed, tmp_path), await number_of(billed)

    async with unwritable(billed.settings.database.url):
        refused = await bank.pays(number)

    assert (code(refused), refused.headers["Retry-After"]) == ((503, "5032500"), "5")
    assert code(await bank.pays(number)) == (200, "2002500")


@pytest.mark.parametrize("how", ["other-sum", "twice", "changed", "told-twice"])
async def test_whatever_the_bank_does_money_is_taken_once_at_most(how: str, billed: World) -> None:
    await billed.bank("POST", f"/sandbox/bills/{await number_of(billed)}/paid?how={how}")
    await billed.settle()

    taken = 0 if how == "other-sum" else 1
    assert len(await rows(billed, "SELECT * FROM bank_payments")) == taken
    assert len(await told_by_bank(billed)) == taken
    assert len(await rows(billed, "SELECT * FROM receipts")) == taken


async def test_the_same_bill_made_again_is_the_same_bill(billed: World) -> None:
    before = await rows(billed, "SELECT id, number FROM bank_bills")

    for said in ("bayar", "1", "2"):
        arrival = Arrival("web", "main", "hasna", f"again-{next(numbers)}", Said(said), None)
        await billed.service.writer.arrive(arrival)
        await billed.settle()

    assert await rows(billed, "SELECT id, number FROM bank_bills") == before
    assert await rows(billed, "SELECT state FROM outbox WHERE lane = 'GetBankBill'") == [("done",)] * 2


async def test_nothing_secret_or_personal_is_logged(billed: World, tmp_path: Path) -> None:
    bank, number = Caller(billed, tmp_path), await number_of(billed)

    with capture_logs() as logged:
        await bank.pays(number, paidAmount={"value": "1.00", "currency": "IDR"})
        await bank.pays(number)

    assert not [word for word in ("HASNA", "Hasna", number, "secret", "Bearer") if word in str(logged)]


async def test_a_payment_without_a_reference_is_known_by_its_long_id(billed: World, tmp_path: Path) -> None:
    request = "pay-" + "1" * 124

    answer = await Caller(billed, tmp_path).pays(await number_of(billed), paymentRequestId=request, referenceNo="")
    await billed.settle()

    assert code(answer) == (200, "2002500")
    assert await rows(billed, "SELECT request FROM bank_payments") == [(request,)]
    assert await rows(billed, "SELECT DISTINCT state FROM contributions") == [("paid",)]
