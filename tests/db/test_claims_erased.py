"""A claim when data are erased: an open one is told of and left alone; of a closed one no word and no photo is left,
only what the ledger needs; what is about others stays."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.flows.claim_asks import AnswerClaim, OpenClaim
from bot.settings import Settings
from db import claim_sending, claims
from db.columns import to_micros
from rules.bpjs import ClaimRefused
from tests.claimants import DEATH, SCHOOL, Claimants
from tests.db.opened import opened
from tests.db.test_erasing import Member, enrolling, held_of, member
from tests.plays.player import Player
from tests.world import World

PAPERS = ("hasna", "farmer", "photocopy", "in-the-field")
IN_THE_WAY = (
    "Klaim nomor 1 masih berjalan dan perlu data ini. Kabarnya paling lambat 24 November 2026 pukul 16.00 WITA."
)
CLINIC = "Klinik Contoh Jampu"
CLOSES = ["(BPJS goes on with the claim)"] * 3
RECEIVED = ("klaim", "1", "1")


class House(Claimants):
    """A service and who plays with it."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._player = Player(world)

    async def plays(self, *lines: str) -> str:
        return await self._player.play("\n\n".join(lines))

    async def hold(self, *words: str) -> set[str]:
        """Those of the words that still stand in some table."""
        values = [value.casefold() for _place, value in await opened(self.world)]
        return {one for one in words if any(one.casefold() in value for value in values)}

    async def closes(self, chat: int, claim: OpenClaim) -> None:
        """BPJS refuses the claim, and its reporter accepts that."""
        refused = ClaimRefused("unknown-kpj", "Nomor KPJ ini tidak dikenal.")
        run = self.world.service.writer.run
        await run(lambda unit: claim_sending.report_refused(unit, claim.claim, refused))
        assert await run(lambda unit: claims.answer(unit, chat, AnswerClaim(claim.claim, "accepted")))

    async def photos_left(self) -> int:
        ((count,),) = await self.rows("SELECT count(*) FROM photo_keys WHERE key IS NOT NULL")
        return int(count)


@pytest.fixture
async def house(settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    async with World(settings, tmp_path) as world:
        yield House(world)


def says(who: str, *words: str) -> list[str]:
    return [f"{who}:  {one}" for one in words]


class Fall(Member, frozen=True):
    """What is told of an accident by a neighbour, in words of its own."""

    @property
    def words(self) -> tuple[str, str, str, str]:
        """Story, injury, clinic, who reports."""
        return (f"Jatuh {self.birth_place}", f"Luka {self.address}", f"Puskesmas {self.heir}", self.name)


def fall(chance: Random) -> Fall:
    made = member(chance, 60)
    return Fall(made.nik, made.name, made.birth_place, made.address, made.phone, made.heir)


def reporting(who: str, told: Fall, *about: str) -> list[str]:
    """An accident of today that somebody else reports; `about`: whose it is."""
    story, injury, clinic, reporter = told.words
    words = ("Jampu", story, injury, "ya", clinic, "2", reporter, "tetangga", told.phone, "ya")
    return says(who, "kecelakaan", *about, "1", "1", "1", *words)


def papers(who: str) -> list[str]:
    return [f"{who}:  (photo {one}.jpg)" for one in PAPERS]


def digits(told: Fall) -> str:
    return told.phone.removeprefix("0")


@pytest.mark.parametrize("seed", range(2))
async def test_of_a_closed_claim_only_what_the_ledger_needs_is_left(house: House, seed: int) -> None:
    chance = Random(200 + seed)
    one, told = member(chance, seed), fall(chance)
    await house.plays(*enrolling("hasna", one, helper=False), "(BPJS: the code is paid)",
                      *reporting("hasna", told, "1"), *papers("hasna"), *CLOSES, *says("hasna", *RECEIVED))  # fmt: skip
    words = (*told.words, digits(told))
    assert await house.hold(*words) == {*words}
    assert await house.photos_left() == len(PAPERS)

    await house.plays(*says("hasna", "hapus data", "ya"))

    assert await held_of(house.world, one, everything=False) == set()
    assert await house.hold(*words) == set()
    assert await house.photos_left() == 0
    ((kind, state, amount, paid_on, paid_to),) = await house.rows(
        "SELECT kind, state, amount, paid_on, paid_to FROM claims"
    )
    assert (kind, state, paid_to) == ("accident", "closed", None)
    assert amount and paid_on

    kpj = str((await house.rows("SELECT kpj FROM memberships"))[0][0])
    house.world.clock.now = house.world.clock.now.replace(year=2037, month=1, day=1)
    await house.world.settle()
    assert await held_of(house.world, one, everything=True) == set()
    assert await house.hold(kpj) == set()


async def test_where_the_injured_was_treated_is_forgotten(house: House) -> None:
    one = member(Random(205), 2)
    fell = ("kecelakaan", "1", "1", "1", "1", "Jampu", "Jatuh dari pohon", "kaki", "tidak", "ya", "tidak punya", "ya")
    heard = await house.plays(
        *enrolling("hasna", one, helper=False),
        "(BPJS: the code is paid)",
        *says("hasna", *fell, "1"),
        *papers("hasna"),
        *CLOSES,
        *says("hasna", *RECEIVED),
    )
    assert CLINIC in heard

    await house.plays(*says("hasna", "hapus data", "ya"))

    assert await house.hold(CLINIC) == set()


async def test_an_open_claim_stands_in_the_way_and_keeps_its_papers(house: House) -> None:
    chance = Random(210)
    one, told = member(chance, 3), fall(chance)
    await house.plays(*enrolling("hasna", one, helper=False), "(BPJS: the code is paid)",
                      *reporting("hasna", told, "1"), *papers("hasna"))  # fmt: skip

    heard = await house.plays(*says("hasna", "hapus data"))
    photos = await house.plays(*says("hasna", "hapus foto saya"))

    assert IN_THE_WAY in heard
    assert "Hapus data" not in heard
    assert "Tidak ada foto KTP" in photos
    assert await house.photos_left() == len(PAPERS)
    assert await house.hold(*told.words) == {*told.words}
    await house.plays(*CLOSES, *says("hasna", *RECEIVED, "hapus data", "ya"))
    assert await house.hold(*told.words, digits(told)) == set()


async def test_on_a_shared_phone_the_others_claim_stays(house: House) -> None:
    chance = Random(220)
    one, other = member(chance, 4), member(chance, 5)
    of_one, of_other = fall(chance), fall(chance)
    paid = "(BPJS: the code is paid)"
    await house.plays(*enrolling("rina", one, helper=True), paid, *enrolling("rina", other, helper=True), paid,
                      *reporting("rina", of_one, one.name), *papers("rina"), *CLOSES,
                      *says("rina", "klaim", "1", one.year, "1"),
                      *reporting("rina", of_other, other.name), *papers("rina"))  # fmt: skip

    heard = await house.plays(*says("rina", "hapus data", one.name, one.year, "ya"))

    assert "masih berjalan" not in heard
    assert await held_of(house.world, one, everything=False) == set()
    assert await house.hold(*of_one.words, digits(of_one)) == set()
    assert await house.hold(*of_other.words, digits(of_other)) == {*of_other.words, digits(of_other)}
    assert await house.photos_left() == len(PAPERS)
    assert "Klaim 2" in await house.plays(*says("rina", "klaim", "1", other.year))


async def test_what_another_phone_reported_goes_and_the_rest_said_there_stays(house: House) -> None:
    chance = Random(230)
    one, told = member(chance, 6), fall(chance)
    await house.plays(*enrolling("hasna", one, helper=False), "(BPJS: the code is paid)")
    kpj = str((await house.rows("SELECT kpj FROM memberships"))[0][0])
    born = f"{int(one.nik[6:8]):02}-{one.nik[8:10]}-{one.year}"
    await house.plays(
        *says("sitti", "manfaat sawahku"),
        "(1 minute passes)",
        *reporting("sitti", told, "1", "1", kpj, born),  # of the menu, accident; then the number
        *papers("sitti"),
    )
    assert IN_THE_WAY in await house.plays(*says("sitti", "hapus data"))
    assert IN_THE_WAY in await house.plays(*says("hasna", "hapus data"))

    await house.plays(*CLOSES, *says("sitti", *RECEIVED), *says("hasna", "hapus data", "ya"))

    assert await held_of(house.world, one, everything=False) == set()
    assert await house.hold(*told.words, digits(told)) == set()
    assert await house.hold("manfaat sawahku") == {"manfaat sawahku"}


async def test_who_only_reported_is_forgotten_with_the_chat(house: House) -> None:
    chance = Random(240)
    one, told = member(chance, 7), fall(chance)
    await house.plays(*enrolling("hasna", one, helper=False), "(BPJS: the code is paid)")
    kpj = str((await house.rows("SELECT kpj FROM memberships"))[0][0])
    born = f"{int(one.nik[6:8]):02}-{one.nik[8:10]}-{one.year}"
    await house.plays(*reporting("sitti", told, "1", kpj, born), *papers("sitti"), *CLOSES, *says("sitti", *RECEIVED))

    await house.plays(*says("sitti", "hapus data", "ya"))

    assert await house.hold(*told.words, digits(told)) == set()
    assert {what for _place, what in await held_of(house.world, one, everything=True)} >= {"name", "nik", "heir"}


async def test_that_somebody_died_stays_known_and_their_heir_is_forgotten(house: House) -> None:
    chat = await house.chat("rina")
    person = await house.member(chat)
    for about in (DEATH, SCHOOL):
        claim = await house.reports(chat, person, about, by="NURHAYATI")
        await house.closes(chat, claim)
    assert await house.hold("nurhayati", "sdn 1 jampu") == {"nurhayati", "sdn 1 jampu"}

    await erased(house, "rina")

    assert await house.hold("nurhayati", "sdn 1 jampu", "andi", "dusun lappa") == set()
    deaths = await house.rows("SELECT person_id, died_on FROM deaths")
    assert [(who, str(day)) for who, day in deaths] == [(person, str(DEATH.on))]
    assert [kind for (kind,) in await house.rows("SELECT kind FROM claims ORDER BY number")] == ["death", "scholarship"]


async def erased(house: House, who: str) -> None:
    heard = await house.plays(*says(who, "hapus data", "ya"))
    assert "Permintaan dicatat" in heard


async def test_the_papers_of_an_open_claim_live_on_and_die_ninety_days_after_its_end(house: House) -> None:
    chat = await house.chat("hasna")
    claim = await house.reports(chat, await house.member(chat))
    await house.sends(chat, "hasna", claim)
    await passes(house, days=100)
    assert await house.photos_left() == len(claim.missing)

    await house.closes(chat, claim)
    closed = house.world.clock.now
    await passes(house, days=89)
    assert await house.photos_left() == len(claim.missing)
    await passes(house, days=2)

    assert await house.photos_left() == 0
    dying: Sequence[tuple[str, int]] = await house.rows("SELECT DISTINCT why, dies_at FROM photo_keys")
    assert dying == [("its claim was closed", to_micros(closed + timedelta(days=90)))]


async def passes(house: House, days: int) -> None:
    house.world.clock.now += timedelta(days=days)
    await house.world.service.retention.run_due()
