"""An SMS gateway on a real port of this machine: it takes what the bot sends, and can be out of order."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET = "between gateway and bot"
PATH = "/send"


class Gateway:
    """`taken` are the messages it took, in order; `statuses` what it answers to the next ones instead of 200."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.url = ""

    async def take(self, request: Request) -> Response:
        sms: dict[str, Any] = await request.json()
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return Response(status_code=401)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.taken.append(sms)
        return Response(status_code=status)


@asynccontextmanager
async def gateway() -> AsyncIterator[Gateway]:
    """Serves until the end of the block."""
    made = Gateway()
    app = Starlette(routes=[Route(PATH, made.take, methods=["POST"])])
    with socket.create_server(("127.0.0.1", 0)) as bound:
        made.url = f"http://127.0.0.1:{bound.getsockname()[1]}{PATH}"
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([bound]))
        yield made
        server.should_exit = True
        await serving
