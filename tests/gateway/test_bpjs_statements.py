"""What BPJS states about a day: each thing once, in pages that end, and no NIK in them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from gateway.bpjs import Bpjs
from gateway.bpjs_statements import PAGE_ROWS_MAX
from rules.bpjs import ClaimReceived, Member, Page, Paid, PaymentCode, Registered, TryLater
from rules.claim_report import Death, Report, Reporter
from rules.money import Rupiah
from rules.month import Month
from tests.gateway.conftest import Clock, Partner, Sandbox, client, worker

DAY, NEXT_DAY = date(2026, 11, 21), date(2026, 11, 22)
UNTIL = date(2026, 12, 31)
NOTHING: Page[Any] = Page(())


async def paid(bpjs: Bpjs, http: httpx.AsyncClient, url: str, number: int, more: str = "") -> tuple[str, str]:
    """A new member whose code is paid: KPJ and code."""
    registered = await bpjs.register(worker(f"99{number:02}"), f"case-{number:08}")
    assert isinstance(registered, Registered)
    code = await bpjs.payment_code(registered.kpj, (Month(2026, 12),), Rupiah(8_400), f"payment-{number:08}")
    assert isinstance(code, PaymentCode)
    await http.post(f"{url}/sandbox/payments/{code.code}/paid{more}")
    return registered.kpj, code.code


async def test_a_day_has_what_changed_on_it_and_nothing_else(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock
) -> None:
    kpj, code = await paid(bpjs, http, sandbox.url, 1)
    received = await bpjs.claim(Report(kpj, Reporter("RAHMAN", "spouse"), Death(DAY, "other")), "claim-00000001")
    assert isinstance(received, ClaimReceived)
    clock.passes(24 * 3600)
    other, _code = await paid(bpjs, http, sandbox.url, 2)

    assert await bpjs.payments_on(DAY) == Page((Paid(f"paid-{code}", code, DAY, Rupiah(8_400), DAY, UNTIL),))
    assert await bpjs.members_changed_on(DAY) == Page((Member(kpj, True, DAY, UNTIL),))
    assert await bpjs.members_changed_on(NEXT_DAY) == Page((Member(other, True, NEXT_DAY, UNTIL),))
    assert await bpjs.claims_changed_on(date(2026, 11, 19)) == NOTHING


async def test_a_payment_whose_webhook_got_lost_is_stated(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, receiver: Partner
) -> None:
    _kpj, code = await paid(bpjs, http, sandbox.url, 1, "?told=false")

    page = await bpjs.payments_on(DAY)

    assert isinstance(page, Page)
    assert [row.code for row in page.rows] == [code]
    assert receiver.asked.empty()


async def test_a_member_who_changes_again_stands_in_the_later_day_alone(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock
) -> None:
    kpj, _code = await paid(bpjs, http, sandbox.url, 1)
    clock.passes(24 * 3600)
    await http.post(f"{sandbox.url}/sandbox/members/{kpj}/cover?until=2027-05-31")

    assert await bpjs.members_changed_on(DAY) == NOTHING
    assert await bpjs.members_changed_on(NEXT_DAY) == Page((Member(kpj, True, DAY, date(2027, 5, 31)),))


async def test_pages_follow_each_other_without_gap_or_overlap(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.sandbox.bpjs_changes.PAGE_ROWS", 2)
    codes = [(await paid(bpjs, http, sandbox.url, number))[1] for number in range(1, 6)]

    found, after, pages = [], "", 0
    while pages == 0 or after:
        page = await bpjs.payments_on(DAY, after)
        assert isinstance(page, Page)
        found += [row.code for row in page.rows]
        after, pages = page.after, pages + 1

    assert found == codes
    assert pages == 3


ROW: dict[str, Any] = {
    "event_id": "paid-1", "code": "88-1", "paid_on": str(DAY), "amount": 8_400, "covered_from": str(DAY),
    "protected_until": str(UNTIL),
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"rows": [ROW], "after": "7"}, "$.after: the same page again"),
        ({"rows": [ROW | {"paid_on": "2026-11-20"}], "after": ""}, "$.rows: another day"),
        ({"rows": [ROW] * (PAGE_ROWS_MAX + 1), "after": ""}, "$.rows"),
        ({"rows": [ROW | {"amount": 0}], "after": ""}, "$.rows[0].amount"),
        ({"rows": [], "after": "&day=2026-11-01"}, "$.after"),
    ],
)
async def test_a_statement_that_breaks_the_contract_is_not_believed(
    told: dict[str, Any], where: str, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [Response(json.dumps({"status": "payments", **told}))]

    answer = await client(http, partner.url, clock).payments_on(DAY, "7")

    assert answer == TryLater(f"nonsense from BPJS: the answer breaks the contract at {where}")
