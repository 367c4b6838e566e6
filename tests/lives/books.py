"""The books of all three sides, laid beside each other: what was paid in and where it is, cover, and claims.

Invariant: every figure comes from a side's own tables or from what the phones showed; nothing is summed by the code
that is measured, but the bank's settlement, which is the command of the house for just that.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from gateway import settlement_file
from gateway.snap import JAKARTA
from rules.money import Rupiah
from rules.settlement import Booked, Settled, Settlement, reconcile
from tests.lives.reading import Receipt
from tests.lives.sources import EPOCH, Row, Sources
from tests.world import World

STATES: Mapping[str, tuple[str, ...]] = {
    "received": ("reported", "documents-incomplete", "complete", "sent"), "verifying": ("verifying",),
    "documents-wanted": ("documents-incomplete", "complete", "sent"), "approved": ("approved",),
    "refused": ("refused", "closed"), "paid": ("paid", "closed"),
}  # fmt: skip
"""How a claim may stand here, by how it stands at BPJS."""


class Line(Struct, frozen=True):
    """One line of the accounts: what either side says, "" for who has nothing to say, and whether they agree."""

    what: str
    siaga: str
    bpjs: str = ""
    bank: str = ""
    agrees: bool = True


class Waiting(Struct, frozen=True):
    """A queue in which something waits for a person, with its sum."""

    queue: str
    count: int
    amount: int


class Books(Struct, frozen=True):
    """All of it."""

    lines: tuple[Line, ...]
    waiting: tuple[Waiting, ...]

    @property
    def balance(self) -> bool:
        return all(line.agrees for line in self.lines)


async def books(world: World, sources: Sources, told: Sequence[Receipt], first: date, last: date) -> Books:
    """The accounts as they stand."""
    settled = await _settlement(world, sources, first, last)
    lines = [
        *await _money(sources), *await _at_bank(sources, settled), *await _members(sources), *await _claims(sources),
        await _receipts_told(sources, told),
    ]  # fmt: skip
    return Books(tuple(lines), (*await _queues(sources), *_left_at_bank(settled)))


# -- what was paid in ---------------------------------------------------------------------------------------------


async def _money(sources: Sources) -> list[Line]:
    theirs = {one["code"]: int(one["amount"]) for one in _paid_at_bpjs(sources)}
    rows = await sources.ours("SELECT reference, amount, unallocated, refunded FROM payments")
    ours = {code: int(amount) for code, amount, _left, _back in rows}
    unknown = await sources.ours("SELECT reference, amount FROM oddities WHERE queue = 'unknown-code'")
    paid_months = await sources.ours("SELECT amount FROM contributions WHERE state = 'paid'")
    left = sum(int(one[2]) for one in rows if not one[3])
    booked = sum(int(amount) for (amount,) in paid_months)
    return [
        Line("paid in", _sum(ours.values()), _sum(theirs.values()), agrees=theirs == ours | _sums(unknown)),
        Line("  booked to months", _sum(int(amount) for (amount,) in paid_months)),
        Line("  belonging to no month yet", _rupiah(left), agrees=booked + left == sum(ours.values())),
        *await _odd(sources, left), *await _receipts(sources, booked),
    ]  # fmt: skip


async def _odd(sources: Sources, left: int) -> list[Line]:
    """What belongs to no month stands in a queue for a person, each payment of it."""
    rows = await sources.ours(
        "SELECT reference, unallocated FROM payments WHERE unallocated <> 0 AND EXISTS (SELECT 1 FROM oddities "
        "WHERE oddities.reference = payments.reference AND oddities.done_at IS NULL "
        "AND oddities.queue IN ('wrong-amount', 'paid-twice'))"
    )
    queued = sum(int(amount) for _code, amount in rows)
    return [Line("  of it in the queues wrong-amount and paid-twice", _sum(int(one[1]) for one in rows),
                 agrees=queued == left)]  # fmt: skip


async def _receipts(sources: Sources, booked: int) -> list[Line]:
    """One for each payment that covers a month, over what of it was booked."""
    rows = await sources.ours("SELECT number, amount, reference FROM receipts ORDER BY number")
    covering = await sources.names("SELECT reference FROM payments WHERE months <> ''")
    amounts = [int(row[1]) for row in rows]
    whole = [row[0] for row in rows] == list(range(1, len(rows) + 1))
    return [Line("receipts, numbered from 1 without a gap", _sum(amounts), agrees=whole and sum(amounts) == booked
                 and sorted(row[2] for row in rows) == sorted(covering))]  # fmt: skip


async def _receipts_told(sources: Sources, told: Sequence[Receipt]) -> Line:
    """Every receipt that a phone showed is in the books, with its sum and its months."""
    rows = await sources.ours(
        "SELECT receipts.number, receipts.amount, payments.months FROM receipts JOIN payments ON "
        "payments.person_id = receipts.person_id AND payments.reference = receipts.reference"
    )
    given = {number: (int(amount), months.split()[0], months.split()[-1]) for number, amount, months in rows}
    shown = {one.number: (one.amount, *one.months) for one in told}
    wrong = [number for number, what in shown.items() if given.get(number) != what]
    return Line("receipts that the phones showed", f"{len(shown):,}, {len(wrong)} otherwise", agrees=not wrong)


def _paid_at_bpjs(sources: Sources) -> list[dict[str, str]]:
    return [json.loads(body) for (body,) in sources.bpjs("select body from events where event_id like 'paid-%'")]


# -- the bank -----------------------------------------------------------------------------------------------------


async def _at_bank(sources: Sources, settled: Sequence[Settlement]) -> list[Line]:
    ours = _sums(await sources.ours("SELECT request, amount FROM bank_payments"))
    theirs = _sums(sources.bank("select request, amount from transfers where state = 'booked'"))
    posted = await _posted(sources)
    refused = await sources.ours("SELECT amount FROM oddities WHERE queue = 'not-posted'")
    left = {request: amount for request, amount in theirs.items() if request not in ours}
    in_heaps = [row for one in settled for row in (*one.only_at_bank, *one.twice)]
    at_bank, with_us = sum(one.at_bank.amount for one in settled), sum(one.with_us.amount for one in settled)
    waits = sum(int(amount) for (amount,) in refused)
    return [
        Line("received at the bank", _sum(ours.values()), bank=_sum(theirs.values()),
             agrees=ours == {one: amount for one, amount in theirs.items() if one in ours}),
        Line("  refused by us, left at the bank", _sum(row.amount.amount for row in in_heaps),
             bank=_sum(left.values()), agrees=sorted(row.request for row in in_heaps) == sorted(left)),
        Line("  settlement files of every day", _rupiah(with_us), bank=_rupiah(at_bank),
             agrees=at_bank == sum(theirs.values()) and with_us == sum(ours.values())
             and not any(one.only_with_us or one.other_amount for one in settled)),
        Line("  handed on to BPJS", _rupiah(sum(ours.values()) - waits), _sum(posted),
             agrees=sum(ours.values()) - waits == sum(posted)),
        Line("  not taken by BPJS, in the queue not-posted", _sum(int(one[0]) for one in refused)),
        Line("  given back by the bank", "", bank=_sum(
            amount for (amount,) in sources.bank("select amount from transfers where state = 'returned'"))),
    ]  # fmt: skip


async def _posted(sources: Sources) -> list[int]:
    """The sums of the postings that BPJS took."""
    codes = _sums(sources.bpjs("select code, amount from payments"))
    rows = sources.bpjs("select key, answer from answers where key like 'posting %'")
    return [codes[key.split()[1]] for key, answer in rows if json.loads(answer)["status"] == "posted"]


async def _settlement(world: World, sources: Sources, first: date, last: date) -> list[Settlement]:
    """Each day's file beside what we have of that day."""
    rows = await sources.ours(
        "SELECT bank_payments.request, bank_bills.number, bank_payments.amount, bank_payments.paid_at "
        "FROM bank_payments JOIN bank_bills ON bank_bills.id = bank_payments.bill_id"
    )
    booked: dict[date, list[Booked]] = defaultdict(list)
    for request, number, amount, at in rows:
        day = (EPOCH + timedelta(microseconds=int(at))).astimezone(JAKARTA).date()
        booked[day].append(Booked(request, number, Rupiah(int(amount))))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [reconcile(await _file(world, day), booked[day]) for day in days]


async def _file(world: World, day: date) -> Sequence[Settled]:
    found = settlement_file.read((await world.bank("GET", f"/settlements/{day}.csv")).content)
    assert isinstance(found, settlement_file.SettlementFile) and not found.broken
    return found.rows


# -- members and their cover --------------------------------------------------------------------------------------


async def _members(sources: Sources) -> list[Line]:
    covers = "kpj, covered_from, protected_until FROM"
    ours = {row[0]: _days(row[1:]) for row in await sources.ours(f"SELECT {covers} memberships")}
    theirs = {row[0]: _days(row[1:]) for row in sources.bpjs(f"select {covers} members where nik not like '%9994'")}
    differ = [kpj for kpj in ours.keys() & theirs.keys() if ours[kpj] != theirs[kpj]]
    return [
        Line("members", f"{len(ours):,}", f"{len(theirs):,}", agrees=ours.keys() == theirs.keys()),
        Line("  whose cover is told otherwise", str(len(differ)), str(len(differ)), agrees=not differ),
        await _codes(sources), await _months(sources),
    ]  # fmt: skip


async def _codes(sources: Sources) -> Line:
    """Each code with its owner, its sum, its last month and the day on which it was paid."""
    rows = await sources.ours(
        "SELECT payment_codes.code, memberships.kpj, payment_codes.months, payment_codes.amount, "
        "payment_codes.paid_on FROM payment_codes JOIN memberships ON "
        "memberships.person_id = payment_codes.person_id"
    )
    ours = {code: (kpj, months.split()[-1], int(amount), _day(on)) for code, kpj, months, amount, on in rows}
    theirs = {row[0]: row[1:] for row in sources.bpjs("select code, kpj, last_month, amount, paid_on from payments")}
    return Line("payment codes, their owners and last months", f"{len(ours):,}", f"{len(theirs):,}",
                agrees=ours == theirs)  # fmt: skip


async def _months(sources: Sources) -> Line:
    """The months that are paid in the ledger are those that the payments cover, of each member, each once."""
    covered = Counter[tuple[int, str]]()
    for person, months in await sources.ours("SELECT person_id, months FROM payments WHERE NOT refunded"):
        covered.update((person, month) for month in months.split())
    rows = await sources.ours("SELECT person_id, month FROM contributions WHERE state = 'paid'")
    paid = Counter[tuple[int, str]](dict.fromkeys(rows, 1))
    return Line("months paid, of every member", f"{len(paid):,}", agrees=covered == paid)


# -- claims -------------------------------------------------------------------------------------------------------


async def _claims(sources: Sources) -> list[Line]:
    rows = await sources.ours("SELECT reference, state, amount, paid_on FROM claims WHERE reference IS NOT NULL")
    ours = {row[0]: row[1:] for row in rows}
    theirs: dict[str, str] = dict(sources.bpjs("select reference, state from claims"))
    decided = {row["reference"]: row for row in _claims_told(sources)}
    at_odds = [one for one in theirs.keys() & ours.keys() if ours[one][0] not in STATES[theirs[one]]]
    paid = {one: int(row[1]) for one, row in ours.items() if row[2] is not None}
    paid_there = {one: int(decided[one]["amount"]) for one, state in theirs.items() if state == "paid"}
    ((unsent,),) = await sources.ours("SELECT count(*) FROM claims WHERE reference IS NULL")
    counted = ", ".join(f"{count} {state}" for state, count in sorted(Counter(theirs.values()).items()))
    here = ", ".join(f"{count} {state}" for state, count in sorted(Counter(row[0] for row in ours.values()).items()))
    return [
        Line("claims at BPJS", f"{len(ours)}: {here}", f"{len(theirs)}: {counted}",
             agrees=ours.keys() == theirs.keys() and not at_odds),
        Line("  paid", _sum(paid.values()), _sum(paid_there.values()), agrees=paid == paid_there),
        Line("  not yet there, or withdrawn", str(unsent)),
    ]  # fmt: skip


def _claims_told(sources: Sources) -> list[dict[str, str]]:
    rows = sources.bpjs("select body from events where event_id like 'claim-changed-%' order by rowid")
    return [json.loads(body)["claim"] for (body,) in rows]


# -- what waits for a person --------------------------------------------------------------------------------------


async def _queues(sources: Sources) -> list[Waiting]:
    odd = "SELECT queue, count(*), coalesce(sum(amount), 0) FROM oddities WHERE done_at IS NULL GROUP BY queue"
    differ = (
        "SELECT part, kind, count(*), coalesce(sum(coalesce(their_amount, our_amount)), 0) FROM differences "
        "WHERE settled_at IS NULL GROUP BY part, kind"
    )
    waiting = [Waiting(queue, count, int(amount)) for queue, count, amount in await sources.ours(odd)]
    return [
        *waiting,
        *(Waiting(f"{part} {kind}", count, int(amount)) for part, kind, count, amount in await sources.ours(differ)),
    ]


def _left_at_bank(settled: Sequence[Settlement]) -> list[Waiting]:
    twice = [row.amount.amount for one in settled for row in one.twice]
    only = [row.amount.amount for one in settled for row in one.only_at_bank]
    return [Waiting("settlement: paid twice", len(twice), sum(twice)),
            Waiting("settlement: only at the bank", len(only), sum(only))]  # fmt: skip


def _days(stored: Iterable[object]) -> tuple[str | None, ...]:
    return tuple(map(_day, stored))


def _day(stored: object) -> str | None:
    return None if stored is None else str(stored)


def _sums(rows: Iterable[Row]) -> dict[str, int]:
    return {name: int(amount) for name, amount in rows}


def _sum(amounts: Iterable[int]) -> str:
    every = list(amounts)
    return f"{_rupiah(sum(every))} in {len(every):,}"


def _rupiah(amount: int) -> str:
    return str(Rupiah(amount)) if amount >= 0 else f"-{Rupiah(-amount)}"
