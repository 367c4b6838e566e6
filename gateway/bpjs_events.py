"""What BPJS tells by itself, as it travels: JSON, after docs/bpjs-openapi.json.

Invariant: what leaves this file is an event of `rules.bpjs` whose numbers and texts have the agreed form, or
`Nonsense`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gateway.bpjs_claims import StatusAnswer
from gateway.bpjs_statements import PaidRow
from gateway.bpjs_wire import (
    AlreadyMemberAnswer,
    Kpj,
    RefusedAnswer,
    RegisteredAnswer,
    Token,
    in_order,
)
from gateway.partner import Nonsense, decoded
from rules.bpjs import ClaimChanged, ClaimTaken, CoverChanged, Paid, RegistrationDecided

Event = RegistrationDecided | Paid | CoverChanged | ClaimTaken | ClaimChanged


class _Decided(Struct, frozen=True, tag_field="kind", tag="registration-decided"):
    event_id: Token
    reference: Token
    outcome: RegisteredAnswer | AlreadyMemberAnswer | RefusedAnswer

    def value(self) -> RegistrationDecided:
        return RegistrationDecided(self.event_id, self.reference, self.outcome.value())


class _Paid(PaidRow, frozen=True, tag_field="kind", tag="paid"):
    pass


class _CoverChanged(Struct, frozen=True, tag_field="kind", tag="cover-changed"):
    event_id: Token
    kpj: Kpj
    active: bool
    covered_from: date | None
    protected_until: date | None
    stated_at: Annotated[datetime, Meta(tz=True)]

    def __post_init__(self) -> None:
        in_order(self.covered_from, self.protected_until)

    def value(self) -> CoverChanged:
        return CoverChanged(
            self.event_id, self.kpj, self.active, self.covered_from, self.protected_until, self.stated_at
        )


class _ClaimTaken(Struct, frozen=True, tag_field="kind", tag="claim-accepted"):
    event_id: Token
    reference: Token
    number: Token

    def value(self) -> ClaimTaken:
        return ClaimTaken(self.event_id, self.reference, self.number)


class _ClaimChanged(Struct, frozen=True, tag_field="kind", tag="claim-changed"):
    event_id: Token
    claim: StatusAnswer
    stated_at: Annotated[datetime, Meta(tz=True)]

    def value(self) -> ClaimChanged:
        return ClaimChanged(self.event_id, self.claim.value(), self.stated_at)


WireEvent = _Decided | _Paid | _CoverChanged | _ClaimTaken | _ClaimChanged
"""All of them as they travel."""

_event = msgspec.json.Decoder(WireEvent)


def parse_event(body: bytes) -> Event | Nonsense:
    answer = decoded(_event.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()
