"""What only an imitation has: the page, its buttons, the outage switch, counts for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from gateway.sandbox.bpjs_claims import Claims
from gateway.sandbox.bpjs_page import front_page
from gateway.sandbox.bpjs_registry import Registry
from gateway.sandbox.store import Answer


def buttons(registry: Registry, claims: Claims, clock: Callable[[], datetime]) -> APIRouter:
    """`told=false` loses the webhook on its way."""
    routes = APIRouter()

    @routes.get("/", response_class=HTMLResponse)
    async def front() -> str:
        return front_page(registry, claims)

    @routes.get("/sandbox/state")
    async def state() -> Answer:
        """`{down, payments: [{code, amount, paid}]}`, the newest payment code first."""
        codes = registry.latest()["payments"]
        payments = [{"code": row["code"], "amount": row["amount"], "paid": bool(row["paid_on"])} for row in codes]
        return {"down": registry.down(), "payments": payments}

    @routes.get("/sandbox/registrations")
    async def registrations() -> list[Answer]:
        return registry.registrations()

    @routes.post("/sandbox/down")
    async def down() -> RedirectResponse:
        registry.switch(down=True, now=clock())
        return _front()

    @routes.post("/sandbox/up")
    async def up() -> RedirectResponse:
        registry.switch(down=False, now=clock())
        return _front()

    @routes.post("/sandbox/payments/{code}/paid")
    async def paid(code: str, amount: int | None = None, told: bool = True) -> RedirectResponse:
        registry.pay(code, clock(), amount, told=told)
        return _front()

    @routes.post("/sandbox/members/{kpj}/cover")
    async def cover(kpj: str, until: date | None = None, told: bool = True) -> RedirectResponse:
        """Cover until this day; without one, none at all."""
        registry.change_cover(kpj, until, clock(), told=told)
        return _front()

    @routes.get("/sandbox/claims")
    async def latest_claims() -> list[Answer]:
        return claims.latest()

    @routes.post("/sandbox/claims/{reference}/next")
    async def next_step(reference: str, told: bool = True) -> RedirectResponse:
        claims.advance(reference, clock(), told=told)
        return _front()

    return routes


def _front() -> RedirectResponse:
    return RedirectResponse("/", status_code=303)
