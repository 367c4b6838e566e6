"""Claims between a real service and the imitated BPJS: sent once and in order, moved by its word, told in the chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.flows.claim_asks import AnswerClaim, OpenClaim
from bot.settings import Settings
from db import claims, outbox, payments
from db.outbox import Taken
from db.unit import Unit
from rules.bpjs import PaymentCode
from rules.money import Rupiah
from rules.month import Month
from rules.quiet import EVENING, MORNING, WITA
from tests.claimants import DEATH, Claimants
from tests.runtime.test_webhooks import told
from tests.runtime.village import A_WEEK_BEFORE
from tests.world import Readings, World

CODE = PaymentCode("88-1", Rupiah(16_800), date(2026, 11, 28))
BROKEN = b"\xff\xd8\xff broken"
NEWS = "Ada kabar dari Siaga. Ketik klaim untuk membacanya."
ARRIVED = "BPJS sudah menerima laporan nomor 1. Dokumennya menyusul."
_STRANGER = text("UPDATE memberships SET kpj = '00000000000'")
_UNREACHED = text("UPDATE chats SET channel = 'nowhere'")


class Blind(Readings):
    """Opens every photo but `BROKEN`."""

    async def bind(self, photos: Sequence[bytes]) -> bytes | None:
        return await super().bind([photo for photo in photos if photo != BROKEN])


@pytest.fixture
async def people(settings: Settings, tmp_path: Path) -> AsyncIterator[Claimants]:
    async with World(settings, tmp_path, reader=Blind()) as world:
        yield Claimants(world)


async def accident(people: Claimants, serial: str = "9901") -> tuple[int, int, OpenClaim]:
    """Hasna's chat, Hasna, and what she reports."""
    chat = await people.chat("hasna")
    person = await people.member(chat, serial=serial)
    return chat, person, await people.reports(chat, person)


async def event(people: Claimants, claim: OpenClaim, state: str, number: int = 1, **more: Any) -> dict[str, Any]:
    """What BPJS posts."""
    ((reference,),) = await people.rows(f"SELECT reference FROM claims WHERE id = {claim.claim}")
    empty: dict[str, Any] = {"words": "", "missing": [], "amount": None, "paid_on": None, "paid_to": ""}
    status = {"status": "claim-status", "reference": reference, "state": state, **empty, **more}
    stated_at = (people.world.clock.now + timedelta(seconds=number)).isoformat()
    return {"kind": "claim-changed", "event_id": f"changed-{number}", "claim": status, "stated_at": stated_at}


# -- to BPJS ------------------------------------------------------------------------------------------------------


async def test_an_accident_is_with_bpjs_at_once_and_its_papers_follow(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    await people.world.settle()
    (there,) = await people.at_bpjs()
    assert there["documents"] == []
    assert await people.heard(chat) == [ARRIVED]

    for kind in claim.missing:
        await people.sends(chat, "hasna", claim, kind)
        await people.world.settle()

    (there,) = await people.at_bpjs()
    assert sorted(there["documents"]) == sorted(claim.missing)
    assert await people.heard(chat) == [
        ARRIVED,
        "Klaim 1, kecelakaan kerja Hasna: sudah dikirim ke BPJS.\n"
        "Menunggu: BPJS. Kabar paling lambat 24 November 2026.",
    ]


async def test_an_outage_of_two_days_is_borne_and_all_of_it_is_sent_once_and_in_order(people: Claimants) -> None:
    chat = await people.chat("hasna")
    person = await people.member(chat)
    await people.world.bpjs("POST", "/sandbox/down")
    claim = await people.reports(chat, person)
    for kind in claim.missing:
        await people.world.pass_time(timedelta(hours=12))
        await people.sends(chat, "hasna", claim, kind)
    assert await people.at_bpjs() == []

    await people.world.bpjs("POST", "/sandbox/up")
    await people.world.pass_time(timedelta(minutes=10))

    (there,) = await people.at_bpjs()
    assert sorted(there["documents"]) == sorted(claim.missing)
    order = await people.rows("SELECT p.sent_at, c.since FROM claim_papers p JOIN claims c ON c.id = p.claim_id")
    assert all(sent <= since for sent, since in order)
    assert [words.split(":")[0] for words in await people.heard(chat)][-1] == "Klaim 1, kecelakaan kerja Hasna"
    assert await people.rows("SELECT count(*), min(state) FROM outbox WHERE lane = 'SendClaim'") == [(1, "done")]


async def test_a_report_that_bpjs_doesnt_take_is_told_with_its_reason(people: Claimants) -> None:
    chat = await people.chat("hasna")
    person = await people.member(chat)
    await people.world.service.writer.run(lambda unit: unit.fetch(_STRANGER))

    await people.reports(chat, person)
    await people.world.settle()

    (words,) = await people.heard(chat)
    assert words.splitlines()[1:3] == [
        "Klaim 1, kecelakaan kerja Hasna: ditolak BPJS.", "Alasan BPJS: Nomor KPJ ini tidak dikenal."
    ]  # fmt: skip


async def test_a_paper_that_cant_be_opened_is_asked_for_again(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    broken = await people.photo(chat, "hasna", BROKEN)
    await people.keeps(chat, claim, ("ktp", broken))
    await people.sends(chat, "hasna", claim, *claim.missing[1:])
    await people.world.settle()

    now = await people.now(chat, 1)
    assert now is not None
    assert (now.state, now.missing) == ("documents-incomplete", ("ktp",))
    assert (await people.heard(chat))[-1].startswith(
        "Foto KTP peserta untuk klaim 1 belum bisa dipakai. Ketik klaim untuk mengirim foto baru."
    )
    await people.sends(chat, "hasna", now, "ktp")
    await people.world.settle()
    (there,) = await people.at_bpjs()
    assert sorted(there["documents"]) == sorted(claim.missing)


async def test_killed_between_the_report_and_its_papers_it_goes_on_where_it_was(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    await people.sends(chat, "hasna", claim)
    service = people.world.service
    (row,) = await service.writer.run(lambda unit: outbox.take(unit, ["SendClaim"], 1))
    parcel = await service.writer.run(lambda unit: service.claims._next(unit, row, claim.claim))
    assert parcel is not None
    await service.claims._send(parcel)  # the report, and then the process is gone

    await people.world.restart()
    await people.world.pass_time(2 * outbox.LEASE)

    (there,) = await people.at_bpjs()
    assert sorted(there["documents"]) == sorted(claim.missing)
    assert len(await people.heard(chat)) == 1


async def test_sent_twice_at_once_it_is_one_claim_and_told_once(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    await people.sends(chat, "hasna", claim)
    (row,) = await people.world.service.writer.run(lambda unit: outbox.take(unit, ["SendClaim"], 1))

    await asyncio.gather(*(perform(people, row) for _twice in range(2)))

    (there,) = await people.at_bpjs()
    assert sorted(there["documents"]) == sorted(claim.missing)
    assert len(await people.heard(chat)) == 1


async def perform(people: Claimants, row: Taken) -> None:
    await people.world.service.claims.perform(row)


async def test_what_is_withdrawn_before_bpjs_has_it_is_never_sent(people: Claimants) -> None:
    chat = await people.chat("hasna")
    person = await people.member(chat)
    await people.world.bpjs("POST", "/sandbox/down")
    claim = await people.reports(chat, person)
    await people.world.settle()
    withdrawn = AnswerClaim(claim.claim, "withdrawn")
    assert await people.world.service.writer.run(lambda unit: claims.answer(unit, chat, withdrawn))

    await people.world.bpjs("POST", "/sandbox/up")
    await people.world.pass_time(timedelta(minutes=10))

    assert await people.at_bpjs() == []
    assert await people.heard(chat) == []


# -- by BPJS ------------------------------------------------------------------------------------------------------


async def test_a_refusal_is_told_with_its_reason_and_whose_turn_it_is(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people, "9971")
    await people.sends(chat, "hasna", claim)
    await people.world.settle()

    for _step in range(2):
        await people.bpjs_goes_on(claim.claim)

    assert (await people.heard(chat))[-1] == (
        "Maaf, kabarnya kurang baik.\nKlaim 1, kecelakaan kerja Hasna: ditolak BPJS.\n"
        "Alasan BPJS: Kejadiannya tidak termasuk yang dijamin.\n"
        "Menunggu: petugas kami. Kabar paling lambat 24 November 2026.\nKetik klaim kalau mau dijelaskan petugas."
    )


async def test_a_paper_that_bpjs_wants_anew_is_asked_for_and_the_claim_goes_on_with_it(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people, "9972")
    await people.sends(chat, "hasna", claim)
    await people.world.settle()
    await people.bpjs_goes_on(claim.claim)

    now = await people.now(chat, 1)
    assert now is not None
    assert now.missing == ("ktp",)
    assert "Masih kurang: KTP peserta." in (await people.heard(chat))[-1]
    people.world.clock.now += timedelta(minutes=1)
    await people.sends(chat, "hasna", now, "ktp")
    await people.world.settle()

    after = await people.now(chat, 1)
    assert after is not None
    assert (after.state, after.missing) == ("verifying", ())


async def test_bpjs_may_begin_before_the_papers_are_there(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    await people.world.settle()
    await people.bpjs_goes_on(claim.claim)

    now = await people.now(chat, 1)
    assert now is not None
    assert (now.state, now.holder, now.missing) == ("verifying", "bpjs", claim.missing)
    assert (await people.heard(chat))[-1].endswith("Ketik klaim untuk mengirim dokumennya.")
    await people.sends(chat, "hasna", now)
    await people.world.settle()
    (there,) = await people.at_bpjs()
    assert sorted(there["documents"]) == sorted(claim.missing)


async def test_a_word_has_effect_once_and_an_older_one_after_it_none(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    await people.sends(chat, "hasna", claim)
    await people.world.settle()
    approved = await event(people, claim, "approved", 2, amount=1_250_000)
    verifying = await event(people, claim, "verifying", 1)

    answers = [*await asyncio.gather(*(told(people.world, approved) for _thrice in range(3)))]
    answers += [await told(people.world, verifying), await told(people.world, approved | {"event_id": "changed-9"})]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert [words for words in await people.heard(chat) if "disetujui" in words or "diperiksa" in words] == [
        "Klaim 1, kecelakaan kerja Hasna: disetujui BPJS.\nJumlahnya Rp1.250.000.\n"
        "Menunggu: BPJS. Kabar paling lambat 25 November 2026."
    ]


async def test_what_is_forged_moves_nothing(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    await people.world.settle()
    before = await people.now(chat, 1)

    forged: httpx.Response = await told(
        people.world, await event(people, claim, "paid", amount=1, paid_on="2026-11-21", paid_to="X"), secret="guessed"
    )

    assert forged.status_code == 401
    assert await people.now(chat, 1) == before


async def test_a_claim_of_nobody_is_taken_and_noted(people: Claimants) -> None:
    _chat, _hasna, claim = await accident(people)
    await people.world.settle()
    strange = await event(people, claim, "verifying")
    strange["claim"]["reference"] = "CLM-unknown"

    with capture_logs() as logged:
        answer = await told(people.world, strange)

    assert answer.status_code == 200
    assert [line["event"] for line in logged] == ["claim-unknown"]


# -- who hears what, and when -------------------------------------------------------------------------------------


async def test_a_phone_that_serves_several_hears_only_that_there_is_news(people: Claimants) -> None:
    chat = await people.chat("rina")
    hasna = await people.member(chat)
    await people.member(chat, "LA BACO", "9902")

    claim = await people.reports(chat, hasna)
    await people.sends(chat, "rina", claim)
    await people.world.settle()
    await people.bpjs_goes_on(claim.claim)
    await people.world.pass_time(timedelta(days=10))

    heard = await people.heard(chat)
    assert len(heard) >= 3
    assert set(heard) == {NEWS}


async def test_whoever_sends_no_papers_is_told_of_help_and_everything_else_that_is_late_of_our_fault(
    people: Claimants,
) -> None:
    chat, _hasna, claim = await accident(people)
    await people.world.settle()

    await people.world.pass_time(timedelta(days=12))

    heard = await people.heard(chat)
    assert heard[1] == (
        "Dokumen klaim nomor 1 belum lengkap. Penyuluh kami akan membantu Anda melengkapinya.\n"
        "Menunggu: penyuluh. Kabar paling lambat 1 Desember 2026."
    )
    assert heard[2].startswith("Maaf, kabar klaim nomor 1 belum ada")
    assert claim.holder == "you"


async def test_at_night_nothing_is_told(people: Claimants) -> None:
    people.world.clock.now = datetime(2026, 11, 21, 23, 0, tzinfo=WITA)
    await accident(people)

    await people.world.settle()

    assert await told_at(people) == [datetime(2026, 11, 22, 7, 30, tzinfo=WITA)]


async def told_at(people: Claimants) -> list[datetime]:
    rows = await people.rows("SELECT due_at FROM outbox WHERE kind = 'notice' ORDER BY id")
    return [datetime.fromtimestamp(due / 1e6, UTC).astimezone(WITA) for (due,) in rows]


async def test_the_hours_of_every_notice_are_those_of_the_day(people: Claimants) -> None:
    chat, _hasna, claim = await accident(people)
    await people.sends(chat, "hasna", claim)
    for _step in range(5):
        await people.world.pass_time(timedelta(hours=7))
        await people.bpjs_goes_on(claim.claim)

    hours = [at.time() for at in await told_at(people)]
    assert len(hours) >= 4
    assert all(MORNING <= at < EVENING for at in hours)


# -- a death ------------------------------------------------------------------------------------------------------


async def test_after_a_death_nobody_is_reminded_of_who_died_and_the_others_are(people: Claimants) -> None:
    rina = await people.chat("rina")
    hasna, _baco = await people.member(rina), await people.member(rina, "LA BACO", "9902")
    await people.world.service.writer.run(lambda unit: unit.fetch(_UNREACHED))
    await reminded(people, hour=9)
    assert "1 Hasna" in (await people.heard(rina))[0]

    heir = await people.chat("heir")
    claim = await people.reports(heir, hasna, DEATH)
    await reminded(people, hour=10)

    states = await people.rows(
        f"SELECT state FROM outbox WHERE chat_id = {rina} AND kind IN ('notice', 'reminder') ORDER BY id"
    )
    assert states == [("stale",), ("ready",)]
    (_taken_back, anew) = await people.heard(rina)
    assert anew.startswith("La Baco terlindungi sampai")
    withdrawn = AnswerClaim(claim.claim, "withdrawn")
    assert await people.world.service.writer.run(lambda unit: claims.answer(unit, heir, withdrawn))
    await reminded(people, A_WEEK_BEFORE + timedelta(days=6))
    assert "Hasna" in (await people.heard(rina))[-1]


async def reminded(people: Claimants, day: date = A_WEEK_BEFORE, hour: int = 9) -> None:
    people.world.clock.now = datetime(day.year, day.month, day.day, hour, tzinfo=WITA)
    await people.world.service.reminders.run_due()


async def test_a_payment_for_who_died_is_booked_and_nobody_is_told(people: Claimants) -> None:
    chat = await people.chat("hasna")
    hasna = await people.member(chat)
    await people.reports(await people.chat("heir"), hasna, DEATH)

    async def has_code(unit: Unit) -> None:
        payments.add_code(unit, hasna, None, ((Month(2027, 1), Rupiah(16_800)),), CODE)

    await people.world.service.writer.run(has_code)
    paid = {
        "kind": "paid", "event_id": "paid-1", "code": "88-1", "paid_on": "2026-11-21", "amount": 16_800,
        "covered_from": "2026-11-21", "protected_until": "2027-01-31",
    }  # fmt: skip
    assert (await told(people.world, paid)).status_code == 200

    assert await people.rows("SELECT amount FROM payments") == [(16_800,)]
    assert await people.heard(chat) == []
