"""What a channel says of our messages and of people is stored, whatever the order in which it comes."""

from __future__ import annotations

from itertools import permutations
from typing import Literal

import pytest

from bot.handlers.contract import Fate, Presence
from bot.runtime.told import Told
from bot.talk.message import Message
from db import outbox
from db.unit import Unit
from tests.runtime.held import CHANNEL, LANE, Chatting, chatting

State = Literal["sent", "delivered", "read", "failed"]


async def sent_as(chat: Chatting) -> str:
    """One message that was sent; what the channel calls it."""
    await chat.arrive("halo", "m0")
    await chat.send()
    ((ref,),) = await chat.service.rows("SELECT sent_as FROM outbox")
    return str(ref)


async def fate(chat: Chatting) -> str | None:
    ((found,),) = await chat.service.rows("SELECT fate FROM outbox")
    return found  # type: ignore[no-any-return]


def told(chat: Chatting) -> Told:
    return Told(chat.service.writer, chat.clock.sleep)


@pytest.mark.parametrize("states", list(permutations(("sent", "delivered", "read"))), ids=str)
async def test_the_most_that_is_known_of_a_message_is_kept(database: str, states: tuple[State, ...]) -> None:
    async with chatting(database) as chat:
        ref = await sent_as(chat)
        for state in states:
            await told(chat).became(CHANNEL, [Fate(ref, state)])

        assert await fate(chat) == "read"


@pytest.mark.parametrize("states", [("failed", "sent"), ("sent", "failed"), ("failed", "failed", "delivered")])
async def test_a_message_that_failed_stays_failed_with_its_reason(database: str, states: tuple[State, ...]) -> None:
    async with chatting(database) as chat:
        ref = await sent_as(chat)
        for state in states:
            await told(chat).became(CHANNEL, [Fate(ref, state, "131047" if state == "failed" else "")])

        assert await chat.service.rows("SELECT fate, last_error FROM outbox") == [("failed", "131047")]


async def test_all_states_in_one_body_are_stored(database: str) -> None:
    async with chatting(database) as chat:
        ref = await sent_as(chat)
        await told(chat).became(CHANNEL, [Fate(ref, "read"), Fate(ref, "sent"), Fate(ref, "delivered")])

        assert await fate(chat) == "read"


async def test_a_word_that_comes_before_we_know_what_the_message_is_called_is_not_lost(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        ((row,),) = await chat.service.rows("SELECT id FROM outbox")

        async def meanwhile(_seconds: float) -> None:
            await chat.send()

        await Told(chat.service.writer, meanwhile).became(CHANNEL, [Fate(f"ref-{row}", "delivered")])

        assert await fate(chat) == "delivered"


async def test_a_word_on_a_message_that_is_not_ours_is_forgotten(database: str) -> None:
    async with chatting(database) as chat:
        await sent_as(chat)
        await told(chat).became(CHANNEL, [Fate("somebody else's", "failed", gone=True)])

        assert await fate(chat) is None
        assert await chat.service.rows("SELECT id FROM chats WHERE gone_at IS NOT NULL") == []


async def test_who_can_not_be_reached_any_more_is_gone_until_they_write(database: str) -> None:
    async with chatting(database) as chat:
        ref = await sent_as(chat)
        await told(chat).became(CHANNEL, [Fate(ref, "failed", "131050", gone=True)])
        gone = await chat.service.rows("SELECT id FROM chats WHERE gone_at IS NOT NULL")
        await chat.arrive("lagi", "m1")

        assert len(gone) == 1
        assert await chat.service.rows("SELECT id FROM chats WHERE gone_at IS NOT NULL") == []


@pytest.mark.parametrize(("last", "gone"), [(True, 1), (False, 0)])
async def test_of_several_words_on_a_person_the_last_counts(database: str, last: bool, gone: int) -> None:
    async with chatting(database) as chat:
        await sent_as(chat)
        words = [Presence("hasna", True), Presence("hasna", False), Presence("hasna", last)]
        await told(chat).presence(CHANNEL, words)

        assert len(await chat.service.rows("SELECT id FROM chats WHERE gone_at IS NOT NULL")) == gone


async def test_a_person_whom_we_do_not_know_may_leave(database: str) -> None:
    async with chatting(database) as chat:
        await told(chat).presence(CHANNEL, [Presence("nobody", True)])

        assert await chat.service.rows("SELECT id FROM chats") == []


async def test_a_message_may_become_something_while_the_next_is_written(database: str) -> None:
    async with chatting(database) as chat:
        ref = await sent_as(chat)
        number = await chat.chat()

        async def both(unit: Unit) -> None:
            outbox.say(unit, number, LANE, Message("Satu lagi."), pulled=False)
            await outbox.became(unit, ref, "delivered")

        await chat.service.writer.run(both)

        assert {row.fate for row in await chat.service.rows("SELECT fate FROM outbox")} == {"delivered", None}
