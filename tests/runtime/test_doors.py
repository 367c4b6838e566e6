"""One person has one chat, whatever the channel calls them: by an id, by the number behind it, by both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import permutations

import pytest

from bot.handlers.contract import Arrival
from bot.talk.heard import Said
from tests.runtime.small_service import SmallService, at_once, small_service

ID, OTHER_ID = "ID.13491208655302741918", "ID.13491208655302741919"
NUMBER, OTHER_NUMBER = "628110000001", "628110000002"
BY_NUMBER = (NUMBER, ())
BY_ID = (ID, ())
BY_BOTH = (ID, (NUMBER,))
EVERY = list(permutations((BY_NUMBER, BY_ID, BY_BOTH)))
ORDERS = [names for names in EVERY if names.index(BY_BOTH) < 2]
"""Those in which it is told that both are one person's before each has been used alone."""
Name = tuple[str, tuple[str, ...]]


@pytest.fixture
async def service(database: str) -> AsyncIterator[SmallService]:
    async with small_service(database) as made:
        yield made


def come(service: SmallService, *names: Name) -> list[Arrival]:
    """What arrives from them: words that count them."""
    count = service.desk.ids.next()
    return [
        Arrival("whatsapp", "main", address, f"{count} {number}", Said(f"kata{number}"), aliases=aliases)
        for number, (address, aliases) in enumerate(names)
    ]


async def one_by_one(service: SmallService, *names: Name) -> list[int]:
    """The chat of each, one after another."""
    return [(await service.writer.arrive(each)).chat for each in come(service, *names)]


async def together(service: SmallService, *names: Name) -> list[int]:
    """The chat of each, in one batch."""
    receipts = await at_once(*(service.writer.arrive(each) for each in come(service, *names)))
    return [receipt.chat for receipt in receipts]


async def chats(service: SmallService) -> list[tuple[str, str | None]]:
    return [tuple(row) for row in await service.rows("SELECT address, alias FROM chats ORDER BY id")]


@pytest.mark.parametrize("names", [(BY_NUMBER, BY_BOTH), (BY_BOTH, BY_NUMBER), (BY_BOTH, BY_BOTH), *EVERY])
async def test_in_one_batch_a_person_has_one_chat(service: SmallService, names: tuple[Name, ...]) -> None:
    found = await together(service, *names)

    assert len(set(found)) == 1
    assert await chats(service) == [(ID, NUMBER)]
    assert await service.rows("SELECT count(DISTINCT chat_id) FROM inbound") == [(1,)]


@pytest.mark.parametrize("names", [(BY_NUMBER, BY_BOTH), (BY_BOTH, BY_NUMBER), *ORDERS])
async def test_over_several_batches_too(service: SmallService, names: tuple[Name, ...]) -> None:
    found = await one_by_one(service, *names, *names)

    assert len(set(found)) == 1
    assert await chats(service) == [(ID, NUMBER)]


@pytest.mark.parametrize("names", ORDERS)
async def test_over_a_restart_too(database: str, names: tuple[Name, ...]) -> None:
    found: list[int] = []
    for seed, name in enumerate((*names, *names)):
        async with small_service(database, fresh=seed == 0, seed=seed) as service:
            found += await one_by_one(service, name)

    assert len(set(found)) == 1


async def test_all_that_one_person_says_is_heard_in_one_conversation_and_in_order(service: SmallService) -> None:
    await together(service, BY_NUMBER, BY_BOTH, BY_NUMBER, BY_BOTH)

    assert await service.counted(ID, channel="whatsapp") == ["kata1", "kata2", "kata3"]


async def test_a_number_that_went_to_somebody_else_leads_to_them(service: SmallService) -> None:
    """What the one before said is not the other's to see."""
    (before,) = await one_by_one(service, BY_BOTH)
    (after,) = await one_by_one(service, (OTHER_ID, (NUMBER,)))
    by_number, by_id = await one_by_one(service, BY_NUMBER, BY_ID)

    assert before != after
    assert (by_number, by_id) == (after, before)
    assert await chats(service) == [(ID, None), (OTHER_ID, NUMBER)]


async def test_two_people_who_come_with_one_number_at_once_stay_two(service: SmallService) -> None:
    first, second, by_number = await together(service, BY_BOTH, (OTHER_ID, (NUMBER,)), BY_NUMBER)

    assert first != second
    assert by_number == second
    assert await chats(service) == [(ID, None), (OTHER_ID, NUMBER)]


async def test_who_has_a_new_number_is_found_by_it(service: SmallService) -> None:
    (before,) = await one_by_one(service, BY_BOTH)
    found = await one_by_one(service, (ID, (OTHER_NUMBER,)), (OTHER_NUMBER, ()))
    (somebody,) = await one_by_one(service, BY_NUMBER)

    assert found == [before, before]
    assert somebody != before


async def test_of_two_chats_that_nothing_joined_in_time_the_number_leads_to_the_id_from_then_on(
    service: SmallService,
) -> None:
    by_id, by_number = await one_by_one(service, BY_ID, BY_NUMBER)
    later = await one_by_one(service, BY_BOTH, BY_NUMBER)
    same = await together(service, BY_NUMBER, BY_BOTH)

    assert by_id != by_number
    assert {*later, *same} == {by_id}


async def test_the_same_address_of_another_account_is_another_chat(service: SmallService) -> None:
    first, *others = come(service, BY_BOTH, BY_NUMBER)
    (another,) = others
    other_account = Arrival("whatsapp", "other", another.address, another.message_id, another.heard)

    assert (await service.writer.arrive(first)).chat != (await service.writer.arrive(other_account)).chat
