"""The enrolment once more through the whole service: kind and hostile, it ends with the same last words.

Hostile: every event handed in twice, old messages again, restarts, BPJS down for a while, time passing. Chance has a
seed; the payment code alone is drawn anew.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from bot.handlers.contract import Arrival
from bot.runtime.writer import Writer
from bot.settings import BpjsSettings, Database, Secret, Settings
from bot.talk.heard import FromPerson, Said, Shown, Unread
from bot.talk.message import Line
from tests.conftest import BPJS_SECRET
from tests.ktp.samples import FOLDER as SAMPLES
from tests.plays.player import DoublingWriter
from tests.world import World

EVENTS = 25
TURNS_MAX = 100
LINES_MAX = 500
END = "Kode bayar"
REPLIES = {
    "Untuk siapa": "1", "Setuju": "setuju", "foto KTP": "(photo)", "Benar?": "iye'", "pekerjaan": "petani padi",
    "penghasilan": "1", "Nomor HP": "0812 3456 7890", "nama ahli waris": "La Baco", "siapanya": "1",
    "berapa bulan": "3", "pengingat": "ya", "Semua benar?": "ya",
}  # fmt: skip
"""By words of the open question."""


class _Hasna:
    """Answers what she is asked; what she sent may arrive again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sent: list[Arrival] = []

    async def says(self, words: str) -> None:
        heard: FromPerson = Said(words)
        photo = None
        if words == "(photo)":
            heard, photo = Shown(0), (SAMPLES / "hasna.jpg").read_bytes()
        await self._send(heard, photo)

    async def voice(self) -> None:
        await self._send(Unread("voice"))

    async def again(self, chance: Random) -> None:
        await self._world.service.writer.arrive(chance.choice(self._sent))
        await self._world.settle()

    async def answer(self) -> None:
        """The right reply to the last question; a minute's patience where nothing is asked."""
        asked = (await self.lines())[-1].text
        reply = next((reply for words, reply in REPLIES.items() if words in asked), None)
        if reply is None:
            await self._world.pass_time(timedelta(minutes=1))
        else:
            await self.says(reply)

    async def lines(self) -> list[Line]:
        chat = await self._world.service.transcript.chat("web", "main", "hasna")
        assert chat is not None
        lines = await self._world.service.transcript.lines(chat, 1, LINES_MAX)
        return [line for line in lines if not line.mine]

    async def _send(self, heard: FromPerson, photo: bytes | None = None) -> None:
        self._sent.append(Arrival("web", "main", "hasna", f"m{len(self._sent)}", heard, photo))
        await self._world.service.writer.arrive(self._sent[-1])
        await self._world.settle()


@pytest.mark.parametrize("seed", [1, 2])
async def test_ends_with_the_same_words(seed: int, tmp_path: Path) -> None:
    kind = await _enrolled(tmp_path / "kind", Writer, events=0, chance=Random(seed))
    hostile = await _enrolled(tmp_path / "hostile", DoublingWriter, events=EVENTS, chance=Random(seed))

    assert hostile == kind
    assert hostile[0].count(END) == 1


async def _enrolled(folder: Path, writer_kind: type[Writer], events: int, chance: Random) -> tuple[str, str]:
    """The last words of the enrolment, and the status asked for afterwards; the codes are masked."""
    folder.mkdir()
    async with World(_settings(folder), folder, writer_kind=writer_kind) as world:
        hasna = _Hasna(world)
        await hasna.says("daftar")
        for _event in range(events):
            await _trouble(world, hasna, chance)
        await world.bpjs("POST", "/sandbox/up")
        await _to_the_end(hasna)
        last = next(line.text for line in await hasna.lines() if END in line.text)
        await hasna.says("status")
        return _masked(last), _masked((await hasna.lines())[-1].text)


async def _to_the_end(hasna: _Hasna) -> None:
    for _turn in range(TURNS_MAX):
        if any(END in line.text for line in await hasna.lines()):
            return
        await hasna.answer()
    raise AssertionError((await hasna.lines())[-1].text)


async def _trouble(world: World, hasna: _Hasna, chance: Random) -> None:
    if any(END in line.text for line in await hasna.lines()):
        await hasna.again(chance)
        return
    match chance.choice(("answer", "answer", "answer", "again", "voice", "restart", "down", "up", "hours")):
        case "answer":
            await hasna.answer()
        case "again":
            await hasna.again(chance)
        case "voice":
            await hasna.voice()
        case "restart":
            await world.restart()
        case "hours":
            await world.pass_time(timedelta(hours=chance.randint(1, 3)))
        case where:
            await world.bpjs("POST", f"/sandbox/{where}")


def _masked(text: str) -> str:
    return re.sub(r"\b88\d{13}\b|\b\d{1,2} [A-Z][a-z]+ 20\d\d\b", "…", text)  # the code and its last day are drawn then


def _settings(folder: Path) -> Settings:
    return Settings(
        database=Database(url=f"sqlite+aiosqlite:///{folder / 'siaga.db'}"),
        secret=Secret(file=folder / "secret.key"),
        bpjs=BpjsSettings(url="http://bpjs.test", secret=SecretStr(BPJS_SECRET)),
    )
