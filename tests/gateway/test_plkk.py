"""The clinics near a village, a notice that somebody comes, and how it goes on: over HTTP, with the imitated PLKK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from gateway.bpjs import WEBHOOK_BYTES_MAX, BadWebhook
from gateway.bpjs import WEBHOOK_TARGET as BPJS_TARGET
from gateway.partner import TRIES_MAX
from gateway.plkk import WEBHOOK_TARGET, Plkk, parse_webhook
from gateway.sandbox.plkk import SLOW_S
from gateway.signing import signed_headers
from rules import areas
from rules.bpjs import TryLater
from rules.plkk import Clinic, NoticeRefused, NoticeTaken, Treatment, TreatmentChanged
from tests.gateway.conftest import SECRET, WITA, Clock, Partner, Sandbox
from tests.gateway.plkk_served import JAMPU, client, notice, serving_plkk

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=WITA)
KEY = "case-00000001"
CHANGED: dict[str, Any] = {
    "kind": "treatment-changed", "event_id": "arrived-1", "reference": "RAWAT-1", "state": "arrived",
    "at": "2026-11-21T09:00:00+08:00",
}  # fmt: skip


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock, receiver: Partner) -> Iterator[Sandbox]:
    with serving_plkk(tmp_path / "plkk.sqlite", clock, receiver) as sandbox:
        yield sandbox


@pytest.fixture
def plkk(sandbox: Sandbox, http: httpx.AsyncClient) -> Plkk:
    return client(http, sandbox.url, sandbox.clock)


async def taken(plkk: Plkk, serial: str = "9901") -> str:
    answer = await plkk.accident_notice(notice(serial), KEY)
    assert isinstance(answer, NoticeTaken)
    return answer.reference


async def test_the_clinics_near_a_village_come_with_distance_and_phone(plkk: Plkk) -> None:
    clinics = await plkk.clinics_near(JAMPU)

    assert isinstance(clinics, tuple)
    assert clinics[0] == Clinic(
        "contoh-10", "Klinik Contoh Jampu", "Desa Jampu (karangan)", "0484 000 010", 0.9, "2026-11-02"
    )
    assert [clinic.distance_km for clinic in clinics] == sorted(clinic.distance_km for clinic in clinics)


async def test_every_village_has_invented_clinics_at_plausible_distances(plkk: Plkk) -> None:
    for village in areas.villages():
        clinics = await plkk.clinics_near(village.code)

        assert isinstance(clinics, tuple)
        assert len(clinics) == 5
        assert all("Contoh" in clinic.name and 0 < clinic.distance_km < 50 for clinic in clinics)
        assert clinics[0].distance_km < 8, village.name


@pytest.mark.parametrize("village", ["73.71.01.1001", "73.12.02.9984", "99.99.99.0000"])
async def test_where_no_clinic_is_known_there_is_none(plkk: Plkk, village: str) -> None:
    assert await plkk.clinics_near(village) == ()


async def test_a_notice_is_taken_once_however_often_it_is_sent(
    plkk: Plkk, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    first, second = await plkk.accident_notice(notice(), KEY), await plkk.accident_notice(notice(), KEY)

    assert isinstance(first, NoticeTaken)
    assert second == first
    assert len((await http.get(f"{sandbox.url}/sandbox/treatments")).json()) == 1
    other = await plkk.accident_notice(notice("9902"), KEY)
    assert isinstance(other, TryLater)
    assert "409" in other.why


async def test_what_the_clinic_is_told_holds_no_whole_nik_and_nothing_medical(
    partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [JSONResponse({"status": "notice-taken", "reference": "RAWAT-1"})]

    await client(http, partner.url, clock).accident_notice(notice(), KEY)

    headers, body = partner.next_asked()
    assert json.loads(body) == {
        "claim": "SIAGA-17", "clinic": "contoh-10", "kpj": "31754442421", "name": "HASNA KARANGAN",
        "nik": "7312********9901", "protected_until": "2027-01-31", "on": "2026-11-21", "part_of_day": "morning",
        "place": "workplace", "village_code": JAMPU, "story": "Jatuh dari pohon kelapa.",
        "agent_phone": "+6281234567890",
    }  # fmt: skip
    assert headers["idempotency-key"] == KEY


async def test_the_sandbox_keeps_neither_name_nor_story(plkk: Plkk, sandbox: Sandbox) -> None:
    await taken(plkk)

    stored = sandbox.database.read_bytes() + Path(f"{sandbox.database}-wal").read_bytes()
    assert b"SIAGA-17" in stored
    assert b"HASNA" not in stored
    assert b"kelapa" not in stored


@pytest.mark.parametrize(
    ("serial", "clinic", "reason"),
    [("9985", "contoh-10", "no-room"), ("9901", "contoh-99", "unknown-clinic"), ("0001", "contoh-10", "not-invented")],
)
async def test_a_clinic_refuses_with_a_reason(plkk: Plkk, serial: str, clinic: str, reason: str) -> None:
    answer = await plkk.accident_notice(notice(serial, clinic), KEY)

    assert isinstance(answer, NoticeRefused)
    assert answer.reason == reason
    assert answer.words.endswith((".", "9999."))


@pytest.mark.parametrize(
    ("serial", "why"),
    [("9982", "PLKK answered 503"), ("9983", "nonsense from PLKK: the answer breaks the contract at the whole")],
)
async def test_a_gateway_in_trouble_is_asked_again_later(plkk: Plkk, serial: str, why: str) -> None:
    for answer in (
        await plkk.accident_notice(notice(serial), KEY), await plkk.clinics_near(f"73.12.02.{serial}")
    ):  # fmt: skip
        assert isinstance(answer, TryLater)
        assert answer.why.startswith(why)


async def test_what_fails_once_works_the_second_time(plkk: Plkk) -> None:
    assert isinstance(await plkk.accident_notice(notice("9981"), KEY), NoticeTaken)
    assert await plkk.clinics_near("73.12.02.9981") == ()


async def test_a_slow_one_is_waited_for(plkk: Plkk, clock: Clock) -> None:
    assert isinstance(await plkk.accident_notice(notice("9980"), KEY), NoticeTaken)

    assert clock.slept_s == [SLOW_S]


async def test_an_outage_is_felt_and_ends(plkk: Plkk, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock) -> None:
    await http.post(f"{sandbox.url}/sandbox/down")
    during = await plkk.clinics_near(JAMPU)
    await http.post(f"{sandbox.url}/sandbox/up")
    clock.passes(600)

    assert isinstance(during, TryLater)
    assert isinstance(await plkk.clinics_near(JAMPU), tuple)


async def test_a_treatment_goes_on_and_is_told_by_webhook(
    plkk: Plkk, sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock, receiver: Partner
) -> None:
    reference = await taken(plkk)
    assert await plkk.treatment(reference) == Treatment(reference, "contoh-10", "expected", NOW)

    for state in ("arrived", "admitted", "discharged"):
        clock.passes(3600)
        await http.post(f"{sandbox.url}/sandbox/treatments/{reference}/next")
        event = parse_webhook(*receiver.next_asked(), secret=SECRET, now=clock())

        assert event == TreatmentChanged(f"{state}-{reference}", reference, state, clock())
        assert await plkk.treatment(reference) == Treatment(reference, "contoh-10", state, clock())
    await http.post(f"{sandbox.url}/sandbox/treatments/{reference}/next")
    assert receiver.asked.empty()


async def test_an_unknown_treatment_is_no_crash(plkk: Plkk) -> None:
    answer = await plkk.treatment("RAWAT-none/../x")

    assert isinstance(answer, TryLater)


NONSENSE: dict[str, Any] = {
    "no list": {"status": "clinics"},
    "too many": {"status": "clinics", "clinics": [{"id": "a"}] * 21},
    "a negative distance": {"status": "clinics", "clinics": [{
        "id": "a", "name": "HASNA", "address": "", "phone": "0484", "distance_km": -1, "checked_on": "2026-11-02"}]},
    "a phone with words": {"status": "clinics", "clinics": [{
        "id": "a", "name": "HASNA", "address": "", "phone": "HASNA", "distance_km": 1, "checked_on": "2026-11-02"}]},
    "another kind": {"status": "treatment", "reference": "HASNA"},
}  # fmt: skip


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE.keys())
async def test_nonsense_is_never_believed_nor_quoted(
    answer: Any, partner: Partner, http: httpx.AsyncClient, clock: Clock
) -> None:
    partner.answers = [JSONResponse(answer)]

    heard = await client(http, partner.url, clock).clinics_near(JAMPU)

    assert isinstance(heard, TryLater)
    assert heard.why.startswith("nonsense from PLKK")
    assert "HASNA" not in heard.why


async def test_tries_are_limited(partner: Partner, http: httpx.AsyncClient, clock: Clock) -> None:
    partner.answers = [Response(status_code=500)]

    assert isinstance(await client(http, partner.url, clock).clinics_near(JAMPU), TryLater)
    assert partner.asked.qsize() == TRIES_MAX


def heard(
    event: dict[str, Any] | bytes, *, secret: str = SECRET, target: str = WEBHOOK_TARGET, at: datetime = NOW
) -> TreatmentChanged | BadWebhook:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = signed_headers(secret, "POST", target, body, now=at, nonce="n-1")
    return parse_webhook(headers, body, secret=SECRET, now=NOW)


def test_a_webhook_is_believed_when_it_is_signed_and_fresh() -> None:
    assert heard(CHANGED) == TreatmentChanged("arrived-1", "RAWAT-1", "arrived", NOW)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"secret": "another secret"}, "wrong-signature"),
        ({"target": BPJS_TARGET}, "wrong-signature"),
        ({"at": NOW.replace(hour=8)}, "old-timestamp"),
    ],
)
def test_a_webhook_that_is_not_the_clinics_is_refused(given: dict[str, Any], why: str) -> None:
    assert heard(CHANGED, **given) == BadWebhook(why)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({**CHANGED, "state": "healed"}, "nonsense at $.state"),
        ({**CHANGED, "state": "expected"}, "nonsense at $.state"),
        ({**CHANGED, "at": "2026-11-21T09:00:00"}, "nonsense at $.at"),
        ({**CHANGED, "event_id": "HASNA KARANGAN"}, "nonsense at $.event_id"),
        ({**CHANGED, "kind": "paid"}, "nonsense at $.kind"),
        (b"x" * (WEBHOOK_BYTES_MAX + 1), "too long"),
        (b"\xff", "nonsense at the whole: not JSON"),
    ],
)
def test_a_webhook_that_breaks_the_contract_is_refused_without_being_quoted(event: Any, why: str) -> None:
    assert heard(event) == BadWebhook(why)


async def test_the_front_page_tells_what_is_invented_and_goes_on(
    plkk: Plkk, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    reference = await taken(plkk)

    page = (await http.get(sandbox.url)).text

    assert "Klinik Contoh Jampu</strong>: ditunggu" in page
    assert "7312********9901" in page
    assert f"/sandbox/treatments/{reference}/next" in page
