"""The WhatsApp Cloud API imitated: an HTTP server that checks every request against the documented schemas.

`python -m gateway.sandbox.whatsapp` serves it. Everything is in memory.
Invariant: it is no kinder than the documentation; what the real one refuses or loses, it refuses or loses too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from random import Random, SystemRandom

from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from gateway.sandbox.served import now, options, serve
from gateway.sandbox.whatsapp_graph import Graph
from gateway.sandbox.whatsapp_phone_routes import PhoneRoutes
from gateway.sandbox.whatsapp_post import TICK_S, Post
from gateway.sandbox.whatsapp_trouble import Troubles, go_through
from gateway.sandbox.whatsapp_wire import Business
from gateway.sandbox.whatsapp_world import World

TOKEN = "SIAGA_WHATSAPP_TOKEN"  # noqa: S105  the name of the variable
APP_SECRET = "SIAGA_WHATSAPP_APP_SECRET"  # noqa: S105  the name of the variable
VERIFY_TOKEN = "SIAGA_WHATSAPP_VERIFY_TOKEN"  # noqa: S105  the name of the variable
OWN_PATHS = "/_phone/"


class Sandbox(Starlette):
    """The app, with the planned troubles standing in front of the Graph API."""

    def __init__(
        self, world: World, post: Post, troubles: Troubles, graph: Graph, phones: PhoneRoutes, tick_s: float | None
    ) -> None:
        @contextlib.asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            worker = None if tick_s is None else asyncio.create_task(post.work(tick_s))
            try:
                yield
            finally:
                if worker is not None:
                    worker.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await worker

        super().__init__(routes=[*phones.routes(), *graph.routes()], lifespan=lifespan)
        self.world, self.post, self.troubles = world, post, troubles
        self.state.world, self.state.post, self.state.troubles = world, post, troubles

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        graph = scope["type"] == "http" and not scope["path"].startswith(OWN_PATHS)
        trouble = self.troubles.take(scope["path"]) if graph else None
        if trouble is None:
            await super().__call__(scope, receive, send)
        else:
            await go_through(trouble, super().__call__, scope, receive, send, self.troubles.hang_s)


def create_app(
    *,
    business: Business,
    token: str,
    app_secret: str,
    verify_token: str,
    webhook_url: str,
    clock: Callable[[], datetime],
    chance: Random,
    tick_s: float | None = TICK_S,
) -> Sandbox:
    """The server. `clock` is aware; ids come of `chance`. `tick_s` is how often it looks for something to tell.
    None: only when `app.post.deliver(http)` is awaited. `app.world` is the people's side, `app.troubles` the mischief.
    """
    world = World(business, clock=clock, chance=chance)
    post = Post(
        world, address=webhook_url, app_secret=app_secret, verify_token=verify_token, clock=clock, chance=chance
    )
    troubles = Troubles()
    return Sandbox(
        world, post, troubles, Graph(world, token=token, clock=clock), PhoneRoutes(world, post, troubles, clock), tick_s
    )


def main() -> None:
    given = _options()
    secrets = {name: os.environ.get(name, "") for name in (TOKEN, APP_SECRET, VERIFY_TOKEN)}
    if missing := [name for name, value in secrets.items() if not value]:
        sys.exit(f"{', '.join(missing)}: the sandbox and Siaga need the same")
    app = create_app(
        business=Business(given.phone_number_id, given.waba_id, given.display_phone_number),
        token=secrets[TOKEN],
        app_secret=secrets[APP_SECRET],
        verify_token=secrets[VERIFY_TOKEN],
        webhook_url=given.webhook_url,
        clock=now,
        chance=SystemRandom(),
    )
    app.world.url = f"http://{given.host}:{given.port}"
    serve(app, given)


def _options() -> argparse.Namespace:
    parser = options("whatsapp", "WhatsApp imitated.", 8103)
    parser.add_argument("--webhook-url", default="http://127.0.0.1:8000/hooks/whatsapp")
    parser.add_argument("--phone-number-id", default="106540352242922")
    parser.add_argument("--waba-id", default="102290129340398")
    parser.add_argument("--display-phone-number", default="15550783881", help="of the range kept for fiction")
    return parser.parse_args()


if __name__ == "__main__":
    main()
