"""Claims as they are stored: numbered without gaps, moved by who has the right to it, and spoken of by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.flows.claim_asks import (
    AnswerClaim,
    ClaimPeople,
    ClaimPerson,
    FindMember,
    MemberUnknown,
    OpenClaim,
    ReportClaim,
)
from bot.settings import Settings
from db import claim_news, claim_people, claim_sending, claims, moves
from db.claim_rows import Claim
from rules.bpjs import ClaimChanged, ClaimRefused, ClaimState, ClaimStatus, ClaimTaken
from rules.claim_report import Report, Reporter
from rules.money import Rupiah
from rules.nik import Nik
from tests.claimants import BORN, COVERED_UNTIL, DEATH, FALL, SCHOOL, Claimants
from tests.gateway.conftest import worker
from tests.world import World

REFERENCE = "CLM-1"
MONEY = Rupiah(42_000_000)


class House(Claimants):
    """Hasna and La Baco in one chat, and one chat that speaks for nobody."""

    chat_: int
    other: int
    hasna: int
    baco: int

    async def answers(self, chat: int, claim: OpenClaim, words: str) -> bool:
        return await self.world.service.writer.run(
            lambda unit: claims.answer(unit, chat, AnswerClaim(claim.claim, words))
        )

    async def is_at_bpjs(self, claim: OpenClaim, reference: str = REFERENCE) -> Claim | None:
        return await self.world.service.writer.run(lambda unit: claim_sending.refer(unit, claim.claim, reference))

    async def bpjs_says(self, state: ClaimState, later_s: float = 1, **more: Any) -> Claim | None:
        """BPJS's word, stated so much after now."""
        amount = MONEY if state in ("approved", "paid") else None
        status = ClaimStatus(REFERENCE, state, **{"amount": amount, **more})
        event = ClaimChanged("event", status, self.world.clock.now + timedelta(seconds=later_s))
        return await self.world.service.writer.run(lambda unit: claim_news.bpjs_said(unit, event))

    async def passes(self, **span: float) -> list[Claim | None]:
        """Time, and what the clock does then."""
        self.world.clock.now += timedelta(**span)

        async def look(unit: Any) -> list[Claim | None]:
            return [await claim_news.pass_promise(unit, one) for one in await claim_news.late(unit, 10)]

        return await self.world.service.writer.run(look)

    async def tasks(self) -> list[str]:
        return [kind for (kind,) in await self.rows("SELECT kind FROM tasks WHERE done_at IS NULL ORDER BY id")]

    async def errands(self) -> int:
        ((many,),) = await self.rows("SELECT count(*) FROM outbox WHERE lane = 'SendClaim' AND done_at IS NULL")
        return int(many)

    async def steps(self, claim: OpenClaim) -> list[tuple[str, str | None, str]]:
        found = await self.rows(f"SELECT state, holder, actor FROM claim_steps WHERE claim_id = {claim.claim}"
                                " ORDER BY id")  # fmt: skip
        return [(state, holder, actor.partition(" ")[0]) for state, holder, actor in found]


@pytest.fixture
async def house(settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    async with World(settings, tmp_path) as world:
        made = House(world)
        made.chat_, made.other = await made.chat("hasna"), await made.chat("somebody")
        made.hasna = await made.member(made.chat_)
        made.baco = await made.member(made.chat_, "LA BACO", "9902")
        yield made


# -- a new one ----------------------------------------------------------------------------------------------------


async def test_numbers_have_no_gaps_however_many_report_at_once(house: House) -> None:
    await asyncio.gather(*(house.reports(house.chat_, house.hasna, SCHOOL) for _one in range(6)))

    assert await house.rows("SELECT number FROM claims ORDER BY number") == [(number,) for number in range(1, 7)]


async def test_a_batch_that_fails_takes_no_number(house: House) -> None:
    async def fails(unit: Any) -> None:
        report = Report("12345678901", Reporter("SITTI", "child"), FALL)
        await claims.report(unit, house.chat_, ReportClaim(house.hasna, report, ()))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await house.world.service.writer.run(fails)

    assert (await house.reports(house.chat_, house.hasna)).number == 1


async def test_it_stands_with_its_papers_its_holder_and_its_promise(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna)

    assert (claim.name, claim.kind, claim.state, claim.holder) == ("HASNA", "accident", "reported", "you")
    assert claim.needed == claim.missing == ("ktp", "witnesses", "work-letter", "doctor-letter")
    assert await house.now(house.chat_, 1) == claim
    assert await house.steps(claim) == [("reported", "you", "chat")]


async def test_an_accident_is_sent_at_once_the_others_when_they_are_complete(house: House) -> None:
    await house.reports(house.chat_, house.hasna, FALL)
    assert await house.errands() == 1

    claim = await house.reports(house.chat_, house.baco, SCHOOL)
    assert await house.errands() == 1
    await house.sends(house.chat_, "hasna", claim)
    assert await house.errands() == 2


@pytest.mark.parametrize("about", [FALL, SCHOOL], ids=["accident", "scholarship"])
async def test_what_is_doubtful_waits_for_the_office(house: House, about: Any) -> None:
    claim = await house.reports(house.chat_, house.hasna, about, doubts=("not-protected",))
    await house.sends(house.chat_, "hasna", claim)
    await house.sends(house.chat_, "hasna", claim, "ktp")

    assert await house.tasks() == ["claim-check"]
    assert await house.errands() == 0
    assert await house.world.service.writer.run(lambda unit: claim_sending.clear(unit, 1, "ibu.sari"))
    assert await house.tasks() == []
    assert await house.errands() == 1
    assert not await house.world.service.writer.run(lambda unit: claim_sending.clear(unit, 1, "ibu.sari"))


async def test_the_office_looks_at_an_accident_within_a_day_whatever_comes_meanwhile(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna, doubts=("reported-late",))
    assert claim.holder == "office"
    house.world.clock.now += timedelta(hours=5)

    more = await house.sends(house.chat_, "hasna", claim, "ktp")

    assert more is not None
    assert (more.state, more.holder, more.due) == ("documents-incomplete", "office", claim.due)
    await house.world.service.writer.run(lambda unit: claim_sending.clear(unit, 1, "ibu.sari"))
    after = await house.now(house.chat_, 1)
    assert after is not None
    assert (after.holder, after.due > claim.due) == ("you", True)


async def test_a_cleared_accident_goes_before_its_papers_a_cleared_death_with_them(house: House) -> None:
    await house.reports(house.chat_, house.hasna, FALL, doubts=("reported-late",))
    death = await house.reports(house.other, house.baco, DEATH, doubts=("not-protected",))

    for number in (1, 2):
        assert await house.world.service.writer.run(lambda unit: claim_sending.clear(unit, number, "ibu.sari"))  # noqa: B023
    assert await house.errands() == 1
    await house.sends(house.other, "somebody", death)
    assert await house.errands() == 2


async def test_another_heir_than_was_named_is_doubtful(house: House) -> None:
    await house.reports(house.other, house.hasna, DEATH, by="sitti")
    await house.reports(house.other, house.baco, DEATH, by="RAHMAN")

    doubts = [one for (one,) in await house.rows("SELECT doubts FROM claims ORDER BY number")]
    assert doubts == ["", "another-heir-was-named"]


async def test_the_same_twice_is_looked_at_before_it_goes_twice(house: House) -> None:
    await house.reports(house.chat_, house.hasna, FALL)
    await house.reports(house.chat_, house.hasna, FALL)
    await house.reports(house.chat_, house.hasna, replace(FALL, on=date(2026, 11, 18)))
    await house.reports(house.chat_, house.baco, FALL)

    doubts = [one for (one,) in await house.rows("SELECT doubts FROM claims ORDER BY number")]
    assert doubts == ["", "reported-before", "", ""]


# -- who may ------------------------------------------------------------------------------------------------------


async def test_a_chat_hears_of_its_own_people_only(house: House) -> None:
    async def speaks_for(chat: int) -> list[ClaimPerson]:
        return await house.world.service.writer.run(
            lambda unit: claim_people.speaks_for(unit, chat, ClaimPeople("2026-11-21"))
        )

    assert [one.name for one in await speaks_for(house.chat_)] == ["LA BACO", "HASNA"]
    assert await speaks_for(house.other) == []


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


# -- papers -------------------------------------------------------------------------------------------------------


async def test_papers_come_one_by_one_and_the_last_completes_it(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna, SCHOOL)

    first = await house.sends(house.chat_, "hasna", claim, "ktp")
    last = await house.sends(house.chat_, "hasna", claim, *claim.missing[1:])

    assert first is not None
    assert (first.state, first.holder, first.missing) == ("documents-incomplete", "you", claim.missing[1:])
    assert last is not None
    assert (last.state, last.holder, last.missing) == ("complete", "office", ())


async def test_a_newer_photo_of_a_paper_replaces_the_older_one(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna)
    old, new, back = [await house.photo(house.chat_, "hasna") for _one in range(3)]

    await house.keeps(house.chat_, claim, ("ktp", old))
    await house.keeps(house.chat_, claim, ("ktp", new), ("ktp", back))

    assert await unsent(house, claim) == [("ktp", new), ("ktp", back)]


async def unsent(house: House, claim: OpenClaim) -> list[tuple[str, int]]:
    parcel = await house.world.service.writer.run(lambda unit: claim_sending.parcel(unit, claim.claim))
    return parcel.photos if parcel else []


async def test_what_bpjs_has_is_not_sent_again_until_it_wants_it_anew(house: House) -> None:
    claim, photo = await house.reports(house.chat_, house.hasna), await house.photo(house.chat_, "hasna")
    await house.keeps(house.chat_, claim, ("ktp", photo))
    await house.is_at_bpjs(claim)
    await sent(house, claim, photo)
    assert await unsent(house, claim) == []

    wanting = await house.bpjs_says("documents-wanted", missing=("ktp",))

    assert wanting is not None
    now = await house.now(house.chat_, 1)
    assert now is not None
    assert "ktp" in now.missing


async def sent(house: House, claim: OpenClaim, *photos: int) -> None:
    at = house.world.clock.now

    async def write(unit: Any) -> None:
        claim_sending.paper_sent(unit, claim.claim, photos, at)

    await house.world.service.writer.run(write)


async def test_a_photo_that_bpjs_did_not_have_when_it_asked_still_counts(house: House) -> None:
    claim = await complete(house)
    await house.bpjs_says("documents-wanted", missing=("ktp",))
    photo = await house.photo(house.chat_, "hasna")
    await house.keeps(house.chat_, claim, ("ktp", photo))

    assert await house.bpjs_says("documents-wanted", 2, missing=("ktp",)) is None
    house.world.clock.now += timedelta(seconds=3)
    await sent(house, claim, photo)
    assert await house.bpjs_says("documents-wanted", -0.5, missing=("ktp",)) is None

    now = await house.now(house.chat_, 1)
    assert now is not None
    assert now.missing == ()


async def complete(house: House) -> OpenClaim:
    """Hasna's accident, all of it with BPJS."""
    claim = await house.reports(house.chat_, house.hasna)
    photos = [(kind, await house.photo(house.chat_, "hasna")) for kind in claim.missing]
    await house.keeps(house.chat_, claim, *photos)
    await house.is_at_bpjs(claim)
    await sent(house, claim, *(photo for _kind, photo in photos))
    await house.world.service.writer.run(lambda unit: claim_sending.handed_in(unit, claim.claim))
    assert (await house.steps(claim))[-1] == ("sent", "bpjs", "bpjs")
    return claim


async def test_a_photo_that_is_of_no_use_is_missing_again(house: House) -> None:
    claim, photo = await house.reports(house.chat_, house.hasna), await house.photo(house.chat_, "hasna")
    await house.keeps(house.chat_, claim, ("ktp", photo))

    found = await house.world.service.writer.run(lambda unit: claim_sending.paper_refused(unit, claim.claim, [photo]))

    assert found is not None
    now = await house.now(house.chat_, 1)
    assert now is not None
    assert now.missing == claim.missing


async def test_once_it_is_decided_no_paper_is_kept(house: House) -> None:
    claim = await complete(house)
    await house.bpjs_says("refused", words="Bukan kecelakaan kerja.")

    now = await house.sends(house.chat_, "hasna", claim, "ktp")

    assert now is not None
    assert now.state == "refused"
    assert await unsent(house, claim) == []
    assert await house.answers(house.chat_, claim, "accepted")
    assert await house.sends(house.chat_, "hasna", claim, "ktp") is None


async def test_one_errand_at_a_time_sends_all_there_is(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna)

    for kind in claim.missing:
        await house.sends(house.chat_, "hasna", claim, kind)

    assert await house.errands() == 1


# -- BPJS's word --------------------------------------------------------------------------------------------------

FORWARD: tuple[ClaimState, ...] = ("verifying", "approved", "paid")


@pytest.mark.parametrize("papers", [True, False], ids=["complete", "before-its-papers"])
async def test_bpjs_goes_on_step_by_step(house: House, papers: bool) -> None:
    claim = await complete(house) if papers else await house.reports(house.chat_, house.hasna)
    await house.is_at_bpjs(claim)

    for place, state in enumerate(FORWARD):
        found = await house.bpjs_says(state, place)
        assert found is not None
        assert (found.progress.state, found.progress.holder) == (state, "you" if state == "paid" else "bpjs")

    now = await house.now(house.chat_, 1)
    assert now is not None
    assert now.amount == MONEY.amount


@pytest.mark.parametrize("order", [("approved", "verifying"), ("paid", "approved"), ("refused", "verifying")])
async def test_an_older_word_that_comes_late_moves_nothing(house: House, order: tuple[ClaimState, ClaimState]) -> None:
    newer, older = order
    await complete(house)
    await house.bpjs_says(newer, 10, words="Bukan kecelakaan kerja." if newer == "refused" else "")

    assert await house.bpjs_says(older, 5) is None
    now = await house.now(house.chat_, 1)
    assert now is not None
    assert now.state == newer


async def test_bpjs_may_think_better_of_it(house: House) -> None:
    await complete(house)
    await house.bpjs_says("refused", 1, words="Kurang jelas.")

    assert await house.bpjs_says("verifying", 2) is not None
    assert await house.bpjs_says("approved", 3) is not None


async def test_the_same_word_twice_is_no_news(house: House) -> None:
    await complete(house)

    assert await house.bpjs_says("received") is None
    assert await house.bpjs_says("verifying") is not None
    assert await house.bpjs_says("verifying") is None
    assert await house.bpjs_says("documents-wanted", 2, missing=("ktp",)) is not None
    assert await house.bpjs_says("documents-wanted", 2, missing=("ktp",)) is None
    assert await house.bpjs_says("documents-wanted", 3, missing=("ktp", "doctor-letter")) is not None


async def test_a_paper_that_wasnt_on_the_list_is_asked_for_if_we_know_it(house: House) -> None:
    await complete(house)

    await house.bpjs_says("documents-wanted", missing=("police-report",))

    now = await house.now(house.chat_, 1)
    assert now is not None
    assert (now.state, now.holder, now.missing) == ("documents-incomplete", "you", ("police-report",))


async def test_one_that_we_dont_know_is_the_offices(house: House) -> None:
    await complete(house)

    assert await house.bpjs_says("documents-wanted", 1, missing=("form-x",)) is not None
    assert await house.bpjs_says("documents-wanted", 2, missing=("form-x",)) is None

    now = await house.now(house.chat_, 1)
    assert now is not None
    assert (now.state, now.holder, now.missing) == ("documents-incomplete", "office", ())
    assert await house.tasks() == ["claim-unknown-paper"]


async def test_its_number_is_kept_and_a_claim_of_nobody_is_told_so(house: House) -> None:
    await complete(house)

    taken = ClaimTaken("event", REFERENCE, "K77")
    assert await house.world.service.writer.run(lambda unit: claim_news.bpjs_said(unit, taken)) is None
    assert await house.rows("SELECT bpjs_number FROM claims") == [("K77",)]
    strange = ClaimStatus("CLM-2", "verifying")
    with pytest.raises(LookupError):
        await house.world.service.writer.run(lambda unit: claim_news.bpjs_said(unit, strange))


async def test_a_report_that_bpjs_doesnt_take_is_refused_with_its_reason(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna)
    refused = ClaimRefused("unknown-kpj", "Nomor KPJ ini tidak dikenal.")

    await house.world.service.writer.run(lambda unit: claim_sending.report_refused(unit, claim.claim, refused))

    now = await house.now(house.chat_, 1)
    assert now is not None
    assert (now.state, now.holder, now.words) == ("refused", "office", refused.words)
    assert await house.world.service.writer.run(lambda unit: claim_sending.parcel(unit, claim.claim)) is None


# -- what people answer, and the clock ----------------------------------------------------------------------------


async def test_an_answer_means_what_it_meant_or_nothing(house: House) -> None:
    claim = await complete(house)
    for words in ("received", "missing-money", "accepted", "explained", "withdrawn"):
        assert not await house.answers(house.chat_, claim, words)

    await house.bpjs_says("refused", words="Kurang jelas.")
    assert await house.answers(house.chat_, claim, "explained")
    assert await house.answers(house.chat_, claim, "explained")
    assert await house.tasks() == ["claim-explained"]
    await house.bpjs_says("paid", 2, paid_on=date(2026, 11, 21), paid_to="SITTI")
    assert not await house.answers(house.chat_, claim, "accepted")
    assert await house.answers(house.chat_, claim, "received")
    assert await house.now(house.chat_, 1) is None


async def test_money_that_never_came_is_the_offices_even_if_the_clock_closed_the_claim_meanwhile(house: House) -> None:
    claim = await complete(house)
    await house.bpjs_says("paid", paid_on=date(2026, 11, 21), paid_to="SITTI")
    (closed,) = await house.passes(days=10)
    assert closed is not None
    assert closed.progress.state == "closed"

    assert await house.answers(house.chat_, claim, "missing-money")

    now = await house.now(house.chat_, 1)
    assert now is not None
    assert (now.state, now.holder) == ("paid", "office")
    assert await house.tasks() == ["claim-missing-money"]


async def test_a_promise_that_passes_moves_the_claim_and_is_the_offices(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna, SCHOOL)
    assert await house.passes(days=1) == []

    holders = [(one.progress.holder, one.progress.climbed) for _week in range(4)
               if (one := (await house.passes(days=10))[0])]  # fmt: skip

    assert holders == [("agent", 1), ("agent", 2), ("agent", 2), ("agent", 2)]
    assert await house.tasks() == ["claim-late", "claim-late", "claim-late-still", "claim-late-still"]
    assert {actor for _state, _holder, actor in (await house.steps(claim))[1:]} == {"clock"}


async def test_what_is_moved_meanwhile_is_not_late(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna, SCHOOL)
    house.world.clock.now += timedelta(days=10)
    (late,) = await house.world.service.writer.run(lambda unit: claim_news.late(unit, 10))
    await house.sends(house.chat_, "hasna", claim)

    assert await house.world.service.writer.run(lambda unit: claim_news.pass_promise(unit, late)) is None


# -- a death ------------------------------------------------------------------------------------------------------


async def deaths(house: House) -> set[int]:
    return {person for (person,) in await house.rows("SELECT person_id FROM deaths")}


async def test_a_death_is_known_from_its_report_on_and_withdrawn_with_it(house: House) -> None:
    claim = await house.reports(house.other, house.hasna, DEATH)
    assert await deaths(house) == {house.hasna}

    assert await house.answers(house.other, claim, "withdrawn")

    assert await deaths(house) == set()
    assert await house.now(house.other, 1) is None
    assert not await house.answers(house.other, claim, "withdrawn")


async def test_it_stays_known_while_another_has_reported_it_too(house: House) -> None:
    first = await house.reports(house.other, house.hasna, DEATH)
    second = await house.reports(house.chat_, house.hasna, DEATH)

    await house.answers(house.other, first, "withdrawn")
    assert await deaths(house) == {house.hasna}
    await house.answers(house.chat_, second, "withdrawn")
    assert await deaths(house) == set()


async def test_nothing_else_that_is_withdrawn_brings_anybody_back(house: House) -> None:
    await house.reports(house.chat_, house.hasna, DEATH)
    school = await house.reports(house.chat_, house.hasna, SCHOOL)

    assert await house.answers(house.chat_, school, "withdrawn")

    assert await deaths(house) == {house.hasna}


async def test_what_bpjs_has_is_not_withdrawn(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna)
    await house.is_at_bpjs(claim)

    assert not await house.answers(house.chat_, claim, "withdrawn")


async def test_what_bpjs_gets_in_the_moment_of_the_withdrawal_is_the_offices(house: House) -> None:
    claim = await house.reports(house.chat_, house.hasna)
    assert await house.answers(house.chat_, claim, "withdrawn")

    assert await house.is_at_bpjs(claim) is None
    assert await house.tasks() == ["claim-withdrawn"]
