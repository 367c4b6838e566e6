"""The clinics that treat accidents at work (PLKK): which are near, a notice that somebody comes, and what they tell.

Their system publishes no API; docs/plkk-openapi.json is the contract we ask for and `gateway.sandbox.plkk` its
imitation. Invariant: every call ends in a type of `rules.plkk` or `TryLater`; no NIK leaves us whole, and what a clinic
tells is where somebody is, never why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from gateway.bpjs import WEBHOOK_BYTES_MAX, BadWebhook
from gateway.breaker import Breaker
from gateway.partner import Means, Nonsense, Partner, by_secret
from gateway.plkk_wire import notice_body, parse_clinics, parse_event, parse_notice, parse_treatment
from gateway.signing import Unsigned, verify
from rules.bpjs import TryLater
from rules.plkk import AccidentNotice, Clinic, NoticeRefused, NoticeTaken, Treatment, TreatmentChanged

WEBHOOK_TARGET = "plkk-webhook"
"""Signed in place of the address, which a proxy may rewrite; so no signature of a request of ours passes for one."""


class Plkk:
    """The client."""

    def __init__(
        self, means: Means, base_url: str, *, client_id: str, secret: str, breaker: Breaker | None = None
    ) -> None:
        self._partner = Partner(means, base_url, name="PLKK", sign=by_secret(client_id, secret, means), breaker=breaker)

    async def clinics_near(self, village_code: str) -> tuple[Clinic, ...] | TryLater:
        """The clinics for this village (Kemendagri code), the nearest first; none if the directory knows none."""
        return await self._partner.ask("GET", f"/v1/villages/{quote(village_code, safe='')}/clinics", parse_clinics)

    async def accident_notice(self, notice: AccidentNotice, key: str) -> NoticeTaken | NoticeRefused | TryLater:
        """Tell a clinic who comes. With the same `key` (8 to 64 of A-Z a-z 0-9 - _) it is the same notice."""
        return await self._partner.ask("POST", "/v1/notices", parse_notice, body=notice_body(notice), key=key)

    async def treatment(self, reference: str) -> Treatment | TryLater:
        """How it stands, should a webhook not come."""

        def parse(answer: bytes) -> Treatment | Nonsense:
            found = parse_treatment(answer)
            another = isinstance(found, Treatment) and found.reference != reference
            return Nonsense("$.reference: another treatment") if another else found

        return await self._partner.ask("GET", f"/v1/treatments/{quote(reference, safe='')}", parse)


def parse_webhook(
    headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime
) -> TreatmentChanged | BadWebhook:
    """What a clinic tells by itself. `body` is the raw bytes, `now` is aware. As with BPJS's: whoever hears it stores
    `event_id` (unique) in the transaction in which the event has its effect; one that is stored already has none."""
    if len(body) > WEBHOOK_BYTES_MAX:
        return BadWebhook("too long")
    seal = verify(headers, secret, "POST", WEBHOOK_TARGET, body, now=now)
    if isinstance(seal, Unsigned):
        return BadWebhook(seal.fault)
    event = parse_event(body)
    return BadWebhook(f"nonsense at {event.where}") if isinstance(event, Nonsense) else event
