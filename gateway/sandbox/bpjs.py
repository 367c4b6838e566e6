"""BPJS Ketenagakerjaan imitated: an HTTP server of its own, whose answers the last four digits of a NIK choose.

`python -m gateway.sandbox.bpjs` serves it, `… --openapi` writes the contract that we ask BPJS for.
Invariant: it speaks docs/bpjs-openapi.json, and keeps no data of a person who might be real.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse, JSONResponse

from gateway.bpjs import WEBHOOK_TARGET
from gateway.bpjs_claims import DOCUMENT_BYTES_MAX
from gateway.sandbox.bpjs_buttons import buttons
from gateway.sandbox.bpjs_claim_contract import claim_events
from gateway.sandbox.bpjs_claim_routes import DOCUMENTS, claim_routes, statement_routes
from gateway.sandbox.bpjs_claims import Claims
from gateway.sandbox.bpjs_contract import (
    PROBLEMS,
    UNKNOWN,
    AcceptedAnswer,
    ByKpj,
    ByNik,
    Key,
    Membership,
    Outcome,
    PaymentAnswer,
    PaymentBody,
    PaymentCodeOutcome,
    PostingBody,
    PostingOutcome,
    Reference,
    RegistrationBody,
    SignedApi,
    events,
)
from gateway.sandbox.bpjs_registry import DOWN, FAILS_ONCE, NONSENSE, SLOW_S, Registry
from gateway.sandbox.door import Door, problem
from gateway.sandbox.post import TICK_S, Post
from gateway.sandbox.problems import tell_problems
from gateway.sandbox.served import now, options, serve
from gateway.sandbox.store import Answer
from rules.month import Month

CONTRACT = Path(__file__).parents[2] / "docs" / "bpjs-openapi.json"
SECRET = "SIAGA_BPJS_SECRET"  # noqa: S105  the name of the variable
RETRY_AFTER_S = 30


def create_app(
    *,
    database: Path,
    client_id: str,
    secret: str,
    webhook_url: str,
    clock: Callable[[], datetime],
    nonce: Callable[[], str],
    slow_s: float = SLOW_S,
    tick_s: float | None = TICK_S,
) -> FastAPI:
    """The server. `clock` is aware; `tick_s` is how often it looks for events to send. None: only when
    `app.state.deliver(http)` is awaited."""
    registry = Registry(database, secret, slow_s=slow_s)
    claims = Claims(registry, by_themselves=tick_s is not None)
    post = Post(registry, address=webhook_url, target=WEBHOOK_TARGET, secret=secret, clock=clock, nonce=nonce)

    def go_on(moment: datetime) -> None:
        registry.decide_due(moment)
        claims.advance_due(moment)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        registry.open()
        worker = None if tick_s is None else asyncio.create_task(post.work(go_on, tick_s))
        try:
            yield
        finally:
            if worker is not None:
                worker.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await worker
            registry.close()

    app = SignedApi(
        title="BPJS Ketenagakerjaan, layanan pendaftaran BPU (usulan)",
        version="1",
        description="The contract Siaga asks for. BPJS publishes no such service; a sandbox speaks it.",
        lifespan=lifespan,
        docs_url=None,  # its script would come from somebody else's server
        redoc_url=None,
    )
    app.state.deliver = lambda http: post.deliver(http, go_on)
    app.include_router(_registrations(registry, clock), responses=PROBLEMS)
    app.include_router(_payments(registry, clock), responses=PROBLEMS)
    app.include_router(claim_routes(claims, clock), responses=PROBLEMS)
    app.include_router(statement_routes(registry, claims, clock), responses=PROBLEMS)
    app.include_router(buttons(registry, claims, clock), include_in_schema=False)
    told = events()
    claim_events(told)
    app.webhooks.routes.extend(told.routes)
    wider = (DOCUMENTS, DOCUMENT_BYTES_MAX)
    app.add_middleware(Door, keeper=registry, client_id=client_id, secret=secret, clock=clock, wider=wider)
    tell_problems(app)
    return app


def _registrations(registry: Registry, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["peserta"])

    @routes.post("/registrations", response_model=Outcome, responses={202: {"model": AcceptedAnswer}})
    async def register(wanted: RegistrationBody, key: Key) -> Response:
        """Register a worker. 202: taken, decided later; told by webhook."""
        magic = _magic(registry, wanted.nik)
        if magic is not None:
            return magic
        return _once(registry.register(wanted.nik, wanted.model_dump_json(), key, clock()))

    @routes.get(
        "/registrations/{reference}", response_model=Outcome, responses={202: {"model": AcceptedAnswer}, **UNKNOWN}
    )
    async def registration(reference: Reference) -> Response:
        """What became of a registration that was taken for later."""
        answer = registry.registration(reference, clock())
        return _answer(answer) if answer else problem(404, "unknown-reference")

    @routes.post("/members/by-nik", response_model=Membership)
    async def member_by_nik(wanted: ByNik) -> Response:
        """A NIK is never part of an address."""
        return _answer(registry.member_by_nik(wanted.nik, clock()))

    @routes.post("/members/by-kpj", response_model=Membership)
    async def member_by_kpj(wanted: ByKpj) -> Response:
        return _answer(registry.member_by_kpj(wanted.kpj, clock()))

    return routes


def _payments(registry: Registry, clock: Callable[[], datetime]) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["iuran"])

    @routes.post("/payments", response_model=PaymentCodeOutcome)
    async def payment_code(wanted: PaymentBody, key: Key) -> Response:
        """A code with which these months can be paid at an official channel."""
        months = [Month.parse(month) for month in wanted.months]
        question = wanted.model_dump_json()
        return _once(registry.payment_code(wanted.kpj, months, wanted.amount, question, key, clock()))

    @routes.get("/payments/{code}", response_model=PaymentAnswer, responses=UNKNOWN)
    async def payment(code: Reference) -> Response:
        answer = registry.payment(code)
        return _answer(answer) if answer else problem(404, "unknown-code")

    @routes.post("/payments/{code}/postings", response_model=PostingOutcome)
    async def posting(code: Reference, posted: PostingBody, key: Key) -> Response:
        """A bank received the money for a code, all of it; the code is paid."""
        return _once(registry.post(code, posted.amount, posted.model_dump_json(), key, clock()))

    return routes


def _magic(registry: Registry, nik: str) -> Response | None:
    """The answers that are none."""
    if nik[-4:] == FAILS_ONCE and registry.fails_now(nik):
        return problem(500, "failed")
    if nik[-4:] == DOWN:
        return JSONResponse({"error": "down"}, 503, headers={"Retry-After": str(RETRY_AFTER_S)})
    if nik[-4:] == NONSENSE:
        return HTMLResponse("<html><body>Sedang dalam perbaikan</body></html>")
    return None


def _once(answer: Answer | None) -> Response:
    return _answer(answer) if answer else problem(409, "idempotency-key-reused")


def _answer(answer: Answer) -> JSONResponse:
    return JSONResponse(answer, 202 if answer["status"] == "accepted" else 200)


def contract() -> str:
    """The OpenAPI contract as JSON, the same whoever serves it."""
    app = create_app(
        database=Path("unused"), client_id="", secret="", webhook_url="", clock=now, nonce=secrets.token_urlsafe
    )
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    given = _options()
    if given.openapi:
        CONTRACT.write_text(contract(), encoding="utf-8")
        return
    secret = os.environ.get(SECRET)
    if not secret:
        sys.exit(f"{SECRET} is empty: the sandbox and Siaga need the same secret")
    app = create_app(
        database=given.database,
        client_id=given.client_id,
        secret=secret,
        webhook_url=given.webhook_url,
        clock=now,
        nonce=secrets.token_urlsafe,
    )
    serve(app, given)


def _options() -> argparse.Namespace:
    parser = options("bpjs", "BPJS imitated.", 8101)
    parser.add_argument("--database", type=Path, default=Path("bpjs-sandbox.sqlite"))
    parser.add_argument("--webhook-url", default="http://127.0.0.1:8000/webhooks/bpjs")
    parser.add_argument("--client-id", default="siaga")
    parser.add_argument("--openapi", action="store_true", help=f"write the contract to {CONTRACT.name} and end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
