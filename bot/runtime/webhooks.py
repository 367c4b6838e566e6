"""What BPJS tells us by itself: a registration decided, a contribution paid, cover or a claim changed.

Invariant: an event has effect once, for ever, by its id, and is answered 200 only after the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.handlers.contract import NotStoredError
from bot.runtime import word_of_bpjs
from bot.runtime.batch import Desk
from bot.runtime.bodies import whole
from bot.runtime.claims import Claims
from bot.runtime.works import Answered
from bot.runtime.writer import Writer
from bot.talk.awaited import plain
from db import cover, outbox
from db.unit import Unit
from gateway.bpjs import WEBHOOK_BYTES_MAX, BadWebhook, parse_webhook
from rules.bpjs import ClaimChanged, ClaimTaken, CoverChanged, Paid, RegistrationDecided

log = structlog.get_logger()

COME_AGAIN_S = "5"


class BpjsWebhook:
    """POST /webhooks/bpjs."""

    def __init__(
        self,
        writer: Writer,
        desk: Desk,
        claims: Claims,
        secret: str,
        clock: Callable[[], datetime],
        plan_again: Callable[[], None],
    ) -> None:
        self._writer, self._desk, self._claims, self._secret, self._clock = writer, desk, claims, secret, clock
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
                case CoverChanged():
                    if await self._writer.run(lambda unit: _cover(unit, event)):
                        self._plan_again()
                case ClaimTaken() | ClaimChanged():
                    await self._writer.run(lambda unit: self._claim(unit, event))
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
        found = await word_of_bpjs.paid(unit, self._desk, event)
        return found is not None and found.taken_back

    async def _claim(self, unit: Unit, event: ClaimTaken | ClaimChanged) -> None:
        if await word_of_bpjs.is_new(unit, event.event_id):
            await word_of_bpjs.claim(unit, self._claims, event)


async def _cover(unit: Unit, event: CoverChanged) -> bool:
    """Write it; whether a reminder was taken back."""
    if not await word_of_bpjs.is_new(unit, event.event_id):
        return False
    return await cover.state_cover(
        unit, cover.Cover(event.kpj, event.covered_from, event.protected_until), event.stated_at
    )
