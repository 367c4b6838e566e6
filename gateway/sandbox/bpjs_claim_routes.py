"""What the imitated BPJS is asked about claims and about what changed on a day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from gateway.bpjs_claims import content_type_of
from gateway.sandbox.bpjs_claim_contract import (
    DOCUMENT,
    ClaimBody,
    ClaimOutcome,
    ClaimsPage,
    ClaimStatusAnswer,
    DocumentOutcome,
    InAddress,
    MembersPage,
    Next,
    OfDay,
    PaymentsPage,
)
from gateway.sandbox.bpjs_claims import Claims
from gateway.sandbox.bpjs_contract import UNKNOWN, Key, Reference
from gateway.sandbox.bpjs_registry import Registry
from gateway.sandbox.door import problem
from gateway.sandbox.store import Answer

DOCUMENTS = re.compile(r"/v1/claims/[^/]+/documents/[^/]+")
"""Where the door lets a longer body in."""


def claim_routes(claims: Claims, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["klaim"])

    @routes.post("/claims", response_model=ClaimOutcome)
    async def claim(wanted: ClaimBody, key: Key) -> Response:
        """Report an accident, a death or a year of school."""
        about, who = wanted.about.kind, wanted.reporter.name
        question = wanted.model_dump_json()
        return _once(claims.take(wanted.kpj, about, who, wanted.documents, question, key, clock()))

    @routes.put(
        "/claims/{reference}/documents/{kind}", response_model=DocumentOutcome, responses=UNKNOWN,
        openapi_extra=DOCUMENT,
    )  # fmt: skip
    async def document(reference: Reference, kind: InAddress, key: Key, request: Request) -> Response:
        """Send a document; the same kind again replaces it."""
        if claims.status(reference) is None:
            return problem(404, "unknown-reference")
        sent = await request.body()
        if content_type_of(sent) is None:
            words = "Berkas harus JPG, PNG, atau PDF."
            return JSONResponse({"status": "claim-refused", "reason": "format", "words": words})
        return _once(claims.take_document(reference, kind, sent, key, clock()))

    @routes.get("/claims/{reference}", response_model=ClaimStatusAnswer, responses=UNKNOWN)
    async def status(reference: Reference) -> Response:
        answer = claims.status(reference)
        return JSONResponse(answer) if answer else problem(404, "unknown-reference")

    return routes


def statement_routes(registry: Registry, claims: Claims, clock: Callable[[], datetime]) -> APIRouter:
    """What changed on a day, in pages."""
    routes = APIRouter(prefix="/v1/statements", tags=["pencocokan"])

    @routes.get("/payments", response_model=PaymentsPage)
    async def payments(day: OfDay, after: Next = "") -> Answer:
        return registry.payments_on(day, after)

    @routes.get("/members", response_model=MembersPage)
    async def members(day: OfDay, after: Next = "") -> Answer:
        return registry.members_changed_on(day, after, clock())

    @routes.get("/claims", response_model=ClaimsPage)
    async def changed_claims(day: OfDay, after: Next = "") -> Answer:
        return claims.changed_on(day, after)

    return routes


def _once(answer: Answer | None) -> Response:
    return JSONResponse(answer) if answer else problem(409, "idempotency-key-reused")
