"""Who may report a claim and see it: for whom a chat speaks, or who knows the number and the birth date."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec.structs import replace

from bot.flows.claim_asks import ClaimPeople, ClaimPerson, FindMember, MemberUnknown
from db import claim_people, moves
from rules.nik import Nik
from tests.claimants import BORN, COVERED_UNTIL, SCHOOL
from tests.db.claim_house import House
from tests.gateway.conftest import worker
from tests.plays.player import Player


async def test_a_chat_hears_of_its_own_people_only(house: House) -> None:
    async def speaks_for(chat: int) -> list[ClaimPerson]:
        return await house.world.service.writer.run(
            lambda unit: claim_people.speaks_for(unit, chat, ClaimPeople("2026-11-21"))
        )

    assert [one.name for one in await speaks_for(house.chat_)] == ["LA BACO", "HASNA"]
    assert await speaks_for(house.other) == []


async def test_each_open_claim_is_within_reach_of_who_reported_many(house: House) -> None:
    for _child in range(7):
        await house.reports(house.chat_, house.baco, SCHOOL)

    told = await Player(house.world).play("hasna:  klaim\n\nhasna:  yang lain\n\nhasna:  la baco, nomor 1\n")

    first, _more, then = told.split("\n\n")
    assert "Lapor yang baru" in first
    assert "Tahun lahir La Baco?" in then


async def test_who_knows_the_number_and_the_birth_date_may_report(house: House) -> None:
    kpj = await house.kpj(house.hasna)
    person = ClaimPerson(house.hasna, "HASNA", kpj, date(2026, 11, 1), COVERED_UNTIL)

    assert await find(house, FindMember(kpj, None, BORN, 1)) == person
    assert await find(house, FindMember("", worker("9901").nik, BORN, 1)) == person


async def test_numbers_tried_in_vain_are_counted_with_codes_and_then_nothing_is_looked_up(house: House) -> None:
    kpj = await house.kpj(house.hasna)
    wrong = (
        FindMember(kpj, None, date(1979, 5, 13), 1), FindMember("00000000000", None, BORN, 1),
        FindMember("", Nik("7312045205799942"), BORN, 1), FindMember("", worker("9901").nik, date(1980, 1, 1), 1),
    )  # fmt: skip

    for number in range(moves.WRONG_MAX):
        assert await find(house, wrong[number % len(wrong)]) == MemberUnknown()
    assert await find(house, FindMember(kpj, None, BORN, 1)) == MemberUnknown(too_many=True)
    assert isinstance(await find(house, FindMember(kpj, None, BORN, 1), house.chat_), ClaimPerson)
    house.world.clock.now += moves.GOOD_FOR + timedelta(seconds=1)
    assert isinstance(await find(house, FindMember(kpj, None, BORN, 1)), ClaimPerson)


async def find(house: House, asked: FindMember, chat: int | None = None) -> ClaimPerson | MemberUnknown:
    chat = house.other if chat is None else chat
    return await house.world.service.writer.run(lambda unit: claim_people.find(unit, chat, asked))


async def test_another_chat_sees_and_moves_nothing(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna)
    photo = await house.photo(house.other, "somebody")

    assert await house.now(house.other, claim.number) is None
    assert await house.keeps(house.other, claim, ("ktp", photo)) is None
    assert not await house.answers(house.other, claim, "withdrawn")
    assert await house.now(house.chat_, claim.number) == claim
    assert await house.keeps(house.chat_, replace(claim, claim=1), ("ktp", photo)) is None
