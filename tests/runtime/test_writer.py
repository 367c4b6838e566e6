"""One writer: one commit for what is queued, and one poisonous message harms only itself."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.handlers.contract import Arrival, NotStoredError, Receipt
from bot.runtime.batch import SORRY
from bot.talk.heard import Said
from db.unit import Unit
from tests.runtime.outage import unwritable
from tests.runtime.small_service import POISON, SmallService, at_once, small_service

AT_ONCE = 50
BATCH = 20
BAD_PLACE = 7
LONG = "panjang " * 12


async def greeted(service: SmallService, count: int) -> list[str]:
    """So many people, each with an open question."""
    people = [f"orang{number}" for number in range(count)]
    await at_once(*(service.hear("halo", f"{who}-0", who) for who in people))
    return people


async def test_what_is_queued_shares_commits(database: str) -> None:
    async with small_service(database) as service:
        commits: list[Unit] = []
        service.writer.on_commit.append(commits.append)

        receipts = await at_once(*(service.hear("halo", f"m{number}", f"orang{number}") for number in range(AT_ONCE)))

        assert [receipt.new for receipt in receipts] == [True] * AT_ONCE
        assert len(commits) < AT_ONCE / 5


async def test_batches_have_a_limit(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.writer.BATCH_MAX", 8)
    async with small_service(database) as service:
        sizes: list[int] = []
        service.writer.on_batch = sizes.append

        await greeted(service, AT_ONCE)

        assert sum(sizes) == AT_ONCE
        assert max(sizes) == 8


async def test_closing_writes_what_is_queued(database: str) -> None:
    async with small_service(database) as service:
        _receipt, _closed = await at_once(service.hear("halo", "m1"), service.writer.close())

        assert await service.said() == ["Apa?"]


async def test_a_poisonous_message_harms_only_itself(database: str) -> None:
    async with small_service(database) as service:
        people = await greeted(service, BATCH)
        bad = people[BAD_PLACE]

        with capture_logs() as logged:
            receipts = await at_once(
                *(service.hear(POISON if who == bad else "nasi", f"{who}-1", who) for who in people)
            )

        assert [receipt.new for receipt in receipts] == [True] * BATCH
        for who in set(people) - {bad}:
            assert (await service.said(who))[1:] == ["Nomor 1: nasi.\nApa?"]
        assert (await service.said(bad))[1:] == [SORRY.msgid]
        parked = await service.rows("SELECT message_id, parked FROM inbound WHERE parked IS NOT NULL")
        assert [row.message_id for row in parked] == [f"{bad}-1"]
        assert parked[0].parked.startswith("RuntimeError at small_service.py:")
        assert [line["event"] for line in logged] == ["parked"]
        assert "7312" not in str(logged) + str(parked)


async def test_a_parked_message_is_not_tried_again_and_its_conversation_goes_on(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m1")
        await service.hear(POISON, "m2")

        again = await service.hear(POISON, "m2")
        await service.hear("nasi", "m3")

        assert not again.new
        assert await service.said() == ["Apa?", SORRY.msgid, "Nomor 1: nasi.\nApa?"]


async def test_what_came_before_and_after_a_poisonous_message_in_its_chat_is_answered(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m0")

        await at_once(*(service.hear(words, f"m{words}") for words in ("satu", POISON, "dua")))

        assert await service.said() == ["Apa?", "Nomor 1: satu.\nApa?", SORRY.msgid, "Nomor 2: dua.\nApa?"]


async def test_what_cannot_even_be_parked_does_not_stop_the_writer(database: str) -> None:
    """Half a letter (a lone surrogate) can't be written at all. No channel lets it in; should one, this holds."""
    async with small_service(database) as service:
        await service.hear("halo", "m1")

        refused, receipt = await at_once(service.hear("\ud800", "m2"), service.hear("nasi", "m3"))

        assert isinstance(refused, NotStoredError)
        assert receipt.new
        assert await service.said() == ["Apa?", "Nomor 1: nasi.\nApa?"]


async def test_a_job_that_raises_tells_its_own_caller_only(database: str) -> None:
    async def broken(unit: Unit) -> None:
        raise KeyError("ours")

    async with small_service(database) as service:
        receipt, raised = await at_once(service.hear("halo", "m1"), service.writer.run(broken))

        assert receipt.new
        assert isinstance(raised, KeyError)


async def test_a_job_is_all_or_nothing(database: str) -> None:
    async def half_done(unit: Unit) -> None:
        await unit.fetch(text("UPDATE chats SET language = 'en'"))
        raise KeyError("ours")

    async with small_service(database) as service:
        await service.hear("halo", "m1")

        await at_once(service.writer.run(half_done))

        assert await service.rows("SELECT language FROM chats") == [("id",)]


async def test_a_database_that_cannot_be_written_stores_nothing_and_says_so(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m1")
        async with unwritable(database):
            with capture_logs() as logged:
                refused = await at_once(*(service.hear(words, f"m{words}") for words in ("satu", "dua")))

        receipt = await service.hear("satu", "msatu")

        assert [type(one) for one in refused] == [NotStoredError, NotStoredError]
        assert {line["event"] for line in logged} == {"not-stored"}
        assert all("Data" in line["what_to_do"] or "database" in line["what_to_do"] for line in logged)
        assert receipt.new
        assert await service.said() == ["Apa?", "Nomor 1: satu.\nApa?"]


async def test_the_operator_hears_who_locks_the_file(sqlite: str) -> None:
    async with small_service(sqlite) as service, unwritable(sqlite):
        with capture_logs() as logged:
            await at_once(service.hear("halo", "m1"))

        (line,) = logged
        assert (line["event"], line["log_level"], line["why"]) == ("not-stored", "error", "database is locked")
        assert line["what_to_do"].startswith("Another program holds the database")


async def test_a_full_disk_stores_nothing_and_all_is_well_once_there_is_space(sqlite: str) -> None:
    photo = bytes(1_000_000)
    async with small_service(sqlite) as service:
        await service.hear("halo", "m1")
        await _pages_at_most(service, "(no more)")

        with capture_logs() as logged:
            refused = await at_once(service.writer.arrive(Arrival("web", "main", "hasna", "m2", Said(""), photo)))
        await _pages_at_most(service, "(plenty)")
        receipt = await service.writer.arrive(Arrival("web", "main", "hasna", "m2", Said(""), photo))

        assert [type(one) for one in refused] == [NotStoredError]
        assert logged[-1]["what_to_do"].startswith("The disk is full: free space")
        assert receipt == Receipt(receipt.chat, True)
        assert await service.rows("SELECT bytes FROM photos") == [(len(photo),)]


async def _pages_at_most(service: SmallService, space: str) -> None:
    """The file may not grow, as on a full disk; or it may again."""

    async def limit(unit: Unit) -> None:
        ((used,),) = await unit.fetch(text("PRAGMA page_count"))
        most = used if space == "(no more)" else used * 1_000
        await unit.fetch(text(f"PRAGMA max_page_count={most}"))

    await service.writer.run(limit)


async def test_a_full_queue_is_told_at_once(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.writer.QUEUE_MAX", 3)
    async with small_service(sqlite, started=False) as service:
        waiting = [service.hear("halo", f"m{number}", f"orang{number}") for number in range(5)]

        answers = at_once(*waiting, _then_start(service))

        kinds = [type(answer) for answer in await answers]
        assert kinds == [Receipt, Receipt, Receipt, NotStoredError, NotStoredError, type(None)]


async def _then_start(service: SmallService) -> None:
    service.writer.start()


async def test_errors_of_the_driver_are_told_without_what_was_written(sqlite: str) -> None:
    async with small_service(sqlite) as service:

        async def twice(unit: Unit) -> None:
            await unit.fetch(text("SELECT * FROM nowhere WHERE nik = :nik"), nik="7312025205799901")

        with capture_logs() as logged:
            (raised,) = await at_once(service.writer.run(twice))

        assert isinstance(raised, NotStoredError | OperationalError)
        assert "7312025205799901" not in str(logged)
