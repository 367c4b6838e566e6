"""What BPJS tells us by itself: a registration decided, a contribution paid.

Invariant: an event has effect once, for ever, by its id, and is answered 200 only after the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.flows import notices
from bot.handlers.contract import NotStoredError
from bot.runtime.batch import Desk, notify
from bot.runtime.bodies import whole
from bot.runtime.works import Answered
from bot.runtime.writer import Writer
from bot.talk.awaited import plain
from bot.talk.heard import Unread
from db import outbox, payments, talks
from db.talks import Stamp
from db.unit import Unit
from gateway.bpjs import WEBHOOK_BYTES_MAX, BadWebhook, parse_webhook
from rules.bpjs import Paid, RegistrationDecided

log = structlog.get_logger()

COME_AGAIN_S = "5"


class BpjsWebhook:
    """POST /webhooks/bpjs."""

    def __init__(
        self, writer: Writer, desk: Desk, secret: str, clock: Callable[[], datetime], plan_again: Callable[[], None]
    ) -> None:
        self._writer, self._desk, self._secret, self._clock = writer, desk, secret, clock
        self._plan_again = plan_again

    def route(self) -> Route:
        return Route("/webhooks/bpjs", self.receive, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        body = await whole(request, WEBHOOK_BYTES_MAX)
        if body is None:
            return PlainTextResponse("too long", 413)
        event = parse_webhook(request.headers, body, secret=self._secret, now=self._clock())
        try:
            match event:
                case BadWebhook(why):
                    log.warning("bad-webhook", partner="bpjs", why=why)
                    return PlainTextResponse("not accepted", 401)
                case RegistrationDecided():
                    await self._decided(event)
                case Paid():
                    if await self._writer.run(lambda unit: self._paid(unit, event)):
                        self._plan_again()
        except NotStoredError:
            return PlainTextResponse("come again", 503, {"Retry-After": COME_AGAIN_S})
        return PlainTextResponse("ok")

    async def _decided(self, event: RegistrationDecided) -> None:
        row = await self._writer.run(lambda unit: outbox.awaiting(unit, event.reference))
        if row is not None:
            answer = Answered(row.id, row.chat, row.conversation, row.key, plain(event.outcome))
            await self._writer.answered(answer)

    async def _paid(self, unit: Unit, event: Paid) -> bool:
        """Book it and tell; whether a reminder was taken back."""
        stamp = Stamp("bpjs", "", event.event_id)
        told = talks.Arrived(unit.ids.next(), stamp, 0, Unread("unknown"))
        if not (await talks.receive(unit, [told], [talks.seal(unit, told)])).new:
            return False
        found = await payments.record_paid(unit, event)
        if found is None:
            log.warning("paid-nobody-told", partner="bpjs")
            return False
        text = notices.paid_otherwise(found.name, event, found.asked)
        if found.receipt is not None:
            text = notices.paid(found.name, event, found.receipt.number, found.receipt.months)
        for chat in found.chats:
            await notify(unit, self._desk, chat, text)
        return found.taken_back
