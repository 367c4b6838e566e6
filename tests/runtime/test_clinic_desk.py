"""A clinic's desk asks whether somebody is protected: who may ask, what is told, and what is written down of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette
from structlog.testing import capture_logs

from bot.runtime.clinic_desk import ClinicDesk
from bot.settings import PlkkSettings, Settings
from gateway.membership_checks import BODY_BYTES_MAX, PATH, TARGET
from gateway.signing import CLIENT_ID, signed_headers
from tests.plays.player import Player
from tests.world import World

SCRIPTS = Path(__file__).parent.parent / "plays" / "scripts"
CLINIC, SECRET = "puskesmas-contoh", "a-secret-of-the-desk"
OTHER, OTHER_SECRET = "klinik-contoh", "another-secret-of-a-desk"
HASNA, NOBODY, UNHEARD = "7312025205799901", "7312045205799902", "7312044005799903"
"""Enrolled; never heard of; a NIK whose birth date there isn't."""
NOT_PROTECTED = {"protected": False, "initials": None, "kpj": None, "protected_until": None}
nonces = itertools.count(1)


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    """Hasna is enrolled and has paid until the end of January."""
    clinics = SecretStr(f"{CLINIC}:{SECRET} {OTHER}:{OTHER_SECRET}")
    given = settings.model_copy(update={"plkk": settings.plkk.model_copy(update={"clinics": clinics})})
    async with World(given, tmp_path) as made:
        script = (SCRIPTS / "a_farmer_is_enrolled_from_a_photo.chat").read_text(encoding="utf-8")
        await Player(made).play(script.partition("\n\nhasna:  status")[0])
        yield made


def signed(
    world: World, body: dict[str, Any] | bytes, clinic: str, secret: str, nonce: str = ""
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a clinic's question."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    seal = signed_headers(secret, "POST", TARGET, raw, now=world.clock(), nonce=nonce or f"desk-{next(nonces)}")
    return raw, {CLIENT_ID: clinic, **seal}


async def ask(
    world: World, body: dict[str, Any] | bytes, *, clinic: str = CLINIC, secret: str = SECRET, nonce: str = ""
) -> httpx.Response:
    raw, headers = signed(world, body, clinic, secret, nonce)
    return await world.post(PATH, content=raw, headers=headers)


def by_nik(nik: str = HASNA, day: str = "2026-11-21", **more: Any) -> dict[str, Any]:
    return {"by": "nik", "nik": nik, "day": day, "why": "accident", **more}


async def rows(world: World, sql: str) -> list[Any]:
    async with world.service.transcript._engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def test_who_is_protected_is_told_with_initials_number_and_the_last_day(world: World) -> None:
    answer = await ask(world, by_nik())
    kpj = answer.json()["kpj"]

    assert answer.json() == {"protected": True, "initials": "H.", "kpj": kpj, "protected_until": "2027-01-31"}
    assert answer.headers["cache-control"] == "no-store"
    same = await ask(world, {"by": "kpj", "kpj": kpj, "day": "2027-01-31", "why": "admission"})
    assert same.json() == answer.json()


@pytest.mark.parametrize(
    "question",
    [
        by_nik(day="2026-11-20"),
        by_nik(day="2027-02-01"),
        by_nik(NOBODY),
        by_nik(UNHEARD),
        {"by": "kpj", "kpj": "99999999999", "day": "2026-11-21", "why": "billing"},
    ],
    ids=["before", "after", "unknown", "impossible", "unknown KPJ"],
)
async def test_whoever_is_not_protected_or_not_known_is_answered_alike(world: World, question: dict[str, Any]) -> None:
    answer = await ask(world, question)

    assert (answer.status_code, answer.json()) == (200, NOT_PROTECTED)


async def test_a_member_whom_we_did_not_enrol_is_told_without_initials(world: World) -> None:
    answer = await ask(world, by_nik("7312045205799994"))  # the imitated BPJS says: a member already

    assert answer.json()["protected"]
    assert answer.json()["initials"] is None


async def test_every_check_is_written_down_without_a_nik(world: World) -> None:
    with capture_logs() as logged:
        await ask(world, by_nik())
        await ask(world, by_nik(NOBODY, why="billing"), clinic=OTHER, secret=OTHER_SECRET)
        await ask(world, by_nik(UNHEARD))

    ((person,),) = await rows(world, "SELECT id FROM people")
    checks = await rows(
        world, "SELECT actor, subject, detail FROM audit WHERE action = 'check-membership' ORDER BY number"
    )
    assert checks == [
        (f"clinic {CLINIC}", f"person {person}", '{"by":"nik","day":"2026-11-21","why":"accident"}'),
        (f"clinic {OTHER}", "nobody known", '{"by":"nik","day":"2026-11-21","why":"billing"}'),
        (f"clinic {CLINIC}", "nobody known", '{"by":"nik","day":"2026-11-21","why":"accident"}'),
    ]
    assert logged == []


async def test_only_a_clinic_that_signs_is_answered(world: World) -> None:
    wrong = await ask(world, by_nik(), secret=OTHER_SECRET)
    stranger = await ask(world, by_nik(), clinic="somebody")
    bare = await world.post(PATH, content=b"{}")

    assert [answer.json() for answer in (wrong, stranger, bare)] == [
        {"error": "wrong-signature"}, {"error": "unknown-client"}, {"error": "unknown-client"},
    ]  # fmt: skip
    assert {answer.status_code for answer in (wrong, stranger, bare)} == {401}


async def test_a_check_that_is_repeated_is_refused_after_a_restart_too(world: World) -> None:
    first = await ask(world, by_nik(), nonce="once")
    await world.restart()
    second = await ask(world, by_nik(), nonce="once")
    of_another = await ask(world, by_nik(), nonce="once", clinic=OTHER, secret=OTHER_SECRET)

    assert [answer.status_code for answer in (first, second, of_another)] == [200, 409, 200]
    assert second.json() == {"error": "nonce-replayed"}


async def test_a_clinic_that_asks_too_often_waits_until_tomorrow(world: World) -> None:
    service, clinics = world.service, {CLINIC: SECRET, OTHER: OTHER_SECRET}
    desk = ClinicDesk(service.writer, service._bpjs, clinics, world.clock, a_day_max=2)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=[desk.route()])), base_url="http://siaga.test"
    ) as web:

        async def check(clinic: str) -> httpx.Response:
            body, headers = signed(world, by_nik(), clinic, clinics[clinic])
            return await web.post(PATH, content=body, headers=headers)

        answers = [await check(clinic) for clinic in (CLINIC, CLINIC, CLINIC, OTHER)]
        world.clock.now += timedelta(seconds=int(answers[2].headers["retry-after"]))
        answers.append(await check(CLINIC))

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200, 200]
    assert world.clock().date() == date(2026, 11, 22)
    assert len(await rows(world, "SELECT * FROM audit WHERE action = 'check-membership'")) == 4


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"\xff", b'{"by": "nik", "x": %b}' % (b"[" * 1900 + b"]" * 1900),
        by_nik("731202520579990"), by_nik(day="tomorrow"), by_nik(why="curious"),
        by_nik(name="HASNA"), {"by": "kpj", "kpj": "1", "day": "2026-11-21", "why": "accident"},
        {"nik": HASNA, "day": "2026-11-21", "why": "accident"},
    ],
)  # fmt: skip
async def test_what_breaks_the_contract_is_refused_without_being_quoted(world: World, body: Any) -> None:
    answer = await ask(world, body)

    assert (answer.status_code, answer.json()) == (422, {"error": "malformed"})


async def test_what_is_too_long_is_refused(world: World) -> None:
    assert (await ask(world, b"x" * (BODY_BYTES_MAX + 1))).status_code == 413


async def test_while_bpjs_is_silent_nothing_is_guessed(world: World) -> None:
    await world.bpjs("POST", "/sandbox/down")

    answer = await ask(world, by_nik())

    assert (answer.status_code, answer.json()) == (503, {"error": "bpjs-silent"})
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("given", ["short:secret", "a-secret-without-a-name", "Big:a-secret-of-the-desk"])
def test_clinics_are_pairs_with_long_secrets(given: str) -> None:
    with pytest.raises(ValueError, match="no pairs"):
        PlkkSettings(clinics=SecretStr(given))


def test_several_clinics_may_ask() -> None:
    given = PlkkSettings(clinics=SecretStr(f"  {CLINIC}:{SECRET}\n{OTHER}:{OTHER_SECRET}:with:colons "))

    assert given.may_ask == {CLINIC: SECRET, OTHER: f"{OTHER_SECRET}:with:colons"}
    assert PlkkSettings().may_ask == {}
