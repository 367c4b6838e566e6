"""A membership moves once, to who has the code; who helped sees no more of it, and the audit tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from msgspec import Struct
from sqlalchemy import text

from bot.flows.asks import CheckMoveCode, HelpedPeople, MakeMoveCode, Movable, Moved, MoveRefused, RedeemMoveCode
from bot.settings import Settings
from db import moves
from db.columns import from_micros
from db.moves import GOOD_FOR, PEOPLE_MAX, WRONG_EVERYWHERE_MAX, WRONG_MAX
from db.tables import chat_people, memberships, move_tries, people
from db.unit import Unit
from tests.plays.player import Player
from tests.world import World

T = TypeVar("T")
SCRIPT = Path(__file__).parent.parent / "plays" / "scripts" / "a_membership_moves_to_its_own_phone.chat"
DAY = "2026-11-21"
NOT_VALID, TOO_MANY = MoveRefused("not-valid"), MoveRefused("too-many")


class Stage(Struct):
    """Rina has enrolled Hasna; Hasna and Dania have said hello. The chats are known by their ids."""

    world: World
    rina: int
    hasna: int
    dania: int

    async def run(self, job: Callable[[Unit], Awaitable[T]]) -> T:
        return await self.world.service.writer.run(job)

    async def makes(self, chat: int) -> str:
        (one,) = await self.run(lambda unit: moves.helped(unit, chat, HelpedPeople(DAY)))
        made = await self.run(lambda unit: moves.make_code(unit, chat, MakeMoveCode(one.person)))
        assert made is not None
        return made.code

    async def types(self, chat: int, code: str) -> Movable | MoveRefused:
        return await self.run(lambda unit: moves.check_code(unit, chat, CheckMoveCode(code, 1)))

    async def confirms(self, chat: int, found: Movable | MoveRefused) -> Moved | MoveRefused:
        assert isinstance(found, Movable)
        return await self.run(lambda unit: moves.redeem(unit, chat, RedeemMoveCode(found.move)))

    async def rows(self, query: str) -> list[Any]:
        async with self.world.service.transcript._engine.connect() as connection:
            return list((await connection.execute(text(query))).all())


@pytest.fixture
async def stage(settings: Settings, tmp_path: Path) -> AsyncIterator[Stage]:
    script = SCRIPT.read_text(encoding="utf-8").partition("rina:  status")[0]
    async with World(settings, tmp_path) as world:
        await Player(world).play(f"{script}\n\nhasna:  halo\n\ndania:  halo\n")
        chats = [await world.service.transcript.chat("web", "main", who) for who in ("rina", "hasna", "dania")]
        yield Stage(world, *(chat for chat in chats if chat is not None))


async def test_the_audit_tells_from_whom_to_whom_and_when(stage: Stage) -> None:
    found = await stage.types(stage.hasna, await stage.makes(stage.rina))

    assert await stage.confirms(stage.hasna, found) == Moved("HASNA")

    ((person,),) = await stage.rows("SELECT id FROM people")
    told = await stage.rows("SELECT at, actor, action, subject, detail FROM audit ORDER BY number DESC LIMIT 2")
    at, *moved = told[0]
    assert from_micros(at) == stage.world.clock()
    detail = msgspec.json.encode({"from_chat": stage.rina, "to_chat": stage.hasna}).decode()
    assert moved == [f"chat {stage.hasna}", "move", f"person {person}", detail]
    assert list(told[1])[1:4] == [f"chat {stage.rina}", "make-move-code", f"person {person}"]


async def test_a_code_is_used_once(stage: Stage) -> None:
    code = await stage.makes(stage.rina)
    found = [await stage.types(chat, code) for chat in (stage.hasna, stage.dania)]

    outcomes = await asyncio.gather(stage.confirms(stage.hasna, found[0]), stage.confirms(stage.dania, found[1]))

    assert set(outcomes) == {Moved("HASNA"), NOT_VALID}
    assert await stage.types(stage.dania, code) == NOT_VALID
    assert await stage.rows("SELECT count(*) FROM chat_people WHERE role = 'self'") == [(1,)]


async def test_only_its_digest_is_kept(stage: Stage) -> None:
    code = await stage.makes(stage.rina)

    ((digest,),) = await stage.rows("SELECT digest FROM move_codes")

    assert digest == stage.world.service.desk.vault.code_digest(code)


async def test_a_new_code_makes_the_old_one_worthless(stage: Stage) -> None:
    old = await stage.makes(stage.rina)
    shown = await stage.types(stage.hasna, old)
    new = await stage.makes(stage.rina)

    assert await stage.confirms(stage.hasna, shown) == NOT_VALID
    assert await stage.types(stage.hasna, old) == NOT_VALID
    assert await stage.confirms(stage.hasna, await stage.types(stage.hasna, new)) == Moved("HASNA")


async def test_a_code_is_good_for_a_day_to_the_full_hour(stage: Stage) -> None:
    made_at = stage.world.clock()
    code = await stage.makes(stage.rina)
    stage.world.clock.now = (made_at + GOOD_FOR).replace(minute=0, second=0) - timedelta(seconds=1)
    found = await stage.types(stage.hasna, code)

    stage.world.clock.now += timedelta(seconds=1)

    assert await stage.confirms(stage.hasna, found) == NOT_VALID


async def test_only_who_helped_makes_a_code(stage: Stage) -> None:
    ((person,),) = await stage.rows("SELECT id FROM people")

    assert await stage.run(lambda unit: moves.make_code(unit, stage.dania, MakeMoveCode(person))) is None
    assert await stage.types(stage.rina, await stage.makes(stage.rina)) == MoveRefused("own")


async def test_everybody_who_helped_loses_it_and_is_told(stage: Stage) -> None:
    ((person,),) = await stage.rows("SELECT id FROM people")
    await stage.run(_adds(chat_people, chat_id=stage.dania, person_id=person, role="helper", since=stage.world.clock()))
    before = await stage.rows("SELECT count(*) FROM outbox")

    await stage.confirms(stage.hasna, await stage.types(stage.hasna, await stage.makes(stage.rina)))

    roles = await stage.rows("SELECT chat_id, role FROM chat_people")
    assert dict(map(tuple, roles)) == {stage.rina: "moved", stage.dania: "moved", stage.hasna: "self"}
    assert await stage.rows("SELECT count(*) FROM outbox") == [(before[0][0] + 2,)]


async def test_it_can_come_back_to_a_phone_it_left(stage: Stage) -> None:
    ((person,),) = await stage.rows("SELECT id FROM people")
    await stage.run(_adds(chat_people, chat_id=stage.dania, person_id=person, role="moved", since=stage.world.clock()))

    await stage.confirms(stage.dania, await stage.types(stage.dania, await stage.makes(stage.rina)))

    assert await stage.rows(f"SELECT role FROM chat_people WHERE chat_id = {stage.dania}") == [("self",)]


async def test_after_five_wrong_codes_the_right_one_is_not_looked_at(stage: Stage) -> None:
    code = await stage.makes(stage.rina)

    wrong = [await stage.types(stage.hasna, _another(code)) for _number in range(WRONG_MAX)]

    assert wrong == [NOT_VALID] * (WRONG_MAX - 1) + [TOO_MANY]
    assert await stage.types(stage.hasna, code) == TOO_MANY
    assert isinstance(await stage.types(stage.dania, code), Movable)
    stage.world.clock.now += GOOD_FOR
    assert isinstance(await stage.types(stage.hasna, await stage.makes(stage.rina)), Movable)


async def test_trying_from_many_chats_ends_as_well(stage: Stage) -> None:
    code = await stage.makes(stage.rina)
    for number in range(WRONG_EVERYWHERE_MAX):
        await stage.run(_adds(move_tries, id=number, chat_id=stage.rina, tried_at=stage.world.clock()))

    assert await stage.types(stage.hasna, code) == TOO_MANY


async def test_the_latest_five_are_told_of(stage: Stage) -> None:
    (old,) = await stage.run(lambda unit: moves.helped(unit, stage.rina, HelpedPeople(DAY)))
    for number in range(PEOPLE_MAX):
        await stage.run(_one_more(stage, number))

    latest = await stage.run(lambda unit: moves.helped(unit, stage.rina, HelpedPeople(DAY)))

    assert [one.name for one in latest] == [f"BACO {number}" for number in reversed(range(PEOPLE_MAX))]
    assert old.name == "HASNA"


def _another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def _adds(table: Any, **row: Any) -> Callable[[Unit], Awaitable[None]]:
    async def job(unit: Unit) -> None:
        unit.add(table, **row)

    return job


def _one_more(stage: Stage, number: int) -> Callable[[Unit], Awaitable[None]]:
    """Rina has enrolled another one."""

    async def job(unit: Unit) -> None:
        person = unit.ids.next()
        unit.add(
            people, id=person, nik_index=f"{number}", nik=b"", name=f"BACO {number}", birth_place="SOPPENG",
            birth_date=unit.now.date(), sex="male", address="", village_code="73.12.02.2005", phone=None,
            created_at=unit.now,
        )  # fmt: skip
        unit.add(memberships, person_id=person, kpj=f"3175444{number:04}", covered_from=None, protected_until=None,
                 stated_at=unit.now)  # fmt: skip
        unit.add(chat_people, chat_id=stage.rina, person_id=person, role="helper", since=unit.now)

    stage.world.clock.now += timedelta(seconds=1)
    return job
