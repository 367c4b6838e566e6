"""A person of the office answers in a chat: the bot is silent from then on, and afterwards goes on where it was."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.runtime.holds import OFFICE_IDLE
from bot.runtime.office import WORDS_MAX
from bot.runtime.works import Answered
from bot.talk.phrases import OFFICE_LEFT
from tests.runtime import small_service as small
from tests.runtime.held import SHOWING, Chatting, Shelf, chatting
from tests.runtime.small_service import at_once

IBU_SARI = "ibu.sari"


@pytest.fixture(autouse=True)
def showing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small, "HOUSE", SHOWING)


async def taken_over(chat: Chatting) -> int:
    """Hasna has been asked for a photo and is taken over; her chat."""
    await chat.arrive("foto", "m0")
    await chat.send()
    number = await chat.chat()
    await chat.office.take_over(number, IBU_SARI)
    return number


async def test_the_bot_says_nothing_in_a_chat_that_was_taken_over(database: str) -> None:
    async with chatting(database) as chat:
        await taken_over(chat)
        await at_once(chat.arrive("1", "m1"), chat.arrive("menu", "m2"), chat.arrive("halo", "m3"))
        await chat.calm()

        assert await chat.send() == ["Foto?\n1 Tidak ada"]


async def test_what_people_write_and_show_meanwhile_is_kept(database: str) -> None:
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        number = await taken_over(chat)
        await chat.arrive("tolong", "m1")
        await chat.shows("ktp", "m2")
        await chat.settle()

        lines = await chat.service.transcript.lines(number, 0, 10)
        photo = lines[-1].photo
        assert lines[-2].text == "tolong"
        assert photo is not None
        assert await chat.service.transcript.photo(number, photo) == b"photo"


async def test_a_photo_that_comes_by_itself_is_kept_as_well(database: str) -> None:
    """It was on its way when the chat was taken over."""
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.office.take_over(await chat.chat(), IBU_SARI)
        await chat.settle()

        assert len(await chat.service.rows("SELECT id FROM photos")) == 1
        assert await chat.send() == []


async def test_what_was_waiting_for_its_turn_is_the_office_s(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("foto", "m0")
        long_ago = chat.clock.now - timedelta(hours=1)
        await chat.arrive("1", "m1", sent_at=long_ago)
        await chat.office.take_over(await chat.chat(), IBU_SARI)
        chat.clock.now += timedelta(minutes=5)

        assert await chat.holds.run_due() == 0
        assert await chat.waits() == 0


async def test_an_answer_that_nobody_has_begun_to_send_is_not_sent(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("foto", "m0")
        await chat.office.take_over(await chat.chat(), IBU_SARI)

        assert await chat.send() == []


async def test_what_the_office_itself_says_is_sent_in_order(database: str) -> None:
    async with chatting(database) as chat:
        number = await taken_over(chat)
        for words in ("Selamat siang.", "Ada yang bisa dibantu?"):
            await chat.office.say(number, IBU_SARI, words)
        await chat.office.take_over(number, IBU_SARI)

        assert (await chat.send())[1:] == ["Selamat siang.", "Ada yang bisa dibantu?"]


async def test_whoever_writes_in_a_chat_takes_it_over(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("foto", "m0")
        await chat.office.say(await chat.chat(), IBU_SARI, "Saya bantu, ya.")
        await chat.arrive("1", "m1")

        assert await chat.send() == ["Saya bantu, ya."]


@pytest.mark.parametrize("words", ["", "  \n", "a" * (WORDS_MAX + 1)])
async def test_the_office_says_something_of_a_bearable_length(database: str, words: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("foto", "m0")

        with pytest.raises(ValueError, match="characters"):
            await chat.office.say(await chat.chat(), IBU_SARI, words)


@pytest.mark.parametrize("late", [True, False])
async def test_the_result_of_an_errand_is_not_spoken_of(database: str, late: bool) -> None:
    async with chatting(database) as chat:
        await chat.arrive("baca", "m0")
        number = await chat.chat()
        ((row, conversation, key),) = await chat.service.rows(
            "SELECT id, conversation_id, errand_key FROM outbox WHERE kind = 'errand'"
        )
        await chat.office.take_over(number, IBU_SARI)

        await chat.service.writer.answered(Answered(row, number, conversation, key, late=late))

        assert await chat.send() == []


async def test_what_came_of_an_errand_is_told_when_the_chat_is_handed_back(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("baca", "m0")
        number = await chat.chat()
        ((row, conversation, key),) = await chat.service.rows(
            "SELECT id, conversation_id, errand_key FROM outbox WHERE kind = 'errand'"
        )
        await chat.office.take_over(number, IBU_SARI)
        await chat.service.writer.answered(Answered(row, number, conversation, key))
        meanwhile = await chat.send()

        await chat.office.hand_back(number, IBU_SARI)

        assert meanwhile == []
        assert (await chat.send())[0] == "Nama: tidak terbaca."


async def test_a_reply_of_the_bot_and_one_of_the_office_at_once(database: str) -> None:
    """Whatever the bot says, it says before the office does."""
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        number = await chat.chat()
        handed_in = [chat.arrive(f"kata{count}", f"m-{count}") for count in range(8)]
        handed_in.insert(4, chat.office.say(number, IBU_SARI, "Saya bantu."))  # type: ignore[arg-type]
        await asyncio.gather(*handed_in, *(chat.sends.run_due() for _ in range(4)))
        await chat.arrive("lagi", "m-last")

        assert (await chat.send())[-1] == "Saya bantu."


async def test_handed_back_the_bot_says_so_and_asks_where_the_person_stood(database: str) -> None:
    async with chatting(database) as chat:
        number = await taken_over(chat)
        await chat.arrive("1", "m1")
        await chat.office.hand_back(number, IBU_SARI)
        await chat.send()
        await chat.arrive("1", "m2")

        assert (await chat.send())[1:] == [
            f"{OFFICE_LEFT.msgid}\nKita lanjutkan: Tunjukkan.\nFoto?\n1 Tidak ada",
            "Apa?",
        ]


@pytest.mark.parametrize("times", [2, 3])
async def test_it_is_handed_back_once_however_often_somebody_presses(database: str, times: int) -> None:
    async with chatting(database) as chat:
        number = await taken_over(chat)
        await at_once(*(chat.office.hand_back(number, IBU_SARI) for _ in range(times)))

        assert len(await chat.send()) == 2


async def test_a_chat_that_nobody_took_is_not_handed_back(database: str) -> None:
    async with chatting(database, Shelf(ktp=b"photo")) as chat:
        await chat.arrive("foto", "m0")
        await chat.shows("ktp", "m1")
        await chat.office.hand_back(await chat.chat(), IBU_SARI)
        await chat.settle()

        assert await chat.send() == ["Foto?\n1 Tidak ada", "Apa?"]


async def test_after_twelve_hours_without_a_word_of_the_office_the_bot_goes_on(database: str) -> None:
    async with chatting(database) as chat:
        number = await taken_over(chat)
        chat.clock.now += OFFICE_IDLE - timedelta(minutes=1)
        await chat.office.say(number, IBU_SARI, "Masih saya cari.")
        await chat.arrive("baik", "m1")
        chat.clock.now += OFFICE_IDLE - timedelta(minutes=1)
        too_early = await chat.holds.run_due()
        chat.clock.now += timedelta(minutes=1)
        await chat.holds.run_due()
        await chat.holds.run_due()

        assert too_early == 0
        assert (await chat.send())[1:] == [
            "Masih saya cari.",
            f"{OFFICE_LEFT.msgid}\nKita lanjutkan: Tunjukkan.\nFoto?\n1 Tidak ada",
        ]


async def test_a_restart_gives_no_chat_back(database: str) -> None:
    async with chatting(database) as chat:
        number = await taken_over(chat)
    async with chatting(database, fresh=False, seed=2) as chat:
        chat.clock.now += timedelta(hours=1)
        await chat.arrive("1", "m1")
        silent = list(await chat.send())
        await chat.office.hand_back(number, IBU_SARI)

        assert silent == []
        assert len(await chat.send()) == 1


async def test_what_the_office_does_is_written_down(database: str) -> None:
    async with chatting(database) as chat:
        number = await taken_over(chat)
        await chat.office.say(number, IBU_SARI, "Selamat siang.")
        await chat.office.hand_back(number, IBU_SARI)

        rows = await chat.service.rows("SELECT actor, action, detail FROM audit ORDER BY number")
        deeds = [row.action for row in rows if row.actor == IBU_SARI]
        assert deeds == ["take-over-chat", "answer-chat", "hand-back-chat"]
        assert "Selamat" not in str(rows)
