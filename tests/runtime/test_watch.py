"""What the operator sees: a line a turn without anything of a person, and an alarm once something is stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from bot.runtime.health import Metrics
from bot.runtime.watch import STUCK_S, TurnLog, Watch
from tests.runtime.held import LANE, Chatting, chatting

WHO, NIK, WORDS = "081234567890", "7312025205799901", "La Baco dari Jampu"


def figures(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def oldest_s(metrics: Metrics, lane: str = LANE) -> float | None:
    return metrics.registry.get_sample_value("siaga_outbox_oldest_seconds", {"lane": lane})


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


async def test_each_turn_is_a_line_without_anything_of_a_person(database: str, metrics: Metrics) -> None:
    async with chatting(database) as chat:
        chat.service.writer.on_turns = TurnLog(metrics)
        with capture_logs() as logged:
            for number, words in enumerate(("halo", NIK, WORDS)):
                await chat.arrive(words, f"m{number}", WHO)

        assert [line["event"] for line in logged] == ["turn"] * 3
        assert [(line["flow"], line["at"], line["to"], line["said"]) for line in logged[:2]] == [
            ("home", "", "words1", "Said"),
            ("home", "words1", "words1", "Said"),
        ]
        for personal in (WHO, NIK, WORDS):
            assert personal not in str(logged) + figures(metrics)


async def test_messages_that_are_answered_together_are_a_line_each(database: str, metrics: Metrics) -> None:
    async with chatting(database) as chat:
        chat.service.writer.on_turns = TurnLog(metrics)
        long_ago = chat.clock.now - timedelta(hours=1)
        with capture_logs() as logged:
            for number, words in enumerate(("halo", "satu", "dua")):
                await chat.arrive(words, f"m{number}", sent_at=long_ago, place=number)
            await chat.calm()

        assert [line["event"] for line in logged] == ["turn"] * 3


async def stuck(chat: Chatting, metrics: Metrics) -> Watch:
    """One message that nobody sends."""
    await chat.arrive("halo", "m0")
    return Watch(chat.service.writer, metrics)


async def test_how_long_the_oldest_row_waits_is_a_figure(database: str, metrics: Metrics) -> None:
    async with chatting(database) as chat:
        watch = await stuck(chat, metrics)
        chat.clock.now += timedelta(seconds=50)
        await watch.look()
        waiting = oldest_s(metrics)
        await chat.send()
        await watch.look()

        assert (waiting, oldest_s(metrics)) == (50, None)


async def test_what_is_stuck_is_an_alarm_with_advice_once(database: str, metrics: Metrics) -> None:
    async with chatting(database) as chat:
        watch = await stuck(chat, metrics)
        with capture_logs() as logged:
            chat.clock.now += timedelta(seconds=STUCK_S - 1)
            await watch.look()
            before = len(logged)
            chat.clock.now += timedelta(seconds=1)
            for _look in range(3):
                await watch.look()

        (alarm,) = logged
        assert before == 0
        assert (alarm["event"], alarm["log_level"], alarm["lane"], alarm["oldest_s"]) == ("stuck", "error", LANE, 120)
        assert "channel" in alarm["what_to_do"]


async def test_what_is_stuck_anew_is_an_alarm_anew(database: str, metrics: Metrics) -> None:
    async with chatting(database) as chat:
        watch = await stuck(chat, metrics)
        with capture_logs() as logged:
            for number in range(2):
                chat.clock.now += timedelta(seconds=STUCK_S)
                await watch.look()
                await chat.send()
                await watch.look()
                await chat.arrive("lagi", f"again-{number}")

        assert [line["event"] for line in logged] == ["stuck"] * 2


async def test_what_is_meant_to_wait_is_no_alarm(database: str, metrics: Metrics) -> None:
    async with chatting(database) as chat:
        watch = await stuck(chat, metrics)
        await chat.send()
        with capture_logs() as logged:
            chat.clock.now += timedelta(days=1)
            await watch.look()

        assert logged == []
