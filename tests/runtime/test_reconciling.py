"""In the night, what BPJS states about the day before is compared with ours: what was missed is booked, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs

from bot.reconciliation import tell
from bot.settings import Settings
from db.cover import UNKNOWN_KPJ
from db.money import payment_codes
from db.reconciliation import DAYS_BACK
from db.tables import memberships
from rules.bpjs import ClaimReceived, TryLater
from rules.claim_report import Death, Report, Reporter
from rules.quiet import WITA
from tests.runtime.test_webhooks import paid, played, rows, told
from tests.world import World

DAY = date(2026, 11, 21)
RECEIPT = "Pembayaran Rp33.600 sudah diterima BPJS. Hasna terlindungi sampai 31 Januari 2027."
_NO_CODES = delete(payment_codes).returning(payment_codes.c.code)
_NO_MEMBERS = delete(memberships).returning(memberships.c.kpj)
DIFFERENCES = (
    "SELECT part, kind, subject, our_amount, their_amount, CASE WHEN settled_at IS NULL THEN 1 ELSE 0 END "
    "FROM differences ORDER BY part, kind"
)


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    """Hasna is enrolled, and has a payment code."""
    async with World(settings, tmp_path) as made:
        await played(made, "a_farmer_is_enrolled_from_a_photo", until="(BPJS: the code is paid)")
        yield made


async def code_of(world: World) -> str:
    ((code,),) = await rows(world, "SELECT code FROM payment_codes")
    return str(code)


async def at(world: World, hour: int, day: date = DAY + timedelta(days=1)) -> int:
    """What is due then is done; how many days were compared."""
    world.clock.now = datetime.combine(day, time(hour), WITA)
    return await world.service.reconciling.run_due()


async def said(world: World) -> list[str]:
    chat = await world.service.transcript.chat("web", "main", "hasna")
    assert chat is not None
    return [line.text for line in await world.service.transcript.lines(chat, 0, 200)]


async def test_a_payment_whose_webhook_got_lost_is_booked_and_told_once(world: World) -> None:
    code = await code_of(world)
    await world.bpjs("POST", f"/sandbox/payments/{code}/paid?told=false")
    await world.settle()
    assert await rows(world, "SELECT * FROM receipts") == []

    assert await at(world, 2) == DAYS_BACK
    assert await at(world, 3) == 0
    await world.restart()
    assert await at(world, 4) == 0
    late = await told(world, paid(code, f"paid-{code}"))  # the webhook after all

    assert late.status_code == 200
    assert len([text for text in await said(world) if text.startswith(RECEIPT)]) == 1
    assert await rows(world, "SELECT number, amount FROM receipts") == [(1, 33_600)]
    assert await rows(world, "SELECT DISTINCT state FROM contributions") == [("paid",)]
    assert await rows(world, DIFFERENCES) == [("payment", "not-here", code, None, 33_600, 0)]


async def test_it_is_told_in_the_morning(world: World) -> None:
    await world.bpjs("POST", f"/sandbox/payments/{await code_of(world)}/paid?told=false")

    await at(world, 2)

    ((due,),) = await rows(world, "SELECT due_at FROM outbox WHERE kind = 'notice' ORDER BY id DESC LIMIT 1")
    assert datetime.fromtimestamp(due / 1e6, WITA) == datetime(2026, 11, 22, 7, 30, tzinfo=WITA)


async def test_what_matches_is_counted_and_nothing_is_said(world: World) -> None:
    await world.bpjs("POST", f"/sandbox/payments/{await code_of(world)}/paid")
    await world.settle()
    before = await said(world)

    await at(world, 2)

    assert await said(world) == before
    assert await rows(world, DIFFERENCES) == []
    assert tell(DAY, await world.service.reconciling.standing(DAY)).splitlines() == [
        "Pencocokan 21-11-2026",
        "pembayaran: 1 disebut BPJS, 1 cocok",
        "peserta: 1 disebut BPJS, 1 cocok",
        "klaim: 0 disebut BPJS, 0 cocok",
    ]


async def test_another_sum_and_a_payment_that_bpjs_does_not_state_wait_for_a_person(world: World) -> None:
    code = await code_of(world)
    await told(world, paid(code))  # signed as BPJS signs, but it states nothing of it
    await at(world, 2)
    assert await rows(world, DIFFERENCES) == [("payment", "not-there", code, 33_600, None, 1)]

    world.clock.now = datetime.combine(DAY, time(23), WITA)
    await world.bpjs("POST", f"/sandbox/payments/{code}/paid?amount=30000&told=false")
    assert await world.service.reconciling.reconcile(DAY) is None

    differences = await rows(world, DIFFERENCES)
    assert ("payment", "otherwise", code, 33_600, 30_000, 1) in differences
    assert ("payment", "not-there", code, 33_600, None, 0) in differences  # no longer found, so settled
    assert await rows(world, "SELECT amount FROM receipts") == [(33_600,)]
    assert f"  berbeda: {code} (kita Rp33.600, BPJS Rp30.000)" in tell(
        DAY, await world.service.reconciling.standing(DAY)
    )


async def test_a_payment_for_a_code_that_is_not_ours_waits_for_a_person_once(world: World) -> None:
    code = await code_of(world)
    await world.bpjs("POST", f"/sandbox/payments/{code}/paid?told=false")
    await world.service.writer.run(lambda unit: unit.fetch(_NO_CODES))

    for night in (1, 2):
        await at(world, 2, DAY + timedelta(days=night))

    assert await rows(world, "SELECT queue, reference FROM oddities") == [("unknown-code", code)]
    assert ("payment", "not-here", code, None, 33_600, 1) in await rows(world, DIFFERENCES)


async def test_cover_that_changed_unheard_is_written_as_stated(world: World) -> None:
    ((kpj, person),) = await rows(world, "SELECT kpj, person_id FROM memberships")
    await world.bpjs("POST", f"/sandbox/members/{kpj}/cover?until=2027-05-31&told=false")

    await at(world, 2)

    ((since, until),) = await rows(world, "SELECT covered_from, protected_until FROM memberships")
    assert (str(since), str(until)) == ("2026-11-21", "2027-05-31")
    assert await rows(world, DIFFERENCES) == [("member", "otherwise", f"person {person}", None, None, 0)]
    assert kpj not in tell(DAY, await world.service.reconciling.standing(DAY))


async def test_a_member_and_a_claim_that_we_do_not_know_wait_for_a_person(world: World) -> None:
    ((kpj,),) = await rows(world, "SELECT kpj FROM memberships")
    await world.bpjs("POST", f"/sandbox/members/{kpj}/cover?until=2027-05-31&told=false")
    report = Report(kpj, Reporter("RAHMAN KARANGAN", "spouse"), Death(DAY, "other"))
    claim = await world.service.reconciling._bpjs.claim(report, "claim-00000001")
    assert isinstance(claim, ClaimReceived)
    await world.service.writer.run(lambda unit: unit.fetch(_NO_MEMBERS))

    for night in (1, 2):
        await at(world, 2, DAY + timedelta(days=night))

    assert await rows(world, "SELECT queue, reference FROM oddities ORDER BY queue") == [
        ("claim-unknown", claim.reference), (UNKNOWN_KPJ, kpj),
    ]  # fmt: skip
    assert await rows(world, DIFFERENCES) == [
        ("claim", "not-here", claim.reference, None, None, 1),
        ("member", "not-here", f"kpj *******{kpj[-4:]}", None, None, 1),
    ]


async def test_only_at_night_and_after_an_outage_from_where_it_stopped(world: World) -> None:
    code = await code_of(world)
    await world.bpjs("POST", f"/sandbox/payments/{code}/paid?told=false")
    await world.settle()
    await world.bpjs("POST", "/sandbox/down")

    assert await at(world, 1) == 0
    with capture_logs() as logged:
        assert await at(world, 2) == 0
        assert await world.service.reconciling.run_due() == 0  # it waits a little first
    assert [line["event"] for line in logged] == ["not-reconciled"]
    assert await rows(world, "SELECT * FROM reconciliations") == []
    await world.bpjs("POST", "/sandbox/up")
    assert await at(world, 3) == DAYS_BACK
    assert await at(world, 7, DAY + timedelta(days=2)) == 0
    assert await at(world, 2, DAY + timedelta(days=3)) == 2  # the night that was missed, too
    assert await rows(world, "SELECT number FROM receipts") == [(1,)]


async def test_an_endless_statement_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.reconciling.PAGES_MAX", 1)
    monkeypatch.setattr("gateway.sandbox.bpjs_changes.PAGE_ROWS", 1)
    ((kpj,),) = await rows(world, "SELECT kpj FROM memberships")
    for key in ("claim-00000001", "claim-00000002"):
        report = Report(kpj, Reporter("RAHMAN KARANGAN", "spouse"), Death(DAY, "other"))
        await world.service.reconciling._bpjs.claim(report, key)

    late = await world.service.reconciling.reconcile(DAY)

    assert late == TryLater("a statement of more than 1 pages")
    assert await rows(world, "SELECT part FROM reconciliations ORDER BY part") == [("member",), ("payment",)]
