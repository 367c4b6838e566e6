"""Errands that start right after the commit that asked for them, without being fetched from the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.flows.asks import ReadCard
from bot.runtime import runner
from bot.runtime.settling import Outcome
from db.outbox import Taken
from tests.runtime import small_service as small
from tests.runtime.small_service import SmallService, small_service
from tests.runtime.test_outbox import HASNA, Performing, release_all, states


@asynccontextmanager
async def running(service: SmallService) -> AsyncIterator[None]:
    """Its runner at work, and nothing old to do."""
    service.runner.start()
    assert await service.runner.run_due() == 0
    try:
        yield
    finally:
        await service.runner.close()


class Slow:
    """A performer that answers when `answer` is set; `given` is what it was given."""

    def __init__(self) -> None:
        self.answer, self.given = asyncio.Event(), asyncio.Queue[Taken]()

    async def __call__(self, row: Taken) -> Outcome:
        self.given.put_nowait(row)
        await self.answer.wait()
        return HASNA


async def test_an_errand_is_written_as_taken_and_starts_right_after_the_commit(database: str) -> None:
    read = Slow()
    async with small_service(database, {"ReadCard": read}) as service, running(service):
        receipt = await service.hear("baca", "m1")

        ((number, conversation, *how),) = await service.rows(
            "SELECT id, conversation_id, state, tries, taken_until > due_at FROM outbox"
        )
        given = await read.given.get()
        assert how == ["taken", 1, True]
        assert given == Taken(
            number, "ReadCard", receipt.chat, conversation, given.key, 1, None, service.clock.now, ReadCard(small.PHOTO)
        )


async def test_with_its_hands_full_a_process_leaves_an_errand_to_whoever_takes_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "AT_ONCE_MAX", 1)
    read = Slow()
    async with small_service(database, {"ReadCard": read}) as service, running(service):
        await service.hear("baca", "m1", "hasna")
        await service.hear("baca", "m2", "baco")
        before = await states(service)
        read.answer.set()
        await read.given.get()
        await read.given.get()

        assert before == ["taken", "ready"]


async def test_who_waits_longer_is_not_passed_by(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More is due than can be done at once: what is new stands in line."""
    monkeypatch.setattr(runner, "AT_ONCE_MAX", 1)
    read = Slow()
    async with small_service(database, {"ReadCard": read}) as service:
        for number in range(3):
            await service.hear("baca", f"m{number}", f"who{number}")
        service.runner.start()
        given = [(await read.given.get()).id]
        await service.hear("baca", "m3", "who3")
        late = (await states(service))[-1]
        read.answer.set()
        given += [(await read.given.get()).id for _other in range(3)]
        await service.runner.close()

        assert late == "ready"
        assert given == sorted(given)


async def test_an_errand_of_a_process_that_died_at_it_is_done_again(database: str) -> None:
    async with small_service(database, {"ReadCard": Slow()}) as service, running(service):
        await service.hear("baca", "m1")
    async with small_service(database, {"ReadCard": Performing(HASNA)}, fresh=False, seed=2) as service:
        await service.writer.run(release_all)
        await service.work_off()

        assert await service.said() == ["Nama: HASNA."]
