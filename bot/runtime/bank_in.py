"""What a bank of ours asks and tells by SNAP BI: what a bill is, and that it was paid.

Invariant: the bank is answered after the commit. What it says to have received is written down, told to the chat, and
posted to BPJS; that is not yet *paid* (bot/runtime/webhooks.py). A transfer that is refused goes back to who paid; a
payment by QRIS doesn't, and waits for a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.flows import notices
from bot.handlers.contract import NotStoredError
from bot.runtime.batch import Desk, notify
from bot.runtime.writer import Writer
from db import bank
from db.bank import KnownBill
from db.unit import Unit
from gateway import snap
from gateway.payments_in import (
    Bill,
    Inquiry,
    Known,
    Told,
    judge_inquiry,
    judge_payment,
    read_inquiry,
    read_notice,
    read_payment,
)
from gateway.snap import JAKARTA, Service
from gateway.snap_door import BODY_BYTES_MAX, Answer, Call, Caller, answer, give_token

log = structlog.get_logger()

SERVICES: Mapping[str, Service] = {
    snap.TOKEN_PATH: "73", snap.INQUIRY_PATH: "24", snap.PAYMENT_PATH: "25", snap.QR_NOTIFY_PATH: "52",
}  # fmt: skip
COME_AGAIN_S = "5"


class BankIn:
    """The four services that we offer a bank."""

    def __init__(
        self, writer: Writer, desk: Desk, caller: Caller, clock: Callable[[], datetime], nonce: Callable[[], str]
    ) -> None:
        self._writer, self._desk, self._caller, self._clock, self._nonce = writer, desk, caller, clock, nonce

    def routes(self) -> list[Route]:
        receives: dict[str, Callable[[Call], Awaitable[Answer]]] = {
            snap.TOKEN_PATH: self._token, snap.INQUIRY_PATH: self._inquiry, snap.PAYMENT_PATH: self._payment,
            snap.QR_NOTIFY_PATH: self._notice,
        }  # fmt: skip
        return [Route(path, self._endpoint(path, receive), methods=["POST"]) for path, receive in receives.items()]

    def _endpoint(
        self, path: str, receive: Callable[[Call], Awaitable[Answer]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await _body(request)
            if body is None:
                return _sent(answer(SERVICES[path], "bad-request"))
            try:
                given = await receive(Call(request.method, path, request.headers, body))
            except NotStoredError:
                return JSONResponse(_busy(SERVICES[path]), 503, {"Retry-After": COME_AGAIN_S})
            if given.status >= 400:
                log.warning("bank-refused", service=SERVICES[path], code=given.body["responseCode"])
            return _sent(given)

        return endpoint

    async def _token(self, call: Call) -> Answer:
        return give_token(call, self._caller, now=self._clock(), nonce=self._nonce())

    async def _inquiry(self, call: Call) -> Answer:
        asked = read_inquiry(call, self._caller, now=self._clock())
        if isinstance(asked, Answer):
            return asked
        return await self._writer.run(lambda unit: self._told_of(unit, asked))

    async def _payment(self, call: Call) -> Answer:
        told = read_payment(call, self._caller, now=self._clock())
        return told if isinstance(told, Answer) else await self._writer.run(lambda unit: self._taken(unit, told))

    async def _notice(self, call: Call) -> Answer:
        told = read_notice(call, self._caller, now=self._clock())
        return told if isinstance(told, Answer) else await self._writer.run(lambda unit: self._taken(unit, told))

    async def _told_of(self, unit: Unit, asked: Inquiry) -> Answer:
        found = await bank.bill(unit, asked.number)
        earlier = await bank.call(unit, _day(unit.now), asked.external_id, asked.digest)
        return judge_inquiry(asked, Known(_bill(found), earlier), now=unit.now)

    async def _taken(self, unit: Unit, told: Told) -> Answer:
        """Take a payment, or say why not."""
        found = await bank.bill(unit, told.paid.number)
        earlier = await bank.call(unit, _day(unit.now), told.external_id, told.digest)
        judged = judge_payment(told, Known(_bill(found), earlier, await bank.payment(unit, told.paid.request)))
        if judged.taken is not None and found is not None:
            text = notices.bank_received(found.name, judged.taken.amount)
            for chat in await bank.take(unit, found, judged.taken, told.digest):
                await notify(unit, self._desk, chat, text)
        if told.is_refunded:
            await bank.set_aside(unit, bank.REFUNDED, found, told.paid)
        elif told.paid.kind == "qris" and judged.answer.status >= 400:
            await bank.set_aside(unit, bank.NOT_TAKEN, found, told.paid)
        return judged.answer


def _bill(found: KnownBill | None) -> Bill | None:
    return Bill(found.number, found.name, found.amount, found.expires, found.is_paid) if found else None


def _day(now: datetime) -> date:
    """An X-EXTERNAL-ID is unique in a day of the bank's."""
    return now.astimezone(JAKARTA).date()


def _sent(given: Answer) -> Response:
    return JSONResponse(given.body, given.status)


def _busy(service: Service) -> dict[str, str]:
    return {"responseCode": f"503{service}00", "responseMessage": "Service Unavailable"}


async def _body(request: Request) -> bytes | None:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES_MAX:
                return None
    except ClientDisconnect:
        return None
    return body
