"""Ledgers as they are stored: what comes out is what was booked, receipts have no gaps, and nobody books twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.settings import Settings
from db import ledger
from db.ledger import Receipt
from db.tables import people
from db.unit import Unit
from rules.ledger import Entry, Expect, Ledger, Pay, Posted, Refund, ReportCash, balance, post
from rules.money import Rupiah
from rules.month import Month
from tests.world import World

DECEMBER, JANUARY = Month(2026, 12), Month(2027, 1)
BOTH = ((DECEMBER, Rupiah(8_400)), (JANUARY, Rupiah(16_800)))
PEOPLE = range(1, 6)


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    """Five people, with ledgers that hold nothing yet."""
    async with World(settings, tmp_path) as made:
        await made.service.writer.run(_people)
        yield made


async def _people(unit: Unit) -> None:
    for number in PEOPLE:
        unit.add(
            people, id=number, nik_index=str(number), nik=b"", name="HASNA", birth_place="SOPPENG",
            birth_date=unit.now.date(), sex="female", address="DUSUN LAPPA", village_code="73.12.02.2005", phone=None,
            created_at=unit.now,
        )  # fmt: skip


def _booking(entry: Entry) -> Callable[[Unit], Awaitable[list[Posted]]]:
    return lambda unit: ledger.book(unit, 1, entry)


async def test_what_is_stored_is_what_was_booked(world: World) -> None:
    entries = (
        Expect(DECEMBER, Rupiah(8_400), "asn"), ReportCash("cash-1", BOTH), Pay("a", Rupiah(25_200), BOTH),
        Pay("b", Rupiah(25_200), BOTH), Pay("c", Rupiah(1), BOTH), Refund("a"), Pay("d", Rupiah(25_200), BOTH),
    )  # fmt: skip
    expected = Ledger()

    for entry in entries:
        expected = post(expected, entry).ledger
        await world.service.writer.run(_booking(entry))

    stored = await world.service.writer.run(lambda unit: ledger.load(unit, 1))
    assert stored == expected
    assert balance(stored).adds_up


async def test_receipts_are_numbered_without_gaps_however_many_pay_at_once(world: World) -> None:
    async def pays(person: int, reference: str) -> None:
        months = tuple((month + 2 * (reference == "b"), amount) for month, amount in BOTH)

        async def job(unit: Unit) -> None:
            await ledger.book(unit, person, Pay(reference, Rupiah(25_200), months))
            await ledger.receipt(unit, person, reference)

        await world.service.writer.run(job)

    await asyncio.gather(*(pays(person, reference) for person in PEOPLE for reference in ("a", "a", "b")))

    async with world.service.transcript._engine.connect() as connection:
        numbers = (await connection.execute(text("SELECT number FROM receipts ORDER BY number"))).scalars().all()
    assert list(numbers) == list(range(1, 2 * len(PEOPLE) + 1))


async def test_what_covers_no_month_takes_no_number(world: World) -> None:
    async def job(unit: Unit) -> list[Receipt | None]:
        await ledger.book(unit, 1, Pay("a", Rupiah(25_200), BOTH), Pay("b", Rupiah(25_200), BOTH))
        return [await ledger.receipt(unit, 1, reference) for reference in ("a", "b")]

    assert await world.service.writer.run(job) == [Receipt(1, Rupiah(25_200), (DECEMBER, JANUARY)), None]


async def test_the_receipt_for_months_that_are_partly_paid_is_for_the_others(world: World) -> None:
    later = ((JANUARY, Rupiah(16_800)), (JANUARY + 1, Rupiah(16_800)))

    async def job(unit: Unit) -> Receipt | None:
        await ledger.book(unit, 1, Pay("a", Rupiah(25_200), BOTH), Pay("b", Rupiah(33_600), later))
        return await ledger.receipt(unit, 1, "b")

    assert await world.service.writer.run(job) == Receipt(1, Rupiah(16_800), (JANUARY + 1,))


async def test_a_batch_that_fails_takes_no_number(world: World) -> None:
    async def job(unit: Unit) -> int:
        await ledger.book(unit, 1, Pay("a", Rupiah(25_200), BOTH))
        given = await ledger.receipt(unit, 1, "a")
        assert given is not None
        return given.number

    async def fails(unit: Unit) -> None:
        await ledger.book(unit, 2, Pay("a", Rupiah(25_200), BOTH))
        await ledger.receipt(unit, 2, "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await world.service.writer.run(fails)

    assert await world.service.writer.run(job) == 1
