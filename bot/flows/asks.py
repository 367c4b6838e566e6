"""What the flows want from registry and world, as typed requests with typed answers.

Invariant: a flow imports these and nothing of database, gateway, channel or card reader.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from msgspec import Struct

from bot.flows.claim_asks import SendClaim
from bot.flows.clinic_asks import NearestClinics, TellClinic
from bot.flows.paper_asks import LookAtPaper
from bot.talk.awaited import Command, Errand, FetchPhoto, Lookup
from rules import tariff
from rules.bank import BankBill, BankRefused, Kind, PaymentPosted, PostingRefused
from rules.bpjs import (
    AlreadyMember,
    Payment,
    PaymentCode,
    PaymentRefused,
    Registered,
    Registration,
    RegistrationRefused,
)
from rules.card import Card, Unusable
from rules.consent import Purpose
from rules.money import Rupiah
from rules.month import Month
from rules.nik import Nik
from rules.words import Text, _

By = Literal["self", "helper"]


class Enrolled(Struct, frozen=True, tag="enrolled"):
    """Our record of the enrolment and of the person."""

    enrolment: int
    person: int


class Duplicate(Struct, frozen=True, tag="duplicate"):
    """Somebody with this NIK is enrolled already."""


class OpenCode(Struct, frozen=True):
    """A payment code that can still be paid or, `received`, whose money a bank of ours has while BPJS hasn't said so
    yet. `payable_until`: ISO 8601; `months`: as `Month` writes them."""

    code: str
    amount: int
    payable_until: str
    months: tuple[str, ...] = ()
    received: bool = False


class Standing(Struct, frozen=True):
    """How one person of this chat stands. `state` is that of the enrolment; `unpaid` as of a `DuesMember`."""

    name: str
    state: Literal["submitted", "registered", "already-member", "refused"]
    kpj: str | None = None
    protected_until: str | None = None  # ISO 8601, BPJS's word
    movable: bool = False  # entered here for somebody who may go on with a phone of their own
    unpaid: OpenCode | None = None
    has_died: bool = False


class Helped(Struct, frozen=True):
    """Somebody whose membership was entered in this chat by another, and can move to a phone of their own."""

    person: int
    name: str
    kpj: str


class MoveCode(Struct, frozen=True):
    """Six digits, good once and `until` then (WITA)."""

    code: str
    until: datetime


class Movable(Struct, frozen=True, tag="movable"):
    """Whose membership moves by the code that was typed. `move` is our record of that code."""

    move: int
    name: str


class Moved(Struct, frozen=True, tag="moved"):
    """From now on this chat speaks for the person."""

    name: str


class MoveRefused(Struct, frozen=True, tag="move-refused"):
    """Unknown, expired and used are one reason, so that nobody learns by trying. "own": made in this very chat."""

    reason: Literal["not-valid", "own", "too-many"]


class IsEnrolled(Lookup[bool], frozen=True):
    """Is somebody with this NIK enrolled with us, or on the way?"""

    nik: Nik


class Standings(Lookup[list[Standing]], frozen=True):
    """Everybody for whom this chat speaks, the latest first."""

    day: str  # asked anew each day


class HelpedPeople(Lookup[list[Helped]], frozen=True):
    """The people whose membership can move away from this chat, the latest first."""

    day: str  # asked anew each day


class DuesMember(Struct, frozen=True):
    """A member for whom this chat speaks. `sector` and `tier` price the months; `protected_until` is BPJS's word,
    ISO 8601. `unpaid` is the code whose money a bank has, or the latest that can still be paid."""

    person: int
    name: str
    kpj: str
    sector: tariff.Sector
    tier: int
    protected_until: str | None = None
    unpaid: OpenCode | None = None


class MembersHere(Lookup[list[DuesMember]], frozen=True):
    """The members for whom this chat can pay, numbered as a reminder does. `before`: what is about to be done."""

    fresh: ClassVar[bool] = True
    day: str
    before: Literal["choosing", "codes"] = "choosing"


class UnpaidCode(Struct, frozen=True):
    """A payment code that isn't known to be paid, perhaps one that can't be paid any more, and whose it is."""

    name: str
    code: str


class UnpaidCodes(Lookup[list[UnpaidCode] | None], frozen=True):
    """The codes of the last 60 days, those of one person together. `number`: only of the person under this number in
    the last reminder; 0: of everybody for whom this chat speaks. None if that reminder had no such number."""

    day: str
    number: int = 0


class RecordDuesCode(Command[bool], frozen=True):
    """Write the payment code that BPJS gave for further months of a member; the ledger expects them from then on. False
    if this chat doesn't speak for the member any more: then the code isn't for it to read."""

    person: int
    priced: tuple[tuple[Month, Rupiah], ...]
    code: PaymentCode


class WaysToPay(Lookup[list[Kind]], frozen=True):
    """How a payment code can be paid at a bank of ours, besides by itself; nothing without a bank."""


class RecordBankBill(Command[bool], frozen=True):
    """Keep the bill that the bank made for a payment code. False if this chat doesn't speak for the member any more."""

    code: str
    bill: BankBill


class MakeMoveCode(Command[MoveCode | None], frozen=True):
    """A code for moving somebody's membership; an older one for the same person is worth nothing from then on. None if
    this chat doesn't speak for that person as a helper."""

    person: int


class CheckMoveCode(Command[Movable | MoveRefused], frozen=True):
    """Whose membership a typed code moves. What isn't valid is counted against this chat; `number` tells the tries of a
    conversation apart."""

    code: str
    number: int


class RedeemMoveCode(Command[Moved | MoveRefused], frozen=True):
    """Move the membership to this chat; those who helped don't see it any more, and are told."""

    final: ClassVar[bool] = True
    move: int

    def seals(self, answer: Any) -> bool:
        return isinstance(answer, Moved)


class GiveConsent(Command[None], frozen=True):
    """Record that the words of a version were shown and agreed to, and by whom. UU 27/2022 art. 22-24."""

    purpose: Purpose
    version: int
    words: str
    by: By


class Enrol(Command[Enrolled | Duplicate], frozen=True):
    """Write the person and the enrolment. Looks for the same NIK once more."""

    registration: Registration
    amount: Rupiah
    by: By
    doubts: tuple[str, ...]


class RecordOutcome(Command[None], frozen=True):
    """Write what BPJS answered to a registration."""

    record: Enrolled
    outcome: Registered | AlreadyMember | RegistrationRefused


class RecordPaymentCode(Command[None], frozen=True):
    """Write the payment code that BPJS gave."""

    record: Enrolled
    months: tuple[Month, ...]
    code: PaymentCode


class ReadCard(Errand[Card | Unusable | None], frozen=True):
    """Read a KTP from a stored photo. None: it could not be read in time."""

    patience_s: ClassVar[float] = 3.0
    photo: int

    @property
    def delayed(self) -> Text:
        return _("Sebentar, fotonya masih saya baca.")


class Register(Errand[Registered | AlreadyMember | RegistrationRefused], frozen=True):
    """Register the worker with BPJS. What was sent can't be taken back, unless it was refused."""

    final: ClassVar[bool] = True
    patience_s: ClassVar[float] = 15.0
    enrolment: int
    registration: Registration

    @property
    def delayed(self) -> Text:
        return _(
            "Data sudah tersimpan, BPJS belum menjawab. Nomor peserta kami kirim begitu ada, tak perlu menulis lagi."
        )

    def seals(self, answer: Any) -> bool:
        return not isinstance(answer, RegistrationRefused)


class GetPaymentCode(Errand[PaymentCode | PaymentRefused], frozen=True):
    """A code with which the contribution of these months can be paid."""

    final: ClassVar[bool] = True
    patience_s: ClassVar[float] = 15.0
    kpj: str
    months: tuple[Month, ...]
    amount: Rupiah

    @property
    def delayed(self) -> Text:
        return _("Nomor peserta {kpj}. Kode bayar menyusul di sini, tanpa perlu menulis lagi.", kpj=self.kpj)


class GetBankBill(Errand[BankBill | BankRefused], frozen=True):
    """A bill at the bank that stands for a payment code, and can be paid as long as that."""

    final: ClassVar[bool] = True
    patience_s: ClassVar[float] = 15.0
    kind: Kind
    code: str
    name: str
    amount: Rupiah
    payable_until: date

    @property
    def delayed(self) -> Text:
        return _(
            "Bank belum menjawab, kabarnya menyusul di sini. Kode bayar {code} tetap bisa dipakai.", code=self.code
        )


class PostPayment(Errand[PaymentPosted | PostingRefused], frozen=True):
    """Forward to BPJS what the bank received for a code. Sent by the runtime itself; nobody waits for the answer."""

    code: str
    amount: Rupiah
    reference: str

    @property
    def delayed(self) -> Text:
        raise TypeError("nobody waits for it")


class GetDuesCode(Errand[PaymentCode | PaymentRefused], frozen=True):
    """The same for further months of a member of this name."""

    final: ClassVar[bool] = True
    patience_s: ClassVar[float] = 15.0
    kpj: str
    months: tuple[Month, ...]
    amount: Rupiah
    name: str

    @property
    def delayed(self) -> Text:
        return _("BPJS belum menjawab. Kode bayar {name} menyusul di sini, tanpa perlu menulis lagi.", name=self.name)


class CheckPayment(Errand[Payment], frozen=True):
    """Ask BPJS whether a code is paid."""

    code: str

    @property
    def delayed(self) -> Text:
        return _("BPJS belum menjawab. Kabarnya kami kirim ke sini.")


ERRANDS: tuple[type[Errand[Any]], ...] = (
    CheckPayment,
    FetchPhoto,
    GetBankBill,
    GetDuesCode,
    GetPaymentCode,
    LookAtPaper,
    NearestClinics,
    PostPayment,
    ReadCard,
    Register,
    SendClaim,
    TellClinic,
)
"""Every errand there is; the outbox stores them by these names."""
