"""POST /v1/membership-checks: a clinic's desk asks whether somebody is protected on a day.

Invariant: a check is written down before BPJS is asked (db/checks.py), and what is answered is BPJS's word; who isn't
protected, is unknown or can't existis answered alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.handlers.contract import NotStoredError
from bot.runtime.bodies import whole
from bot.runtime.writer import Writer
from db.checks import Check, Known, check
from gateway.bpjs import Bpjs
from gateway.membership_checks import BODY_BYTES_MAX, PATH, Asked, ByNik, CheckAnswer, Problem, Refusal, heard
from rules.bpjs import Member, NotAMember, TryLater
from rules.nik import Nik
from rules.quiet import WITA
from rules.words import Slip

log = structlog.get_logger()

A_DAY_MAX = 500
"""Checks of one clinic; a large puskesmas treats fewer people."""
COME_AGAIN_S = 5


class ClinicDesk:
    """`clinics`: the secret of each clinic that may ask, by its client id."""

    def __init__(
        self, writer: Writer, bpjs: Bpjs, clinics: Mapping[str, str], clock: Callable[[], datetime],
        a_day_max: int = A_DAY_MAX,
    ) -> None:  # fmt: skip
        self._writer, self._bpjs, self._clinics, self._clock = writer, bpjs, clinics, clock
        self._a_day_max = a_day_max

    def route(self) -> Route:
        return Route(PATH, self.receive, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        body = await whole(request, BODY_BYTES_MAX)
        if body is None:
            return _refused(413, "too-long")
        asked = heard(request.headers, body, clinics=self._clinics, now=self._clock())
        if isinstance(asked, Refusal):
            log.warning("check-refused", partner="plkk", why=asked.error)
            return _refused(asked.status, asked.error)
        try:
            return await self._answer(asked)
        except NotStoredError:
            return _refused(503, "not-stored", COME_AGAIN_S)

    async def _answer(self, asked: Asked) -> Response:
        one = Check(asked.clinic, _by(asked), asked.question.day, asked.question.why)
        known = await self._writer.run(lambda unit: check(unit, one, asked.nonce, asked.signed_at, self._a_day_max))
        if known == "seen":
            return _refused(409, "nonce-replayed")
        if known == "too-many":
            log.warning("check-refused", partner="plkk", why="too-many", clinic=asked.clinic)
            return _refused(429, "too-many", _until_midnight_s(self._clock()))
        member = await self._member(one.by)
        if isinstance(member, TryLater):
            log.warning("try-later", partner="plkk", why=member.why)
            return _refused(503, "bpjs-silent", int(member.after_s or COME_AGAIN_S))
        return _response(200, _told(one.day, member, known))

    async def _member(self, by: Nik | str | None) -> Member | NotAMember | TryLater:
        match by:
            case Nik():
                return await self._bpjs.member_by_nik(by)
            case str():
                return await self._bpjs.member(by)
            case None:
                return NotAMember()


def _by(asked: Asked) -> Nik | str | None:
    """None: a NIK that nobody can have."""
    if not isinstance(asked.question, ByNik):
        return asked.question.kpj
    nik = Nik.parse(asked.question.nik)
    return None if isinstance(nik, Slip) else nik


def _told(day: date, member: Member | NotAMember, known: Known) -> CheckAnswer:
    if isinstance(member, NotAMember) or member.covered_from is None or member.protected_until is None:
        return CheckAnswer(protected=False)
    if not member.covered_from <= day <= member.protected_until:
        return CheckAnswer(protected=False)
    return CheckAnswer(True, _initials(known.name) if known.name else None, member.kpj, member.protected_until)


def _initials(name: str) -> str:
    """ "H.K." of "HASNA KARANGAN"."""
    return "".join(f"{word[0]}." for word in name.split())


def _until_midnight_s(now: datetime) -> int:
    here = now.astimezone(WITA)
    return int((datetime.combine(here.date() + timedelta(days=1), time(), WITA) - here).total_seconds()) + 1


def _refused(status: int, error: str, retry_after_s: int | None = None) -> Response:
    response = _response(status, Problem(error))
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def _response(status: int, body: CheckAnswer | Problem) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")
