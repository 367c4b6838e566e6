"""Claims as BPJS and the clock move them: in any order of words, once, and never in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db import claim_news, claim_sending
from rules.bpjs import ClaimRefused, ClaimState, ClaimStatus, ClaimTaken
from rules.money import Rupiah
from tests.claimants import SCHOOL
from tests.db.claim_house import House, complete

REFERENCE = "CLM-1"
MONEY = Rupiah(42_000_000)


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


# -- the clock ---------------------------------------------------------------------------------------------------


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
