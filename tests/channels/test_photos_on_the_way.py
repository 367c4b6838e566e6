"""A photo that is still with the channel holds back what was written after it, and nothing else; nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from gateway.sandbox.telegram_mischief import Fails, HangsUp, TooMany
from gateway.sandbox.whatsapp_trouble import Cut
from tests.channels.scenes import OnTelegram, OnWhatsApp, Opens, Scene, photo

LOST = "Fotonya tidak sampai di sini. Kirim sekali lagi."
SLOWLY = "Sebentar, fotonya sedang saya ambil."
UNTIL_PHOTO = ("daftar", "1", "setuju")
READ = "NIK 7312 0252 0579 9901: perempuan"
OTHER = "farmer.jpg"


def slow(it: Scene, times: int) -> None:
    """The next requests for a photo fail."""
    if isinstance(it, OnTelegram):
        it.telegram.mischief.next(Fails(502), times, "getFile")
    elif isinstance(it, OnWhatsApp):
        it.whatsapp.troubles.plan(131000, times=times, on="_media")


async def heard_in_order(it: Scene) -> None:
    """First the photo, where it was asked for, and then the word "menu", which leads elsewhere."""
    enrolment, menu = await it.stack()
    assert len(enrolment.photos) == 1
    assert [name for name in enrolment.journal if "ReadCard" in name]
    assert (menu.flow, menu.photos) == ("home", [])


async def test_what_is_written_after_a_photo_is_heard_after_it(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        slow(it, 3)
        it.shows(photo())
        it.says("ini KTP saya")
        it.says("menu")
        await it.deliver()
        await it.world.service.run_due()
        it.clock.now += timedelta(seconds=2)
        await it.world.service.run_due()
        at_first = it.new()
        await it.settle()

        assert at_first == [SLOWLY]
        assert SLOWLY not in it.new()
        await heard_in_order(it)


async def test_others_do_not_wait_for_it(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        slow(it, 5)
        it.shows(photo())
        it.says("daftar", "baco")
        await it.deliver()
        await it.world.service.run_due()

        assert it.new("baco") == ["Untuk siapa pendaftaran ini?\n1 Saya sendiri\n2 Orang lain"]
        await it.settle()


async def test_a_photo_that_does_not_come_is_spoken_of_and_the_rest_is_heard(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        slow(it, 500)
        it.shows(photo())
        it.says("1")
        it.says("7312025205799901")
        await it.deliver()
        await it.world.pass_time(timedelta(seconds=90))
        answer = await it.answer()

        assert answer.startswith(f"{SLOWLY}\n{READ}")


async def test_who_waits_for_a_photo_that_does_not_come_hears_so(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        slow(it, 500)
        it.shows(photo())
        await it.deliver()
        await it.world.pass_time(timedelta(seconds=90))

        assert LOST in await it.answer()
        slow_ends(it)
        it.shows(photo())
        assert READ in await it.answer()


def slow_ends(it: Scene) -> None:
    if isinstance(it, OnTelegram):
        it.telegram.mischief.end()
    elif isinstance(it, OnWhatsApp):
        it.whatsapp.troubles._planned.clear()


async def test_a_photo_that_is_gone_is_asked_for_again(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        it.shows(photo())
        if isinstance(it, OnTelegram):
            it.telegram.files._by_id.clear()
        elif isinstance(it, OnWhatsApp):
            it.whatsapp.world.shelf._files.clear()

        assert LOST in await it.answer()


async def test_a_photo_that_is_too_large_is_asked_for_smaller(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        large = b"\xff\xd8\xff" + bytes(9_000_000)
        if isinstance(it, OnTelegram):
            it.phone().sends_document(large)
        elif isinstance(it, OnWhatsApp):
            it.shows(large)

        assert "terlalu besar" in await it.answer()


async def test_a_restart_while_a_photo_is_on_its_way_loses_nothing(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        slow(it, 1)
        it.shows(photo())
        it.says("menu")
        await it.deliver()
        await it.world.service.runner.run_due()
        await it.world.restart()
        await it.settle()

        await heard_in_order(it)


async def test_a_restart_between_the_photo_and_its_answer_loses_nothing(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        it.shows(photo())
        await it.deliver()
        await it.world.service.runner.run_due()
        await it.world.restart()

        assert READ in await it.answer()


async def test_a_channel_that_is_slow_or_hangs_up_is_asked_again(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        if isinstance(it, OnTelegram):
            it.telegram.mischief.next(TooMany(7), 1, "getFile")
            it.telegram.mischief.next(HangsUp(done=False), 1, "getFile")
        elif isinstance(it, OnWhatsApp):
            it.whatsapp.troubles.plan(Cut.CLOSED_LOST, times=2, on="_media")
        it.shows(photo())
        await it.settle()
        await it.world.pass_time(timedelta(seconds=30))

        assert READ in await it.answer()


# -- albums -----------------------------------------------------------------------------------------------------------


def album(it: Scene, *names: str) -> None:
    assert isinstance(it, OnTelegram)
    it.phone().sends_album([photo(name) for name in names])


@pytest.mark.parametrize("seed", range(3))
async def test_of_an_album_the_first_photo_is_used_and_that_is_said_once(on_telegram_only: Opens, seed: int) -> None:
    """It comes in several webhooks, in any order, each three times."""
    async with on_telegram_only() as it:
        await it.says_all(UNTIL_PHOTO)
        it.repeats(3)
        album(it, "hasna.jpg", OTHER, OTHER)
        assert isinstance(it, OnTelegram)
        Random(seed).shuffle(it.telegram.updates._pending)
        answer = await it.answer()

        assert answer.count("Saya pakai foto yang pertama.") == 1
        assert READ in answer
        assert len((await it.top()).photos) == 3


async def test_an_album_that_comes_bit_by_bit_is_one(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        await it.says_all(UNTIL_PHOTO)
        assert isinstance(it, OnTelegram)
        for name in ("hasna.jpg", OTHER, OTHER):
            it.phone().sends_photo(photo(name), album="a")
            await it.deliver()
            await it.world.service.run_due()
            it.clock.now += timedelta(seconds=1)
        answer = await it.answer()

        assert answer.count("Saya pakai foto yang pertama.") == 1
        assert READ in answer


async def test_an_album_with_a_photo_that_can_not_be_had_goes_on_with_the_others(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        await it.says_all(UNTIL_PHOTO)
        assert isinstance(it, OnTelegram)
        album(it, OTHER, "hasna.jpg", OTHER)
        files = it.telegram.files._by_id
        del files[next(name for name, file in files.items() if file.content == photo(OTHER))]
        answer = await it.answer()

        assert READ in answer


async def test_words_after_an_album_are_heard_after_it(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        await it.says_all(UNTIL_PHOTO)
        album(it, "hasna.jpg", OTHER)
        it.says("menu")
        await it.settle()

        enrolment, menu = await it.stack()
        assert (len(enrolment.photos), menu.flow, menu.photos) == (2, "home", [])


async def test_twenty_photos_are_all_kept_and_one_is_read(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(UNTIL_PHOTO)
        if isinstance(it, OnTelegram):
            it.phone().sends_album([photo()] * 10, album="a")
            it.phone().sends_album([photo(OTHER)] * 10, album="b")
        else:
            for _count in range(20):
                it.shows(photo())
        answer = await it.answer()

        assert READ in answer
        assert answer.count(READ) <= 2
        assert await it.rows("SELECT count(*) FROM photos") == [(20,)]
        assert await it.rows("SELECT count(*) FROM waiting") == [(0,)]
