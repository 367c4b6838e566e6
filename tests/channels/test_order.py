"""Each message counts once and in the order in which it was sent, however the channel brings it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.channels.scenes import TYPED, Opens

TIMES = 3
PEOPLE = ("hasna", "baco", "rahman", "sitti")
APART = timedelta(minutes=40)


async def test_of_what_comes_three_times_at_once_and_shuffled_each_message_counts_once(scene: Opens) -> None:
    async with scene() as it:
        it.repeats(TIMES)
        it.shuffles(1)
        for words in ("daftar", "1", "setuju", "1"):
            for who in PEOPLE:
                it.says(words, who)
            await it.settle()

        for who in PEOPLE:
            assert it.new(who)[-1] == "Ketik 16 angka NIK, seperti di KTP."
            assert await it.journal(who) == {"who": "self", "consent": True, "ktp.photo1": "type"}
        assert await it.rows("SELECT count(*) FROM inbound WHERE channel = :it", it=it.channel) == [(16,)]


async def test_two_equal_answers_within_a_moment_are_two_answers(scene: Opens) -> None:
    async with scene() as it:
        it.repeats(TIMES)
        await it.says_all(["daftar"])
        it.says("1")
        it.clock.now += timedelta(milliseconds=50)
        it.says("1")
        answer = await it.answer()

        assert await it.journal() == {"who": "self", "consent": True}
        assert "\nKirim foto KTP." in answer


async def test_two_webhooks_at_the_same_moment_are_answered_each(scene: Opens) -> None:
    async with scene() as it:
        for who in PEOPLE:
            it.says("daftar", who)
        await asyncio.gather(it.deliver(), it.world.settle())
        await it.settle()

        assert [len(it.new(who)) for who in PEOPLE] == [1] * len(PEOPLE)


@pytest.mark.parametrize("seed", range(3))
async def test_eight_answers_typed_offline_are_heard_in_order_and_answered_once(scene: Opens, seed: int) -> None:
    async with scene() as it:
        for who in ("hasna", "baco"):
            await it.says_all(["daftar"], who)
        one_by_one = await it.says_all(TYPED, "baco")
        it.repeats(2)
        it.shuffles(seed)
        for words in TYPED:
            it.says(words)
            it.clock.now += APART
        await it.settle()
        said = it.new()

        assert said == [one_by_one]
        assert await it.journal() == await it.journal("baco")
        assert (await it.top()).open == (await it.top("baco")).open


async def test_afterwards_it_goes_on_as_if_nothing_had_been(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        for words in TYPED:
            it.says(words)
            it.clock.now += APART
        await it.settle()
        it.new()

        assert (await it.hears("Jampu")).startswith("Apa pekerjaan Anda sehari-hari?")


async def test_a_service_that_was_away_hears_all_of_it_in_order(scene: Opens) -> None:
    """The channel kept what it could not deliver; meanwhile the process was another."""
    async with scene() as it:
        await it.says_all(["daftar"])
        for words in TYPED[:4]:
            it.says(words)
            it.clock.now += timedelta(minutes=2)
        await it.world.restart()
        answer = await it.answer()

        assert answer.startswith("NIK 7312 0252 0579 9901: perempuan")


async def test_a_burst_that_is_cut_by_a_restart_is_heard_whole(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        for words in TYPED[:3]:
            it.says(words)
            it.clock.now += APART
        await it.deliver()
        await it.world.restart()
        it.says(TYPED[3])
        answer = await it.answer()

        assert answer.startswith("NIK 7312 0252 0579 9901: perempuan")
