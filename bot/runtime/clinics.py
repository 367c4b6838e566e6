"""What passes between us and the clinics that treat accidents at work (PLKK): the errands, and what they tell.

Invariant: an event has effect once, for ever, by its id, and is answered 200 only after the commit. Without a secret
shared with the clinics nobody is asked, told or heard.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.flows import notices
from bot.flows.clinic_asks import NearestClinics, TellClinic
from bot.handlers.contract import NotStoredError
from bot.runtime.bodies import whole
from bot.runtime.claims import Claims
from bot.runtime.settling import Done, Outcome, Performer, Settled
from bot.runtime.writer import Writer
from bot.talk.heard import Unread
from db import outbox, talks, treatments
from db.outbox import Taken
from db.talks import Arrived, Stamp
from db.unit import Unit
from gateway.bpjs import WEBHOOK_BYTES_MAX, BadWebhook
from gateway.plkk import Plkk, parse_webhook
from rules.bpjs import TryLater
from rules.plkk import NoticeRefused, NoticeTaken, TreatmentChanged

log = structlog.get_logger()

COME_AGAIN_S = "5"
NOT_SET_UP = NoticeRefused("not-set-up", "")


class Clinics:
    """The errands to the clinics, and POST /webhooks/plkk. `plkk` is None where they aren't set up: then none is known,
    and none takes notice."""

    def __init__(
        self, writer: Writer, claims: Claims, plkk: Plkk | None, secret: str, clock: Callable[[], datetime]
    ) -> None:
        self._writer, self._claims, self._plkk, self._secret, self._clock = writer, claims, plkk, secret, clock

    # -- to them --------------------------------------------------------------------------------------------------

    def performers(self) -> dict[str, Performer]:
        return {NearestClinics.__name__: self._nearest, TellClinic.__name__: self._tell}

    async def _nearest(self, row: Taken) -> Outcome:
        assert isinstance(row.body, NearestClinics)
        found = () if self._plkk is None else await self._plkk.clinics_near(row.body.village_code)
        return found if isinstance(found, TryLater) else Done(found)

    async def _tell(self, row: Taken) -> Outcome:
        told = row.body
        assert isinstance(told, TellClinic)
        notice = await self._writer.run(lambda unit: treatments.notice(unit, told))
        answer: NoticeTaken | NoticeRefused | TryLater = NOT_SET_UP
        if self._plkk is not None and notice is not None:
            answer = await self._plkk.accident_notice(notice, f"siaga-{row.id}")
        if isinstance(answer, TryLater):
            return answer
        await self._writer.run(lambda unit: self._answered(unit, row, told, answer))
        return Settled()

    async def _answered(self, unit: Unit, row: Taken, told: TellClinic, answer: NoticeTaken | NoticeRefused) -> None:
        outbox.settle(unit, row.id, "done")
        if isinstance(answer, NoticeTaken):
            treatments.taken(unit, told, answer)
            await self._claims.tell(unit, told.claim, notices.clinic_knows(told.name))
        else:
            treatments.refused(unit, told)
            await self._claims.tell(unit, told.claim, notices.clinic_refuses(told.name))

    # -- by them --------------------------------------------------------------------------------------------------

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
        if not await talks.is_first(unit, Arrived(unit.ids.next(), stamp, 0, Unread("unknown"))):
            return
        unit.did("plkk", f"treatment-{event.state}", event.reference)
        found = await treatments.said(unit, event)
        if found is not None:
            claim, clinic = found
            await self._claims.tell(unit, claim.id, notices.treatment(clinic, event.state))
