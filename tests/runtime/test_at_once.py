"""Errands that start right after the commit that asked for them, without being fetched from the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.flows.asks import ReadCard
from bot.runtime import runner
from bot.runtime.runner import Done, Outcome
from db.outbox import Taken
from tests.runtime import small_service as small
from tests.runtime.small_service import SmallService, at_once, small_service
from tests.runtime.test_outbox import HASNA, LANE, Performing, pushed, release_all, states, taken

WHILE_S = 5.0
"""Long enough for anything that isn't stuck."""


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


async def test_who_found_no_hand_free_is_not_passed_by(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hands were filled by errands that start at once; then one waits, while new ones keep coming."""
    monkeypatch.setattr(runner, "AT_ONCE_MAX", 1)
    monkeypatch.setattr(runner, "LOOK_S", 60.0)
    began: asyncio.Queue[tuple[int, asyncio.Event]] = asyncio.Queue()

    async def read(row: Taken) -> Outcome:
        answer = asyncio.Event()
        began.put_nowait((row.chat, answer))
        await answer.wait()
        return HASNA

    async with small_service(database, {"ReadCard": read}) as service, running(service):
        await service.hear("baca", "m1", "hasna")
        waits = (await service.hear("baca", "m2", "baco")).chat
        _hasna, answer = await began.get()
        answer.set()
        await service.hear("baca", "m3", "besse")

        async with asyncio.timeout(WHILE_S):
            assert (await began.get())[0] == waits


async def test_a_crowd_does_not_start_all_at_once(database: str) -> None:
    """As many as there are hands for each transaction that may be side by side; the others wait for a free one."""
    read = Slow()
    async with small_service(database, {"ReadCard": read}) as service, running(service):
        await at_once(*(service.hear("baca", f"m{number}", f"who{number}") for number in range(300)))

        assert 0 < read.given.qsize() <= runner.AT_ONCE_MAX * service.store.side_by_side


async def test_what_is_taken_while_it_closes_is_given_back(database: str) -> None:
    send = Performing(Done())
    async with small_service(database, {LANE: send}) as service:
        await pushed(service, "halo", "m1")
        (row,) = await taken(service, LANE)
        await service.runner.close()
        service.runner._begin([row])
        await service.runner.close()

        assert await states(service) == ["ready"]


async def test_an_errand_of_a_process_that_died_at_it_is_done_again(database: str) -> None:
    async with small_service(database, {"ReadCard": Slow()}) as service, running(service):
        await service.hear("baca", "m1")
    async with small_service(database, {"ReadCard": Performing(HASNA)}, fresh=False, seed=2) as service:
        await service.writer.run(release_all)
        await service.work_off()

        assert await service.said() == ["Nama: HASNA."]
