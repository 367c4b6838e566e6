"""On a phone that serves several people: what is said unasked leads to who may read it, or to nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.flows import notices
from bot.flows.clinic_asks import ChooseClinic
from bot.settings import Settings
from db import treatments
from rules.plkk import Clinic
from tests.claimants import BORN, FALL, Claimants
from tests.plays.player import Player
from tests.runtime.test_claims import Blind
from tests.world import World


@pytest.fixture
async def people(settings: Settings, tmp_path: Path) -> AsyncIterator[Claimants]:
    async with World(settings, tmp_path, reader=Blind()) as world:
        yield Claimants(world)


async def test_a_phone_that_serves_several_isnt_sent_to_read_of_a_claim_that_is_closed(people: Claimants) -> None:
    chat = await people.chat("rina")
    claim = await people.reports(chat, await people.member(chat))
    await people.member(chat, "LA BACO", "9902")
    await people.sends(chat, "rina", claim)
    await people.world.settle()
    for _step in ("verifying", "approved", "paid"):
        await people.bpjs_goes_on(claim.claim)

    await people.world.pass_time(timedelta(days=10))

    assert await people.now(chat, claim.number) is None
    assert (await people.heard(chat))[-1] == "Satu klaim kami tutup. Kalau ada yang belum beres, ketik petugas."


async def test_on_a_shared_phone_what_a_clinic_tells_is_read_by_who_knows_the_birth_year(people: Claimants) -> None:
    world = people.world
    chat = await people.chat("rina")
    claim = await people.reports(chat, await people.member(chat))
    await people.member(chat, "LA BACO", "9902")
    (clinic, *_more) = await found_near(world)
    await world.service.writer.run(
        lambda unit: treatments.choose(unit, chat, ChooseClinic(claim.claim, clinic.id, clinic.name))
    )
    await world.settle()
    ((reference,),) = await people.rows("SELECT reference FROM treatments")
    await world.plkk("POST", f"/sandbox/treatments/{reference}/next")
    await world.settle()
    assert set(await people.heard(chat)) == {notices.claim_news().msgid}

    read = await Player(world).play(f"rina:  klaim\n\nrina:  1\n\nrina:  {BORN.year}")

    assert f"{clinic.name}: sudah datang dan diperiksa." in read


async def found_near(world: World) -> tuple[Clinic, ...]:
    plkk = world.service.clinics._plkk
    assert plkk is not None
    near = await plkk.clinics_near(FALL.village_code)
    assert isinstance(near, tuple)
    return near
