"""What BPJS tells of cover and claims by webhook: written as stated, once, and an older word undoes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from tests.runtime.outage import unwritable
from tests.runtime.test_webhooks import rows, told
from tests.runtime.village import A_WEEK_BEFORE, Village
from tests.world import World

COVER = "SELECT covered_from, protected_until FROM memberships"


@pytest.fixture
async def village(settings: Settings, tmp_path: Path) -> AsyncIterator[Village]:
    async with World(settings, tmp_path) as world:
        yield Village(world)


async def changed(
    village: Village, until: str | None, event_id: str = "cover-1", *, late_s: int = 0, kpj: str = ""
) -> int:
    """BPJS tells that the cover of the only member lasts so long; `late_s`: since when it says so."""
    ((known,),) = await rows(village.world, "SELECT min(kpj) FROM memberships")
    event = {
        "kind": "cover-changed", "event_id": event_id, "kpj": kpj or known, "active": until is not None,
        "covered_from": "2026-11-21" if until else None, "protected_until": until,
        "stated_at": (village.world.clock() - timedelta(seconds=late_s)).isoformat(),
    }  # fmt: skip
    return (await told(village.world, event)).status_code


def claim(state: str, event_id: str, **more: Any) -> dict[str, Any]:
    status = {"status": "claim-status", "reference": "CLM-1", "state": state, "words": "", "missing": []}
    return {
        "kind": "claim-changed", "event_id": event_id,
        "claim": status | {"amount": None, "paid_on": None, "paid_to": ""} | more,
        "stated_at": "2026-11-21T09:00:00+08:00",
    }  # fmt: skip


async def covers(village: Village) -> list[tuple[str, ...]]:
    return [tuple(str(day) for day in row) for row in await rows(village.world, COVER)]


async def test_cover_is_written_as_bpjs_states_it_longer_or_shorter(village: Village) -> None:
    await village.chat("hasna", "HASNA")

    assert await changed(village, "2027-03-31") == 200
    assert await covers(village) == [("2026-11-21", "2027-03-31")]
    assert await changed(village, "2026-12-10", "cover-2") == 200
    assert await covers(village) == [("2026-11-21", "2026-12-10")]
    assert await changed(village, None, "cover-3") == 200
    assert await covers(village) == [("None", "None")]
    assert len(await rows(village.world, "SELECT * FROM audit WHERE action = 'cover'")) == 3


async def test_the_same_word_three_times_at_once_and_later_has_one_effect(village: Village) -> None:
    await village.chat("hasna", "HASNA")

    answers = await asyncio.gather(*(changed(village, "2027-03-31") for _ in range(3)))
    await changed(village, "2027-05-31", "cover-2")
    again = await changed(village, "2027-03-31")

    assert [*answers, again] == [200] * 4
    assert await covers(village) == [("2026-11-21", "2027-05-31")]


async def test_an_older_word_that_comes_late_undoes_nothing(village: Village) -> None:
    await village.chat("hasna", "HASNA")
    village.world.clock.now += timedelta(hours=1)

    await changed(village, "2027-05-31", "cover-2")
    await changed(village, "2027-03-31", "cover-1", late_s=600)

    assert await covers(village) == [("2026-11-21", "2027-05-31")]


async def test_a_reminder_that_waits_is_taken_back_when_the_cover_reaches_further(village: Village) -> None:
    hasna = await village.chat("hasna", "HASNA", "LA BACO")
    rina = await village.chat("rina", "DANIA")
    await village.away()
    assert await village.on(A_WEEK_BEFORE) == 2

    await changed(village, "2027-03-31")

    states = await rows(village.world, "SELECT chat_id, state FROM outbox WHERE kind = 'reminder' ORDER BY id")
    assert sorted(states) == sorted([(hasna, "stale"), (rina, "ready")])
    assert await village.on(A_WEEK_BEFORE) == 1  # of the other member of the same chat
    assert [line for line in await village.heard(hasna) if "La Baco" in line]


async def test_an_unknown_number_waits_for_a_person_once(village: Village) -> None:
    await village.chat("hasna", "HASNA")

    assert await changed(village, "2027-03-31", kpj="00000000001") == 200
    assert await changed(village, "2027-04-30", "cover-2", kpj="00000000001") == 200

    assert await rows(village.world, "SELECT queue, reference FROM oddities") == [("unknown-kpj", "00000000001")]
    assert await covers(village) == [("None", str(date(2026, 12, 31)))]


async def test_a_claim_that_is_not_ours_waits_for_a_person_once(village: Village) -> None:
    taken = {"kind": "claim-accepted", "event_id": "taken-1", "reference": "CLM-1", "number": "K1"}

    answers = [
        await told(village.world, event)
        for event in (taken, claim("verifying", "changed-1"), claim("approved", "changed-2", amount=42_000_000), taken)
    ]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert await rows(village.world, "SELECT queue, reference FROM oddities") == [("claim-unknown", "CLM-1")]
    assert len(await rows(village.world, "SELECT * FROM inbound WHERE channel = 'bpjs'")) == 3


async def test_what_could_not_be_stored_is_asked_for_again(village: Village) -> None:
    cover = {
        "kind": "cover-changed", "event_id": "cover-1", "kpj": "00000000001", "active": True,
        "covered_from": "2026-11-21", "protected_until": "2027-03-31", "stated_at": village.world.clock().isoformat(),
    }  # fmt: skip
    both = (cover, claim("verifying", "changed-1"))

    async with unwritable(village.world.settings.database.url):
        refused = [(await told(village.world, one)).status_code for one in both]
    taken = [(await told(village.world, one)).status_code for one in both]

    assert (refused, taken) == ([503, 503], [200, 200])
    assert len(await rows(village.world, "SELECT * FROM oddities")) == 2
