"""What passes between us and the clinics that treat accidents at work (PLKK): the errands, and what they tell.

Invariant: an event has effect once, for ever, by its id, and is answered 200 only after the commit. Without a secret
shared with the clinics nobody is asked, told or heard.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.flows.clinic_asks import NearestClinics, NoticeClinic
from bot.handlers.contract import NotStoredError
from bot.runtime.bodies import whole
from bot.runtime.settling import Done, Outcome, Performer
from bot.runtime.writer import Writer
from bot.talk.heard import Unread
from db import talks
from db.outbox import Taken
from db.talks import Arrived, Stamp
from db.unit import Unit
from gateway.bpjs import WEBHOOK_BYTES_MAX, BadWebhook
from gateway.plkk import Plkk, parse_webhook
from rules.bpjs import TryLater
from rules.plkk import NoticeRefused, TreatmentChanged

log = structlog.get_logger()

COME_AGAIN_S = "5"
NOT_SET_UP = "not-set-up"

ClinicSaid = Callable[[Unit, TreatmentChanged], Awaitable[None]]
"""What becomes of an event, in the transaction that stores it."""


def clinic_errands(plkk: Plkk | None) -> dict[str, Performer]:
    """Who performs the errands to the clinics. None: they aren't set up, so none is known and none takes notice."""

    async def nearest(row: Taken) -> Outcome:
        assert isinstance(row.body, NearestClinics)
        found = () if plkk is None else await plkk.clinics_near(row.body.village_code)
        return found if isinstance(found, TryLater) else Done(found)

    async def notice(row: Taken) -> Outcome:
        assert isinstance(row.body, NoticeClinic)
        if plkk is None:
            return Done(NoticeRefused(NOT_SET_UP, ""))
        taken = await plkk.accident_notice(row.body.notice, f"siaga-{row.id}")
        return taken if isinstance(taken, TryLater) else Done(taken)

    return {NearestClinics.__name__: nearest, NoticeClinic.__name__: notice}


async def noted(unit: Unit, event: TreatmentChanged) -> None:
    """A treatment that no claim of ours follows is written down only."""
    unit.did("plkk", f"treatment-{event.state}", event.reference)


class PlkkWebhook:
    """POST /webhooks/plkk. `said` gets each event once."""

    def __init__(self, writer: Writer, secret: str, clock: Callable[[], datetime], said: ClinicSaid) -> None:
        self._writer, self._secret, self._clock, self._said = writer, secret, clock, said

    def routes(self) -> list[Route]:
        """None without a secret: an empty one could be signed with by anybody."""
        return [Route("/webhooks/plkk", self.receive, methods=["POST"])] if self._secret else []

    async def receive(self, request: Request) -> Response:
        body = await whole(request, WEBHOOK_BYTES_MAX)
        if body is None:
            return PlainTextResponse("too long", 413)
        event = parse_webhook(request.headers, body, secret=self._secret, now=self._clock())
        if isinstance(event, BadWebhook):
            log.warning("bad-webhook", partner="plkk", why=event.why)
            return PlainTextResponse("not accepted", 401)
        try:
            await self._writer.run(lambda unit: self._hear(unit, event))
        except NotStoredError:
            return PlainTextResponse("come again", 503, {"Retry-After": COME_AGAIN_S})
        return PlainTextResponse("ok")

    async def _hear(self, unit: Unit, event: TreatmentChanged) -> None:
        stamp = Stamp("plkk", "", event.event_id)
        if await talks.is_first(unit, Arrived(unit.ids.next(), stamp, 0, Unread("unknown"))):
            await self._said(unit, event)
