"""What BPJS tells by itself: believed when signed, heard once, and answered well only when it is stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from gateway.bpjs import WEBHOOK_BYTES_MAX, WEBHOOK_TARGET
from gateway.signing import signed_headers
from tests.conftest import BPJS_SECRET
from tests.plays.player import Player
from tests.runtime.outage import unwritable
from tests.world import World

SCRIPTS = Path(__file__).parent.parent / "plays" / "scripts"
KPJ = "12345678901"
PLACE = "/webhooks/bpjs"


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    async with World(settings, tmp_path) as made:
        yield made


async def played(world: World, script: str, *, until: str) -> None:
    """The script up to this line, itself left out."""
    before, found, _after = (SCRIPTS / f"{script}.chat").read_text(encoding="utf-8").partition(f"\n{until}\n")
    assert found
    await Player(world).play(before)


def paid(code: str, event_id: str = "paid-1", amount: int = 33_600) -> dict[str, Any]:
    return {
        "kind": "paid", "event_id": event_id, "code": code, "paid_on": "2026-11-21", "amount": amount,
        "covered_from": "2026-11-21", "protected_until": "2027-01-31",
    }  # fmt: skip


def decided(reference: str, event_id: str = "decided-1") -> dict[str, Any]:
    outcome = {"status": "registered", "kpj": KPJ}
    return {"kind": "registration-decided", "event_id": event_id, "reference": reference, "outcome": outcome}


async def told(world: World, event: dict[str, Any] | bytes, *, secret: str = BPJS_SECRET) -> httpx.Response:
    """BPJS posts an event."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = signed_headers(secret, "POST", WEBHOOK_TARGET, body, now=world.clock(), nonce="n-1")
    return await world.post(PLACE, content=body, headers=headers)


async def rows(world: World, sql: str) -> list[Any]:
    async with world.service.transcript._engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def test_what_is_not_signed_by_bpjs_is_refused_and_has_no_effect(world: World) -> None:
    with capture_logs() as logged:
        forged = await told(world, paid("88-1"), secret="another secret of the tests")
        bare = await world.post(PLACE, content=b"{}")

    assert (forged.status_code, bare.status_code) == (401, 401)
    assert [line["why"] for line in logged] == ["wrong-signature", "unsigned"]
    assert await rows(world, "SELECT * FROM inbound") == []


async def test_an_old_event_is_refused(world: World) -> None:
    body = json.dumps(paid("88-1")).encode()
    headers = signed_headers(BPJS_SECRET, "POST", WEBHOOK_TARGET, body, now=world.clock(), nonce="n-1")
    world.clock.now = world.clock.now.replace(hour=10)

    assert (await world.post(PLACE, content=body, headers=headers)).status_code == 401


async def test_a_body_that_is_too_long_is_not_read_to_its_end(world: World) -> None:
    assert (await told(world, b"x" * (WEBHOOK_BYTES_MAX + 1))).status_code == 413


async def test_a_payment_told_three_times_at_once_and_later_has_one_effect(world: World) -> None:
    await played(world, "a_farmer_is_enrolled_from_a_photo", until="(BPJS: the code is paid)")
    ((code, chat),) = await rows(
        world, "SELECT p.code, e.chat_id FROM payment_codes p JOIN enrolments e ON e.id = p.enrolment_id"
    )

    answers = await asyncio.gather(*(told(world, paid(code)) for _ in range(3)))
    await world.restart()
    later = await told(world, paid(code))
    another_event = await told(world, paid(code, "paid-2"))

    assert [answer.status_code for answer in (*answers, later, another_event)] == [200] * 5
    lines = await world.service.transcript.lines(chat, 0, 100)
    assert [line.text for line in lines if "sudah diterima BPJS" in line.text] == [
        "Pembayaran Rp33.600 sudah diterima BPJS. Hasna terlindungi sampai 31 Januari 2027. "
        "Tanda terima 000001, iuran November 2026 sampai Januari 2027."
    ]
    assert await rows(world, "SELECT month, amount, state FROM contributions ORDER BY month") == [
        ("2026-11", 8_400, "paid"), ("2026-12", 8_400, "paid"), ("2027-01", 16_800, "paid"),
    ]  # fmt: skip
    assert await rows(world, "SELECT number, amount FROM receipts") == [(1, 33_600)]
    assert len(await rows(world, "SELECT * FROM audit WHERE action = 'paid'")) == 1


async def test_a_payment_for_a_code_that_is_not_ours_is_taken_and_noted(world: World) -> None:
    with capture_logs() as logged:
        answer = await told(world, paid("889999999999999"))

    assert answer.status_code == 200
    assert [line["event"] for line in logged] == ["paid-nobody-told"]
    assert await rows(world, "SELECT queue, reference, amount FROM oddities") == [
        ("unknown-code", "889999999999999", 33_600)
    ]


async def test_a_wrong_sum_is_booked_to_no_month_and_waits_for_a_person(world: World) -> None:
    await played(world, "a_farmer_is_enrolled_from_a_photo", until="(BPJS: the code is paid)")
    ((code,),) = await rows(world, "SELECT code FROM payment_codes")

    await told(world, paid(code, amount=30_000))

    assert await rows(world, "SELECT DISTINCT state FROM contributions") == [("expected",)]
    assert await rows(world, "SELECT amount, unallocated FROM payments") == [(30_000, 30_000)]
    assert await rows(world, "SELECT queue, amount FROM oddities") == [("wrong-amount", 30_000)]
    assert await rows(world, "SELECT * FROM receipts") == []


async def test_months_that_are_paid_twice_are_told_kindly_and_wait_for_a_person(world: World) -> None:
    await played(world, "a_farmer_pays_from_harvest_to_harvest", until="hasna:  bayar")
    ((first,),) = await rows(world, "SELECT code FROM payment_codes")
    for number, words in enumerate(("bayar", "1", "bayar", "2", "1")):  # the second time "Buat kode baru"
        await world.service.writer.arrive(Arrival("web", "main", "hasna", f"more{number}", Said(words)))
        await world.settle()
    codes = [code for (code,) in await rows(world, "SELECT code FROM payment_codes") if code != first]

    for code in codes:
        assert (await told(world, paid(code, f"paid-{code}", amount=8_400))).status_code == 200

    chat = await world.service.transcript.chat("web", "main", "hasna")
    assert chat is not None
    said = [line.text for line in await world.service.transcript.lines(chat, 0, 200)]
    assert len(codes) == 2
    assert [text for text in said if "sudah dibayar" in text] == [
        "BPJS mencatat Rp8.400 untuk Hasna, padahal bulan itu sudah dibayar. Petugas kami memeriksa dan mengabari Anda."
    ]
    assert await rows(world, "SELECT queue, amount FROM oddities") == [("paid-twice", 8_400)]
    assert await rows(world, "SELECT number FROM receipts ORDER BY number") == [(1,), (2,)]


async def test_of_months_that_are_partly_paid_the_others_have_a_receipt_and_the_rest_waits(world: World) -> None:
    await played(world, "a_farmer_pays_from_harvest_to_harvest", until="hasna:  bayar")
    for number, words in enumerate(("bayar", "1", "bayar", "2", "3")):  # the second time "Buat kode baru"
        await world.service.writer.arrive(Arrival("web", "main", "hasna", f"more{number}", Said(words)))
        await world.settle()
    (code, _one), (more, _three) = await rows(
        world, "SELECT code, amount FROM payment_codes WHERE paid_on IS NULL ORDER BY amount"
    )

    await told(world, paid(code, "paid-one", amount=8_400))
    await told(world, paid(more, "paid-three", amount=42_000))

    chat = await world.service.transcript.chat("web", "main", "hasna")
    assert chat is not None
    assert [line.text for line in await world.service.transcript.lines(chat, 0, 200)][-1] == (
        "Pembayaran Rp33.600 sudah diterima BPJS. Hasna terlindungi sampai 31 Januari 2027. "
        "Tanda terima 000003, iuran Januari 2027 sampai Februari 2027.\n"
        "Sisanya Rp8.400 untuk bulan yang sudah dibayar. Petugas kami memeriksa dan mengabari Anda."
    )
    assert await rows(world, "SELECT queue, amount FROM oddities") == [("paid-twice", 42_000)]


async def test_a_payment_told_again_with_another_sum_is_booked_once_and_waits_for_a_person(world: World) -> None:
    await played(world, "a_farmer_is_enrolled_from_a_photo", until="(BPJS: the code is paid)")
    ((code,),) = await rows(world, "SELECT code FROM payment_codes")

    await told(world, paid(code))
    await told(world, paid(code, "paid-2", amount=67_200))

    assert await rows(world, "SELECT amount, unallocated FROM payments") == [(33_600, 0)]
    assert await rows(world, "SELECT queue, amount FROM oddities") == [("told-otherwise", 67_200)]


async def test_a_decision_that_nobody_waits_for_has_no_effect(world: World) -> None:
    answer = await told(world, decided("REG-unknown"))

    assert answer.status_code == 200
    assert await rows(world, "SELECT * FROM audit") == []


async def test_a_decision_told_twice_has_one_effect(world: World) -> None:
    await played(world, "bpjs_answers_later", until="dewi:  halo?")
    ((reference, chat),) = await rows(world, "SELECT reference, chat_id FROM outbox WHERE reference IS NOT NULL")

    answers = await asyncio.gather(*(told(world, decided(reference, f"decided-{number}")) for number in range(3)))
    await world.settle()

    assert [answer.status_code for answer in answers] == [200] * 3
    lines = await world.service.transcript.lines(chat, 0, 100)
    assert len([line for line in lines if f"Nomor peserta (KPJ): {KPJ}" in line.text]) == 1
    assert len(await rows(world, "SELECT * FROM audit WHERE action = 'registered'")) == 1


@pytest.mark.parametrize("event", [paid("88-1"), decided("REG-1")], ids=["paid", "decided"])
async def test_what_could_not_be_stored_is_asked_for_again(world: World, event: dict[str, Any]) -> None:
    async with unwritable(world.settings.database.url):
        refused = await told(world, event)
    accepted = await told(world, event)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert accepted.status_code == 200
