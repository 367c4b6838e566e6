"""What clinics tell by themselves: believed when signed, heard once, and answered well only when it is stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.settings import Settings
from gateway.bpjs import WEBHOOK_BYTES_MAX
from gateway.plkk import WEBHOOK_TARGET
from gateway.signing import signed_headers
from tests.conftest import PLKK_SECRET
from tests.runtime.outage import unwritable
from tests.world import World


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    async with World(settings, tmp_path) as made:
        yield made


def arrived(event_id: str = "arrived-1") -> dict[str, Any]:
    return {
        "kind": "treatment-changed", "event_id": event_id, "reference": "RAWAT-1", "state": "arrived",
        "at": "2026-11-21T09:00:00+08:00",
    }  # fmt: skip


async def told(world: World, event: dict[str, Any] | bytes, *, secret: str = PLKK_SECRET) -> httpx.Response:
    """A clinic posts an event."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    headers = signed_headers(secret, "POST", WEBHOOK_TARGET, body, now=world.clock(), nonce="n-1")
    return await world.post("/webhooks/plkk", content=body, headers=headers)


async def rows(world: World, sql: str) -> list[Any]:
    async with world.service.transcript._engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(sql))]


async def test_an_event_told_three_times_at_once_and_later_has_one_effect(world: World) -> None:
    answers = await asyncio.gather(*(told(world, arrived()) for _ in range(3)))
    await world.restart()
    later = await told(world, arrived())

    assert [answer.status_code for answer in (*answers, later)] == [200] * 4
    assert await rows(world, "SELECT actor, action, subject, detail FROM audit") == [
        ("plkk", "treatment-arrived", "RAWAT-1", "{}")
    ]


async def test_the_longest_reference_fits(world: World) -> None:
    answer = await told(world, {**arrived("e" * 60), "reference": "R" * 60, "state": "discharged"})

    assert answer.status_code == 200


async def test_what_is_not_signed_by_the_clinics_is_refused_and_has_no_effect(world: World) -> None:
    with capture_logs() as logged:
        forged = await told(world, arrived(), secret="another secret of the tests")
        bare = await world.post("/webhooks/plkk", content=b"{}")
        long = await told(world, b"x" * (WEBHOOK_BYTES_MAX + 1))

    assert (forged.status_code, bare.status_code, long.status_code) == (401, 401, 413)
    assert [line["why"] for line in logged] == ["wrong-signature", "unsigned"]
    assert await rows(world, "SELECT * FROM inbound") == []


async def test_what_cannot_be_stored_is_to_come_again(world: World) -> None:
    async with unwritable(world.settings.database.url):
        refused = await told(world, arrived())
    taken = await told(world, arrived())

    assert (refused.status_code, taken.status_code) == (503, 200)
    assert len(await rows(world, "SELECT * FROM audit")) == 1


async def test_without_a_secret_nobody_is_heard(settings: Settings, tmp_path: Path) -> None:
    alone = settings.model_copy(update={"plkk": settings.plkk.model_copy(update={"secret": SecretStr("")})})
    async with World(alone, tmp_path) as world:
        assert (await told(world, arrived(), secret="")).status_code == 404
