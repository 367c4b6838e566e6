"""The words we share with the clinics that treat accidents at work (PLKK).

PLKK: puskesmas, clinics and hospitals under contract with BPJS Ketenagakerjaan; the injured pays nothing there. Their
system (e-PLKK) has no public API; the contract is ours (docs/plkk-openapi.json). Nothing medical is told either way.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from babel.numbers import format_decimal
from msgspec import Struct

from rules.claim_report import PartOfDay, Place
from rules.nik import Nik
from rules.phone import Phone
from rules.words import Translate


class Clinic(Struct, frozen=True):
    """A clinic near a village. `distance_km` is by road, as its directory says; `checked_on`: when somebody made sure
    (ISO 8601)."""

    id: str
    name: str
    address: str
    phone: str
    distance_km: float
    checked_on: str


class Km(Struct, frozen=True):
    """A distance as it is told: "3,4 km"."""

    km: float

    def tell(self, language: str, translate: Translate) -> str:
        return f"{format_decimal(self.km, format='#,##0.#', locale=language)} km"


class AccidentNotice(Struct, frozen=True):
    """What a clinic is told of somebody who is on the way to it, or there. `claim` is our name of the case;
    `protected_until` BPJS's word; of the NIK the clinic sees the first four and the last four digits, to compare with
    the card; `agent_phone` is whom it may call."""

    claim: str
    clinic: str  # an id of the directory
    kpj: str
    name: str
    nik: Nik
    protected_until: date | None
    on: date
    part_of_day: PartOfDay
    place: Place
    village_code: str
    story: str
    agent_phone: Phone | None = None


class NoticeTaken(Struct, frozen=True, tag="notice-taken"):
    """The clinic knows; `reference` is the name of the treatment from now on."""

    reference: str


class NoticeRefused(Struct, frozen=True, tag="notice-refused"):
    """The clinic doesn't take the notice; `reason` is its code, `words` its own sentence."""

    reason: str
    words: str


Came = Literal["arrived", "admitted", "discharged"]
TreatmentState = Literal["expected"] | Came
AtClinic = TreatmentState | Literal["refused"]


class Treatment(Struct, frozen=True, tag="treatment"):
    """Where the injured is, and since when (`at` is aware). Not what is done there."""

    reference: str
    clinic: str
    state: TreatmentState
    at: datetime


class TreatmentChanged(Struct, frozen=True, tag="treatment-changed"):
    """The clinic's word, by webhook. `event_id` is unique for ever: the same one is the same event. Events may come
    late and out of order: `at` (aware) tells which is newer."""

    event_id: str
    reference: str
    state: Came
    at: datetime
