"""What BPJS tells by itself: sent by the sandbox, received by a real server, believed only when signed and fresh."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from gateway.bpjs import WEBHOOK_BYTES_MAX, WEBHOOK_TARGET, BadWebhook, Bpjs, parse_webhook
from gateway.bpjs_events import Event
from gateway.sandbox.store import EVENT_TRIES_MAX
from gateway.signing import signed_headers
from rules.bpjs import (
    Accepted,
    AlreadyMember,
    ClaimChanged,
    ClaimStatus,
    ClaimTaken,
    CoverChanged,
    Paid,
    PaymentCode,
    Registered,
    RegistrationDecided,
    RegistrationRefused,
)
from rules.money import Rupiah
from rules.month import Month
from tests.gateway.conftest import SECRET, WITA, Clock, Partner, Sandbox, worker

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=WITA)
REGISTERED = {"status": "registered", "kpj": "12345678901"}
DECIDED: dict[str, Any] = {
    "kind": "registration-decided",
    "event_id": "decided-1",
    "reference": "REG-1",
    "outcome": REGISTERED,
}
PAID: dict[str, Any] = {
    "kind": "paid",
    "event_id": "paid-1",
    "code": "88-1",
    "paid_on": "2026-11-21",
    "amount": 8400,
    "covered_from": "2026-11-21",
    "protected_until": "2026-12-31",
}

COVER: dict[str, Any] = {
    "kind": "cover-changed",
    "event_id": "cover-1",
    "kpj": "12345678901",
    "active": True,
    "covered_from": "2026-11-21",
    "protected_until": "2026-12-31",
    "stated_at": "2026-11-21T09:00:00+08:00",
}
TAKEN: dict[str, Any] = {
    "kind": "claim-accepted",
    "event_id": "taken-1",
    "reference": "CLM-1",
    "number": "K1",
}
CLAIM: dict[str, Any] = {
    "status": "claim-status",
    "reference": "CLM-1",
    "state": "verifying",
    "words": "",
    "missing": [],
    "amount": None,
    "paid_on": None,
    "paid_to": "",
}
PAID_CLAIM = CLAIM | {"state": "paid", "amount": 42_000_000, "paid_on": "2026-11-21", "paid_to": "RAHMAN"}


def changed(claim: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "claim-changed", "event_id": "changed-1", "claim": claim, "stated_at": NOW.isoformat()}


def heard(
    event: dict[str, Any] | bytes, *, secret: str = SECRET, sent_at: datetime = NOW, target: str = WEBHOOK_TARGET
) -> Event | BadWebhook:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = signed_headers(secret, "POST", target, body, now=sent_at, nonce="n-1")
    return parse_webhook(headers, body, secret=SECRET, now=NOW)


async def accepted(bpjs: Bpjs, serial: str = "9990") -> Accepted:
    answer = await bpjs.register(worker(serial), "case-00000001")
    assert isinstance(answer, Accepted)
    return answer


async def test_a_slow_registration_is_told_by_webhook(bpjs: Bpjs, clock: Clock, receiver: Partner) -> None:
    reference = (await accepted(bpjs)).reference

    clock.passes(3)
    event = parse_webhook(*receiver.next_asked(), secret=SECRET, now=clock())

    assert isinstance(event, RegistrationDecided)
    assert event.reference == reference
    assert event.outcome == await bpjs.registration(reference)


async def test_a_payment_is_told_by_webhook(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, receiver: Partner
) -> None:
    registered = await bpjs.register(worker(), "case-00000001")
    assert isinstance(registered, Registered)
    code = await bpjs.payment_code(registered.kpj, Month(2026, 12).until(1), Rupiah(8_400), "payment-00000001")
    assert isinstance(code, PaymentCode)

    for _ in range(2):  # a double click
        assert (await http.post(f"{sandbox.url}/sandbox/payments/{code.code}/paid")).status_code == 303
    event = parse_webhook(*receiver.next_asked(), secret=SECRET, now=sandbox.clock())

    days = (date(2026, 11, 21), Rupiah(8_400), date(2026, 11, 21), date(2026, 12, 31))
    assert event == Paid(f"paid-{code.code}", code.code, *days)
    assert receiver.asked.empty()


async def test_a_webhook_is_repeated_with_its_id_until_it_is_taken(
    bpjs: Bpjs, sandbox: Sandbox, clock: Clock, receiver: Partner
) -> None:
    receiver.answers = [Response(status_code=503), Response(status_code=401), Response()]
    await accepted(bpjs)

    clock.passes(3)
    events, seals = [], set()
    for times in (1, 2, 3):
        headers, body = receiver.next_asked()
        sandbox.has_tried(times)
        events.append(parse_webhook(headers, body, secret=SECRET, now=clock()))
        seals.add(headers["x-nonce"])
        clock.passes(60)

    assert events[0] == events[1] == events[2]
    assert isinstance(events[0], RegistrationDecided)
    assert len(seals) == 3


async def test_a_webhook_that_nobody_takes_is_given_up(
    bpjs: Bpjs, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    receiver.answers = [Response(status_code=500)]
    await accepted(bpjs)

    for times in range(EVENT_TRIES_MAX):
        clock.passes(61)
        receiver.next_asked()
        sandbox.has_tried(times + 1)
    clock.passes(3600)

    await accepted(bpjs)  # a round trip, in which the post has had time to look again
    assert receiver.asked.empty()
    assert "Menyerah setelah berkali-kali gagal: 1." in (await http.get(sandbox.url)).text


def test_every_outcome_is_understood() -> None:
    assert heard(DECIDED) == RegistrationDecided("decided-1", "REG-1", Registered("12345678901"))
    already = DECIDED | {"outcome": {"status": "already-member", "kpj": "12345678901"}}
    assert heard(already) == RegistrationDecided("decided-1", "REG-1", AlreadyMember("12345678901"))
    refused = DECIDED | {"outcome": {"status": "refused", "reason": "age", "words": "Usia."}}
    assert heard(refused) == RegistrationDecided("decided-1", "REG-1", RegistrationRefused("age", "Usia."))
    days = (date(2026, 11, 21), Rupiah(8_400), date(2026, 11, 21), date(2026, 12, 31))
    assert heard(PAID) == Paid("paid-1", "88-1", *days)
    cover = (date(2026, 11, 21), date(2026, 12, 31))
    assert heard(COVER) == CoverChanged("cover-1", "12345678901", True, *cover, NOW)
    assert heard(TAKEN) == ClaimTaken("taken-1", "CLM-1", "K1")
    assert heard(changed(CLAIM)) == ClaimChanged("changed-1", ClaimStatus("CLM-1", "verifying"), NOW)
    paid = ClaimStatus("CLM-1", "paid", amount=Rupiah(42_000_000), paid_on=date(2026, 11, 21), paid_to="RAHMAN")
    assert heard(changed(PAID_CLAIM)) == ClaimChanged("changed-1", paid, NOW)


def test_a_replay_has_the_same_event_id_which_the_caller_stores_once() -> None:
    again = heard(PAID, sent_at=NOW + timedelta(minutes=1))

    assert heard(PAID) == again
    assert isinstance(again, Paid)
    assert again.event_id == "paid-1"


def test_a_wrong_signature_is_refused() -> None:
    assert heard(PAID, secret="another secret") == BadWebhook("wrong-signature")
    assert parse_webhook({}, json.dumps(PAID).encode(), secret=SECRET, now=NOW) == BadWebhook("unsigned")


def test_a_changed_body_is_refused() -> None:
    headers = signed_headers(SECRET, "POST", WEBHOOK_TARGET, json.dumps(PAID).encode(), now=NOW, nonce="n-1")

    more = json.dumps(PAID | {"amount": 9_999_999}).encode()

    assert parse_webhook(headers, more, secret=SECRET, now=NOW) == BadWebhook("wrong-signature")


def test_a_signature_of_a_request_is_no_signature_of_a_webhook() -> None:
    assert heard(PAID, target="/v1/payments") == BadWebhook("wrong-signature")


@pytest.mark.parametrize("off_s", [-301, 301])
def test_an_old_or_future_webhook_is_refused(off_s: int) -> None:
    assert heard(PAID, sent_at=NOW + timedelta(seconds=off_s)) == BadWebhook("old-timestamp")


@pytest.mark.parametrize(
    "event",
    [
        b"<html>HASNA 7312045205799901</html>",
        {},
        DECIDED | {"kind": "HASNA 7312045205799901"},
        DECIDED | {"event_id": ""},
        DECIDED | {"event_id": "a" * 61},
        DECIDED | {"outcome": {"status": "accepted", "reference": "HASNA 7312045205799901"}},
        DECIDED | {"outcome": REGISTERED | {"kpj": "HASNA 7312045205799901"}},
        PAID | {"amount": 8400.5},
        PAID | {"amount": -8400},
        PAID | {"protected_until": None},
        PAID | {"protected_until": "2026-11-20"},
        COVER | {"kpj": "HASNA 7312045205799901"},
        COVER | {"protected_until": "2026-11-20"},
        COVER | {"stated_at": "2026-11-21T09:00:00"},
        TAKEN | {"number": "HASNA 7312045205799901"},
        changed(CLAIM | {"state": "HASNA 7312045205799901"}),
        changed(CLAIM | {"state": "approved"}),
        changed(CLAIM | {"state": "refused"}),
        changed(CLAIM | {"state": "documents-wanted"}),
        changed(CLAIM | {"state": "documents-wanted", "missing": ["ktp"] * 21}),
        changed(CLAIM) | {"stated_at": "2026-11-21T09:00:00"},
        changed(PAID_CLAIM | {"paid_on": None}),
        changed(PAID_CLAIM | {"paid_to": ""}),
    ],
)
def test_nonsense_is_refused_and_not_quoted(event: dict[str, Any] | bytes) -> None:
    answer = heard(event)

    assert isinstance(answer, BadWebhook)
    assert answer.why.startswith("nonsense at ")
    assert "HASNA" not in answer.why
    assert "7312045205799901" not in answer.why


def test_an_endless_webhook_is_not_read() -> None:
    assert heard(b" " * (WEBHOOK_BYTES_MAX + 1)) == BadWebhook("too long")
