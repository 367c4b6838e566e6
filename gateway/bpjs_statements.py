"""What BPJS states about a day, for the nightly reconciliation: payments, members and claims that changed.

A day is one of Soppeng (WITA). Invariant: a statement comes in pages of at most `PAGE_ROWS_MAX` rows, holds no NIK, and
no page leads back to itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway.bpjs_claims import StatusAnswer
from gateway.bpjs_wire import Amount, Answer, MemberAnswer, Token, in_order
from gateway.partner import Nonsense, Partner, decoded
from rules.bpjs import ClaimStatus, Member, Page, Paid, TryLater
from rules.money import Rupiah

PAGE_ROWS_MAX = 100

Cursor = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{0,60}\Z")]


class BpjsStatements:
    """The part of the client that reads statements. `after`: "" for the first page, then what the last one named."""

    _partner: Partner

    async def payments_on(self, day: date, after: str = "") -> Page[Paid] | TryLater:
        """The codes that were paid on this day, each with the id of the event that told it, or should have."""

        def parse(answer: bytes) -> Page[Paid] | Nonsense:
            page = _page(_payments.decode, answer, after)
            if isinstance(page, Nonsense):
                return page
            rows = tuple(row.value() for row in page.rows)
            if any(row.paid_on != day for row in rows):
                return Nonsense("$.rows: another day")
            return Page(rows, page.after)

        return await self._partner.ask("GET", _address("payments", day, after), parse)

    async def members_changed_on(self, day: date, after: str = "") -> Page[Member] | TryLater:
        """The members whose cover changed last on this day, as they stand now."""

        def parse(answer: bytes) -> Page[Member] | Nonsense:
            page = _page(_members.decode, answer, after)
            return page if isinstance(page, Nonsense) else Page(tuple(row.value() for row in page.rows), page.after)

        return await self._partner.ask("GET", _address("members", day, after), parse)

    async def claims_changed_on(self, day: date, after: str = "") -> Page[ClaimStatus] | TryLater:
        """The claims that changed last on this day, as they stand now."""

        def parse(answer: bytes) -> Page[ClaimStatus] | Nonsense:
            page = _page(_claims.decode, answer, after)
            return page if isinstance(page, Nonsense) else Page(tuple(row.value() for row in page.rows), page.after)

        return await self._partner.ask("GET", _address("claims", day, after), parse)


class PaidRow(Struct, frozen=True):
    """A payment, as it travels: by webhook, and in a statement."""

    event_id: Token
    code: Token
    paid_on: date
    amount: Amount
    covered_from: date
    protected_until: date

    def __post_init__(self) -> None:
        in_order(self.covered_from, self.protected_until)

    def value(self) -> Paid:
        return Paid(
            self.event_id, self.code, self.paid_on, Rupiah(self.amount), self.covered_from, self.protected_until
        )


class _Page(Answer, frozen=True):
    after: Cursor


class _Payments(_Page, frozen=True, tag="payments"):
    rows: Annotated[list[PaidRow], Meta(max_length=PAGE_ROWS_MAX)]


class _Members(_Page, frozen=True, tag="members"):
    rows: Annotated[list[MemberAnswer], Meta(max_length=PAGE_ROWS_MAX)]


class _Claims(_Page, frozen=True, tag="claims"):
    rows: Annotated[list[StatusAnswer], Meta(max_length=PAGE_ROWS_MAX)]


P = TypeVar("P", _Payments, _Members, _Claims)

_payments = msgspec.json.Decoder(_Payments)
_members = msgspec.json.Decoder(_Members)
_claims = msgspec.json.Decoder(_Claims)


def _page(decode: Callable[[bytes], P], answer: bytes, after: str) -> P | Nonsense:
    page = decoded(decode, answer)
    if isinstance(page, Nonsense):
        return page
    return Nonsense("$.after: the same page again") if page.after and page.after == after else page


def _address(what: str, day: date, after: str) -> str:
    """A cursor is BPJS's own, and has the form of one: it needs no quoting."""
    return f"/v1/statements/{what}?day={day}" + (f"&after={after}" if after else "")
