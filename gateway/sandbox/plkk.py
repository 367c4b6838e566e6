"""The clinics that treat accidents at work (PLKK) imitated: an HTTP server of its own, with invented clinics.

`python -m gateway.sandbox.plkk` serves it, `… --openapi` writes the contract that we ask them for. The last four digits
of a NIK, or of a village's code, choose the answer. Invariant: it speaks docs/plkk-openapi.json, and keeps no data of a
person who might be real.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from gateway.plkk import WEBHOOK_TARGET
from gateway.sandbox.bpjs_contract import PROBLEMS, UNKNOWN, Key, Reference
from gateway.sandbox.door import Door, problem
from gateway.sandbox.plkk_clinics import near
from gateway.sandbox.plkk_contract import (
    ClinicsAnswer,
    InVillage,
    NoticeBody,
    NoticeOutcome,
    PlkkApi,
    TreatmentAnswer,
    events,
)
from gateway.sandbox.plkk_page import front_page
from gateway.sandbox.plkk_registry import DOWN, FAILS_ONCE, NOBODY, NONSENSE, SLOW, Registry
from gateway.sandbox.post import TICK_S, Post
from gateway.sandbox.problems import tell_problems
from gateway.sandbox.served import now, options, serve
from gateway.sandbox.store import Answer

CONTRACT = Path(__file__).parents[2] / "docs" / "plkk-openapi.json"
SECRET = "SIAGA_PLKK_SECRET"  # noqa: S105  the name of the variable
RETRY_AFTER_S = 30
SLOW_S = 3.0

Sleep = Callable[[float], Awaitable[None]]


def create_app(
    *,
    database: Path,
    client_id: str,
    secret: str,
    webhook_url: str,
    clock: Callable[[], datetime],
    nonce: Callable[[], str],
    sleep: Sleep = asyncio.sleep,
    tick_s: float | None = TICK_S,
) -> FastAPI:
    """The server. `clock` is aware; `tick_s` is how often it looks for events to send. None: only when
    `app.state.deliver(http)` is awaited."""
    registry = Registry(database, secret)
    post = Post(registry, address=webhook_url, target=WEBHOOK_TARGET, secret=secret, clock=clock, nonce=nonce)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        registry.open()
        worker = None if tick_s is None else asyncio.create_task(post.work(_nothing_due, tick_s))
        try:
            yield
        finally:
            if worker is not None:
                worker.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await worker
            registry.close()

    app = PlkkApi(
        title="PLKK, klinik untuk kecelakaan kerja (usulan)",
        version="1",
        description="The contract Siaga asks for. The clinics publish no such service; a sandbox speaks it.",
        lifespan=lifespan,
        docs_url=None,  # its script would come from somebody else's server
        redoc_url=None,
    )
    app.state.deliver = lambda http: post.deliver(http, _nothing_due)
    app.include_router(_contract(registry, clock, sleep), responses=PROBLEMS)
    app.include_router(_sandbox(registry, clock), include_in_schema=False)
    app.webhooks.routes.extend(events().routes)
    app.add_middleware(Door, keeper=registry, client_id=client_id, secret=secret, clock=clock)
    tell_problems(app)
    return app


def _nothing_due(_now: datetime) -> None:
    """Nothing happens here by itself."""


def _contract(registry: Registry, clock: Callable[[], datetime], sleep: Sleep) -> APIRouter:
    routes = APIRouter(prefix="/v1")

    @routes.get("/villages/{village_code}/clinics", response_model=ClinicsAnswer)
    async def clinics(village_code: InVillage) -> Response:
        """The clinics for a village; none if the directory knows none."""
        magic = await _magic(registry, village_code, sleep)
        if magic is not None:
            return magic
        entries = [] if village_code.endswith(NOBODY) else near(village_code)
        return JSONResponse({"status": "clinics", "clinics": entries})

    @routes.post("/notices", response_model=NoticeOutcome)
    async def notice(wanted: NoticeBody, key: Key) -> Response:
        """Somebody who was injured at work is on the way to a clinic, or there."""
        magic = await _magic(registry, wanted.nik, sleep)
        if magic is not None:
            return magic
        answer = registry.notice(wanted, key, clock())
        return JSONResponse(answer) if answer else problem(409, "idempotency-key-reused")

    @routes.get("/treatments/{reference}", response_model=TreatmentAnswer, responses=UNKNOWN)
    async def treatment(reference: Reference) -> Response:
        answer = registry.treatment(reference)
        return JSONResponse(answer) if answer else problem(404, "unknown-reference")

    return routes


def _sandbox(registry: Registry, clock: Callable[[], datetime]) -> APIRouter:
    """What only an imitation has: the page, the outage switch, the button that goes on with a treatment."""
    routes = APIRouter()

    @routes.get("/", response_class=HTMLResponse)
    async def front() -> str:
        return front_page(registry)

    @routes.get("/sandbox/treatments")
    async def treatments() -> list[Answer]:
        return registry.latest()

    @routes.post("/sandbox/treatments/{reference}/next")
    async def go_on(reference: str) -> RedirectResponse:
        registry.next(reference, clock())
        return _front()

    @routes.post("/sandbox/down")
    async def down() -> RedirectResponse:
        registry.switch(down=True, now=clock())
        return _front()

    @routes.post("/sandbox/up")
    async def up() -> RedirectResponse:
        registry.switch(down=False, now=clock())
        return _front()

    return routes


def _front() -> RedirectResponse:
    return RedirectResponse("/", status_code=303)


async def _magic(registry: Registry, asked: str, sleep: Sleep) -> Response | None:
    """The answers that are none; a slow one is only late."""
    end = asked[-4:]
    if end == SLOW:
        await sleep(SLOW_S)
    if end == FAILS_ONCE and registry.fails_now(asked):
        return problem(500, "failed")
    if end == DOWN:
        return JSONResponse({"error": "down"}, 503, headers={"Retry-After": str(RETRY_AFTER_S)})
    if end == NONSENSE:
        return HTMLResponse("<html><body>Sedang dalam perbaikan</body></html>")
    return None


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
    parser = options("plkk", "PLKK imitated.", 8104)
    parser.add_argument("--database", type=Path, default=Path("plkk-sandbox.sqlite"))
    parser.add_argument("--webhook-url", default="http://127.0.0.1:8000/webhooks/plkk")
    parser.add_argument("--client-id", default="siaga")
    parser.add_argument("--openapi", action="store_true", help=f"write the contract to {CONTRACT.name} and end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
