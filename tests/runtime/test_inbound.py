"""What arrives has effect once, in the order of its chat, and chats don't wait for each other."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from bot.handlers.contract import Arrival, Receipt
from bot.talk.heard import Said
from db.unit import Unit
from tests.runtime.small_service import SmallService, at_once, small_service

CHATS, MESSAGES = 200, 4
WHILE_S = 0.2
"""Long enough for a statement to reach the database."""
WORDS = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan")


def answers(words: tuple[str, ...]) -> list[str]:
    """What the house says to a greeting and these words."""
    return ["Apa?", *(f"Nomor {number}: {each}.\nApa?" for number, each in enumerate(words, 1))]


async def test_a_message_delivered_three_times_at_once_has_one_effect(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m1")

        receipts = await at_once(*(service.hear("nasi", "m2") for _ in range(3)))

        assert sorted(receipt.new for receipt in receipts) == [False, False, True]
        assert len({receipt.chat for receipt in receipts}) == 1
        assert await service.said() == answers(("nasi",))
        assert await service.rows("SELECT count(*) FROM inbound") == [(2,)]


async def test_the_same_message_months_later_is_still_a_repeat(database: str) -> None:
    async with small_service(database) as service:
        await service.hear_all(["halo", "nasi"])
    async with small_service(database, fresh=False) as service:
        service.clock.now = service.clock.now.replace(year=2028)

        receipt = await service.hear("nasi", "hasna-1")

        assert not receipt.new
        assert await service.said() == answers(("nasi",))


async def test_the_same_words_a_moment_later_are_another_message(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m1")

        receipts = await at_once(service.hear("nasi", "m2"), service.hear("nasi", "m3"))

        assert [receipt.new for receipt in receipts] == [True, True]
        assert await service.counted() == ["nasi", "nasi"]


async def test_a_repeat_beside_what_is_new_harms_neither(database: str) -> None:
    async with small_service(database) as service:
        await service.hear_all(["halo", "satu"])

        receipts = await at_once(
            service.hear("satu", "hasna-1"), service.hear("dua", "m2"), service.hear("halo", "b1", "baco")
        )

        assert [receipt.new for receipt in receipts] == [False, True, True]
        assert await service.said() == answers(("satu", "dua"))
        assert await service.said("baco") == answers(())


@pytest.mark.parametrize("elsewhere", [{"account": "second"}, {"channel": "telegram"}])
async def test_the_same_id_in_another_account_is_another_message(database: str, elsewhere: dict[str, str]) -> None:
    async with small_service(database) as service:
        first, second = await at_once(service.hear("halo", "m1"), service.hear("halo", "m1", **elsewhere))

        assert first.new
        assert second.new
        assert first.chat != second.chat


async def test_the_same_id_from_another_person_of_the_account_is_the_same_message(database: str) -> None:
    """An account's ids are its own; who hands in the same one twice repeats himself."""
    async with small_service(database) as service:
        await service.hear("halo", "m1", "hasna")

        assert not (await service.hear("halo", "m1", "baco")).new


async def test_two_hundred_chats_at_once_are_each_answered_in_order(database: str) -> None:
    async with small_service(database) as service:
        people = [f"orang{number}" for number in range(CHATS)]
        lines = itertools.product(("halo", *WORDS[: MESSAGES - 1]), people)  # everybody's first, everybody's second, …

        receipts = await at_once(*(service.hear(words, f"{who} {words}", who) for words, who in lines))

        assert all(receipt.new for receipt in receipts)
        for who in people:
            assert await service.counted(who) == list(WORDS[: MESSAGES - 1])


async def test_a_chat_that_sends_quickly_is_answered_in_the_order_of_arrival(database: str) -> None:
    async with small_service(database) as service:
        await at_once(*(service.hear(words, f"m{words}") for words in ("halo", *WORDS)))

        assert await service.counted() == list(WORDS)
        assert (await service.said())[-1].endswith("\nApa?")


async def test_what_arrives_together_is_answered_once_to_the_last_open_question(database: str) -> None:
    async with small_service(database, started=False) as service:
        heard = asyncio.gather(*(service.hear(words, f"m{words}") for words in ("halo", *WORDS)))
        await asyncio.sleep(0)
        service.writer.start()
        await heard

        numbered = "\n".join(f"Nomor {number}: {words}." for number, words in enumerate(WORDS, 1))
        assert await service.said() == [f"{numbered}\nApa?"]


async def test_a_new_chat_opened_twice_at_once_is_one_chat(database: str) -> None:
    async with small_service(database) as service:
        first, second = await at_once(service.hear("halo", "m1"), service.hear("nasi", "m2"))

        assert first.chat == second.chat
        assert await service.rows("SELECT count(*) FROM chats") == [(1,)]


async def test_two_processes_on_one_database_give_each_message_one_effect(postgres: Callable[[], str]) -> None:
    """Both are handed everything; each chat is locked by whoever speaks in it."""
    url = postgres()
    people = [f"orang{number}" for number in range(20)]
    async with small_service(url) as one, small_service(url, fresh=False, seed=2) as other:
        for number, words in enumerate(("halo", *WORDS)):
            one.clock.now = other.clock.now = one.clock.now + timedelta(seconds=1)  # ids of two sort by time only
            here, there = await _both(one, other, words, people)

            assert [mine.new + yours.new for mine, yours in zip(here, there, strict=True)] == [1] * len(people), number
        for who in people:
            assert await one.said(who) == answers(WORDS)


async def test_two_processes_that_speak_in_one_chat_lose_no_step(postgres: Callable[[], str]) -> None:
    """Who has to wait for the chat sees what was left by whoever held it."""
    url, go_on = postgres(), asyncio.Event()

    async def hold(unit: Unit) -> None:
        await unit.flush()
        await go_on.wait()

    async with small_service(url) as one, small_service(url, fresh=False, seed=2) as other:
        await one.hear("halo", "m0")
        await other.hear("satu", "m1")
        await one.hear("dua", "m2")
        held = asyncio.gather(one.hear("tiga", "m3"), one.writer.run(hold))  # one transaction
        waits = asyncio.create_task(other.hear("empat", "m4"))
        await asyncio.sleep(WHILE_S)
        assert not waits.done()
        go_on.set()
        await asyncio.gather(held, waits)

        assert sorted(await one.said()) == sorted(answers(WORDS[:4]))


async def _both(
    one: SmallService, other: SmallService, words: str, people: list[str]
) -> tuple[list[Receipt], list[Receipt]]:
    def hear(service: SmallService, who: str) -> Coroutine[Any, Any, Receipt]:
        return service.writer.arrive(Arrival("web", "main", who, f"{who} {words}", Said(words)))

    receipts = await at_once(*(hear(service, who) for service in (one, other) for who in people))
    return receipts[: len(people)], receipts[len(people) :]
