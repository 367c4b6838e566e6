"""Batches beside and behind each other, as they meet after restarts, in new chats and when something breaks."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.flows.asks import Duplicate, Enrol, Enrolled, ReadCard, Standings
from bot.handlers.contract import NotStoredError
from bot.runtime.batch import Batch, UnforeseenError
from bot.runtime.works import Answered, Work
from bot.talk import ask
from bot.talk.awaited import Say
from bot.talk.flow import Flow, House, Next
from db import registry
from db.unit import Unit
from rules.money import Rupiah
from rules.words import Text
from tests.gateway.conftest import worker
from tests.runtime import small_service as small
from tests.runtime.small_service import SmallService, at_once, small_service
from tests.runtime.test_inbound import WHILE_S, WORDS

NIK = "7312025205799901"


async def look() -> Next | None:
    """An errand, a question to the registry, a question to the person."""
    await ReadCard(7)
    await Standings("2026-11-21")
    words = await ask.Text("words", Text("Apa?"))
    await Say(Text("Dengar: {words}.", {"words": words}))
    return None


LOOKING = House((*small.HOUSE.flows, Flow("look", look, Text("Lihat"), ("lihat",))))


async def test_what_is_written_beside_a_result_is_heard_though_its_door_is_not_known_yet(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart a chat may be remembered, through an errand, before its door is."""
    monkeypatch.setattr(small, "HOUSE", LOOKING)
    async with small_service(database) as service:
        chat = (await service.hear("lihat", "m1")).chat
        ((row, conversation, key),) = await service.rows(
            "SELECT id, conversation_id, errand_key FROM outbox WHERE kind = 'errand'"
        )
    async with small_service(database, fresh=False, seed=2) as service:
        service.clock.now += timedelta(minutes=1)
        await service.writer.answered(Answered(row, chat, conversation, key, late=True))

        result = service.writer.answered(Answered(row, chat, conversation, key))
        _, receipt = await at_once(result, service.hear("nasi", "m2"))

        assert receipt.new
        assert (await service.said())[-1] == "Dengar: nasi."


async def test_a_new_chat_is_answered_in_order_though_a_batch_of_it_is_done_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_service(database) as service:
        _break_once(service, monkeypatch, lambda works: len(works) == 2)
        first = asyncio.create_task(service.hear("halo", "m0"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second = asyncio.gather(*(service.hear(words, f"m{words}") for words in WORDS[:2]))
        await first
        await asyncio.gather(second, service.hear(WORDS[2], "m3"))

        assert await service.counted() == list(WORDS[:3])


def _break_once(service: SmallService, monkeypatch: pytest.MonkeyPatch, which: Callable[[list[Work]], bool]) -> None:
    """The connection is lost once, after the work and before the commit."""
    whole, broken = service.writer._transact, list[int]()

    async def transact(batch: Batch, works: list[Work]) -> list[Any]:
        if which(works) and not broken:
            broken.append(1)
            async with service.store.begin() as trips:
                batch.unit.within(trips)
                await batch.do(works)
                raise OSError("the connection is gone")
        return await whole(batch, works)

    monkeypatch.setattr(service.writer, "_transact", transact)


async def test_a_new_chat_in_a_batch_does_not_undo_the_foresight_of_the_others(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with small_service(database) as service:
        await service.hear_all(["halo", "satu"])
        whole, undone = service.writer._transact, list[int]()

        async def transact(batch: Batch, works: list[Work]) -> list[Any]:
            try:
                return await whole(batch, works)
            except UnforeseenError:
                undone.append(len(works))
                raise

        monkeypatch.setattr(service.writer, "_transact", transact)

        await at_once(service.hear("dua", "m2"), service.hear("halo", "b1", "baco"))

        assert undone == []


async def test_a_person_who_was_refused_before_is_enrolled_once_though_two_chats_ask_at_once(
    postgres: Callable[[], str],
) -> None:
    async with small_service(postgres()) as service:
        chats = [(await service.hear("halo", f"{who}0", who)).chat for who in ("hasna", "baco")]
        assert isinstance(await service.writer.run(_enrolling(chats[0], 0.0)), Enrolled)
        await service.writer.run(_refuse)

        both = [service.writer.run(_enrolling(chat, WHILE_S)) for chat in chats]
        first = asyncio.create_task(both[0])
        await asyncio.sleep(WHILE_S / 4)  # in a transaction of its own
        answers = await asyncio.gather(first, both[1])

        assert sorted(type(answer).__name__ for answer in answers) == [Duplicate.__name__, Enrolled.__name__]


def _enrolling(chat: int, seconds: float) -> Callable[[Unit], Awaitable[Any]]:
    wanted = Enrol(worker(), Rupiah(8_400), "self", ())

    async def run(unit: Unit) -> Any:
        (answer,) = await registry.answer_all(unit, [(registry.Asker(chat, 1, lambda one: one.msgid), wanted)])
        await unit.flush()
        await asyncio.sleep(seconds)
        return answer

    return run


async def _refuse(unit: Unit) -> None:
    await unit.fetch(text("UPDATE enrolments SET state = 'refused'"))


async def test_the_outbox_goes_on_when_a_damaged_file_was_put_right(
    sqlite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr("bot.runtime.runner.LOOK_S", 0.01)
    async with small_service(sqlite) as service:
        with monkeypatch.context() as broken:
            broken.setattr("db.on_sqlite._step", damaged)
            service.runner.start()
            await asyncio.sleep(WHILE_S)

        assert service.runner._task is not None and not service.runner._task.done()
        await service.runner.close()


async def test_an_error_of_the_first_statement_holds_no_values_either(database: str) -> None:
    async with small_service(database) as service:

        async def wrong(unit: Unit) -> None:
            await unit.fetch(text("SELECT CAST(:nik AS NUMERIC) FROM nowhere WHERE 'x' = :nik"), nik=NIK)

        (raised,) = await at_once(service.writer.run(wrong))

        assert isinstance(raised, DBAPIError | NotStoredError)
        assert NIK not in str(raised)
