"""What is looked at again and again goes on, whatever goes wrong in one round."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from bot.handlers.contract import NotStoredError
from bot.runtime.rounds import Rounds


class Looks:
    """Fails as it is told, then works. `done` once it has."""

    def __init__(self, *failures: Exception) -> None:
        self._failures, self.done = list(failures), asyncio.Event()

    async def __call__(self) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.done.set()


async def test_a_round_that_fails_is_told_and_the_next_one_comes() -> None:
    looks = Looks(ZeroDivisionError("of 7312025205799901"), NotStoredError("the writer has told it"))
    rounds = Rounds("promises", looks, 0.001)

    with capture_logs() as logged:
        rounds.start()
        await asyncio.wait_for(looks.done.wait(), 5)
        await rounds.close()

    assert logged == [{
        "event": "round-failed", "round": "promises", "why": "ZeroDivisionError", "log_level": "error"
    }]  # fmt: skip


async def test_the_first_round_may_wait() -> None:
    looks = Looks()
    rounds = Rounds("watch", looks, 60, at_once=False)

    rounds.start()
    await asyncio.sleep(0.01)
    await rounds.close()

    assert not looks.done.is_set()


async def test_one_that_never_began_is_closed_too() -> None:
    await Rounds("watch", Looks(), 60).close()
