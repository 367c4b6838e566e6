"""The words we share with BPJS Ketenagakerjaan: what is asked of it and what it may answer.

BPJS publishes no API for this; the contract is ours (docs/bpjs-openapi.json) and follows the fields
of form F1A and of the public BPU registration page. Cover dates are always BPJS's word, never computed by us.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, Literal, TypeVar

from msgspec import Struct

from rules.money import Rupiah
from rules.month import Month
from rules.nik import Nik
from rules.phone import Phone


class Registration(Struct, frozen=True):
    """One worker outside an employment relation (BPU), as submitted to BPJS."""

    nik: Nik
    name: str
    birth_place: str
    birth_date: date
    sex: Literal["female", "male"]
    address: str
    village_code: str  # Kemendagri code, such as "73.12.02.2005"
    occupation: str  # a code of rules/data/occupations.toml
    sector: Literal["transport", "other"]
    income_band: int  # 1 to 33, the tier of the contribution table
    phone: Phone | None
    heir_name: str
    heir_relation: str
    first_month: Month
    months: int


class Registered(Struct, frozen=True, tag="registered"):
    """BPJS accepted the worker. `kpj` is the member number, 11 digits."""

    kpj: str


class AlreadyMember(Struct, frozen=True, tag="already-member"):
    """The NIK belongs to a member already."""

    kpj: str


class RegistrationRefused(Struct, frozen=True, tag="refused"):
    """BPJS refused the worker; `reason` is its code, such as "nik-not-found" or "age"."""

    reason: str
    words: str  # BPJS's own sentence, in Indonesian


class Accepted(Struct, frozen=True, tag="accepted"):
    """Taken, not decided yet: the answer comes by webhook, or can be asked for by `reference`."""

    reference: str


class PaymentCode(Struct, frozen=True, tag="payment-code"):
    """A code with which the contribution can be paid at an official channel."""

    code: str
    amount: Rupiah
    payable_until: date


class PaymentRefused(Struct, frozen=True, tag="payment-refused"):
    """BPJS gives no payment code; `reason` is its code."""

    reason: str
    words: str


class Payment(Struct, frozen=True, tag="payment"):
    """The state of a payment code. All but `code` and `paid` is None until it is paid; `amount` is what was paid."""

    code: str
    paid: bool
    covered_from: date | None = None
    protected_until: date | None = None
    amount: Rupiah | None = None
    paid_on: date | None = None


class Member(Struct, frozen=True, tag="member"):
    """A member as BPJS states it."""

    kpj: str
    active: bool
    covered_from: date | None
    protected_until: date | None


class NotAMember(Struct, frozen=True, tag="not-a-member"):
    """BPJS doesn't know the NIK or the member number."""


class TryLater(Struct, frozen=True, tag="try-later"):
    """The partner can't answer now. `after_s` is its own wish in seconds, or None; with `at_least` it is left
    alone for longer each time. `why` is for the operator's log and holds no personal data."""

    why: str
    after_s: float | None = None
    at_least: bool = False


class RegistrationDecided(Struct, frozen=True, tag="registration-decided"):
    """BPJS's word on an `Accepted`, by webhook. `event_id` is unique for ever: the same one is the same event."""

    event_id: str
    reference: str
    outcome: Registered | AlreadyMember | RegistrationRefused


class Paid(Struct, frozen=True, tag="paid"):
    """BPJS's word, by webhook, that a payment code was paid, and the cover that it gives."""

    event_id: str
    code: str
    paid_on: date
    amount: Rupiah
    covered_from: date
    protected_until: date


class CoverChanged(Struct, frozen=True, tag="cover-changed"):
    """BPJS's word, by webhook, on a membership that changed otherwise than by a payment code of ours. `stated_at`
    (aware) tells an older word that comes late from a newer one."""

    event_id: str
    kpj: str
    active: bool
    covered_from: date | None
    protected_until: date | None
    stated_at: datetime


ClaimState = Literal["received", "documents-wanted", "verifying", "approved", "refused", "paid"]


class ClaimReceived(Struct, frozen=True, tag="claim-received"):
    """BPJS has the report of a claim; `reference` is its name from now on."""

    reference: str


class ClaimRefused(Struct, frozen=True, tag="claim-refused"):
    """BPJS doesn't take the report, or the document; `reason` is its code, `words` its own sentence."""

    reason: str
    words: str


class DocumentTaken(Struct, frozen=True, tag="document-taken"):
    """BPJS has this document of the claim. The same kind again replaces it."""


class ClaimStatus(Struct, frozen=True, tag="claim-status"):
    """How a claim stands at BPJS. `missing`: kinds of documents, when they are wanted. With "approved" comes `amount`,
    with "paid" also `paid_on` and `paid_to` (a name, as BPJS writes it), with "refused" its `words`."""

    reference: str
    state: ClaimState
    words: str = ""
    missing: tuple[str, ...] = ()
    amount: Rupiah | None = None
    paid_on: date | None = None
    paid_to: str = ""


class ClaimTaken(Struct, frozen=True, tag="claim-accepted"):
    """BPJS's word, by webhook: it takes up the claim, under this number of its own."""

    event_id: str
    reference: str
    number: str


class ClaimChanged(Struct, frozen=True, tag="claim-changed"):
    """BPJS's word, by webhook: the claim stands so from `stated_at` (aware) on, which tells an older word that comes
    late from a newer one."""

    event_id: str
    status: ClaimStatus
    stated_at: datetime


R = TypeVar("R", Paid, Member, ClaimStatus)


class Page(Struct, Generic[R], frozen=True, tag="page"):
    """A part of what BPJS states about a day, in its own order. `after` asks for the next part; "" after the last."""

    rows: tuple[R, ...]
    after: str = ""
