"""The questions to and the answers of the clinics' system as they travel: JSON, after docs/plkk-openapi.json.

Invariant: what leaves this file is a type of `rules.plkk` whose numbers and texts have the agreed form, or `Nonsense`;
a NIK goes out masked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gateway.partner import Nonsense, decoded
from rules.plkk import (
    AccidentNotice,
    Came,
    Clinic,
    NoticeRefused,
    NoticeTaken,
    Treatment,
    TreatmentChanged,
    TreatmentState,
)

CLINICS_MAX = 20
DISTANCE_KM_MAX = 500

Token = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,60}\Z")]
Short = Annotated[str, Meta(min_length=1, max_length=100)]
Telephone = Annotated[str, Meta(pattern=r"^[0-9+() -]{3,30}\Z")]
Distance = Annotated[float, Meta(ge=0, le=DISTANCE_KM_MAX)]
Reason = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}\Z")]
Words = Annotated[str, Meta(max_length=300)]
Moment = Annotated[datetime, Meta(tz=True)]


class _Clinic(Struct, frozen=True):
    id: Token
    name: Short
    address: Annotated[str, Meta(max_length=200)]
    phone: Telephone
    distance_km: Distance
    checked_on: date

    def value(self) -> Clinic:
        return Clinic(self.id, self.name, self.address, self.phone, self.distance_km, self.checked_on.isoformat())


class _Clinics(Struct, frozen=True, tag_field="status", tag="clinics"):
    clinics: Annotated[tuple[_Clinic, ...], Meta(max_length=CLINICS_MAX)]

    def value(self) -> tuple[Clinic, ...]:
        return tuple(sorted((one.value() for one in self.clinics), key=lambda clinic: clinic.distance_km))


class _NoticeTaken(Struct, frozen=True, tag_field="status", tag="notice-taken"):
    reference: Token

    def value(self) -> NoticeTaken:
        return NoticeTaken(self.reference)


class _NoticeRefused(Struct, frozen=True, tag_field="status", tag="notice-refused"):
    reason: Reason
    words: Words

    def value(self) -> NoticeRefused:
        return NoticeRefused(self.reason, self.words)


class _Treatment(Struct, frozen=True, tag_field="status", tag="treatment"):
    reference: Token
    clinic: Token
    state: TreatmentState
    at: Moment

    def value(self) -> Treatment:
        return Treatment(self.reference, self.clinic, self.state, self.at)


class WireTreatmentChanged(Struct, frozen=True, tag_field="kind", tag="treatment-changed"):
    event_id: Token
    reference: Token
    state: Came
    at: Moment

    def value(self) -> TreatmentChanged:
        return TreatmentChanged(self.event_id, self.reference, self.state, self.at)


_clinics = msgspec.json.Decoder(_Clinics)
_notice = msgspec.json.Decoder(_NoticeTaken | _NoticeRefused)
_treatment = msgspec.json.Decoder(_Treatment)
_event = msgspec.json.Decoder(WireTreatmentChanged)


def notice_body(notice: AccidentNotice) -> bytes:
    fields = msgspec.structs.asdict(notice)
    fields["nik"] = notice.nik.masked()
    fields["agent_phone"] = notice.agent_phone.e164 if notice.agent_phone else None
    return msgspec.json.encode(fields)


def parse_clinics(body: bytes) -> tuple[Clinic, ...] | Nonsense:
    """The nearest first."""
    answer = decoded(_clinics.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_notice(body: bytes) -> NoticeTaken | NoticeRefused | Nonsense:
    answer = decoded(_notice.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_treatment(body: bytes) -> Treatment | Nonsense:
    answer = decoded(_treatment.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def parse_event(body: bytes) -> TreatmentChanged | Nonsense:
    answer = decoded(_event.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()
