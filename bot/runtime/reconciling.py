"""The nightly reconciliation: what BPJS states about a day against what we wrote down.

Invariant: what BPJS states and we never heard is booked by the same way as its webhook, once; everything else that
differs, and money of a bank of ours of which BPJS never speaks, is kept for a person. A day that could not be asked
about is asked about again, and so is one on which something still differs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TypeVar

import structlog
from msgspec.structs import replace

from bot.runtime import word_of_bpjs
from bot.runtime.batch import Desk
from bot.runtime.claims import Claims
from bot.runtime.writer import Writer
from db import bank, cover, reconciliation
from db.reconciliation import Difference, Found
from db.unit import Unit
from gateway.bpjs import Bpjs
from rules.bpjs import ClaimChanged, ClaimStatus, Member, Page, Paid, TryLater
from rules.quiet import WITA
from rules.reconciliation import PARTS, Compared, Part, Row, compare

log = structlog.get_logger()

BEGINS, ENDS = time(2, 0), time(6, 0)
"""Nobody writes then, and who does isn't kept waiting. What isn't done by the end goes on in the next night."""
AGAIN = timedelta(minutes=10)
"""After BPJS could not answer, if it names no time itself."""
PAGES_MAX = 2_000
"""Of one statement: 200,000 rows, more than the regency has workers."""
AT_ONCE_MAX = 200
"""Rows mended in one transaction, so that nobody who writes waits long behind it."""

T = TypeVar("T")
R = TypeVar("R", Paid, Member, ClaimStatus)
Ask = Callable[[date, str], Awaitable[Page[R] | TryLater]]


class Reconciling:
    """`run_due` does what is due now. `plan_again`: a reminder was taken
    back that was perhaps about others, too."""

    def __init__(
        self,
        writer: Writer,
        desk: Desk,
        bpjs: Bpjs,
        claims: Claims,
        clock: Callable[[], datetime],
        plan_again: Callable[[], None],
    ) -> None:
        self._writer, self._desk, self._bpjs, self._clock = writer, desk, bpjs, clock
        self._their_claims, self._plan_again = claims, plan_again
        self._done: date | None = None
        self._not_before: datetime | None = None

    async def run_due(self) -> int:
        """Compare the days that are due, if it is time; how many were compared to the end."""
        now = self._clock().astimezone(WITA)
        tonight = datetime.combine(now.date(), BEGINS, WITA)
        if not BEGINS <= now.time() < ENDS or self._done == now.date() or now < (self._not_before or now):
            return 0
        yesterday = now.date() - timedelta(days=1)
        days = await self._writer.run(lambda unit: reconciliation.days_due(unit, yesterday, tonight))
        for number, day in enumerate(days):
            late = await self.reconcile(day, tonight)
            if late is not None:
                self._not_before = now + max(AGAIN, timedelta(seconds=late.after_s or 0))
                log.warning("not-reconciled", day=str(day), why=late.why)
                return number
        if silent := await self._writer.run(bank.not_booked):
            log.warning("not-booked", payments=silent)
        self._done = now.date()
        return len(days)

    async def reconcile(self, day: date, since: datetime | None = None) -> TryLater | None:
        """Compare this day, without the parts that were compared since then. Afterwards `standing` tells what differed;
        TryLater if BPJS could not answer, and what was compared before stays so."""
        done = await self._writer.run(lambda unit: reconciliation.done_since(unit, day, since)) if since else set()
        for part in PARTS:
            late = None if part in done else await self._reconcile(part, day)
            if late is not None:
                return late
        return None

    async def standing(self, day: date) -> list[Found]:
        """What comparing the day gave."""
        return await self._writer.run(lambda unit: reconciliation.standing(unit, day))

    async def _reconcile(self, part: Part, day: date) -> TryLater | None:
        found = await self._find(part, day)
        if isinstance(found, TryLater):
            return found
        await self._write(day, found)
        return None

    async def _find(self, part: Part, day: date) -> Found | TryLater:
        """What differs, once it was mended as far as can be."""
        asked_at = self._clock()
        match part:
            case "payment":
                payments = await _gather(self._bpjs.payments_on, day)
                return payments if isinstance(payments, TryLater) else await self._payments(day, payments)
            case "member":
                members = await _gather(self._bpjs.members_changed_on, day)
                return members if isinstance(members, TryLater) else await self._members(members, asked_at)
            case "claim":
                claims = await _gather(self._bpjs.claims_changed_on, day)
                return claims if isinstance(claims, TryLater) else await self._claims(day, claims, asked_at)

    async def _payments(self, day: date, stated: Sequence[Paid]) -> Found:
        """What we never heard is booked and told, as by the webhook that didn't come."""
        theirs = [Row(one.code, one.amount, on=one.paid_on) for one in stated]
        codes = [row.subject for row in theirs]
        ours = await self._writer.run(lambda unit: reconciliation.payments_of(unit, day, codes))
        compared = compare(ours, theirs)
        missed = {row.subject for row in compared.not_here}
        booked: set[str] = set()
        for some in _slices([one for one in stated if one.code in missed]):
            booked |= await self._writer.run(partial(self._book, some=some))
        return Found("payment", len(stated), len(compared.matched), _differences(compared, booked))

    async def _book(self, unit: Unit, some: Sequence[Paid]) -> set[str]:
        booked: set[str] = set()
        for one in some:
            found = await word_of_bpjs.paid(unit, self._desk, one)
            if found is not None:
                booked.add(one.code)
                if found.taken_back:
                    self._plan_again()
        return booked

    async def _members(self, stated: Sequence[Member], asked_at: datetime) -> Found:
        """Cover is what BPJS states, whatever we had; a number that nobody here has waits for a person."""
        theirs = [Row(one.kpj, since=one.covered_from, until=one.protected_until) for one in stated]
        kpjs = [row.subject for row in theirs]
        ours, persons = await self._writer.run(lambda unit: reconciliation.members_of(unit, kpjs))
        compared = compare(ours, theirs)
        for some in _slices([*(row for _ours, row in compared.otherwise), *compared.not_here]):
            await self._writer.run(partial(self._state, some=some, asked_at=asked_at))
        differences = _differences(compared, {row.subject for _ours, row in compared.otherwise})
        named = tuple(replace(one, subject=_nobodys(one.subject, persons)) for one in differences)
        return Found("member", len(stated), len(compared.matched), named)

    async def _state(self, unit: Unit, some: Sequence[Row], asked_at: datetime) -> None:
        for row in some:
            if await cover.state_cover(unit, cover.Cover(row.subject, row.since, row.until), asked_at):
                self._plan_again()

    async def _claims(self, day: date, stated: Sequence[ClaimStatus], asked_at: datetime) -> Found:
        unknown: list[Difference] = []
        for some in _slices(stated):
            unknown += await self._writer.run(partial(self._state_claims, day=day, some=some, asked_at=asked_at))
        return Found("claim", len(stated), len(stated) - len(unknown), tuple(unknown))

    async def _state_claims(
        self, unit: Unit, day: date, some: Sequence[ClaimStatus], asked_at: datetime
    ) -> list[Difference]:
        """Those that aren't ours."""
        unknown: list[Difference] = []
        for one in some:
            event = ClaimChanged(f"statement-{day}-{one.reference}", one, asked_at)
            if not await word_of_bpjs.claim(unit, self._their_claims, event):
                unknown.append(Difference("not-here", one.reference, theirs=one.amount))
        return unknown

    async def _write(self, day: date, found: Found) -> None:
        async def write(unit: Unit) -> None:
            reconciliation.write(unit, day, found)

        await self._writer.run(write)
        left = sum(not one.settled for one in found.differences)
        note = log.warning if left else log.info
        note(
            "reconciled", day=str(day), part=found.part, stated=found.stated, matched=found.matched,
            mended=len(found.differences) - left, left=left,
        )  # fmt: skip


async def _gather(ask: Ask[R], day: date) -> list[R] | TryLater:
    """All pages of a statement."""
    rows: list[R] = []
    after = ""
    for _page in range(PAGES_MAX):
        page = await ask(day, after)
        if isinstance(page, TryLater):
            return page
        rows += page.rows
        after = page.after
        if not after:
            return rows
    return TryLater(f"a statement of more than {PAGES_MAX} pages")


def _differences(compared: Compared, mended: set[str]) -> tuple[Difference, ...]:
    """All but what matched; `mended` are subjects that were brought in line with what BPJS states."""
    both = [Difference("otherwise", row.subject, ours.amount, row.amount) for ours, row in compared.otherwise]
    here = [Difference("not-here", row.subject, theirs=row.amount) for row in compared.not_here]
    there = [Difference("not-there", row.subject, ours=row.amount) for row in compared.not_there]
    again = [Difference("repeated", row.subject, theirs=row.amount) for row in compared.repeated]
    return tuple(replace(one, settled=one.subject in mended) for one in (*both, *here, *there, *again))


def _nobodys(kpj: str, persons: dict[str, int]) -> str:
    """Whose member number it is, without the number."""
    return f"person {persons[kpj]}" if kpj in persons else f"kpj *******{kpj[-4:]}"


def _slices(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[start : start + AT_ONCE_MAX] for start in range(0, len(rows), AT_ONCE_MAX)]
