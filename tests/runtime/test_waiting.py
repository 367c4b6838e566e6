"""What was sent offline, behind a photo or in a flood waits for its turn: heard in the order in which it was sent, each
once, and answered together."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from structlog.testing import capture_logs

from bot.runtime.fetching import LOST_S
from bot.runtime.flood import FLOOD_MIN, HEARD_MAX, SLOWED, WINDOW
from bot.runtime.sorting import LATE, QUIET
from bot.runtime.works import Fetched
from bot.talk.awaited import FetchPhoto
from bot.talk.heard import Edited, Said, Shown, Unread
from bot.talk.phrases import MANY_MESSAGES
from db import outbox
from db.waiting import HELD_MAX
from rules.bpjs import TryLater
from tests.runtime.held import A_MOMENT, SLOWLY, Chatting, Shelf, chatting, one_by_one
from tests.runtime.small_service import POISON, at_once

WORDS = ("halo", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh")
APART = timedelta(minutes=40)


async def burst(chat: Chatting, words: tuple[str, ...], seed: int = 1, who: str = "hasna") -> None:
    """Typed offline, forty minutes apart; the connection comes back now, and all arrive at once in any order."""
    sent = [chat.clock.now - APART * (len(words) - number) for number in range(len(words))]
    arrivals = [
        chat.arrive(each, f"{who}-{number}", who, sent_at=sent[number], place=number)
        for number, each in enumerate(words)
    ]
    Random(seed).shuffle(arrivals)
    await at_once(*arrivals)


# -- offline ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_typed_offline_is_heard_in_the_order_in_which_it_was_sent(database: str, seed: int) -> None:
    async with chatting(database) as chat:
        await burst(chat, WORDS, seed)
        await chat.calm()

        assert await chat.counted() == list(WORDS[1:])


async def test_all_of_it_gets_one_answer(database: str) -> None:
    async with chatting(database) as chat:
        await burst(chat, WORDS)
        await chat.calm()

        (answer,) = await chat.said()
        assert answer.count("Apa?") == 1
        assert answer.endswith("Apa?")


async def test_afterwards_the_chat_is_as_if_each_had_been_answered(database: str) -> None:
    async with chatting(database) as chat:
        await burst(chat, WORDS)
        await chat.calm()
        await one_by_one(chat, WORDS, "baco")

        await chat.arrive("sudah", "m-last")
        await chat.arrive("sudah", "b-last", "baco")

        assert (await chat.said())[-1] == (await chat.said("baco"))[-1]
        assert await chat.waits() == 0
        assert await chat.quiet() == ["", ""]


async def test_nothing_is_said_before_the_burst_is_over(database: str) -> None:
    async with chatting(database) as chat:
        await burst(chat, WORDS)
        chat.clock.now += QUIET - A_MOMENT
        await chat.settle()

        assert await chat.said() == []


async def test_one_that_was_typed_just_now_does_not_overtake_the_burst_with_which_it_comes(database: str) -> None:
    async with chatting(database) as chat:
        long_ago = chat.clock.now - APART
        await at_once(
            chat.arrive("dua", "m3", sent_at=chat.clock.now, place=2),
            chat.arrive("halo", "m1", sent_at=long_ago, place=0),
            chat.arrive("satu", "m2", sent_at=long_ago + LATE, place=1),
        )
        await chat.calm()

        assert await chat.counted() == ["satu", "dua"]


async def test_what_comes_after_the_burst_is_heard_after_it(database: str) -> None:
    async with chatting(database) as chat:
        await burst(chat, WORDS[:3])
        await chat.arrive("tiga", "now", sent_at=chat.clock.now)
        await chat.calm()

        assert await chat.counted() == ["satu", "dua", "tiga"]


async def test_a_burst_that_comes_twice_is_heard_once(database: str) -> None:
    async with chatting(database) as chat:
        await burst(chat, WORDS, 1)
        await burst(chat, WORDS, 2)
        await chat.calm()
        await burst(chat, WORDS, 3)
        await chat.calm()

        assert await chat.counted() == list(WORDS[1:])


async def test_two_equal_answers_are_two_answers(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        await at_once(chat.arrive("satu", "m1"), chat.arrive("satu", "m2"))

        assert await chat.counted() == ["satu", "satu"]


async def test_what_was_edited_before_it_was_heard_is_heard_as_edited(database: str) -> None:
    async with chatting(database) as chat:
        sent = chat.clock.now - APART
        await at_once(
            chat.arrive("halo", "m0", sent_at=sent, place=0),
            chat.arrive(Said("satu", "7"), "m1", sent_at=sent, place=1),
            chat.arrive(Said("dua", "8"), "m2", sent_at=sent, place=2),
            chat.arrive(Edited("uno", "7"), "m3", sent_at=sent, place=3),
            chat.arrive(Edited("ichi", "7"), "m4", sent_at=sent, place=4),
        )
        await chat.calm()

        assert await chat.counted() == ["ichi", "dua"]


async def test_a_message_that_breaks_our_code_harms_only_itself(database: str) -> None:
    async with chatting(database) as chat:
        await burst(chat, ("halo", "satu", POISON, "dua", "tiga"))
        with capture_logs() as logged:
            await chat.calm()
            await chat.pass_time(timedelta(seconds=2))

        assert await chat.counted() == ["satu", "dua", "tiga"]
        assert await chat.waits() == 0
        assert [line["event"] for line in logged].count("parked") == 1
        ((parked,),) = await chat.service.rows("SELECT count(*) FROM inbound WHERE parked IS NOT NULL")
        assert parked == 1


# -- photos -----------------------------------------------------------------------------------------------------------


async def test_nothing_overtakes_a_photo_on_its_way(database: str, showing: None) -> None:
    shelf = Shelf(ktp=TryLater("slow"))
    async with chatting(database, shelf) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.arrive("beras", "m2")
        await chat.pass_time(timedelta(seconds=20))
        meanwhile = await chat.said()
        shelf.files["ktp"] = b"photo"
        await chat.pass_time(timedelta(seconds=10))

        assert meanwhile == ["Foto?\n1 Tidak ada", SLOWLY]
        assert (await chat.said())[2:] == ["Foto ada, lalu beras."]


async def test_a_photo_that_does_not_come_is_spoken_of_and_the_rest_is_heard(database: str, showing: None) -> None:
    shelf = Shelf(ktp=TryLater("slow"))
    async with chatting(database, shelf) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.pass_time(timedelta(seconds=LOST_S - 5))
        meanwhile = await chat.said()
        await chat.pass_time(timedelta(seconds=10))

        assert meanwhile[1:] == [SLOWLY]
        assert (await chat.said())[2].startswith("Fotonya tidak sampai di sini. Kirim sekali lagi.")
        assert (await chat.quiet(), await chat.waits()) == ([""], 0)


async def test_words_behind_a_photo_that_does_not_come_are_heard(database: str, showing: None) -> None:
    async with chatting(database) as chat:
        await chat.arrive("foto", "m0")
        await at_once(chat.shows("ktp", "m1"), chat.arrive("1", "m2"), chat.arrive("beras", "m3"))
        await chat.settle()

        assert (await chat.said())[1] == "Foto none, lalu beras."


@pytest.mark.parametrize(
    ("kind", "words"), [("photo-too-large", "terlalu besar"), ("not-an-image", "tidak bisa saya buka sebagai foto")]
)
async def test_why_a_photo_can_not_be_used_is_said(database: str, showing: None, kind: str, words: str) -> None:
    async with chatting(database, Shelf(ktp=Unread(kind))) as chat:  # type: ignore[arg-type]  # one of the kinds
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.settle()

        assert words in (await chat.said())[1]


async def test_a_photo_that_nobody_fetches_is_given_up(database: str, showing: None) -> None:
    async with chatting(database) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        chat.clock.now += HELD_MAX
        await chat.holds.run_due()

        assert "tidak sampai" in (await chat.said())[1]
        assert await chat.quiet() == [""]


# -- what has no time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [timedelta(seconds=-5), timedelta(), timedelta(seconds=5)])
async def test_what_has_no_time_of_its_own_is_heard_in_the_order_of_arrival(database: str, ahead: timedelta) -> None:
    """A press beside messages whose times are whole seconds of another clock than ours."""
    async with chatting(database, Shelf(ktp=TryLater("slow"))) as chat:
        await chat.arrive("halo", "m0")
        began = chat.clock.now.replace(microsecond=0) + ahead
        await chat.arrive(Shown(0), "m1", file="ktp", sent_at=began, place=11)
        chat.clock.now += timedelta(seconds=2, milliseconds=600)
        await chat.arrive("satu", "m2", place=900_000)
        await chat.arrive("dua", "m3", sent_at=began + timedelta(seconds=2), place=12)
        await chat.arrive("tiga", "m4", place=900_001)
        await chat.arrive("empat", "m5", place=900_002)
        await chat.arrive("lima", "m6", sent_at=began + timedelta(seconds=2), place=13)
        chat.shelf.files["ktp"] = b"photo"
        await chat.pass_time(timedelta(seconds=5))

        assert await chat.counted() == ["satu", "dua", "tiga", "empat", "lima"]


async def test_what_has_a_time_is_heard_in_its_order_all_the_same(database: str) -> None:
    async with chatting(database, Shelf(ktp=TryLater("slow"))) as chat:
        await chat.arrive("halo", "m0")
        now = chat.clock.now
        await chat.arrive(Shown(0), "m1", file="ktp", sent_at=now - timedelta(seconds=9))
        await chat.arrive("dua", "m3", sent_at=now - timedelta(seconds=3))
        await chat.arrive("tiga", "m4")
        await chat.arrive("satu", "m2", sent_at=now - timedelta(seconds=6))
        chat.shelf.files["ktp"] = b"photo"
        await chat.pass_time(timedelta(seconds=5))

        assert await chat.counted() == ["satu", "dua", "tiga"]


async def test_nothing_is_lost_when_the_process_ends_between_photo_and_answer(database: str, showing: None) -> None:
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1", album="a")
        await chat.arrive("beras", "m2")
        assert await chat.fetches.run_due() == 1
    async with chatting(database, fresh=False, seed=2) as chat:
        chat.clock.now += timedelta(minutes=1)
        await chat.settle()

        assert (await chat.said())[-1] == "Foto ada, lalu beras."


async def test_a_photo_fetched_twice_is_kept_once(database: str, showing: None) -> None:
    """Its lease was over, and another process has fetched it as well."""
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        (row,) = await chat.service.writer.run(lambda unit: outbox.take(unit, ["FetchPhoto"], 1))
        assert isinstance(row.body, FetchPhoto)
        fetched = Fetched(row.id, row.chat, row.body.inbound, row.body.photo, b"photo")

        outcomes = await at_once(*(chat.service.writer.fetched(fetched) for _process in range(2)))
        outcomes += await at_once(chat.service.writer.fetched(fetched))

        assert outcomes == [None] * 3
        assert await chat.service.rows("SELECT state FROM outbox WHERE kind = 'errand'") == [("done",)]
        assert len(await chat.service.rows("SELECT id FROM photos")) == 1


async def test_a_message_that_breaks_our_code_behind_a_photo_harms_only_itself(database: str, showing: None) -> None:
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("halo", "m0")
        await chat.shows("ktp", "m1")
        await chat.arrive(POISON, "m2")
        await chat.arrive("beras", "m3")
        with capture_logs():
            await chat.calm()
            await chat.pass_time(timedelta(seconds=2))

        assert await chat.counted() == ["beras"]
        assert len(await chat.service.rows("SELECT id FROM photos")) == 1


# -- a flood ----------------------------------------------------------------------------------------------------------


async def flood(chat: Chatting, messages: int, who: str = "hasna") -> list[str]:
    words = [f"kata{number}" for number in range(messages)]
    await at_once(*(chat.arrive(each, f"{who}-{each}", who) for each in words))
    return words


async def test_each_message_of_a_flood_is_heard_once_in_its_order(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        words = await flood(chat, FLOOD_MIN + 30)
        await chat.settle()
        chat.clock.now += SLOWED
        await chat.settle()

        assert await chat.counted() == words


async def test_who_floods_is_told_once_and_answered_together(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        before = len(await chat.said())
        await flood(chat, 180)
        chat.clock.now += SLOWED
        await chat.settle()

        said = (await chat.said())[before:]
        assert [words for words in said if words.startswith("Pesannya banyak")] == [MANY_MESSAGES.msgid]
        assert len(said) <= 5
        assert await chat.quiet() == [""]


async def test_past_the_limit_messages_are_stored_unanswered(database: str) -> None:
    async with chatting(database) as chat:
        words = await flood(chat, 300)
        chat.clock.now += SLOWED
        await chat.settle()

        parked = await chat.service.rows("SELECT id FROM inbound WHERE parked = 'flood'")
        assert len(parked) == 300 - HEARD_MAX
        assert await chat.counted() == words[1:HEARD_MAX]


async def test_a_flood_costs_the_others_nothing(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("halo", "b0", "baco")
        await at_once(flood(chat, 300), chat.arrive("satu", "b1", "baco"))

        assert await chat.counted("baco") == ["satu"]


async def test_after_a_while_who_flooded_is_answered_at_once_again(database: str) -> None:
    async with chatting(database) as chat:
        await flood(chat, FLOOD_MIN + 10)
        chat.clock.now += WINDOW
        await chat.settle()
        await chat.arrive("lagi", "m-last")

        assert (await chat.counted())[-1] == "lagi"


async def test_a_photo_past_the_limit_is_not_even_fetched(database: str) -> None:
    shelf = Shelf(ktp=b"photo")
    async with chatting(database, shelf) as chat:
        await flood(chat, HEARD_MAX)
        await chat.shows("ktp", "m-photo")
        await chat.settle()

        assert shelf.asked == []
