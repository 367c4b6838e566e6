"""After an erasure no row of any table holds an erased value, even for who has the secret; what is others' stays."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy import text

from bot.settings import Settings
from db.spoken import Marks
from rules.nik import Nik
from tests.db.opened import opened
from tests.plays.player import Player
from tests.rules.values import birth_dates, nik_of, serials, sexes
from tests.world import World

Play = Callable[..., Awaitable[str]]
SYLLABLES = "ba co la te nu ri ha sa do ke mi ra wo ju pe li".split()
FINISHED = "Selamat"


class Member(Struct, frozen=True):
    """An invented person, all of whose words are their own."""

    nik: str
    name: str
    birth_place: str
    address: str
    phone: str
    heir: str

    @property
    def year(self) -> str:
        return f"19{self.nik[10:12]}"


def member(chance: Random, number: int) -> Member:
    def word() -> str:
        return "".join(chance.sample(SYLLABLES, 4)).title()

    nik = f"731204{chance.randint(1, 28):02}{chance.randint(1, 12):02}{chance.randint(70, 99)}{9930 + number}"
    phone = f"0812{chance.randint(10_000_000, 99_999_999)}"
    return Member(nik, f"{word()} {word()}", word(), f"Dusun {word()}", phone, f"{word()} {word()}")


def enrolling(who: str, one: Member, *, helper: bool, finish: bool = True) -> list[str]:
    """What is typed from "daftar" on. Who doesn't finish stops before the summary is sent."""
    says = [
        "daftar", "2" if helper else "1", *(["ya"] if helper else []), "setuju", "1", one.nik, "benar", one.name,
        one.birth_place, one.address, "Jampu", "petani padi", "1", one.phone, one.heir, "1", "3", "ya",
    ]  # fmt: skip
    return [f"{who}:  {words}" for words in (*says, *(["ya"] if finish else []))]


def erased_values(one: Member, *, everything: bool) -> dict[str, re.Pattern[str]]:
    """What may be nowhere any more, however it is written."""
    digits = one.phone.removeprefix("0")
    found = {"birth place": one.birth_place, "address": one.address, "heir": one.heir, "phone": digits}
    if everything:
        found |= {"name": one.name, "nik": one.nik}
    return {what: re.compile(r"\D{0,2}".join(value) if value.isdigit() else re.escape(value), re.IGNORECASE)
            for what, value in found.items()}  # fmt: skip


async def held_of(world: World, one: Member, *, everything: bool) -> set[tuple[str, str]]:
    """(table.column, what) where something of this person still stands."""
    wanted = erased_values(one, everything=everything)
    return {
        (place, what)
        for place, value in await opened(world) for what, pattern in wanted.items() if pattern.search(value)
    }  # fmt: skip


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    async with World(settings, tmp_path) as opened_world:
        yield opened_world


@pytest.fixture
def play(world: World) -> Play:
    """Plays these lines, and then what follows."""
    player = Player(world)
    return lambda *lines: player.play("\n\n".join(lines))


@pytest.mark.parametrize("seed", range(3))
async def test_of_a_member_only_what_the_law_keeps_is_left(world: World, play: Play, seed: int) -> None:
    one = member(Random(seed), seed)
    await play(*enrolling("hasna", one, helper=False), "(BPJS: the code is paid)",
               "hasna:  data saya", "hasna:  1", "hasna:  hapus foto saya", "hasna:  pindah")  # fmt: skip
    assert await held_of(world, one, everything=False) >= {("people.address", "address"), ("inbound.body", "heir")}

    await play("hasna:  hapus data", "hasna:  ya")

    assert await held_of(world, one, everything=False) == set()
    left = {place.partition(".")[0] for place, _what in await held_of(world, one, everything=True)}
    assert left == {"people"}


@pytest.mark.parametrize("seed", range(3))
async def test_of_two_on_one_phone_only_the_erased_one_is_gone(world: World, play: Play, seed: int) -> None:
    """Though they talked in one chat, one after the other, and a third is still under way."""
    chance = Random(100 + seed)
    one, other, third = (member(chance, number) for number in range(3))
    await play(*enrolling("rina", one, helper=True), *enrolling("rina", other, helper=True),
               *enrolling("rina", third, helper=True, finish=False))  # fmt: skip

    await play("rina:  hapus data", f"rina:  {one.name}", f"rina:  {one.year}", "rina:  ya")

    assert await held_of(world, one, everything=False) == set()
    kept = {what for _place, what in await held_of(world, other, everything=True)}
    assert kept == {"birth place", "address", "heir", "phone", "name", "nik"}
    told = await play("rina:  halo", "rina:  ya", "rina:  status")
    assert FINISHED in told  # the third's enrolment was still there, and goes on to its end
    assert f"{other.name}: CODE-2" in told
    assert f"{one.name}: CODE" not in told


async def test_where_nothing_was_sent_everything_goes_at_once(world: World, play: Play) -> None:
    one = member(Random(7), 7)
    await play(*enrolling("hasna", one, helper=False, finish=False), "hasna:  hapus data", "hasna:  ya")

    assert await held_of(world, one, everything=True) == set()
    assert "Tidak ada" not in await play("hasna:  halo")


async def test_of_who_was_refused_nothing_is_kept(world: World, play: Play) -> None:
    one = member(Random(8), 8)
    refused = Member(f"{one.nik[:12]}9995", one.name, one.birth_place, one.address, one.phone, one.heir)
    await play(*enrolling("hasna", refused, helper=False), "hasna:  hapus data", "hasna:  ya")

    assert await held_of(world, refused, everything=True) == set()
    told = await play(*enrolling("hasna", member(Random(9), 9), helper=False))
    assert FINISHED in told


async def test_while_bpjs_has_not_answered_the_erasure_waits(world: World, play: Play) -> None:
    """Its answer would bring everything back."""
    one = member(Random(9), 9)
    await play(*enrolling("hasna", one, helper=False)[:-1], "(BPJS is down)", "hasna:  ya",
               "hasna:  hapus data", "hasna:  ya")  # fmt: skip
    assert await held_of(world, one, everything=True) != set()

    await play("(BPJS is back)", "(10 minutes pass)")

    assert await held_of(world, one, everything=False) == set()


async def test_what_the_law_keeps_goes_when_its_time_is_over(world: World, play: Play) -> None:
    one = member(Random(10), 10)
    await play(*enrolling("hasna", one, helper=False), "(BPJS: the code is paid)", "hasna:  hapus data",
               "hasna:  ya")  # fmt: skip
    world.clock.now = world.clock.now.replace(year=2036, month=12, day=31)
    await world.settle()
    assert await held_of(world, one, everything=True) != set()

    world.clock.now += timedelta(days=1)
    await world.settle()

    assert await held_of(world, one, everything=True) == set()
    async with world.service.transcript._engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM receipts"))).scalar() == 1  # of nobody


# -- how it is known that something is about a person ---------------------------------------------------------------

words = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=5).map("".join)
before = st.sampled_from(["", "untuk ", "(", "Data ", "\n", "'"])
after = st.sampled_from(["", ".", ", 31754442421", ")", "\n", "?"])


@given(name=st.lists(words, min_size=1, max_size=3).map(" ".join), before=before, after=after, shout=st.booleans())
def test_a_name_is_found_in_any_sentence_and_in_no_longer_name(name: str, before: str, after: str, shout: bool) -> None:
    marks = Marks.of([name], [], [])
    told = name.upper() if shout else name.title()

    assert marks.are_in(f"{before}{told}{after}".casefold())
    assert not marks.are_in(f"{before}{told}wati{after}".casefold())


@given(
    born=birth_dates,
    sex=sexes,
    serial=serials,
    gap=st.sampled_from(["", " ", ".", "-", " - "]),
    every=st.integers(1, 15),
)
def test_a_nik_is_found_however_it_is_grouped(born: object, sex: object, serial: int, gap: str, every: int) -> None:
    nik: Nik = nik_of(born, sex, serial)  # type: ignore[arg-type]  # drawn as they are
    other = nik_of(born, sex, serial=9900 + (serial - 9900 + 1) % 100)  # type: ignore[arg-type]
    marks = Marks.of([], [nik.digits], [])

    def grouped(digits: str) -> str:
        return gap.join(digits[start : start + every] for start in range(0, len(digits), every))

    assert marks.are_in(f"NIK saya {grouped(nik.digits)}.")
    assert not marks.are_in(f"NIK saya {grouped(other.digits)}.")
