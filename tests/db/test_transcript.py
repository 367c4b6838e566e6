"""A chat as its person saw it: with the pictures that were shown, also in lines of an older release."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said, Shown
from bot.talk.message import Button, Crop, Message
from db import outbox, photos
from db.outbox import State
from db.unit import Unit
from tests.ktp.samples import FOLDER
from tests.runtime.held import LANE, chatting
from tests.world import UNSURE, World

HASNA = (FOLDER / "hasna.jpg").read_bytes()


async def say(world: World, who: str, words: str) -> int:
    receipt = await world.service.writer.arrive(Arrival("web", "main", who, f"{who} {words}", Said(words)))
    await world.settle()
    return receipt.chat


@pytest.fixture
def old_message() -> bytes:
    """As it was written before messages had pictures."""
    return b'{"text":"Halo","buttons":[{"label":"Ya","data":"1.a.b"}],"wants":"choice","back":true}'


def test_a_message_without_a_picture_is_still_understood(old_message: bytes) -> None:
    read = msgspec.json.decode(old_message, type=Message)

    assert read == Message("Halo", (Button("Ya", "1.a.b"),), "choice", True, None)


async def test_a_part_of_a_photo_is_known_by_its_line_and_to_its_chat(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        chat = await say(world, "hasna", "daftar")
        for words in ("1", "setuju"):
            await say(world, "hasna", words)
        await world.service.writer.arrive(Arrival("web", "main", "hasna", "p", Shown(0), HASNA + UNSURE + b"name"))
        await world.settle()
        await say(world, "hasna", "benar")
        stranger, transcript = await say(world, "baco", "halo"), world.service.transcript
        *_, before, asked = await transcript.lines(chat, 0, 100)

        crop = await transcript.crop(chat, asked.id)

        assert asked.picture is not None
        assert asked.picture.shows == crop
        assert isinstance(crop, Crop)
        assert await transcript.photo(chat, crop.photo) == HASNA + UNSURE + b"name"
        assert await transcript.crop(chat, before.id) is None
        assert await transcript.crop(stranger, asked.id) is None

        async def destroy(unit: Unit) -> None:
            photos.destroy(unit, crop.photo, "asked for")

        await world.service.writer.run(destroy)
        assert await transcript.photo(chat, crop.photo) is None
        assert (await transcript.lines(chat, 0, 100))[-1].picture == asked.picture


@pytest.mark.parametrize(
    ("state", "lines"),
    [("done", ["Apa?"]), ("unknown", ["Apa?"]), ("gone", []), ("refused", [])],
)  # fmt: skip
async def test_what_never_reached_anybody_was_not_said(database: str, state: State, lines: list[str]) -> None:
    """ "unknown" may have reached them."""
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        waiting = await chat.said()

        async def end(unit: Unit) -> None:
            (row,) = await outbox.take(unit, [LANE], 1)
            outbox.settle(unit, row.id, state)

        await chat.service.writer.run(end)

        assert waiting == ["Apa?"]  # it is on its way
        assert await chat.said() == lines


async def test_what_the_channel_took_and_could_not_deliver_was_not_said(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        await chat.send()
        ((ref,),) = await chat.service.rows("SELECT sent_as FROM outbox")

        await chat.service.writer.run(lambda unit: outbox.became(unit, ref, "delivered"))
        delivered = await chat.said()
        await chat.service.writer.run(lambda unit: outbox.became(unit, ref, "failed", "131026"))

        assert (delivered, await chat.said()) == (["Apa?"], [])


async def test_what_was_withdrawn_because_the_office_took_over_was_not_said(database: str) -> None:
    async with chatting(database) as chat:
        await chat.arrive("halo", "m0")
        await chat.send()
        await chat.arrive("satu", "m1")
        await chat.office.say(await chat.chat(), "ibu.sari", "Saya Ibu Sari.")
        await chat.send()

        assert await chat.said() == ["Apa?", "Saya Ibu Sari."]
        assert chat.sent == await chat.said()
