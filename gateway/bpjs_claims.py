"""Claims at BPJS: reporting one, the documents that follow, and how it stands.

Invariant: what is sent of a report stands in the body, never in an address; a document that BPJS could not take is
refused here, with the reason, before it is sent.
"""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import Struct

from gateway.bpjs_wire import Amount, Answer, Reason, Token, Words, segment
from gateway.partner import Nonsense, Partner, decoded
from rules.bpjs import ClaimReceived, ClaimRefused, ClaimState, ClaimStatus, DocumentTaken, TryLater
from rules.claim_report import Report, kind_of
from rules.money import Rupiah

DOCUMENT_BYTES_MAX = 6 * 1024 * 1024
"""JPEG, PNG or PDF up to 6 MB: the limit of Lapak Asik, https://lapakasik.bpjsketenagakerjaan.go.id/."""

DOCUMENT_TRY_S = 120.0
"""So long may one try take to send a document; a megabyte in 20 seconds is a poor line."""

KINDS_MAX = 20
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


class BpjsClaims:
    """The part of the client that speaks of claims."""

    _partner: Partner

    async def claim(self, report: Report, key: str) -> ClaimReceived | ClaimRefused | TryLater:
        """Report a claim. With the same `key` (8 to 64 of A-Z a-z 0-9 - _) it is the same claim, however often."""
        return await self._partner.ask("POST", "/v1/claims", _parse_received, body=_body(report), key=key)

    async def claim_document(
        self, reference: str, kind: str, jpeg: bytes, key: str
    ) -> DocumentTaken | ClaimRefused | TryLater:
        """Send a document of a claim: `jpeg` is a JPEG, a PNG or a PDF; `kind` such as "ktp". The same kind again
        replaces it. `key` as for `claim`."""
        content_type = content_type_of(jpeg)
        if content_type is None:
            return ClaimRefused("format", "Berkas harus JPG, PNG, atau PDF.")
        if len(jpeg) > DOCUMENT_BYTES_MAX:
            return ClaimRefused("too-large", "Berkas paling besar 6 MB.")
        return await self._partner.ask(
            "PUT", f"/v1/claims/{segment(reference)}/documents/{segment(kind)}", _parse_taken,
            body=jpeg, key=key, content_type=content_type, try_s=DOCUMENT_TRY_S,
        )  # fmt: skip

    async def claim_status(self, reference: str) -> ClaimStatus | TryLater:
        """How a claim stands."""

        def parse(answer: bytes) -> ClaimStatus | Nonsense:
            status = _parse_status(answer)
            another = isinstance(status, ClaimStatus) and status.reference != reference
            return Nonsense("$.reference: another claim") if another else status

        return await self._partner.ask("GET", f"/v1/claims/{segment(reference)}", parse)


def content_type_of(document: bytes) -> str | None:
    """By its first bytes; None: of no kind that BPJS takes."""
    return next((kind for beginning, kind in _BEGINNINGS.items() if document.startswith(beginning)), None)


class StatusAnswer(Answer, frozen=True, tag="claim-status"):
    """How a claim stands, as it travels."""

    reference: Token
    state: ClaimState
    words: Words
    missing: list[Reason]
    amount: Amount | None
    paid_on: date | None
    paid_to: Words

    def __post_init__(self) -> None:
        if self.state in ("approved", "paid") and self.amount is None:
            raise ValueError("approved without a sum")
        if self.state == "paid" and (self.paid_on is None or not self.paid_to):
            raise ValueError("paid without a day or a name")
        if (self.state == "refused" and not self.words) or (self.state == "documents-wanted" and not self.missing):
            raise ValueError("refused without words, or documents wanted without their kinds")
        if len(self.missing) > KINDS_MAX:
            raise ValueError("too many kinds")

    def value(self) -> ClaimStatus:
        amount = None if self.amount is None else Rupiah(self.amount)
        return ClaimStatus(
            self.reference, self.state, self.words, tuple(self.missing), amount, self.paid_on, self.paid_to
        )


class _Received(Answer, frozen=True, tag="claim-received"):
    reference: Token

    def value(self) -> ClaimReceived:
        return ClaimReceived(self.reference)


class _Refused(Answer, frozen=True, tag="claim-refused"):
    reason: Reason
    words: Words

    def value(self) -> ClaimRefused:
        return ClaimRefused(self.reason, self.words)


class _Taken(Answer, frozen=True, tag="document-taken"):
    def value(self) -> DocumentTaken:
        return DocumentTaken()


class _Reporter(Struct, frozen=True):
    name: str
    relation: str
    phone: str | None


_received = msgspec.json.Decoder(_Received | _Refused)
_taken = msgspec.json.Decoder(_Taken | _Refused)
_status = msgspec.json.Decoder(StatusAnswer)


def _body(report: Report) -> bytes:
    who = report.reporter
    reporter = _Reporter(who.name, who.relation, who.phone.e164 if who.phone else None)
    about = {"kind": kind_of(report.about), **msgspec.structs.asdict(report.about)}
    return msgspec.json.encode({"kpj": report.kpj, "reporter": reporter, "about": about, "documents": report.documents})


def _parse_received(body: bytes) -> ClaimReceived | ClaimRefused | Nonsense:
    answer = decoded(_received.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def _parse_taken(body: bytes) -> DocumentTaken | ClaimRefused | Nonsense:
    answer = decoded(_taken.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()


def _parse_status(body: bytes) -> ClaimStatus | Nonsense:
    answer = decoded(_status.decode, body)
    return answer if isinstance(answer, Nonsense) else answer.value()
