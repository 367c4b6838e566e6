"""What is held about somebody is told, and changed, only where the chat speaks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import msgspec
import pytest
from msgspec import Struct
from sqlalchemy import text

from bot.flows.data_asks import (
    THE_CHAT,
    CheckBirthYear,
    Correct,
    DataOf,
    Erase,
    ForgetPhotos,
    MustKeep,
    NoteExport,
    PeopleHere,
)
from bot.handlers.contract import Arrival
from bot.settings import Settings
from bot.talk.heard import Said
from db import held, my_data
from db.held import READ, WRONG_YEARS_MAX
from db.tables import chat_people, people
from db.unit import Unit
from rules.nik import Nik
from tests.rules.values import TODAY, nik_of
from tests.world import World

T = TypeVar("T")
DAY = TODAY.isoformat()
ROLES = (None, "self", "helper", "moved", "erased")
"""How a chat may stand to a person; None: it has nothing to do with them."""
BORN = 1979
ASKED: tuple[Any, ...] = (
    DataOf(0, DAY), MustKeep(0, DAY), NoteExport(0, True), Correct(0, "address", ("DUSUN BARU",)),
    Correct(0, "heir", ("LA BACO", "spouse")), ForgetPhotos(0), Erase(0),
)  # fmt: skip
"""Everything that can be asked about a person, the gentlest first."""
OF_THE_ERASED: tuple[type, ...] = (DataOf, MustKeep, NoteExport)
"""What may still be asked where everything was erased that may be."""
REFUSED = (None, False)


class Village(Struct):
    """Chats and people, and who speaks for whom."""

    world: World
    chats: list[int]
    people: list[int]
    roles: dict[tuple[int, int], str | None]

    async def run(self, job: Callable[[Unit], Awaitable[T]]) -> T:
        return await self.world.service.writer.run(job)

    async def ask(self, chat: int, request: Any) -> Any:
        return await self.run(lambda unit: my_data.ANSWERS[type(request)](unit, chat, request))

    async def rows(self) -> dict[str, list[Any]]:
        """Everything about people that an answer could have changed."""
        async with self.world.service.transcript._engine.connect() as connection:
            tables = ("people", "chat_people", "corrections", "erasures", "consents", "photo_keys", "tasks", "audit")
            return {name: list((await connection.execute(text(f"SELECT * FROM {name}"))).all()) for name in tables}


def person(unit: Unit, name: str, nik: Nik) -> int:
    number = unit.ids.next()
    unit.add(
        people, id=number, nik_index=unit.vault.index(nik), nik=unit.vault.seal(nik.digits.encode(), f"nik {number}"),
        name=name, birth_place="SOPPENG", birth_date=nik.born(TODAY), sex=nik.sex, address="DUSUN LAPPA",
        village_code="73.12.02.2005", created_at=unit.now,
    )  # fmt: skip
    return number


@pytest.fixture(params=range(4))
async def village(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Village]:
    chance = Random(request.param)
    async with World(settings, tmp_path) as world:
        arrivals = [Arrival("web", "main", who, f"{who}1", Said("halo")) for who in ("hasna", "rina", "dania", "baco")]
        chats = [(await world.service.writer.arrive(one)).chat for one in arrivals]

        async def settle_in(unit: Unit) -> tuple[list[int], dict[tuple[int, int], str | None]]:
            born = TODAY.replace(year=BORN)
            found = [person(unit, f"PESERTA {number}", nik_of(born, "female", 9901 + number)) for number in range(4)]
            roles = {(chat, one): chance.choice(ROLES) for chat in chats for one in found}
            for (chat, one), role in roles.items():
                if role is not None:
                    unit.add(chat_people, chat_id=chat, person_id=one, role=role, since=unit.now)
            return found, roles

        found, roles = await world.service.writer.run(settle_in)
        yield Village(world, chats, found, roles)


async def test_a_chat_is_told_of_its_own_people_alone(village: Village) -> None:
    for chat in village.chats:
        told = await village.ask(chat, PeopleHere(DAY))

        own = [one for one in village.people if village.roles[chat, one] not in (None, "moved")]
        assert sorted(one.person for one in told) == own
        assert {one.person for one in told if one.erased} == {
            one for one in own if village.roles[chat, one] == "erased"
        }


async def test_nothing_is_told_or_changed_where_the_chat_does_not_speak_for_the_person(village: Village) -> None:
    before = await village.rows()

    for (chat, one), role in village.roles.items():
        for request in ASKED:
            if role in (None, "moved") or (role == "erased" and not isinstance(request, OF_THE_ERASED)):
                assert await village.ask(chat, msgspec.structs.replace(request, person=one)) in REFUSED
        if role in (None, "moved"):
            transcript = village.world.service.transcript
            vault = village.world.service.desk.vault
            assert await my_data.export(transcript._engine, vault, f"{one} full", chat) is None

    assert await village.rows() == before


async def test_where_it_does_everything_is_answered(village: Village) -> None:
    for (chat, one), role in village.roles.items():
        for request in ASKED[:5] if role in ("self", "helper") else ():
            assert await village.ask(chat, msgspec.structs.replace(request, person=one)) not in REFUSED


async def test_what_was_sent_in_a_chat_with_people_is_not_everybodys(village: Village) -> None:
    """Somebody who has nothing to do with them is asked for by no number at all."""
    for chat in village.chats:
        if any(village.roles[chat, one] for one in village.people):
            assert await village.ask(chat, ForgetPhotos(THE_CHAT)) is None
            assert await village.ask(chat, Erase(THE_CHAT)) is None


async def test_a_birth_year_is_no_key_to_somebody_elses_data(village: Village) -> None:
    for (chat, one), role in village.roles.items():
        answer = await village.ask(chat, CheckBirthYear(one, BORN, 1))
        if role in (None, "moved"):
            assert answer != "right"


async def test_after_five_wrong_years_none_is_right_until_the_next_day(village: Village) -> None:
    chat, one = next(pair for pair, role in village.roles.items() if role in ("self", "helper"))
    answers = [await village.ask(chat, CheckBirthYear(one, 1900 + number, number)) for number in range(WRONG_YEARS_MAX)]

    assert answers == ["wrong"] * (WRONG_YEARS_MAX - 1) + ["too-many"]
    assert await village.ask(chat, CheckBirthYear(one, BORN, 9)) == "too-many"
    village.world.clock.now += held.COUNTED_FOR
    assert await village.ask(chat, CheckBirthYear(one, BORN, 10)) == "right"


async def test_who_opened_the_data_is_counted(village: Village) -> None:
    chat, one = next(pair for pair, role in village.roles.items() if role in ("self", "helper"))

    async def read(unit: Unit) -> None:
        unit.did("Nurul", READ, f"person {one}")

    await village.run(read)
    await village.run(read)

    found = await village.ask(chat, DataOf(one, DAY))
    assert (found.reads, found.nik) == (2, f"7312********{9901 + village.people.index(one)}")
