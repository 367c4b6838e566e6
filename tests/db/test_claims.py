"""Claims as they are stored: numbered without gaps, moved by who has the right to it, and spoken of by the clock."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bot.flows.claim_asks import (
    ReportClaim,
)
from db import claim_facts, claim_sending, claims
from rules.bpjs import ClaimRefused
from rules.claim_report import Report, Reporter
from rules.quiet import WITA
from tests.claimants import DEATH, FALL, SCHOOL
from tests.db.claim_house import House, complete, sent, unsent

# -- a new one ----------------------------------------------------------------------------------------------------


async def test_numbers_have_no_gaps_however_many_report_at_once(house: House) -> None:
    await asyncio.gather(*(house.reports(house.chat_, house.hasna, SCHOOL) for _one in range(6)))

    assert await house.rows("SELECT number FROM claims ORDER BY number") == [(number,) for number in range(1, 7)]


async def test_who_reports_sends_and_is_spoken_of_at_once_hinders_nobody(house: House) -> None:
    """On PostgreSQL in several transactions side by side."""
    first = await complete(house)
    photos = [await house.photo(house.chat_, "hasna") for _one in range(4)]

    await asyncio.gather(
        *(house.reports(house.chat_, house.hasna, SCHOOL) for _one in range(4)),
        *(house.reports(house.other, house.baco, DEATH) for _one in range(4)),
        *(house.keeps(house.chat_, first, ("ktp", photo)) for photo in photos),
        *(house.bpjs_says("documents-wanted", 1 + place, missing=("ktp",)) for place in range(4)),
        *(house.passes(seconds=1) for _one in range(4)),
    )

    assert await house.rows("SELECT number FROM claims ORDER BY number") == [(number,) for number in range(1, 10)]


async def test_of_the_same_reported_on_two_phones_at_once_one_is_looked_at(house: House) -> None:
    """On PostgreSQL in two transactions side by side."""
    await asyncio.gather(*(house.reports(chat, house.hasna) for chat in (house.chat_, house.other)))

    assert await house.rows("SELECT doubts FROM claims ORDER BY number") == [("",), ("reported-before",)]


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


async def test_its_letter_bears_the_day_that_it_was_here(house: House) -> None:
    """At seven in the morning it is still yesterday in UTC."""
    house.world.clock.now = datetime(2026, 11, 23, 7, 0, tzinfo=WITA)
    claim = await house.reports(house.chat_, house.hasna, replace(FALL, on=date(2026, 11, 23)))

    service = house.world.service
    found = await claim_facts.facts(service.transcript._engine, service.desk.vault, claim.claim, house.chat_)

    assert found is not None
    assert found.reported_on == date(2026, 11, 23)


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
    assert await house.world.service.writer.run(lambda unit: claim_sending.clear(unit, 1, "ibu.sari")) is None


async def test_no_papers_are_wanted_while_another_may_be_the_heir(house: House) -> None:
    claim = await house.reports(house.other, house.hasna, DEATH, doubts=("a-nearer-heir-lives",))
    assert (claim.holder, claim.missing) == ("office", ())

    await house.world.service.writer.run(lambda unit: claim_sending.clear(unit, 1, "ibu.sari"))

    after = await house.now(house.other, 1)
    assert after is not None
    assert (after.holder, after.missing) == ("you", claim.needed)


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


async def test_it_stays_known_though_bpjs_took_no_report_of_it(house: House) -> None:
    first = await house.reports(house.other, house.hasna, DEATH)
    second = await house.reports(house.chat_, house.hasna, DEATH)
    refused = ClaimRefused("unknown-kpj", "")
    await house.world.service.writer.run(lambda unit: claim_sending.report_refused(unit, first.claim, refused))
    assert await house.answers(house.other, first, "accepted")

    await house.answers(house.chat_, second, "withdrawn")

    assert await deaths(house) == {house.hasna}


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
