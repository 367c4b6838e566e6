"""How an account of a channel is sent from: in order in a chat, not too fast, not while it must not, by one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from random import Random

from bot.handlers.contract import Delivered, Slow
from bot.runtime.pace import Pace
from bot.runtime.runner import Runner
from bot.runtime.settling import Outcome
from db import lanes
from db.lanes import LEASE
from db.outbox import Taken
from db.unit import Unit
from tests.runtime.small_service import SmallService, at_once, small_service
from tests.runtime.test_outbox import Performing, pushed

TELEGRAM, WHATSAPP = "telegram:main", "whatsapp:main"
GAP_S = 1.0


def account(service: SmallService, send: Callable[..., object], name: str = "", lane: str = TELEGRAM) -> Runner:
    """Who sends for an account, with a clock of seconds that follows the service's."""

    def seconds() -> float:
        return service.clock.now.timestamp()

    pace = Pace(30, GAP_S, seconds)
    return Runner(service.writer, {lane: send}, service.clock, Random(1), pace=pace, name=name)  # type: ignore[dict-item]


async def work_off(runner: Runner) -> None:
    while await runner.run_due():
        pass


async def test_a_chat_gets_one_message_a_second_and_the_others_are_not_held_up(database: str) -> None:
    send = Performing(Delivered("1"))
    async with small_service(database) as service:
        runner = account(service, send)
        for number, words in enumerate(("halo", "satu", "dua")):
            await pushed(service, words, f"m{number}")
        await pushed(service, "halo", "b0", "baco")

        counts = []
        for _ in range(7):
            await work_off(runner)
            counts.append(len(send.sent))
            service.clock.now += timedelta(seconds=GAP_S / 2)

        assert counts == [2, 2, 3, 3, 4, 4, 4]
        hasna = [words for words in send.sent if words != "Apa?"]
        assert hasna == ["Nomor 1: satu.\nApa?", "Nomor 2: dua.\nApa?"]


async def test_while_a_message_is_under_way_its_chat_gets_no_other(database: str) -> None:
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def send(row: Taken) -> Outcome:
        has_begun.set()
        await may_end.wait()
        return Delivered("1")

    async with small_service(database) as service:
        runner = account(service, send)
        await pushed(service, "halo", "m0")
        await pushed(service, "satu", "m1")
        first = asyncio.create_task(runner.run_due())
        await has_begun.wait()
        service.clock.now += timedelta(seconds=5)

        assert await runner._take([TELEGRAM], 10) == []
        may_end.set()
        await first


async def test_told_to_wait_the_account_waits_also_after_a_restart(database: str) -> None:
    slow, send = Performing(Slow(40)), Performing(Delivered("1"))
    async with small_service(database) as service:
        await pushed(service, "halo", "m0")
        await work_off(account(service, slow))
        await pushed(service, "halo", "b0", "baco")
        await service.hear("halo", "w0", "rahman", channel="whatsapp")
        others = Performing(Delivered("1"))
        await work_off(account(service, others, lane=WHATSAPP))
        await work_off(account(service, send))
    async with small_service(database, fresh=False, seed=2) as service:
        service.clock.now += timedelta(seconds=39)
        runner = account(service, send)
        await work_off(runner)
        too_early = list(send.sent)
        service.clock.now += timedelta(seconds=1)
        await work_off(runner)

        assert (len(slow.sent), len(others.sent), too_early) == (1, 1, [])
        assert send.sent == ["Apa?", "Apa?"]


async def test_of_two_that_were_told_to_wait_the_longer_wait_counts(database: str) -> None:
    async with small_service(database) as service:

        async def stopped(unit: Unit) -> None:
            for seconds in (30, 5):
                lanes.stop(unit, TELEGRAM, unit.now + timedelta(seconds=seconds))

        async def look(unit: Unit) -> bool:
            return await lanes.is_stopped(unit, TELEGRAM)

        await service.writer.run(stopped)
        service.clock.now += timedelta(seconds=20)
        meanwhile = await service.writer.run(look)
        service.clock.now += timedelta(seconds=11)

        assert (meanwhile, await service.writer.run(look)) == (True, False)


async def test_a_wait_does_not_take_the_account_from_who_sends_for_it(database: str) -> None:
    async with small_service(database) as service:

        async def claim(unit: Unit, who: str = "one") -> bool:
            return await lanes.claim(unit, TELEGRAM, who)

        async def stop(unit: Unit) -> None:
            lanes.stop(unit, TELEGRAM, unit.now + timedelta(seconds=1))

        await service.writer.run(claim)
        await service.writer.run(stop)

        assert not await service.writer.run(lambda unit: claim(unit, "other"))
        assert await service.writer.run(claim)


async def test_one_of_two_processes_sends_and_the_other_when_that_is_dead(postgres: Callable[[], str]) -> None:
    url, send, other_sends = postgres(), Performing(Delivered("1")), Performing(Delivered("1"))
    async with small_service(url) as one, small_service(url, fresh=False, seed=2) as other:
        mine, theirs = account(one, send, "one"), account(other, other_sends, "other")
        for number in range(6):
            await pushed(one, "halo", f"m{number}", f"who{number}")
        await mine.run_due()
        await at_once(mine.run_due(), theirs.run_due(), mine.run_due(), theirs.run_due())
        while_alive = len(other_sends.sent)

        await pushed(other, "halo", "late", "late")
        other.clock.now += LEASE - timedelta(seconds=1)
        await theirs.run_due()
        too_early = len(other_sends.sent)
        other.clock.now += timedelta(seconds=2)
        await theirs.run_due()
        one.clock.now = other.clock.now
        await pushed(one, "halo", "later", "later")
        await mine.run_due()

        assert (len(send.sent), while_alive, too_early, len(other_sends.sent)) == (6, 0, 0, 1)


async def test_two_processes_never_send_a_message_twice(postgres: Callable[[], str]) -> None:
    url, send = postgres(), Performing(Delivered("1"))
    async with small_service(url) as one, small_service(url, fresh=False, seed=2) as other:
        runners = [account(one, send, "one"), account(other, send, "other")]
        for number in range(40):
            await pushed(one, "halo", f"m{number}", f"who{number}")
        for _round in range(10):
            await at_once(*(runner.run_due() for runner in runners))
            for service in (one, other):
                service.clock.now += timedelta(seconds=4)

        assert len({row.id for row in send.given}) == len(send.given) == 40
