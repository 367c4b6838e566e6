"""Serving an imitation as a process of its own, on loopback and without a word.

Invariant: whoever started it with `--until-input-ends` holds the other end of its input; it ends with them, even by
kill -9. All of them may share a clock that goes ahead of the real one, or behind it, by `AHEAD` seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import sys
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import uvicorn
from starlette.types import ASGIApp

ZONE = ZoneInfo("Asia/Makassar")
GRACE_S = 2
INPUT_BYTES = 1024
AHEAD = "SIAGA_SANDBOX_AHEAD_S"
"""The variable of the environment; whoever starts the service beside them shifts its clock alike."""


def now() -> datetime:
    """The time in Soppeng, as far ahead of the real one as is asked for."""
    return datetime.now(ZONE) + ahead()


def ahead() -> timedelta:
    return timedelta(seconds=float(os.environ.get(AHEAD, "0")))


def options(module: str, what: str, port: int) -> argparse.ArgumentParser:
    """The options that every imitation has; each adds its own."""
    parser = argparse.ArgumentParser(prog=f"python -m gateway.sandbox.{module}", description=what)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--fd", type=int, help="serve at this socket, bound by who started it, instead")
    parser.add_argument("--until-input-ends", action="store_true", help="end when the standard input does")
    return parser


def serve(app: ASGIApp, given: argparse.Namespace) -> None:
    """Until Ctrl-C, a signal, or the end of the input."""
    server = uvicorn.Server(
        uvicorn.Config(
            app, host=given.host, port=given.port, log_level="warning", access_log=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    )  # fmt: skip
    if given.until_input_ends:
        threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(None if given.fd is None else [socket.socket(fileno=given.fd)])


def _end_with_input(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), INPUT_BYTES):
        pass
    server.should_exit = True
