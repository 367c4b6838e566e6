"""Whatever the network or a partner does, a call ends in bounded time as a value that says nothing personal."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from gateway.breaker import Breaker
from gateway.partner import ANSWER_BYTES_MAX, RETRY_AFTER_S_MAX, TRIES_MAX, retry_after_s
from rules.bpjs import Registered, TryLater
from rules.money import Rupiah
from rules.month import Month
from tests.gateway.conftest import Clock, Partner, client, worker

REGISTERED = {"status": "registered", "kpj": "12345678901"}
SECRET_WORDS = "7312045205799901 HASNA"

NONSENSE: dict[str, bytes] = {
    "html": b"<html>7312045205799901 HASNA</html>",
    "empty": b"",
    "a list": b"[]",
    "no status": b'{"kpj": "12345678901"}',
    "unknown status": b'{"status": "7312045205799901 HASNA"}',
    "a number for a KPJ": b'{"status": "registered", "kpj": 12345678901}',
    "a KPJ of 10 digits": b'{"status": "registered", "kpj": "1234567890"}',
    "a KPJ of 12 digits": b'{"status": "registered", "kpj": "123456789012"}',
    "a KPJ with a line feed": b'{"status": "registered", "kpj": "12345678901\\n"}',
    "a KPJ of other digits": '{"status": "registered", "kpj": "١٢٣٤٥٦٧٨٩٠١"}'.encode(),
    "a refusal without words": b'{"status": "refused", "reason": "age"}',
    "endless words": json.dumps({"status": "refused", "reason": "age", "words": "a" * 301}).encode(),
    "bad bytes": b'{"status": "registered", "kpj": "\xff"}',
    "deep": b"[" * 5000,
    "deep where nobody looks": b'{"status": "registered", "kpj": "12345678901", "x": %b}' % (b"[" * 9000 + b"]" * 9000),
    "too long": b" " * (ANSWER_BYTES_MAX + 1) + json.dumps(REGISTERED).encode(),
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_is_never_believed_nor_quoted(
    body: bytes, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [Response(body)]

    answer = await client(http, partner.url, clock).register(worker(), "case-00000001")

    assert isinstance(answer, TryLater)
    assert answer.why.startswith("nonsense from BPJS: the answer breaks the contract at ")
    assert not [word for word in SECRET_WORDS.split() if word in answer.why]
    assert partner.asked.qsize() == 1


MEMBER: dict[str, Any] = {"status": "member", "kpj": "12345678901", "active": True, "covered_from": None}
PAYMENT: dict[str, Any] = {"status": "payment", "code": "88-1", "paid": True}


@pytest.mark.parametrize(
    "answer",
    [
        PAYMENT | {"covered_from": None, "protected_until": None},
        PAYMENT | {"covered_from": "2026-12-01", "protected_until": "2026-11-30"},
        PAYMENT | {"covered_from": "2026-12-01", "protected_until": "2026-13-30"},
        PAYMENT | {"code": "88-2", "covered_from": "2026-12-01", "protected_until": "2026-12-31"},
    ],
    ids=["paid without cover", "cover backwards", "no such day", "another code"],
)
async def test_a_payment_that_contradicts_itself_is_nonsense(
    answer: dict[str, Any], partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [JSONResponse(answer)]

    assert isinstance(await client(http, partner.url, clock).payment("88-1"), TryLater)


async def test_another_sum_or_another_member_is_nonsense(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    bpjs = client(http, partner.url, clock)
    partner.answers = [
        JSONResponse({"status": "payment-code", "code": "1", "amount": 1, "payable_until": "2026-12-01"}),
        JSONResponse(MEMBER | {"protected_until": None}),
    ]

    sum_asked = Rupiah(8_400)
    assert isinstance(await bpjs.payment_code("12345678901", (Month(2026, 12),), sum_asked, "key-00000001"), TryLater)
    assert isinstance(await bpjs.member("99999999999"), TryLater)


async def test_each_try_is_signed_anew_and_keeps_its_key(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [Response(status_code=502), Response(status_code=500), JSONResponse(REGISTERED)]

    answer = await client(http, partner.url, clock).register(worker(), "case-00000001")

    assert answer == Registered("12345678901")
    tries = [partner.next_asked() for _ in range(3)]
    assert {headers["idempotency-key"] for headers, _ in tries} == {"case-00000001"}
    assert len({body for _, body in tries}) == 1
    assert len({headers["x-nonce"] for headers, _ in tries}) == 3
    assert len({headers["x-signature"] for headers, _ in tries}) == 3
    assert len(clock.slept_s) == 2


async def test_the_quick_tries_have_an_end(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [Response(status_code=500)]

    answer = await client(http, partner.url, clock).register(worker(), "case-00000001")

    assert answer == TryLater("BPJS answered 500")
    assert partner.asked.qsize() == TRIES_MAX


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_partner_that_says_when_is_not_asked_before(
    status: int, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [Response(status_code=status, headers={"Retry-After": "120"})]

    answer = await client(http, partner.url, clock).register(worker(), "case-00000001")

    assert isinstance(answer, TryLater)
    assert answer.after_s == 120
    assert partner.asked.qsize() == 1


@pytest.mark.parametrize("status", [204, 301, 307, 400, 401, 403, 404, 409, 422, 429])
async def test_an_answer_that_is_none_keeps_the_breaker_closed(
    status: int, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    elsewhere = RedirectResponse(f"{partner.url}/elsewhere", status_code=status)
    partner.answers = [elsewhere if status in (301, 307) else Response(status_code=status)]
    bpjs = client(http, partner.url, clock, breaker=Breaker(failures_max=1))

    for _ in range(2):
        answer = await bpjs.register(worker(), "case-00000001")
        assert isinstance(answer, TryLater)
        assert str(status) in answer.why
    assert partner.asked.qsize() == 2


async def test_an_open_breaker_answers_without_asking(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [Response(status_code=500), JSONResponse(REGISTERED)]
    bpjs = client(http, partner.url, clock, breaker=Breaker(failures_max=1))

    first = await bpjs.register(worker(), "case-00000001")
    assert isinstance(first, TryLater)
    assert partner.asked.qsize() == 1
    assert first == TryLater("BPJS answered 500")

    clock.passes(30)
    assert await bpjs.register(worker(), "case-00000001") == Registered("12345678901")


async def test_nonsense_opens_the_breaker_too(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [Response(b"<html>")]
    bpjs = client(http, partner.url, clock, breaker=Breaker(failures_max=1))

    await bpjs.register(worker(), "case-00000001")

    answer = await bpjs.register(worker(), "case-00000001")
    assert answer == TryLater("BPJS rests after failures in a row", after_s=30)


async def test_a_port_without_a_listener_is_tried_later(http: httpx.AsyncClient, clock: Clock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"

    answer = await client(http, address, clock).register(worker(), "case-00000001")

    assert answer == TryLater("BPJS can't be reached: ConnectError")


async def test_an_answer_in_drops_is_cut_off(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.01)

    partner.answers = [StreamingResponse(drops())]
    bpjs = client(http, partner.url, clock, breaker=Breaker(failures_max=1), try_s_max=0.05)

    assert isinstance(await bpjs.register(worker(), "case-00000001"), TryLater)


async def test_a_packed_answer_is_not_unpacked(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [Response(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})]

    answer = await client(http, partner.url, clock).register(worker(), "case-00000001")

    assert isinstance(answer, TryLater)
    assert "too long or packed" in answer.why
    assert partner.next_asked()[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("header", "after_s"),
    [
        ("0", 0),
        ("120", 120),
        ("999999999", RETRY_AFTER_S_MAX),
        ("Sat, 21 Nov 2026 01:00:30 GMT", 30),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 01:00:30 -0000", 30),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("9" * 400, None),
        ("Sat, 99 Nov 2026 01:00:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, after_s: float | None) -> None:
    assert retry_after_s(header, datetime(2026, 11, 21, 1, 0, tzinfo=UTC)) == after_s
