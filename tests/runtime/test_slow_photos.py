"""A photo that its channel is slow to give out: who waits for it hears so, once; what comes too late is not kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.runtime.works import Fetched, StillFetching
from bot.talk.awaited import FetchPhoto
from bot.talk.heard import Unread
from db import outbox
from db.waiting import HELD_MAX
from rules.bpjs import TryLater
from tests.runtime.held import SLOWLY, Shelf, chatting
from tests.runtime.small_service import at_once


async def test_who_waits_for_a_slow_photo_hears_so_once_for_all_of_an_album(database: str, showing: None) -> None:
    shelf = Shelf(one=TryLater("slow"), two=TryLater("slow"), three=TryLater("slow"))
    async with chatting(database, shelf) as chat:
        await chat.arrive("foto", "m0")
        for number, file in enumerate(shelf.files):
            await chat.shows(file, f"m{number + 1}", album="a")
        await chat.pass_time(timedelta(seconds=20))
        shelf.files["one"] = b"photo"
        await chat.pass_time(timedelta(seconds=20))
        shelf.files |= {"two": b"photo", "three": b"photo"}
        await chat.pass_time(timedelta(seconds=10))

        assert (await chat.said())[1:] == [SLOWLY, "Saya pakai foto yang pertama.\nApa?"]
        assert len(await chat.service.rows("SELECT id FROM photos")) == 3


async def test_the_next_slow_photo_is_spoken_of_again(database: str, showing: None) -> None:
    shelf = Shelf(ktp=TryLater("slow"), other=TryLater("slow"))
    async with chatting(database, shelf) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.settle()
        shelf.files["ktp"] = b"photo"
        await chat.pass_time(timedelta(seconds=10))
        await chat.shows("other", "m2")
        await chat.settle()

        assert (await chat.said())[1:] == [SLOWLY, "Apa?", SLOWLY]


async def test_who_waits_is_told_while_the_channel_is_still_silent(
    database: str, showing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FetchPhoto, "patience_s", 0.02)
    shelf = Silent()
    async with chatting(database, shelf) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        fetching = asyncio.create_task(chat.fetches.run_due())
        async with asyncio.timeout(5):
            while len(await chat.said()) < 2:  # noqa: ASYNC110  # only the database knows
                await asyncio.sleep(0.01)
        shelf.speaks.set()
        await fetching
        await chat.settle()

        assert (await chat.said())[1:] == [SLOWLY, "Apa?"]


class Silent(Shelf):
    """Gives nothing out until it speaks."""

    def __init__(self) -> None:
        super().__init__(ktp=b"photo")
        self.speaks = asyncio.Event()

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        await self.speaks.wait()
        return await super().fetch(file, bytes_max)


async def test_after_a_restart_it_is_not_said_again(database: str, showing: None) -> None:
    async with chatting(database, Shelf(ktp=TryLater("slow"))) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.settle()
    async with chatting(database, Shelf(ktp=TryLater("slow")), fresh=False, seed=2) as chat:
        await chat.pass_time(timedelta(seconds=20))

        assert (await chat.said())[1:] == [SLOWLY]


async def test_nobody_is_told_to_wait_for_a_photo_that_came_at_that_moment(database: str, showing: None) -> None:
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        (row,) = await chat.service.writer.run(lambda unit: outbox.take(unit, ["FetchPhoto"], 1))
        assert isinstance(row.body, FetchPhoto)
        fetched = Fetched(row.id, row.chat, row.body.inbound, row.body.photo, b"photo")
        late = StillFetching(row.chat, row.body)
        outcomes = await at_once(chat.service.writer.still_fetching(late), chat.service.writer.fetched(fetched))
        await chat.service.writer.still_fetching(late)

        assert outcomes == [None, None]
        assert (await chat.said())[1:] == ["Apa?"]


async def test_where_the_office_answers_nobody_is_told_to_wait(database: str, showing: None) -> None:
    async with chatting(database, Shelf(ktp=TryLater("slow"))) as chat:
        await chat.arrive("foto", "m0")
        await chat.office.take_over(await chat.chat(), "ibu.sari")
        before = await chat.said()
        await chat.shows("ktp", "m1")
        await chat.pass_time(timedelta(seconds=20))

        assert await chat.said() == before


async def test_a_photo_that_comes_after_it_was_given_up_is_not_kept(database: str, showing: None) -> None:
    """She was asked for it again, and nothing else would ever end it."""
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        chat.clock.now += HELD_MAX
        await chat.holds.run_due()
        given_up = await chat.said()
        await chat.settle()

        assert chat.shelf.asked == ["ktp"]
        assert await chat.service.rows("SELECT id FROM photos") == []
        assert await chat.said() == given_up
        assert await chat.service.rows("SELECT state FROM outbox WHERE kind = 'errand'") == [("done",)]


async def test_a_photo_that_comes_while_the_office_answers_is_kept_for_it(database: str, showing: None) -> None:
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.office.take_over(await chat.chat(), "ibu.sari")
        await chat.settle()

        assert len(await chat.service.rows("SELECT id FROM photos")) == 1
