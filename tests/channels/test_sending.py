"""Sending when the channel limps: told to wait, failing, silent. Nothing is sent twice, nothing sendable is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.sandbox.telegram_mischief import Fails, Fault, HangsUp, TooMany
from gateway.sandbox.whatsapp_trouble import Cut
from tests.channels.scenes import OnTelegram, OnWhatsApp, Opens, Scene

WHO = "Untuk siapa pendaftaran ini?\n1 Saya sendiri\n2 Orang lain"

ON_TELEGRAM: dict[str, Fault] = {
    "status": Fails(500), "proxy": Fails(502), "lost": HangsUp(done=False), "taken": HangsUp(done=True),
}  # fmt: skip
ON_WHATSAPP: dict[str, Cut | int] = {
    "status": 1, "proxy": Cut.NONSENSE, "lost": Cut.CLOSED_LOST, "taken": Cut.CLOSED_STORED,
}  # fmt: skip
"""How a message may fail so that nobody knows whether it was taken."""


def told_to_wait(it: Scene, seconds: int) -> None:
    if isinstance(it, OnTelegram):
        it.telegram.mischief.next(TooMany(seconds), 1, "sendMessage")
    elif isinstance(it, OnWhatsApp):
        it.whatsapp.troubles.plan(4, on="/messages")  # no time is named: 60 s are taken


def fails(it: Scene, how: str) -> None:
    """The next message is not answered as it should be: it may have been taken or not."""
    if isinstance(it, OnTelegram):
        it.telegram.mischief.next(ON_TELEGRAM[how], 1, "sendMessage")
    elif isinstance(it, OnWhatsApp):
        it.whatsapp.troubles.plan(ON_WHATSAPP[how], on="/messages")


async def has_come(it: Scene, who: str = "hasna") -> None:
    """Post it, and wait until it is marked as read: on WhatsApp that is a call like that of a message."""
    await it.deliver()
    if isinstance(it, OnWhatsApp):
        async with asyncio.timeout(5):
            while it.phone(who)._own_unread:  # noqa: ASYNC110  # told by another thread
                await asyncio.sleep(0.005)


async def states(it: Scene) -> list[str]:
    return [state for (state,) in await it.rows("SELECT state FROM outbox WHERE kind = 'message' ORDER BY id")]


async def test_told_to_wait_nothing_goes_to_anybody_until_then_also_after_a_restart(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["menu"], "baco")
        it.says("daftar")
        await has_come(it)
        told_to_wait(it, 60)
        await it.world.service.run_due()
        it.says("daftar", "baco")
        await it.deliver()
        await it.world.service.run_due()
        await it.world.restart()
        it.clock.now += timedelta(seconds=50)
        await it.world.service.run_due()
        too_early = it.new() + it.new("baco")
        it.clock.now += timedelta(seconds=10)
        await it.settle()

        assert too_early == []
        assert (it.new(), it.new("baco")) == ([WHO], [WHO])


@pytest.mark.parametrize("how", ON_TELEGRAM)
async def test_what_may_have_arrived_is_never_sent_again_and_the_next_goes_on(scene: Opens, how: str) -> None:
    async with scene() as it:
        it.says("daftar")
        await has_come(it)
        fails(it, how)
        with capture_logs() as logged:
            await it.settle()
            await it.world.pass_time(timedelta(minutes=10))
        at_first = it.new()
        answer = await it.hears("1")

        assert at_first in ([], [WHO])
        assert (at_first == [WHO]) == (how == "taken")
        assert await states(it) == ["unknown", "done"]
        assert answer.startswith("Data KTP dan HP dikirim")
        assert "unknown-whether-sent" in {line["event"] for line in logged}


async def test_messages_of_a_chat_are_a_second_apart_and_in_order(on_telegram_only: Opens) -> None:
    """The imitated Telegram refuses what is faster, and the fixture looks that it never had to."""
    async with on_telegram_only() as it:
        for words in ("daftar", "1", "setuju", "1", "menu"):
            it.says(words)
            await it.deliver()
        await it.settle()

        assert [one.splitlines()[0][:20] for one in it.new()] == [
            "Untuk siapa pendafta", "Data KTP dan HP diki", "Kirim foto KTP. Taru", "Ketik 16 angka NIK, ",
            "Saya Siaga, asisten ",
        ]  # fmt: skip


async def test_a_broken_channel_is_tried_with_growing_pauses_and_then_heard(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.says("daftar")
        await has_come(it)
        it.whatsapp.troubles.plan(131016, times=4, on="/messages", status=503)
        await it.world.service.run_due()
        await it.world.pass_time(timedelta(minutes=5))

        assert it.new() == [WHO]
        assert await states(it) == ["done"]


async def test_a_token_that_is_refused_is_no_end(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.says("daftar")
        await has_come(it)
        it.whatsapp.troubles.plan(190, times=3, on="/messages")
        await it.world.service.run_due()
        await it.world.pass_time(timedelta(minutes=5))

        assert it.new() == [WHO]
