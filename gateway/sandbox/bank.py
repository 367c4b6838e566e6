"""A bank imitated by SNAP BI: an HTTP server of its own, whose answers the last three digits of a sum choose.

`python -m gateway.sandbox.bank` serves it, `… --openapi` writes its contract. It calls the office when somebody presses
"Bayar" on its page, and gives the day's settlement at /settlements/{day}.csv. Invariant: it speaks
docs/bank-openapi.json; its money, numbers and fees are invented.
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
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse

from gateway.payments import Terms
from gateway.sandbox.bank_books import Books, How
from gateway.sandbox.bank_contract import REFUSALS, SnapApi
from gateway.sandbox.bank_door import SERVICES, BankDoor, told
from gateway.sandbox.bank_keys import Keys, kept
from gateway.sandbox.bank_page import front_page
from gateway.sandbox.bank_post import TICK_S, Post
from gateway.sandbox.bank_routes import SLOW_S, account_routes, code_routes
from gateway.sandbox.bank_settlement import written
from gateway.sandbox.served import now, options, serve
from gateway.snap_door import Caller, answer

CONTRACT = Path(__file__).parents[2] / "docs" / "bank-openapi.json"
SECRET = "SIAGA_BANK_SECRET"  # noqa: S105  the name of the variable
OFFICE, BANK, CHANNEL = "siaga", "bank-tiruan", "95051"
"""Client id and partner id in one, on either side."""


def create_app(
    *,
    database: Path,
    keys: Keys,
    secret: str,
    office_url: str,
    clock: Callable[[], datetime],
    nonce: Callable[[], str],
    slow_s: float = SLOW_S,
    tick_s: float | None = TICK_S,
) -> FastAPI:
    """The server. `clock` is aware; `tick_s` is how often it looks for what to tell. None: only when
    `app.state.deliver(http)` is awaited."""
    books = Books(database, secret)
    office = Caller(OFFICE, keys.office_public, secret, OFFICE, nonce().encode())
    post = Post(books, Terms(BANK, keys.bank, secret, BANK, CHANNEL, ""), office_url=office_url, clock=clock)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        books.open()
        worker = None if tick_s is None else asyncio.create_task(post.work(tick_s))
        try:
            yield
        finally:
            if worker is not None:
                worker.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await worker
            books.close()

    app = SnapApi(
        title="Bank tiruan, SNAP BI", version="1.0", lifespan=lifespan, docs_url=None, redoc_url=None,
        description="What Siaga asks a bank for, in the words of SNAP BI (KEP GBI 23/10/KEP.GBI/2021).",
    )  # fmt: skip
    app.state.deliver = post.deliver
    app.include_router(account_routes(books, clock, slow_s), responses=REFUSALS)
    app.include_router(code_routes(books, clock, slow_s), responses=REFUSALS)
    app.include_router(_sandbox(books, clock), include_in_schema=False)
    app.add_middleware(BankDoor, books=books, office=office, clock=clock, nonce=nonce)
    app.add_exception_handler(RequestValidationError, _malformed)
    return app


def _sandbox(books: Books, clock: Callable[[], datetime]) -> APIRouter:
    """What only an imitation has: the page, its buttons, counts for tests. The settlement, too, is the bank's own."""
    routes = APIRouter()

    @routes.get("/", response_class=HTMLResponse)
    async def front() -> str:
        return front_page(books, clock())

    @routes.get("/sandbox/state")
    async def state() -> dict[str, Any]:
        """`{down, bills, transfers, said, waiting}`, the newest first."""
        return {"down": books.down(), **books.latest()}

    @routes.post("/sandbox/down")
    async def off() -> RedirectResponse:
        books.switch(down=True, now=clock())
        return _front()

    @routes.post("/sandbox/up")
    async def on() -> RedirectResponse:
        books.switch(down=False, now=clock())
        return _front()

    @routes.post("/sandbox/bills/{number}/paid")
    async def paid(number: str, how: How | None = None) -> RedirectResponse:
        books.pay(number, how, clock())
        return _front()

    @routes.get("/settlements/{day}.csv", response_class=PlainTextResponse)
    async def settlement(day: date) -> PlainTextResponse:
        return PlainTextResponse(written(books.settlement(day)), media_type="text/csv")

    return routes


def _front() -> RedirectResponse:
    return RedirectResponse("/", status_code=303)


async def _malformed(request: Request, fault: Exception) -> JSONResponse:
    assert isinstance(fault, RequestValidationError)
    service, first = SERVICES.get(request.url.path, "27"), fault.errors()[0]
    path = ".".join(str(part) for part in first["loc"][1:])
    if first["type"] == "json_invalid":
        return told(answer(service, "bad-request"))
    return told(answer(service, "missing-field" if first["type"] == "missing" else "bad-field", path))


def contract() -> str:
    """The OpenAPI contract as JSON, the same whoever serves it."""
    app = create_app(
        database=Path("unused"), keys=Keys.new(), secret="", office_url="", clock=now, nonce=secrets.token_urlsafe
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
        database=given.database, keys=kept(given.keys), secret=secret, office_url=given.office_url, clock=now,
        nonce=secrets.token_urlsafe,
    )  # fmt: skip
    serve(app, given)


def _options() -> argparse.Namespace:
    parser = options("bank", "A bank imitated.", 8106)
    parser.add_argument("--database", type=Path, default=Path("bank-sandbox.sqlite"))
    parser.add_argument(
        "--keys", type=Path, default=Path("bank-keys"), help="a folder; both pairs of keys are made in it"
    )
    parser.add_argument("--office-url", default="http://127.0.0.1:8000")
    parser.add_argument("--openapi", action="store_true", help=f"write the contract to {CONTRACT.name} and end")
    return parser.parse_args()


if __name__ == "__main__":
    main()
