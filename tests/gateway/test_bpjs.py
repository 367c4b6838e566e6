"""The client against the imitated BPJS, over real HTTP."""

from __future__ import annotations

import itertools
from datetime import date

import httpx
import pytest

from gateway.bpjs import Bpjs
from gateway.breaker import FAILURES_MAX, REST
from rules.bank import PaymentPosted, PostingRefused
from rules.bpjs import (
    Accepted,
    AlreadyMember,
    Member,
    NotAMember,
    Payment,
    PaymentCode,
    PaymentRefused,
    Registered,
    RegistrationRefused,
    TryLater,
)
from rules.money import Rupiah
from rules.month import Month
from tests.gateway.conftest import Clock, Sandbox, client, worker

MONTHS = Month(2026, 12).until(3)


async def test_a_worker_is_registered_at_once_and_known_afterwards(bpjs: Bpjs) -> None:
    hasna = worker()
    assert await bpjs.member_by_nik(hasna.nik) == NotAMember()

    registered = await bpjs.register(hasna, "case-00000001")

    assert isinstance(registered, Registered)
    assert len(registered.kpj) == 11
    member = Member(registered.kpj, active=False, covered_from=None, protected_until=None)
    assert await bpjs.member_by_nik(hasna.nik) == member
    assert await bpjs.member(registered.kpj) == member


async def test_the_same_case_twice_is_one_registration(bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    first = await bpjs.register(worker(), "case-00000001")
    again = await bpjs.register(worker(), "case-00000001")

    assert first == again
    counted = (await http.get(f"{sandbox.url}/sandbox/registrations")).json()
    assert counted == [{"nik": "7312********9901", "submitted": 1, "registered": 1}]


async def test_a_key_is_not_taken_for_another_worker(bpjs: Bpjs) -> None:
    await bpjs.register(worker("9901"), "case-00000001")

    other = await bpjs.register(worker("9902"), "case-00000001")

    assert other == TryLater("BPJS answered 409: it doesn't take our question; compare the contract")


async def test_a_second_case_of_one_worker_finds_the_member(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    first = await bpjs.register(worker(), "case-00000001")
    second = await bpjs.register(worker(), "case-00000002")

    assert isinstance(first, Registered)
    assert second == AlreadyMember(first.kpj)
    counted = (await http.get(f"{sandbox.url}/sandbox/registrations")).json()
    assert counted == [{"nik": "7312********9901", "submitted": 2, "registered": 1}]


async def test_9990_is_slow_and_can_be_asked_for(bpjs: Bpjs, clock: Clock) -> None:
    accepted = await bpjs.register(worker("9990"), "case-00000001")
    assert isinstance(accepted, Accepted)
    assert await bpjs.registration(accepted.reference) == accepted

    clock.passes(3)

    assert isinstance(await bpjs.registration(accepted.reference), Registered)
    assert await bpjs.register(worker("9990"), "case-00000001") == accepted


async def test_9991_fails_once_and_the_quick_second_try_works(bpjs: Bpjs, clock: Clock) -> None:
    assert isinstance(await bpjs.register(worker("9991"), "case-00000001"), Registered)
    assert len(clock.slept_s) == 1
    assert 0 < clock.slept_s[0] <= 0.2


async def test_9992_is_down_and_says_when_to_come_back(bpjs: Bpjs, clock: Clock) -> None:
    answer = await bpjs.register(worker("9992"), "case-00000001")

    assert answer == TryLater("BPJS answered 503", after_s=30, at_least=True)
    assert clock.slept_s == []


async def test_9993_answers_nonsense(bpjs: Bpjs) -> None:
    answer = await bpjs.register(worker("9993"), "case-00000001")

    assert answer == TryLater("nonsense from BPJS: the answer breaks the contract at the whole: not JSON")


async def test_9994_is_a_member_already(bpjs: Bpjs) -> None:
    found = await bpjs.member_by_nik(worker("9994").nik)
    assert isinstance(found, Member)
    assert (found.active, found.covered_from, found.protected_until) == (True, date(2026, 11, 1), date(2026, 11, 30))

    assert await bpjs.register(worker("9994"), "case-00000001") == AlreadyMember(found.kpj)


async def test_9995_is_refused_with_a_reason(bpjs: Bpjs) -> None:
    answer = await bpjs.register(worker("9995"), "case-00000001")

    assert answer == RegistrationRefused("nik-not-found", "NIK tidak ditemukan di data kependudukan.")


async def test_a_payment_code_is_for_these_months_and_this_sum(bpjs: Bpjs) -> None:
    registered = await bpjs.register(worker(), "case-00000001")
    assert isinstance(registered, Registered)

    code = await bpjs.payment_code(registered.kpj, MONTHS, Rupiah(42_000), "payment-00000001")

    assert isinstance(code, PaymentCode)
    assert (code.amount, code.payable_until) == (Rupiah(42_000), date(2026, 11, 28))
    assert await bpjs.payment_code(registered.kpj, MONTHS, Rupiah(42_000), "payment-00000001") == code
    assert await bpjs.payment(code.code) == Payment(code.code, paid=False)


async def test_a_paid_code_brings_cover(bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    registered = await bpjs.register(worker(), "case-00000001")
    assert isinstance(registered, Registered)
    code = await bpjs.payment_code(registered.kpj, MONTHS, Rupiah(42_000), "payment-00000001")
    assert isinstance(code, PaymentCode)

    await http.post(f"{sandbox.url}/sandbox/payments/{code.code}/paid")

    cover = (date(2026, 11, 21), date(2027, 2, 28))
    assert await bpjs.payment(code.code) == Payment(code.code, True, *cover, Rupiah(42_000), date(2026, 11, 21))
    assert await bpjs.member(registered.kpj) == Member(registered.kpj, True, *cover)


async def test_payment_codes_are_refused_for_strangers_and_for_gaps(bpjs: Bpjs) -> None:
    stranger = await bpjs.payment_code("00000000000", MONTHS, Rupiah(42_000), "payment-00000001")
    assert isinstance(stranger, PaymentRefused)
    assert stranger.reason == "unknown-kpj"

    registered = await bpjs.register(worker(), "case-00000001")
    assert isinstance(registered, Registered)
    gap = (Month(2026, 12), Month(2027, 2))
    refused = await bpjs.payment_code(registered.kpj, gap, Rupiah(28_000), "payment-00000002")
    assert isinstance(refused, PaymentRefused)
    assert refused.reason == "months"


async def test_what_was_never_given_out_is_unknown(bpjs: Bpjs) -> None:
    assert await bpjs.member("00000000000") == NotAMember()
    assert isinstance(await bpjs.payment("880000000000000"), TryLater)
    assert isinstance(await bpjs.registration("REG-none"), TryLater)
    assert isinstance(await bpjs.registration("../members/by-nik"), TryLater)


@pytest.mark.parametrize("wrong", ["secret", "client", "clock"])
async def test_a_refused_signature_tells_the_operator_what_to_check(
    wrong: str, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    theirs = Clock(sandbox.clock.now)
    theirs.passes(-301 if wrong == "clock" else 0)
    bpjs = client(
        http,
        sandbox.url,
        theirs,
        secret="another secret" if wrong == "secret" else "a secret of the tests",
        client_id="stranger" if wrong == "client" else "siaga",
    )

    answer = await bpjs.register(worker(), "case-00000001")

    assert isinstance(answer, TryLater)
    assert "401" in answer.why
    assert "check this machine's clock, the shared secret and the client id" in answer.why


async def test_a_replayed_nonce_has_no_effect(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    bpjs = client(http, sandbox.url, sandbox.clock, nonce=lambda: "always the same")
    assert await bpjs.member_by_nik(worker().nik) == NotAMember()

    answer = await bpjs.register(worker(), "case-00000001")

    assert isinstance(answer, TryLater)
    assert "409" in answer.why
    assert (await http.get(f"{sandbox.url}/sandbox/registrations")).json() == []


async def test_an_outage_opens_the_breaker_and_the_return_closes_it(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock
) -> None:
    await http.post(f"{sandbox.url}/sandbox/down")
    answers = [await bpjs.register(worker(), "case-00000001") for _ in range(FAILURES_MAX)]
    assert all(isinstance(answer, TryLater) for answer in answers)
    resting = answers[-1]
    assert isinstance(resting, TryLater)
    assert resting.why == "BPJS rests after failures in a row"
    assert resting.after_s is not None
    assert 0 < resting.after_s <= REST.total_seconds()

    await http.post(f"{sandbox.url}/sandbox/up")
    assert isinstance(await bpjs.register(worker(), "case-00000001"), TryLater)

    clock.passes(resting.after_s)
    assert isinstance(await bpjs.register(worker(), "case-00000001"), Registered)
    assert isinstance(await bpjs.member_by_nik(worker().nik), Member)


async def test_no_full_nik_or_name_is_in_a_log_a_reason_or_an_address(
    bpjs: Bpjs, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="httpx")  # which others may have silenced
    people = [worker(serial) for serial in ("9901", "9990", "9991", "9992", "9993", "9994", "9995")]

    answers = [await bpjs.register(person, f"case-0000000{n}") for n, person in enumerate(people)]
    answers += [await bpjs.register(worker("9903"), "case-00000000")]
    answers += [await bpjs.register(worker("9904", name=""), "case-00000009")]
    found = [await bpjs.member_by_nik(person.nik) for person in people]

    said = " ".join(map(repr, itertools.chain(answers, found, [record.getMessage() for record in caplog.records])))
    assert "/v1/members/by-nik" in said
    assert not [person for person in people if person.nik.digits in said or person.name in said]


async def test_what_a_bank_received_is_posted_once_and_pays_the_code(bpjs: Bpjs, sandbox: Sandbox) -> None:
    registered = await bpjs.register(worker(), "case-00000001")
    assert isinstance(registered, Registered)
    code = await bpjs.payment_code(registered.kpj, Month(2026, 12).until(3), Rupiah(33_600), "case-00000002")
    assert isinstance(code, PaymentCode)

    wrong = await bpjs.post_payment(code.code, Rupiah(33_500), "REF1", "case-00000003")
    unknown = await bpjs.post_payment("88-none", Rupiah(33_600), "REF1", "case-00000004")
    posted = [await bpjs.post_payment(code.code, Rupiah(33_600), "REF1", "case-00000005") for _ in range(2)]
    again = await bpjs.post_payment(code.code, Rupiah(33_600), "REF2", "case-00000006")

    refused = [one.reason for one in (wrong, unknown, again) if isinstance(one, PostingRefused)]
    assert refused == ["amount", "unknown-code", "paid-already"]
    assert posted == [PaymentPosted(), PaymentPosted()]
    payment = await bpjs.payment(code.code)
    assert isinstance(payment, Payment)
    assert payment.paid
    sandbox.has_tried(1)  # its webhook
