"""A photographed paper on its way through the whole service: a flow learns whether a person can read it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import Parts
from bot.flows import HOUSE
from bot.flows.paper_asks import LookAtPaper
from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk import ask
from bot.talk.awaited import Say
from bot.talk.flow import Flow, House, Next
from bot.talk.heard import Said, Shown
from rules.words import Text
from tests.ktp.samples import FOLDER
from tests.world import BLURRED, World

PHOTO = (FOLDER / "not-a-ktp.jpg").read_bytes()
LINES_MAX = 20


async def letter() -> Next | None:
    """Asks for a photo and tells what is wrong with it."""
    photo = await ask.Photo("photo", Text("Foto suratnya."), instead={"none": Text("Tidak ada")})
    if isinstance(photo, int):
        await Say(Text("Cacat: {fault}.", {"fault": await LookAtPaper(photo) or "tidak ada"}))
    return None


PARTS = Parts(house=House((*HOUSE.flows, Flow("letter", letter, Text("Surat"), ("surat",)))))


@pytest.mark.parametrize(("photo", "told"), [(PHOTO, "Cacat: tidak ada."), (PHOTO + BLURRED, "Cacat: blurred.")])
async def test_a_flow_learns_whether_a_paper_can_be_read(
    settings: Settings, tmp_path: Path, photo: bytes, told: str
) -> None:
    async with World(settings, tmp_path, parts=PARTS) as world:
        await world.service.writer.arrive(Arrival("web", "main", "hasna", "1", Said("surat")))
        shown = await world.service.writer.arrive(Arrival("web", "main", "hasna", "2", Shown(0), photo))
        await world.pass_time(timedelta(seconds=2))

        lines = await world.service.transcript.lines(shown.chat, 0, LINES_MAX)
        assert told in "\n".join(line.text for line in lines if not line.mine).split("\n")
