"""A reminder that became useless after it was planned is not sent, wherever it is on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest
from msgspec import Struct

from bot.handlers.contract import Delivered
from bot.runtime.runner import Runner
from bot.runtime.settling import Outcome
from bot.settings import Settings
from bot.talk.message import Message
from db.outbox import Taken
from rules.bpjs import TryLater
from rules.quiet import WITA
from tests.runtime.village import A_WEEK_BEFORE, HOW_TO, Village
from tests.world import World

HASNA = f"Hasna terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"
LA_BACO = f"La Baco terlindungi sampai 31 Desember 2026, sisa 7 hari.\n{HOW_TO}"


class Channel(Struct):
    """A channel by which the village is reached, and what it sent. `meanwhile` happens once, while it sends."""

    village: Village
    broken: bool = False
    sent: list[str] = []
    meanwhile: list[Callable[[], Awaitable[object]]] = []

    async def send(self, row: Taken) -> Outcome:
        assert isinstance(row.body, Message)
        while self.meanwhile:
            await self.meanwhile.pop()()
        if self.broken:
            return TryLater("down", 60)
        if HOW_TO in row.body.text:
            self.sent.append(row.body.text)
        return Delivered("")

    async def works(self, **later: float) -> None:
        """It sends what it has."""
        service, clock = self.village.world.service, self.village.world.clock
        clock.now += timedelta(**later)
        runner = Runner(
            service.writer, {"nowhere:main": self.send}, clock, Random(1), sift=service.reminders.sift
        )  # fmt: skip
        await runner.run_due()


@pytest.fixture
async def channel(settings: Settings, tmp_path: Path) -> AsyncIterator[Channel]:
    async with World(settings, tmp_path) as world:
        yield Channel(Village(world), sent=[], meanwhile=[])


async def test_one_that_was_tried_and_put_back_is_not_sent_once_it_is_paid(channel: Channel) -> None:
    village = channel.village
    await village.chat("rina", "HASNA", "LA BACO")
    await village.away()
    await village.on(A_WEEK_BEFORE)
    channel.broken = True
    channel.meanwhile.append(lambda: village.pays("HASNA"))
    await channel.works()

    channel.broken = False
    await channel.works(minutes=5)
    await village.world.service.reminders.run_due()
    await channel.works(minutes=5)

    assert channel.sent == [LA_BACO]


@pytest.mark.parametrize("change", [
    "UPDATE consents SET withdrawn_at = 1",
    "UPDATE chat_people SET role = 'moved'",
    "UPDATE memberships SET protected_until = '2027-03-31'",
], ids=["wrote STOP", "moved", "BPJS says another end"])  # fmt: skip
async def test_one_that_nobody_wants_any_more_is_not_sent(channel: Channel, change: str) -> None:
    village = channel.village
    await village.chat("rina", "HASNA")
    await village.away()
    await village.on(A_WEEK_BEFORE)

    await village.change(change)
    await channel.works()

    assert channel.sent == []
    assert await village.rows("SELECT state FROM outbox WHERE kind = 'reminder'") == [("stale",)]


async def test_who_pays_while_it_goes_out_hears_of_nobody_again_that_day(channel: Channel) -> None:
    village = channel.village
    await village.chat("rina", "HASNA", "LA BACO")
    await village.away()
    await village.on(A_WEEK_BEFORE)

    channel.meanwhile.append(lambda: village.pays("HASNA"))
    await channel.works()
    await village.on(A_WEEK_BEFORE, hour=10)
    await channel.works()

    assert len(channel.sent) == 1


async def test_a_channel_that_comes_back_at_night_waits_for_the_morning(channel: Channel) -> None:
    village = channel.village
    ended = date(2027, 1, 3)  # of use for a month
    await village.chat("rina", "HASNA")
    await village.away()
    await village.on(ended)

    village.world.clock.now = datetime.combine(ended, time(23), WITA)
    await channel.works()
    at_night = list(channel.sent)
    village.world.clock.now = datetime.combine(ended + timedelta(days=1), time(7, 31), WITA)
    await channel.works()

    assert (at_night, channel.sent) == ([], [f"Perlindungan Hasna habis sejak 31 Desember 2026.\n{HOW_TO}"])


async def test_what_is_told_besides_goes_as_ever(channel: Channel) -> None:
    village = channel.village
    await village.chat("rina", "HASNA")
    await village.away()
    await village.on(A_WEEK_BEFORE)
    await village.pays("HASNA")

    await channel.works()

    assert await village.rows("SELECT kind, state FROM outbox WHERE kind != 'message' ORDER BY id") == [
        ("reminder", "stale"), ("notice", "done"),
    ]  # fmt: skip
