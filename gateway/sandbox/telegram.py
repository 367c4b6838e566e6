"""Telegram imitated: an HTTP server of its own that speaks the Bot API to one bot and has people with phones.

`python -m gateway.sandbox.telegram` serves it; its token comes from SIAGA_TELEGRAM_TOKEN.
Invariant: every request is judged by two descriptions of the Bot API that aren't ours (telegram_judge); what they
refuse is refused and kept in `app.state.world.violations`. Everything is in memory, nothing is logged.
Source: core.telegram.org/bots/api.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hmac
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from random import Random, SystemRandom

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.sandbox.served import now, options, serve
from gateway.sandbox.telegram_files import SIDE_MAX
from gateway.sandbox.telegram_judge import UnfitError, judge, known
from gateway.sandbox.telegram_limits import PRESS_S_MAX
from gateway.sandbox.telegram_methods import METHODS, UNDERSTOOD
from gateway.sandbox.telegram_mischief import Spoiler
from gateway.sandbox.telegram_screen import screen_routes
from gateway.sandbox.telegram_wire import Question, Refusal, Violation, accept, read_question, refuse
from gateway.sandbox.telegram_world import LOG_MAX, World

TOKEN = "SIAGA_TELEGRAM_TOKEN"  # noqa: S105  the name of the variable
TOKEN_FORM = re.compile(r"\d{1,15}:[A-Za-z0-9_-]{1,64}", re.ASCII)
TICK_S = 0.05
WEBHOOK_TIMEOUT_S = 60.0

UNKNOWN_METHOD = Refusal(404, "method not found")
UNKNOWN_PAGE = Refusal(404)
UNAUTHORIZED = Refusal(401)


def create_app(
    *,
    token: str,
    clock: Callable[[], datetime],
    chance: Random,
    flood: bool = False,
    press_s_max: float = PRESS_S_MAX,
    photo_side_max: int | None = SIDE_MAX,
    tick_s: float | None = TICK_S,
) -> Starlette:
    """The server; `app.state.world` is its World. `clock` is aware; `flood` refuses what is faster than Telegram's
    limits; `photo_side_max` in pixels, None keeps photos as they are. `tick_s` is how often it looks for updates to
    post to the webhook. None: only when `app.state.deliver(http)` is awaited."""
    if not TOKEN_FORM.fullmatch(token):
        raise ValueError("a bot's token is a number, a colon and letters")
    world = World(
        token=token,
        clock=clock,
        chance=chance,
        flood=flood,
        press_s_max=press_s_max,
        photo_side_max=photo_side_max,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        worker = None if tick_s is None else asyncio.create_task(_deliver_always(world, tick_s))
        try:
            yield
        finally:
            if worker is not None:
                worker.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await worker

    async def perform(request: Request) -> Response:
        return await _perform(world, request)

    async def download(request: Request) -> Response:
        return _download(world, request)

    routes = [
        Route("/bot{token}/{method}", perform, methods=["GET", "POST"]),
        Route("/file/bot{token}/{path:path}", download),
        *screen_routes(world),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Spoiler, mischief=world.mischief)], lifespan=lifespan)
    app.state.world = world
    app.state.deliver = world.updates.deliver
    return app


async def _perform(world: World, request: Request) -> Response:
    refusal = _stranger(world, request.path_params["token"])
    if refusal:
        return refuse(refusal)
    method = request.path_params["method"]
    if not known(method):
        world.violations.append(Violation(method, "no such method"))
        return refuse(UNKNOWN_METHOD)
    question = await read_question(request, method)
    if isinstance(question, Refusal):
        return refuse(question)
    result = await _answer(world, question)
    return refuse(result) if isinstance(result, Refusal) else accept(result)


async def _answer(world: World, question: Question) -> object:
    if len(world.asked) < LOG_MAX:
        world.asked.append(question.method)
    try:
        asked = judge(question)
    except UnfitError as fault:
        world.violations.append(Violation(question.method, str(fault)))
        return Refusal(400, str(fault))
    perform = METHODS.get(question.method)
    strange = sorted(asked.keys() - UNDERSTOOD.get(question.method, set()))
    if perform is None or strange:
        fault_words = f"this imitation doesn't know {strange[0] if perform else 'the method'}"
        world.violations.append(Violation(question.method, fault_words))
        return Refusal(501, fault_words)
    return await perform(world, asked)


def _download(world: World, request: Request) -> Response:
    refusal = _stranger(world, request.path_params["token"])
    stored = world.files.by_path(request.path_params["path"])
    if refusal or stored is None:
        return refuse(refusal or UNKNOWN_PAGE)
    return Response(stored.content, media_type="application/octet-stream")


def _stranger(world: World, token: str) -> Refusal | None:
    """A token of another form is an unknown address to the real one."""
    if not TOKEN_FORM.fullmatch(token):
        return UNKNOWN_PAGE
    return None if hmac.compare_digest(token, world.token) else UNAUTHORIZED


async def _deliver_always(world: World, tick_s: float) -> None:
    async with httpx.AsyncClient(timeout=WEBHOOK_TIMEOUT_S, verify=False) as http:  # noqa: S501  loopback has none
        while True:
            await world.updates.deliver(http)
            await asyncio.sleep(tick_s)


def main() -> None:
    given = _options()
    token = os.environ.get(TOKEN)
    if not token or not TOKEN_FORM.fullmatch(token):
        sys.exit(f"{TOKEN} is no bot token: the sandbox and Siaga need the same one, e.g. 700000001:invented")
    app = create_app(token=token, clock=now, chance=SystemRandom(), flood=given.flood)
    serve(app, given)


def _options() -> argparse.Namespace:
    parser = options("telegram", "Telegram imitated.", 8102)
    parser.add_argument("--flood", action="store_true", help="refuse what is faster than Telegram's limits")
    return parser.parse_args()


if __name__ == "__main__":
    main()
