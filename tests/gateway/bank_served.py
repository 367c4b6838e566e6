"""The imitated bank behind a real port, and an office that answers its calls as ours judges them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway import snap
from gateway.breaker import Breaker
from gateway.partner import Means
from gateway.payments import Bank, Terms
from gateway.payments_in import (
    Bill,
    Inquiry,
    Known,
    judge_inquiry,
    judge_payment,
    read_inquiry,
    read_notice,
    read_payment,
)
from gateway.sandbox.bank import BANK, CHANNEL, OFFICE, create_app
from gateway.sandbox.bank_keys import Keys
from gateway.sandbox.store import EVENT_TRIES_MAX
from gateway.snap_door import Answer, Call, Caller, give_token
from rules.bank import BankPaid
from tests.gateway.conftest import Clock, nonces, served
from tests.gateway.snap_calls import SECRET, bank_key, our_key

LOOKS_MAX = 1_000
TERMS = Terms(OFFICE, our_key(), SECRET, OFFICE, CHANNEL, "8808", "MERCHANT-1")
AT_OUR_DOOR = Caller(BANK, bank_key().public_key(), SECRET, BANK, b"a seal of our own")


@dataclass
class OurSide:
    """Answers the bank as the service will, with books that last as long as a test."""

    clock: Clock
    url: str = ""
    bills: dict[str, Bill] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    taken: list[BankPaid] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    silent: int = 0  # so many calls are heard and not answered

    async def answer(self, request: Request) -> Response:
        call = Call(request.method, request.url.path, request.headers, await request.body())
        judged = self._judge(call)
        if call.path != snap.TOKEN_PATH and self.silent > 0:
            self.silent -= 1
            return Response(status_code=504)
        self.codes.append(judged.body["responseCode"])
        return JSONResponse(judged.body, judged.status)

    def _judge(self, call: Call) -> Answer:
        now = self.clock()
        if call.path == snap.TOKEN_PATH:
            return give_token(call, AT_OUR_DOOR, now=now, nonce=f"n{len(self.codes)}")
        if call.path == snap.INQUIRY_PATH:
            asked = read_inquiry(call, AT_OUR_DOOR, now=now)
            known = Known(self.bills.get(asked.number)) if isinstance(asked, Inquiry) else Known()
            return judge_inquiry(asked, known, now=now) if isinstance(asked, Inquiry) else asked
        read = read_notice if call.path == snap.QR_NOTIFY_PATH else read_payment
        told = read(call, AT_OUR_DOOR, now=now)
        if isinstance(told, Answer):
            return told
        judged = judge_payment(told, Known(self.bills.get(told.paid.number), None, self.digests.get(told.paid.request)))
        if judged.taken is not None:
            self.taken.append(judged.taken)
            self.digests[told.paid.request] = told.digest
            self.bills[told.paid.number] = replace(self.bills[told.paid.number], is_paid=True)
        return judged.answer


@dataclass
class ServedBank:
    url: str
    clock: Clock
    office: OurSide

    async def press(self, http: httpx.AsyncClient, path: str) -> None:
        """Press something on the bank's page, and let it tell us."""
        assert (await http.post(f"{self.url}{path}", follow_redirects=False)).status_code == 303
        await self.tells(http)

    async def tells(self, http: httpx.AsyncClient) -> None:
        """Wait until it has told what is due."""
        for _look in range(LOOKS_MAX):
            if not [one for one in (await self.state(http))["waiting"] if self._is_due(one)]:
                return
            await asyncio.sleep(0.005)
        raise AssertionError("the bank doesn't tell")

    def _is_due(self, event: dict[str, Any]) -> bool:
        return bool(event["due_at"] <= self.clock().timestamp() and event["tries"] < EVENT_TRIES_MAX)

    async def state(self, http: httpx.AsyncClient) -> dict[str, Any]:
        found: dict[str, Any] = (await http.get(f"{self.url}/sandbox/state")).json()
        return found


@contextmanager
def serving_bank(database: Path, clock: Clock, slow_s: float = 0.05) -> Iterator[ServedBank]:
    """The bank, and our side for it."""
    office = OurSide(clock)
    paths = [Route("/{path:path}", office.answer, methods=["POST"])]
    with contextlib.ExitStack() as stack:
        office.url = stack.enter_context(served(Starlette(routes=paths)))
        app = create_app(
            database=database, keys=Keys(bank_key(), our_key().public_key()), secret=SECRET, office_url=office.url,
            clock=clock, nonce=nonces("bank"), slow_s=slow_s, tick_s=0.005,
        )  # fmt: skip
        url = stack.enter_context(served(app))
        yield ServedBank(url, clock, office)


def bank_client(
    http: httpx.AsyncClient, url: str, clock: Clock, *, terms: Terms = TERMS, breaker: Breaker | None = None,
    try_s_max: float = 5.0,
) -> Bank:  # fmt: skip
    means = Means(http, clock, Random(1), nonces("siaga"), clock.sleep, try_s_max)
    return Bank(means, url, terms, breaker=breaker)
