"""A correction is written by the word of a second person, but for phone and heir; a NIK is never given twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import pytest
from sqlalchemy import text

from bot.flows.claim_asks import ReportClaim
from bot.flows.data_asks import Correct, Correction, DataOf, FieldName
from db import claims, correcting, held
from db.correcting import Decided
from db.unit import Unit
from rules.claim_report import Report, Reporter
from rules.nik import Nik
from rules.retention import answered_by
from tests.claimants import DEATH
from tests.db.test_held import person
from tests.world import World

T = TypeVar("T")
TAKEN, FREE = Nik("7312041203859902"), Nik("7312025205799903")
CHANGES: dict[FieldName, tuple[str, tuple[str, ...], Any]] = {
    "name": ("name", ("HASNA DG KANANG",), "HASNA DG KANANG"),
    "address": ("address", ("DUSUN BARU",), "DUSUN BARU"),
    "birth-place": ("birth_place", ("WAJO",), "WAJO"),
    "village": ("village_code", ("73.12.02.2005",), "73.12.02.2005"),
    "birth-date": ("birth_date", ("1979-05-13",), "1979-05-13"),
}
"""By field: its column, the new value, and what stands there then."""


async def run(world: World, job: Callable[[Unit], Awaitable[T]]) -> T:
    return await world.service.writer.run(job)


async def rows(world: World, query: str) -> list[Any]:
    async with world.service.transcript._engine.connect() as connection:
        return list((await connection.execute(text(query))).all())


async def asked(world: World, field: FieldName, values: tuple[str, ...]) -> tuple[int, Correction | None]:
    """The number of the correction that Hasna asks for, and the answer."""
    ((chat, number),) = await rows(world, "SELECT chat_id, person_id FROM chat_people")
    answer = await run(world, lambda unit: correcting.correct(unit, chat, Correct(number, field, values)))
    ((correction,),) = await rows(world, "SELECT max(id) FROM corrections")
    return correction, answer


async def decided(world: World, correction: int, *, accepted: bool = True, by: str = "Nurul") -> Any:
    return await run(world, lambda unit: correcting.decide(unit, correction, accepted=accepted, by=by))


@pytest.mark.parametrize("field", CHANGES)
async def test_nothing_changes_before_somebody_else_has_looked(enrolled: World, field: FieldName) -> None:
    column, values, _there = CHANGES[field]
    before = await rows(enrolled, f"SELECT {column} FROM people")

    _correction, answer = await asked(enrolled, field, values)

    assert answer is not None
    assert answer.due == answered_by(enrolled.clock())
    assert await rows(enrolled, f"SELECT {column} FROM people") == before
    assert await rows(enrolled, "SELECT kind FROM tasks WHERE done_at IS NULL") == [("correction",)]


@pytest.mark.parametrize("field", CHANGES)
async def test_what_is_accepted_is_written_and_bpjs_has_to_be_told(enrolled: World, field: FieldName) -> None:
    column, values, there = CHANGES[field]
    correction, _answer = await asked(enrolled, field, values)

    assert isinstance(await decided(enrolled, correction), Decided)

    ((now,),) = await rows(enrolled, f"SELECT {column} FROM people")
    assert str(now) == there
    assert await rows(enrolled, "SELECT kind FROM tasks WHERE done_at IS NULL") == [("correct-at-bpjs",)]
    audited = await rows(enrolled, "SELECT actor, action FROM audit ORDER BY number DESC LIMIT 1")
    assert audited == [("Nurul", "correction-accepted")]


async def test_what_is_refused_changes_nothing(enrolled: World) -> None:
    correction, _answer = await asked(enrolled, "name", ("SOMEBODY ELSE",))

    assert isinstance(await decided(enrolled, correction, accepted=False), Decided)

    assert await rows(enrolled, "SELECT name FROM people") == [("HASNA",)]
    assert await rows(enrolled, "SELECT outcome, decided_by FROM corrections") == [("refused", "Nurul")]
    assert await rows(enrolled, "SELECT kind FROM tasks WHERE done_at IS NULL") == []


async def test_phone_and_heir_change_at_once_and_the_audit_tells_of_it(enrolled: World) -> None:
    _number, phone = await asked(enrolled, "phone", ("+6281355551234",))
    _number, heir = await asked(enrolled, "heir", ("LA UPE", "child"))

    ((chat, number),) = await rows(enrolled, "SELECT chat_id, person_id FROM chat_people")
    found = await run(enrolled, lambda unit: held.data_of(unit, chat, DataOf(number, "2026-11-21")))
    assert phone == heir == Correction()
    assert found is not None
    assert (found.phone, found.heir, found.heir_relation) == ("0813xxxx234", "LA UPE", "child")
    fields = await rows(enrolled, "SELECT detail FROM audit WHERE action = 'correct' ORDER BY number")
    assert [msgspec.json.decode(detail)["field"] for (detail,) in fields] == ["phone", "heir"]


async def test_whoever_has_the_phone_of_who_died_makes_nobody_the_heir(enrolled: World) -> None:
    ((chat, number),) = await rows(enrolled, "SELECT chat_id, person_id FROM chat_people")
    dead = ReportClaim(number, Report("12345678901", Reporter("SITTI", "child"), DEATH), ())
    await run(enrolled, lambda unit: claims.report(unit, chat, dead))

    _number, answer = await asked(enrolled, "heir", ("LA UPE", "child"))

    assert answer == Correction(answered_by(enrolled.clock.now))
    assert await rows(enrolled, "SELECT heir_name FROM enrolments") == [("LA BACO",)]
    (waiting,) = await run(enrolled, correcting.waiting)
    assert (waiting.now[0], waiting.wanted[0]) == ("LA BACO", "LA UPE")


async def test_who_has_no_phone_any_more_has_none(enrolled: World) -> None:
    await asked(enrolled, "phone", ())

    assert await rows(enrolled, "SELECT phone FROM people") == [(None,)]


async def test_a_nik_that_is_free_is_written_and_found(enrolled: World) -> None:
    correction, _answer = await asked(enrolled, "nik", (FREE.digits,))

    assert isinstance(await decided(enrolled, correction), Decided)

    index = enrolled.service.desk.vault.index(FREE)
    assert await rows(enrolled, "SELECT nik_index FROM people") == [(index,)]


async def test_a_nik_that_another_person_has_can_only_be_refused(enrolled: World) -> None:
    async def other(unit: Unit) -> None:
        person(unit, "LA BACO", TAKEN)

    await run(enrolled, other)
    correction, _answer = await asked(enrolled, "nik", (TAKEN.digits,))
    before = await rows(enrolled, "SELECT nik, nik_index FROM people ORDER BY id")

    assert await decided(enrolled, correction) == "nik-taken"
    assert await rows(enrolled, "SELECT nik, nik_index FROM people ORDER BY id") == before
    assert isinstance(await decided(enrolled, correction, accepted=False), Decided)


async def test_who_asked_does_not_decide_and_nobody_decides_twice(enrolled: World) -> None:
    correction, _answer = await asked(enrolled, "name", ("HASNAH",))
    ((asker,),) = await rows(enrolled, "SELECT asked_by FROM corrections")

    assert await decided(enrolled, correction, by=asker.upper()) == "same-person"
    assert isinstance(await decided(enrolled, correction), Decided)
    assert await decided(enrolled, correction, accepted=False) == "decided"
    assert await decided(enrolled, correction + 1) == "unknown"


async def test_what_waits_is_shown_with_what_is_held_now(enrolled: World) -> None:
    await asked(enrolled, "name", ("HASNAH",))

    (waiting,) = await run(enrolled, correcting.waiting)

    assert (waiting.field, waiting.now, waiting.wanted) == ("name", ("HASNA",), ("HASNAH",))
