"""The paid months of a chat's members: those alone that whoever collects has confirmed, of those for whom it speaks."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, update

from bot.flows.benefit_asks import CoveredMember, CoverHistory
from db import benefits, ledger
from db.tables import chat_people, enrolments
from db.unit import Unit
from rules.history import History
from rules.ledger import Expect, Pay, Refund, ReportCash
from rules.money import Rupiah
from rules.month import Month
from tests.world import World

NOVEMBER = Month(2026, 11)
_BEFORE_US = update(enrolments).values(state="already-member")
_LEAVE = update(chat_people).where(chat_people.c.chat_id == bindparam("chat")).values(role="moved")


async def histories(world: World, day: str) -> list[CoveredMember]:
    return await world.service.writer.run(lambda unit: _histories(unit, world, day))


async def _histories(unit: Unit, world: World, day: str) -> list[CoveredMember]:
    return await benefits.histories(unit, await _chat(world), CoverHistory(day))


async def _chat(world: World) -> int:
    chat = await world.service.transcript.chat("web", "main", "hasna")
    assert chat is not None
    return chat


async def test_a_member_is_told_of_with_the_months_paid_so_far(enrolled: World) -> None:
    (now,) = await histories(enrolled, "2026-11-21")
    (later,) = await histories(enrolled, "2027-03-02")

    assert now.name == "HASNA"
    assert now.history == History(1, (NOVEMBER,), date(2026, 11, 21), date(2027, 1, 31))
    assert later.history.paid == NOVEMBER.until(3)


async def test_what_is_expected_reported_or_paid_back_isnt_paid(enrolled: World) -> None:
    (member,) = await histories(enrolled, "2027-06-01")
    price, (february, march, april) = Rupiah(16_800), Month(2027, 2).until(3)

    async def book(unit: Unit) -> None:
        await ledger.book(
            unit, member.person, Expect(february, price), ReportCash("cash", ((march, price),)),
            Pay("back", price, ((april, price),)), Refund("back"),
        )  # fmt: skip

    await enrolled.service.writer.run(book)

    (after,) = await histories(enrolled, "2027-06-01")
    assert after == member


async def test_who_was_a_member_before_us_counts_once_bpjs_has_told_of_the_cover(enrolled: World) -> None:
    async def was_one(unit: Unit) -> None:
        unit.change(_BEFORE_US)

    await enrolled.service.writer.run(was_one)

    (member,) = await histories(enrolled, "2026-11-21")
    assert member.history.covers(date(2026, 11, 21))


async def test_who_moved_to_another_phone_isnt_told_of(enrolled: World) -> None:
    chat = await _chat(enrolled)

    async def leave(unit: Unit) -> None:
        unit.change(_LEAVE, chat=chat)

    await enrolled.service.writer.run(leave)

    assert await histories(enrolled, "2026-11-21") == []


async def test_what_was_paid_long_ago_is_left_out(enrolled: World) -> None:
    (member,) = await histories(enrolled, "2032-01-31")

    assert member.history.paid == Month(2027, 1).until(1)
