"""The imitated BPJS itself: its door, its memory and its front page."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest

from gateway.bpjs import Bpjs
from gateway.sandbox.door import BODY_BYTES_MAX
from gateway.signing import CLIENT_ID, signed_headers
from rules.bpjs import (
    Accepted,
    AlreadyMember,
    Member,
    NotAMember,
    PaymentCode,
    Registered,
    RegistrationRefused,
    TryLater,
)
from rules.money import Rupiah
from rules.month import Month
from tests.gateway.conftest import SECRET, Clock, Partner, Sandbox, client, nonces, serving_sandbox, worker

STARTS_WITHIN_S = 10

numbers = itertools.count(1)


async def post(http: httpx.AsyncClient, sandbox: Sandbox, path: str, body: bytes, key: str = "") -> httpx.Response:
    """A question as somebody else than our client might write it."""
    headers = signed_headers(SECRET, "POST", path, body, now=sandbox.clock(), nonce=f"raw-{next(numbers)}")
    headers |= {CLIENT_ID: "siaga", "Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
    return await http.post(sandbox.url + path, content=body, headers=headers)


async def test_the_unsigned_are_refused_before_anything_is_read(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{sandbox.url}/v1/registrations", content=b"not even JSON")

    assert (answer.status_code, answer.json()) == (401, {"error": "unknown-client"})
    answer = await http.post(f"{sandbox.url}/v1/registrations", content=b"{}", headers={CLIENT_ID: "siaga"})
    assert (answer.status_code, answer.json()) == (401, {"error": "unsigned"})


async def test_a_nonce_passes_once(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    body = b'{"kpj": "12345678901"}'
    headers = signed_headers(SECRET, "POST", "/v1/members/by-kpj", body, now=sandbox.clock(), nonce="once")
    headers |= {CLIENT_ID: "siaga", "Content-Type": "application/json"}

    answers = [await http.post(f"{sandbox.url}/v1/members/by-kpj", content=body, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json() == {"error": "nonce-replayed"}


@pytest.mark.parametrize(("signed", "status"), [("/v1/payments/88?a=1", 404), ("/v1/payments/88", 401)])
async def test_the_query_is_signed_too(signed: str, status: int, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    headers = signed_headers(SECRET, "GET", signed, b"", now=sandbox.clock(), nonce="query")

    answer = await http.get(f"{sandbox.url}/v1/payments/88?a=1", headers={CLIENT_ID: "siaga", **headers})

    assert answer.status_code == status


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"nik": "1"}', b'{"nik": "7312045205799901", "x": 1}'])
async def test_what_breaks_the_contract_is_refused_without_being_quoted(
    body: bytes, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    answer = await post(http, sandbox, "/v1/members/by-nik", body)

    assert answer.status_code in (400, 422)
    assert "error" in answer.json()
    assert "7312045205799901" not in answer.text


async def test_an_endless_body_is_refused(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    answer = await post(http, sandbox, "/v1/members/by-nik", b" " * (BODY_BYTES_MAX + 1))

    assert (answer.status_code, answer.json()) == (413, {"error": "too-long"})


async def test_a_nik_that_might_be_real_is_refused_and_not_kept(bpjs: Bpjs, sandbox: Sandbox) -> None:
    # Put together here, for no NIK that might be real may stand in the repository.
    real = worker("0001")

    answer = await bpjs.register(real, "case-00000001")

    assert isinstance(answer, RegistrationRefused)
    assert answer.reason == "not-invented"
    kept = b"".join(path.read_bytes() for path in sandbox.database.parent.iterdir())
    assert real.nik.digits.encode() not in kept
    assert await bpjs.member_by_nik(real.nik) == NotAMember()


async def test_what_it_knows_survives_a_restart(
    tmp_path: Path, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    nonce = nonces("siaga")
    with serving_sandbox(tmp_path / "bpjs.sqlite", clock, receiver) as before:
        bpjs = client(http, before.url, clock, nonce=nonce)
        hasna = await bpjs.register(worker(), "case-00000001")
        slow = await bpjs.register(worker("9990"), "case-00000002")
        assert isinstance(hasna, Registered)
        assert isinstance(slow, Accepted)
        await http.post(f"{before.url}/sandbox/down")

    clock.passes(60)
    with serving_sandbox(tmp_path / "bpjs.sqlite", clock, receiver) as after:
        bpjs = client(http, after.url, clock, nonce=nonce)
        assert isinstance(await bpjs.register(worker(), "case-00000001"), TryLater)
        await http.post(f"{after.url}/sandbox/up")
        assert await bpjs.register(worker(), "case-00000001") == hasna
        assert await bpjs.register(worker(), "case-00000003") == AlreadyMember(hasna.kpj)
        assert isinstance(await bpjs.registration(slow.reference), Registered)
        assert slow.reference.encode() in receiver.next_asked()[1]


async def test_nothing_is_told_during_an_outage(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    assert isinstance(await bpjs.register(worker("9990"), "case-00000001"), Accepted)
    await http.post(f"{sandbox.url}/sandbox/down")

    clock.passes(3)
    await asyncio.sleep(0.05)  # the post looks every hundredth of a second
    assert (await http.get(sandbox.url)).text.count("Layanan sedang dimatikan") == 1
    assert receiver.asked.empty()

    await http.post(f"{sandbox.url}/sandbox/up")
    receiver.next_asked()


async def test_a_kpj_belongs_to_one_nik_and_is_always_the_same(
    tmp_path: Path, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    given = []
    for name in ("one", "two"):
        with serving_sandbox(tmp_path / name, clock, receiver) as sandbox:
            bpjs = client(http, sandbox.url, clock)
            answers = [await bpjs.register(worker(f"99{n:02}"), f"case-{n:08}") for n in range(20)]
            given.append([answer.kpj for answer in answers if isinstance(answer, Registered)])

    assert given[0] == given[1]
    assert len(set(given[0])) == 20


async def test_arrears_paid_late_bring_no_cover_that_ends_before_it_begins(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    registered = await bpjs.register(worker(), "case-00000001")
    assert isinstance(registered, Registered)
    code = await bpjs.payment_code(registered.kpj, (Month(2026, 9),), Rupiah(8_400), "payment-00000001")
    assert isinstance(code, PaymentCode)

    await http.post(f"{sandbox.url}/sandbox/payments/{code.code}/paid")

    payment = await bpjs.payment(code.code)
    assert not isinstance(payment, TryLater)
    assert payment.covered_from == payment.protected_until == sandbox.clock().date()


async def test_paying_on_extends_cover_and_arrears_never_shorten_it(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock
) -> None:
    registered = await bpjs.register(worker(), "case-00000001")
    assert isinstance(registered, Registered)

    for month in (Month(2026, 12), Month(2027, 1), Month(2026, 9)):
        code = await bpjs.payment_code(registered.kpj, (month,), Rupiah(8_400), f"payment-{month}")
        assert isinstance(code, PaymentCode)
        await http.post(f"{sandbox.url}/sandbox/payments/{code.code}/paid")
        clock.passes(24 * 3600)

    assert await bpjs.member(registered.kpj) == Member(
        registered.kpj, active=True, covered_from=date(2026, 11, 21), protected_until=date(2027, 1, 31)
    )


async def test_the_front_page_shows_magic_registrations_and_codes_masked(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    empty = (await http.get(sandbox.url)).text
    assert "Belum ada pendaftaran." in empty
    assert all(digits in empty for digits in ("9990", "9991", "9992", "9993", "9994", "9995"))

    registered = await bpjs.register(worker(), "case-00000001")
    await bpjs.register(worker("9990"), "case-00000002")
    await bpjs.register(worker("9995"), "case-00000003")
    assert isinstance(registered, Registered)
    code = await bpjs.payment_code(registered.kpj, (Month(2026, 12),), Rupiah(8_400), "payment-00000001")
    assert isinstance(code, PaymentCode)
    page = (await http.get(sandbox.url)).text

    assert "<strong>7312********9901</strong>: terdaftar" in page
    assert "<strong>7312********9990</strong>: menunggu keputusan" in page
    assert "NIK tidak ditemukan" in page
    assert f"Rp8.400 untuk KPJ {registered.kpj}, sampai bulan Desember 2026" in page
    assert "Belum dibayar, batas 28-11-2026." in page
    assert f'action="/sandbox/payments/{code.code}/paid"' in page
    assert worker().nik.digits not in page
    assert worker().name not in page

    after = await http.post(f"{sandbox.url}/sandbox/payments/{code.code}/paid", follow_redirects=True)
    assert "Lunas 21-11-2026. Terlindungi 21-11-2026 sampai 31-12-2026." in after.text
    assert "Tandai lunas" not in after.text


def test_it_runs_as_a_process_of_its_own_and_survives_a_kill(tmp_path: Path) -> None:
    port = free_port()
    with process(tmp_path, port) as first:
        page(port)
        httpx.post(f"http://127.0.0.1:{port}/sandbox/down")
        first.send_signal(signal.SIGKILL)
    with process(tmp_path, port) as second:
        assert "Layanan sedang dimatikan" in page(port)
        second.terminate()


def test_it_wants_a_secret() -> None:
    nameless = {name: value for name, value in os.environ.items() if name != "SIAGA_BPJS_SECRET"}
    refused = subprocess.run(
        [sys.executable, "-m", "gateway.sandbox.bpjs"], env=nameless, capture_output=True, text=True, check=False
    )

    assert refused.returncode == 1
    assert "SIAGA_BPJS_SECRET is empty" in refused.stderr


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def process(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "gateway.sandbox.bpjs", "--port", str(port), "--database", str(folder / "bpjs")]
    sandbox = subprocess.Popen(command, env={**os.environ, "SIAGA_BPJS_SECRET": SECRET})
    try:
        yield sandbox
    finally:
        sandbox.kill()
        sandbox.wait()


def page(port: int) -> str:
    """The front page, as soon as the process listens."""
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/").text
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("the sandbox doesn't listen")
