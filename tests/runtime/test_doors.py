"""One person has one chat, whatever the channel calls them: by an id, by the number behind it, by both. And nobody
comes into another's chat by a number that was theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import permutations

import pytest

from bot.handlers.contract import Arrival
from bot.talk.heard import Said
from db import talks
from db.tables import chat_people, people
from db.unit import Unit
from tests.runtime.small_service import SmallService, at_once, small_service

ID, OTHER_ID = "ID.13491208655302741918", "ID.13491208655302741919"
NUMBER, OTHER_NUMBER = "628110000001", "628110000002"
Name = tuple[str, tuple[str, ...]]
BY_NUMBER: Name = (NUMBER, (NUMBER,))
BY_ID: Name = (ID, ())
BY_BOTH: Name = (ID, (NUMBER,))
OTHER_BY_BOTH: Name = (OTHER_ID, (NUMBER,))


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


async def addresses(service: SmallService) -> list[str]:
    return [row[0] for row in await service.rows("SELECT address FROM chats WHERE gone_at IS NULL ORDER BY id")]


@pytest.mark.parametrize("names", [(BY_NUMBER, BY_BOTH), (BY_BOTH, BY_NUMBER), (BY_BOTH, BY_BOTH),
                                   *permutations((BY_NUMBER, BY_ID, BY_BOTH))])  # fmt: skip
async def test_in_one_batch_a_person_has_one_chat(service: SmallService, names: tuple[Name, ...]) -> None:
    found = await together(service, *names)

    assert len(set(found)) == 1
    assert await addresses(service) == [ID]
    assert await service.rows("SELECT count(DISTINCT chat_id) FROM inbound") == [(1,)]


@pytest.mark.parametrize("names", [(BY_NUMBER, BY_BOTH), (BY_NUMBER, BY_BOTH, BY_ID), (BY_BOTH, BY_ID, BY_BOTH)])
async def test_who_began_with_a_number_goes_on_with_the_id(service: SmallService, names: tuple[Name, ...]) -> None:
    found = await one_by_one(service, *names, *names[1:])

    assert len(set(found)) == 1
    assert await addresses(service) == [ID]


async def test_over_a_restart_too(database: str) -> None:
    found: list[int] = []
    for seed, name in enumerate((BY_NUMBER, BY_BOTH, BY_ID)):
        async with small_service(database, fresh=seed == 0, seed=seed) as service:
            found += await one_by_one(service, name)

    assert len(set(found)) == 1


async def test_all_that_one_person_says_is_heard_in_one_conversation_and_in_order(service: SmallService) -> None:
    await together(service, BY_NUMBER, BY_BOTH, BY_NUMBER, BY_BOTH)

    assert await service.counted(ID, channel="whatsapp") == ["kata1", "kata2", "kata3"]


async def test_who_can_be_reached_again_by_the_id_is_not_taken_for_gone(service: SmallService) -> None:
    (chat,) = await one_by_one(service, BY_NUMBER)

    async def lose(unit: Unit) -> None:
        talks.set_gone(unit, chat, gone=True)

    await service.writer.run(lose)
    await one_by_one(service, BY_BOTH)

    assert await addresses(service) == [ID]


async def test_the_number_alone_is_nobodys_door_once_its_chat_has_an_id(service: SmallService) -> None:
    begun, hers, alone, again = await one_by_one(service, BY_NUMBER, BY_BOTH, BY_NUMBER, BY_BOTH)

    assert begun == hers == again
    assert alone != hers


async def test_a_number_that_went_to_somebody_else_leads_them_into_no_chat_of_before(service: SmallService) -> None:
    before = await one_by_one(service, BY_NUMBER, BY_BOTH)
    after = await one_by_one(service, OTHER_BY_BOTH, BY_NUMBER)
    again = await one_by_one(service, BY_BOTH, OTHER_BY_BOTH)

    assert set(before).isdisjoint(after)
    assert again == [before[0], after[0]]


async def test_what_was_begun_under_the_number_goes_to_who_has_it_and_to_nobody_later(service: SmallService) -> None:
    """She wrote by her number, then by an id that nothing joined to it, then by both."""
    begun, hers, both = await one_by_one(service, BY_NUMBER, BY_ID, BY_BOTH)
    await one_by_one(service, (ID, (OTHER_NUMBER,)))

    strangers = await one_by_one(service, OTHER_BY_BOTH, BY_NUMBER)

    assert begun != hers == both
    assert {begun, hers}.isdisjoint(strangers)


async def test_the_people_of_a_chat_that_is_given_up_go_along(service: SmallService) -> None:
    begun, hers = await one_by_one(service, BY_NUMBER, BY_ID)

    async def speak_for_hasna(unit: Unit) -> None:
        unit.add(
            people, id=1, nik_index="1", nik=b"", name="HASNA", birth_place="SOPPENG", birth_date=unit.now.date(),
            sex="female", address="DUSUN LAPPA", village_code="73.12.02.2005", phone=None, created_at=unit.now,
        )  # fmt: skip
        unit.add(chat_people, chat_id=begun, person_id=1, role="self", since=unit.now)

    await service.writer.run(speak_for_hasna)
    await one_by_one(service, BY_BOTH)

    assert await service.rows("SELECT chat_id, person_id, role FROM chat_people") == [(hers, 1, "self")]


async def test_of_two_who_come_with_one_number_at_once_the_first_has_its_chat(service: SmallService) -> None:
    (begun,) = await one_by_one(service, BY_NUMBER)
    first, second = await together(service, BY_BOTH, OTHER_BY_BOTH)

    assert first == begun != second


async def test_another_process_knows_at_once(database: str) -> None:
    async with small_service(database) as one, small_service(database, fresh=False, seed=2) as two:
        (begun,) = await one_by_one(one, BY_NUMBER)
        (hers,) = await one_by_one(two, BY_BOTH)
        (stranger,) = await one_by_one(one, BY_NUMBER)

    assert begun == hers != stranger


async def test_no_message_is_lost_when_a_number_changes_hands_in_one_batch(service: SmallService) -> None:
    await one_by_one(service, BY_NUMBER, BY_BOTH)

    await together(service, (ID, (OTHER_NUMBER,)), BY_NUMBER, OTHER_BY_BOTH, BY_NUMBER)

    assert await service.rows("SELECT count(*) FROM inbound WHERE channel = 'whatsapp'") == [(6,)]


@pytest.mark.parametrize("names", [[("X", ("X",))], [("X", ("Y",)), ("Y", ("X",))]])
async def test_a_channel_may_call_anybody_by_any_alias(service: SmallService, names: list[Name]) -> None:
    found = await together(service, *names)

    assert len(set(found)) == len(names)


async def test_an_answer_on_our_page_is_heard_in_the_chat_of_its_link(service: SmallService) -> None:
    (of_link,) = await one_by_one(service, BY_NUMBER)
    by_page = Arrival("whatsapp", "main", NUMBER, "link.1.a", Said("halo"), by_page=True)

    assert (await service.writer.arrive(by_page)).chat == of_link


async def test_people_whose_numbers_change_hands_in_two_processes_wait_for_nobody(database: str) -> None:
    """Each is begun by number in one process, and comes with an id in both at once, in opposite orders."""
    names: list[Name] = [(f"ID.10000000000000000{n:02}", (f"6281100000{n:02}",)) for n in range(20)]
    async with small_service(database) as one, small_service(database, fresh=False, seed=2) as two:
        begun = await one_by_one(one, *((number, (number,)) for _id, (number,) in names))
        receipts = await at_once(
            *(one.writer.arrive(each) for each in come(one, *names)),
            *(two.writer.arrive(each) for each in come(two, *reversed(names))),
        )

    found = [receipt.chat for receipt in receipts]
    assert found == [*begun, *reversed(begun)]


async def test_what_is_sent_right_after_one_another_is_heard_in_order(service: SmallService) -> None:
    """The number alone and the id with it, in batches that might go on side by side."""
    begun, *_more = await one_by_one(service, BY_NUMBER)
    by_number, by_both = come(service, BY_NUMBER, BY_BOTH)
    first = asyncio.create_task(service.writer.arrive(by_number))
    for _tick in range(3):
        await asyncio.sleep(0)
    second = asyncio.create_task(service.writer.arrive(by_both))

    assert [(await first).chat, (await second).chat] == [begun, begun]
    assert await service.counted(ID, channel="whatsapp") == ["kata0", "kata1"]


async def test_the_same_address_of_another_account_is_another_chat(service: SmallService) -> None:
    first, *others = come(service, BY_BOTH, BY_NUMBER)
    (another,) = others
    other_account = Arrival("whatsapp", "other", another.address, another.message_id, another.heard)

    assert (await service.writer.arrive(first)).chat != (await service.writer.arrive(other_account)).chat
