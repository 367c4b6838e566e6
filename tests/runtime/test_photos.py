"""Photos on their way through the whole service: nobody is left without words, whatever the card reader does."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.flows.asks import ReadCard
from bot.handlers.contract import Arrival
from bot.ocr import Limits
from bot.ocr.pool import CardReader, Read
from bot.runtime import runner
from bot.settings import Settings
from bot.talk.heard import FromPerson, Said, Shown
from rules.card import Card, Unusable
from tests.world import World

CHATS, LINES_MAX = 50, 100
SOON_S, LOOK_S = 0.02, 0.02
"""A short patience, and how often it is looked after."""
WAIT_S = 60.0
"""For other processes, on a busy machine."""
SLOWLY = "Sebentar, fotonya masih saya baca."
DARK = "Fotonya gelap. Coba dekat jendela."
UNREAD = "Foto ini belum bisa saya baca. Coba foto sekali lagi."
OTHER_WAYS = "Foto ini belum bisa saya baca. Pilih cara lain:"


def _waits(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    """Slow until the file exists that the photo names."""
    gate = Path(photo.decode())
    while not gate.exists():
        time.sleep(0.005)
    return Unusable("dark")


def _dies(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def _hangs(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    time.sleep(600)
    return None


class Counting(CardReader):
    """Counts the photos that it was handed and hasn't given back."""

    most = now = 0

    async def read(self, photo: bytes, today: date) -> Card | Unusable | None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await super().read(photo, today)
        finally:
            self.now -= 1


@asynccontextmanager
async def working(settings: Settings, folder: Path, reader: CardReader) -> AsyncIterator[World]:
    """A whole service at work, with this reader."""
    async with World(settings, folder, reader=reader) as world:
        world.service.runner.start()
        try:
            yield world
        finally:
            await reader.close()


async def send(world: World, who: str, heard: FromPerson, message_id: str, photo: bytes | None = None) -> None:
    await world.service.writer.arrive(Arrival("web", "main", who, f"{who} {message_id}", heard, photo))


async def ask_for_photo(world: World, who: str) -> None:
    for number, words in enumerate(("daftar", "1", "1")):
        await send(world, who, Said(words), str(number))


async def said(world: World, who: str) -> list[str]:
    """The first lines of what the bot said since it asked for a photo."""
    chat = await world.service.transcript.chat("web", "main", who)
    assert chat is not None
    lines = await world.service.transcript.lines(chat, 0, LINES_MAX)
    return [line.text.split("\n")[0] for line in lines if not line.mine][3:]


async def hears(world: World, who: str, words: list[str]) -> None:
    """Everything that is said to somebody, in the end, and nothing else."""
    async with asyncio.timeout(WAIT_S):
        while (heard := await said(world, who)) != words:
            assert heard == words[: len(heard)]
            await asyncio.sleep(0.02)


async def test_fifty_photos_at_once_are_each_answered_and_who_waits_hears_it_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than are begun with at once; in memory are few of them, the rest is sealed."""
    monkeypatch.setattr(ReadCard, "patience_s", SOON_S)
    monkeypatch.setattr(runner, "LOOK_S", LOOK_S)
    monkeypatch.setattr(runner, "AT_ONCE_MAX", CHATS // 2)
    people, gate = [f"orang{number}" for number in range(CHATS)], tmp_path / "gate"
    reader = Counting(workers=1, limit_s=WAIT_S, how=_waits)
    assert len(people) > runner.AT_ONCE_MAX

    async with working(settings, tmp_path, reader) as world:
        await asyncio.gather(*(ask_for_photo(world, who) for who in people))
        await asyncio.gather(*(send(world, who, Shown(0), "photo", str(gate).encode()) for who in people))
        world.clock.now += timedelta(seconds=1)
        for who in people:
            await hears(world, who, [SLOWLY])
        gate.touch()

        for who in people:
            await hears(world, who, [SLOWLY, DARK])
        assert reader.most == settings.photos.workers + 1


async def test_a_second_photo_does_not_overtake_the_first(settings: Settings, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with working(settings, tmp_path, CardReader(workers=2, limit_s=WAIT_S, how=_waits)) as world:
        await ask_for_photo(world, "hasna")
        await send(world, "hasna", Shown(0), "first", str(gate).encode())
        await send(world, "hasna", Shown(0), "second", str(gate).encode())
        await hears(world, "hasna", [SLOWLY])
        gate.touch()

        await hears(world, "hasna", [SLOWLY, DARK])


@pytest.mark.parametrize(("how", "limit_s"), [(_dies, WAIT_S), (_hangs, 0.2)])
async def test_a_reader_that_ends_or_hangs_costs_nobody_the_conversation(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Read, limit_s: float
) -> None:
    monkeypatch.setattr(ReadCard, "patience_s", WAIT_S)  # a process takes its time to start
    async with working(settings, tmp_path, CardReader(workers=1, limit_s=limit_s, how=how)) as world:
        await ask_for_photo(world, "hasna")
        await send(world, "hasna", Shown(0), "first", b"a photo")
        await hears(world, "hasna", [UNREAD])

        await send(world, "hasna", Shown(0), "second", b"another photo")
        await hears(world, "hasna", [UNREAD, OTHER_WAYS])

        await send(world, "hasna", Said("1"), "type")
        await hears(world, "hasna", [UNREAD, OTHER_WAYS, "Ketik 16 angka NIK, seperti di KTP."])
