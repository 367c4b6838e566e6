"""No paper is lost when much is heard at once, while the office has the chat, or over a restart; none is made twice or
for somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from bot.handlers.contract import Arrival
from bot.runtime.papers import AT_ONCE_MAX, PAPER_BYTES_MAX, Reading
from bot.settings import Settings
from bot.talk.heard import Said
from bot.talk.message import Line, Paper
from tests.papering import DATA_OF_MINE, LETTER, PAPERING, QR, THESE
from tests.world import World


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    async with World(settings, tmp_path, parts=PAPERING) as made:
        yield made


async def say(world: World, *words: str, who: str = "hasna", named: str = "") -> None:
    """All at once."""
    arrivals = [Arrival("web", "main", who, f"{who} {named} {each}", Said(each)) for each in words]
    await asyncio.gather(*(world.service.writer.arrive(arrival) for arrival in arrivals))


async def lines(world: World, who: str = "hasna") -> list[Line]:
    chat = await world.service.transcript.chat("web", "main", who)
    assert chat is not None
    return [line for line in await world.service.transcript.lines(chat, 0, 100) if not line.mine]


async def papers(world: World) -> list[Paper]:
    return [line.paper for line in await lines(world) if line.paper is not None]


async def test_of_what_is_asked_for_at_once_all_is_handed_over_and_the_last_question_is_asked(world: World) -> None:
    await say(world, "berkas")

    await say(world, "surat", "kode", "data")

    assert await papers(world) == [LETTER, QR, DATA_OF_MINE]
    last = (await lines(world))[-1]
    assert last.text.endswith("6 Besar")
    assert len(last.buttons) == 6


async def test_the_same_one_asked_for_twice_at_once_is_handed_over_once(world: World) -> None:
    await say(world, "berkas")

    await say(world, "surat", "SURAT")

    assert await papers(world) == [LETTER]


async def test_a_paper_survives_a_restart(world: World) -> None:
    await say(world, "terakhir")
    await world.restart()

    (line,) = [line for line in await lines(world) if line.paper is not None]
    chat = await world.service.transcript.chat("web", "main", "hasna")
    assert chat is not None
    assert await world.service.transcript.paper(chat, line.id) == LETTER
    assert await world.service.transcript.paper(chat + 1, line.id) is None


async def test_a_maker_is_told_for_which_chat(world: World) -> None:
    await say(world, "terakhir")
    await say(world, "halo", who="rahman")
    hasna, rahman = [await world.service.transcript.chat("web", "main", who) for who in ("hasna", "rahman")]
    assert hasna is not None
    assert rahman is not None

    assert await world.service.papers.make(hasna, LETTER) is not None
    assert await world.service.papers.make(rahman, LETTER) is None


async def test_what_no_channel_takes_is_not_handed_out_and_the_operator_is_told(world: World) -> None:
    with capture_logs() as logged:
        assert await world.service.papers.make(1, replace(LETTER, kind="huge")) is None
        assert await world.service.papers.make(1, replace(LETTER, kind="no-such-kind")) is None

    assert [(line["event"], line["kind"]) for line in logged] == [
        ("paper-too-large", "huge"), ("paper-unknown", "no-such-kind"),
    ]  # fmt: skip
    assert PAPER_BYTES_MAX == 5_000_000


async def test_only_a_few_are_made_at_the_same_time(settings: Settings, tmp_path: Path) -> None:
    at_work, most = 0, 0

    async def slow(reading: Reading, of: str, chat: int) -> bytes | None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.01)
        at_work -= 1
        return b"x"

    async with World(settings, tmp_path, parts=replace(PAPERING, makers={**THESE, "letter": slow})) as world:
        await asyncio.gather(*(world.service.papers.make(1, LETTER) for _ in range(20)))

    assert most == AT_ONCE_MAX


async def test_what_comes_of_an_errand_while_the_office_has_the_chat_is_not_lost(world: World) -> None:
    """The words wait until the office has left, without the question, and the paper with them."""
    await say(world, "tugas")
    chat = await world.service.transcript.chat("web", "main", "hasna")
    assert chat is not None
    await world.service.office.take_over(chat, "ibu.sari")

    await world.settle()

    (line,) = [line for line in await lines(world) if line.paper is not None]
    assert (line.paper, line.text) == (LETTER, "Ini suratnya.")
