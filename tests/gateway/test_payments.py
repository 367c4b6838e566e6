"""Asking a bank: what it answers, and what becomes of silence, nonsense and repetition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from starlette.responses import JSONResponse, Response

from gateway import qris, snap
from gateway.breaker import Breaker
from gateway.payments import TOKEN_SPARE, external_id
from rules.bank import BankBill, BankRefused, BillDeleted, BillState
from rules.bpjs import TryLater
from rules.money import Rupiah
from tests.gateway.bank_served import TERMS, ServedBank, bank_client, serving_bank
from tests.gateway.conftest import WITA, Clock, Partner

CUSTOMER = "880000000000001"
EXPIRES = datetime(2026, 11, 28, 23, 59, 59, tzinfo=WITA)
AMOUNT = Rupiah(33_600)
TOKEN = {"responseCode": "2007300", "responseMessage": "Successful", "accessToken": "t-1", "expiresIn": "900"}
MADE = {"responseCode": "2002700", "virtualAccountData": {"virtualAccountNo": f"    8808{CUSTOMER}"}}


@pytest.fixture
def bank(tmp_path: Path, clock: Clock) -> Iterator[ServedBank]:
    with serving_bank(tmp_path / "bank.sqlite", clock) as made:
        yield made


# -- a bank that is well --------------------------------------------------------------------------------------------


async def test_a_virtual_account_is_made_and_stands_until_it_is_deleted(
    bank: ServedBank, http: httpx.AsyncClient
) -> None:
    client = bank_client(http, bank.url, bank.clock)

    made = await client.create_va(CUSTOMER, "HASNA KARANGAN", AMOUNT, EXPIRES, "case-1")

    assert made == BankBill("va", f"8808{CUSTOMER}", AMOUNT, EXPIRES)
    assert await client.va_state(CUSTOMER) == BillState("waiting")
    assert await client.delete_va(CUSTOMER, "case-2") == BillDeleted()
    assert await client.va_state(CUSTOMER) == BillState("gone")
    assert await client.delete_va(CUSTOMER, "case-3") == BillDeleted()


async def test_a_code_of_qris_is_made_for_one_sum(bank: ServedBank, http: httpx.AsyncClient) -> None:
    client = bank_client(http, bank.url, bank.clock)

    made = await client.make_qr("QR-1", AMOUNT, EXPIRES, "case-1")

    assert isinstance(made, BankBill)
    code = qris.parse(made.payload)
    assert isinstance(code, qris.Qris)
    assert (code.amount, made.kind, made.number) == (AMOUNT, "qris", "QR-1")
    assert await client.qr_state("QR-1", made.reference) == BillState("waiting")
    assert await client.qr_state("QR-2", "unknown") == BillState("gone")


async def test_what_was_paid_is_told_with_sum_time_and_reference(bank: ServedBank, http: httpx.AsyncClient) -> None:
    client = bank_client(http, bank.url, bank.clock)
    await client.create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, "case-1")
    code = await client.make_qr("QR-1", AMOUNT, EXPIRES, "case-2")
    assert isinstance(code, BankBill)

    await bank.press(http, f"/sandbox/bills/8808{CUSTOMER}/paid")  # which our side doesn't know, so it goes back
    await bank.press(http, "/sandbox/bills/QR-1/paid")

    assert await client.va_state(CUSTOMER) == BillState("waiting")
    state = await client.qr_state("QR-1", code.reference)
    assert isinstance(state, BillState)
    assert (state.state, state.amount, state.paid_at) == ("paid", AMOUNT, bank.clock())


async def test_one_token_serves_until_shortly_before_its_end(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [JSONResponse(TOKEN), *[JSONResponse(MADE)] * 2, JSONResponse(TOKEN), JSONResponse(MADE)]
    client = bank_client(http, partner.url, clock)

    for number, seconds in enumerate((0.0, 839.0, 1.0 + TOKEN_SPARE.total_seconds())):
        clock.passes(seconds)
        assert isinstance(await client.create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, f"case-{number}"), BankBill)

    assert partner.asked.qsize() == 5


async def test_a_token_that_is_refused_is_asked_for_anew_once(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    refused = {"responseCode": "4012701", "responseMessage": "Invalid Token (B2B)"}
    partner.answers = [
        JSONResponse(TOKEN), JSONResponse(refused, 401), JSONResponse({**TOKEN, "accessToken": "t-2"}),
        JSONResponse(MADE),
    ]  # fmt: skip
    client = bank_client(http, partner.url, clock)

    assert isinstance(await client.create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, "case-1"), BankBill)
    sent = [partner.next_asked()[0].get("authorization") for _ in range(4)]
    assert sent == [None, "Bearer t-1", None, "Bearer t-2"]

    partner.answers = [JSONResponse(refused, 401), JSONResponse(TOKEN), JSONResponse(refused, 401)]
    answer = await client.create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, "case-1")
    assert answer == TryLater("the bank refuses the tokens that it gives")


# -- the same question, however often -------------------------------------------------------------------------------


async def test_a_repeated_question_has_the_same_external_id_and_another_has_another(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    failed = JSONResponse({"responseCode": "5002700"}, 500)
    partner.answers = [JSONResponse(TOKEN), failed, JSONResponse(MADE)]
    client = bank_client(http, partner.url, clock)

    await client.create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, "case-1")
    await client.create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, "case-2")

    _token, first, again, other = [partner.next_asked()[0] for _ in range(4)]
    assert first["x-external-id"] == again["x-external-id"] != other["x-external-id"]


def test_an_external_id_is_at_most_36_digits() -> None:
    ids = {external_id("27", f"case-{number}") for number in range(1_000)}

    assert len(ids) == 1_000
    assert {len(one) for one in ids} == {32}
    assert all(one.isdecimal() for one in ids)
    assert external_id("27", "case-1") != external_id("31", "case-1")


async def test_an_account_made_by_a_try_that_was_not_heard_is_found_again(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    there = {"virtualAccountNo": f"    8808{CUSTOMER}", "totalAmount": {"value": "33600.00", "currency": "IDR"}}
    conflict = JSONResponse({"responseCode": "4092700", "responseMessage": "Conflict"}, 409)
    found = {"responseCode": "2002600", "virtualAccountData": there}
    partner.answers = [JSONResponse(TOKEN), conflict, JSONResponse(found)]

    made = await bank_client(http, partner.url, clock).create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, "case-1")

    assert made == BankBill("va", f"8808{CUSTOMER}", AMOUNT, EXPIRES)


# -- a bank that isn't ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [101, 102])
async def test_what_is_slow_or_fails_once_succeeds(ending: int, bank: ServedBank, http: httpx.AsyncClient) -> None:
    client, amount = bank_client(http, bank.url, bank.clock), Rupiah(33_000 + ending)

    assert isinstance(await client.create_va(CUSTOMER, "HASNA", amount, EXPIRES, "case-1"), BankBill)
    assert isinstance(await client.make_qr("QR-1", amount, EXPIRES, "case-2"), BankBill)


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        (103, "the bank answered 503"),
        (104, "nonsense from the bank: the answer breaks the contract at the whole: not JSON"),
    ],
)
async def test_what_is_down_or_nonsense_is_tried_later(
    ending: int, why: str, bank: ServedBank, http: httpx.AsyncClient
) -> None:
    client = bank_client(http, bank.url, bank.clock)

    assert await client.create_va(CUSTOMER, "HASNA", Rupiah(33_000 + ending), EXPIRES, "case-1") == TryLater(why)


async def test_a_refusal_is_told_with_its_code(bank: ServedBank, http: httpx.AsyncClient) -> None:
    client = bank_client(http, bank.url, bank.clock)

    refused = await client.create_va(CUSTOMER, "HASNA", Rupiah(33_105), EXPIRES, "case-1")

    assert refused == BankRefused("4032715", "Transaction Not Permitted")


async def test_a_bank_that_is_too_slow_is_not_waited_for(tmp_path: Path, clock: Clock, http: httpx.AsyncClient) -> None:
    with serving_bank(tmp_path / "bank.sqlite", clock, slow_s=0.4) as bank:
        client = bank_client(http, bank.url, clock, try_s_max=0.1)

        answer = await client.create_va(CUSTOMER, "HASNA", Rupiah(33_101), EXPIRES, "case-1")

    assert answer == TryLater("the bank can't be reached: TimeoutError")


async def test_after_failures_in_a_row_the_bank_rests(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [Response(status_code=502)]
    client = bank_client(http, partner.url, clock, breaker=Breaker(failures_max=2))

    await client.va_state(CUSTOMER)
    answer = await client.va_state(CUSTOMER)

    assert isinstance(answer, TryLater)
    assert answer.why == "the bank rests after failures in a row"
    assert partner.asked.qsize() == 2


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (replace(TERMS, client_id="somebody"), "check this machine's clock, the secret and the client id"),
        (replace(TERMS, secret="another secret"), "check this machine's clock, the secret and the client id"),
        (replace(TERMS, channel_id="123456"), None),
    ],
)
async def test_our_own_mistakes_are_named(
    terms: Any, why: str | None, bank: ServedBank, http: httpx.AsyncClient
) -> None:
    answer = await bank_client(http, bank.url, bank.clock, terms=terms).va_state(CUSTOMER)

    if why is None:
        assert answer == BankRefused("4002601", "Invalid Field Format CHANNEL-ID")
    else:
        assert isinstance(answer, TryLater)
        assert why in answer.why


async def test_a_clock_that_is_off_is_told(tmp_path: Path, http: httpx.AsyncClient) -> None:
    with serving_bank(tmp_path / "bank.sqlite", Clock()) as bank:
        ours = Clock(bank.clock() + timedelta(minutes=6))

        assert isinstance(await bank_client(http, bank.url, ours).va_state(CUSTOMER), TryLater)


OTHER_SUM = {"virtualAccountNo": f"    8808{CUSTOMER}", "totalAmount": {"value": "1.00", "currency": "IDR"}}
NONSENSE: dict[str, Any] = {
    "a list": [],
    "no code": {},
    "a code of six digits": {"responseCode": "200270"},
    "another service": {"responseCode": "2002600", "virtualAccountData": {"virtualAccountNo": f"    8808{CUSTOMER}"}},
    "no account": {"responseCode": "2002700"},
    "another account": {"responseCode": "2002700", "virtualAccountData": {"virtualAccountNo": "    88081"}},
    "another sum": {"responseCode": "2002700", "virtualAccountData": OTHER_SUM},
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_is_never_believed(body: Any, partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [JSONResponse(TOKEN), JSONResponse(body)]

    answer = await bank_client(http, partner.url, clock).create_va(CUSTOMER, "HASNA", AMOUNT, EXPIRES, "case-1")

    assert isinstance(answer, TryLater)
    assert answer.why.startswith("nonsense from the bank")


@pytest.mark.parametrize("change", [{"amount": Rupiah(1)}, {"amount": None}])
async def test_a_code_over_another_sum_is_never_shown(
    change: dict[str, Any], partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    code = qris.Qris((qris.Account("A", "B", "C", "UMI"),), "ID1", "UMI", "9399", "NAME", "CITY", **change)
    made = {"responseCode": "2004700", "referenceNo": "R1", "partnerReferenceNo": "QR-1", "qrContent": qris.make(code)}
    partner.answers = [JSONResponse(TOKEN), JSONResponse(made)]

    answer = await bank_client(http, partner.url, clock).make_qr("QR-1", AMOUNT, EXPIRES, "case-1")

    assert isinstance(answer, TryLater)


async def test_no_secret_is_in_an_address_a_reason_or_what_we_show(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [JSONResponse(TOKEN), JSONResponse({"responseCode": "4012700", "responseMessage": "x"}, 401)]

    answer = await bank_client(http, partner.url, clock).va_state(CUSTOMER)

    asked = [partner.next_asked() for _ in range(2)]
    assert isinstance(answer, TryLater)
    assert TERMS.secret not in f"{answer} {TERMS!r} {asked}"
    assert json.loads(asked[1][1])["partnerServiceId"] == "    8808"
    assert snap.SIGNATURE.lower() in asked[1][0]
