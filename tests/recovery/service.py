"""The service and BPJS's sandbox as processes of their own, as an operator starts them.

Invariant: only what was started here is ended here, and nothing of it is left behind, however the block ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret of the recovery bench"
START_S, STOP_S = 60.0, 20.0
LOOK_S = 0.02
SANDBOX_FILE = "bpjs.db"


class NotWellError(Exception):
    """The service doesn't start, or doesn't end when it is asked to; the message holds what it printed."""


class Siaga:
    """One service on one database, started and killed as often as wanted. `folder` holds its secret and its log."""

    def __init__(self, database: str, folder: Path, web_port: int, bpjs_port: int) -> None:
        self.database, self.secret_file, self.printed = database, folder / "secret.key", folder / "printed.txt"
        self.address, self.bpjs = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{bpjs_port}"
        self.sandbox_file = folder / SANDBOX_FILE
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SIAGA_")} | {
            "SIAGA_DATABASE__URL": database,
            "SIAGA_SECRET__FILE": str(self.secret_file),
            "SIAGA_WEB__PORT": str(web_port),
            "SIAGA_BPJS__URL": self.bpjs,
            "SIAGA_BPJS__SECRET": SECRET,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """In a group of its own, so that no signal meant for us reaches it."""
        with self.printed.open("ab") as printed:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=self.environment,
                stdout=printed, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    async def well(self) -> None:
        """Return when it answers."""
        end = time.monotonic() + START_S
        async with httpx.AsyncClient(verify=False, timeout=START_S) as http:  # loopback, without TLS
            while not await _answers(http, f"{self.address}/healthz"):
                if self._process is None or self._process.poll() is not None or time.monotonic() > end:
                    raise NotWellError(f"the service doesn't start:\n{self.printed.read_text()[-4000:]}")
                await asyncio.sleep(LOOK_S)

    def kill(self) -> None:
        """kill -9, by its pid."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def end(self) -> None:
        """As an operator ends it; it must close by itself."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        ended = self._process.wait(STOP_S)
        self._process = None
        if ended != 0:
            raise NotWellError(f"SIGTERM ended the service with {ended}:\n{self.printed.read_text()[-4000:]}")


@asynccontextmanager
async def siaga(database: str, folder: Path) -> AsyncIterator[Siaga]:
    """A running service on this empty database, and its sandbox, which is never killed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Siaga(database, folder, *free_ports(2))
    with _sandbox(made):
        made.start()
        try:
            await made.well()
            yield made
        finally:
            made.kill()


@contextmanager
def _sandbox(made: Siaga) -> Iterator[None]:
    command = [
        sys.executable, "-m", "gateway.sandbox.bpjs", "--port", made.bpjs.rpartition(":")[2],
        "--database", str(made.sandbox_file), "--webhook-url", f"{made.address}/webhooks/bpjs", "--until-input-ends",
    ]  # fmt: skip
    environment = {**made.environment, "SIAGA_BPJS_SECRET": SECRET}
    with made.printed.open("ab") as printed:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=printed, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    assert process.stdin is not None
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(STOP_S)


async def _answers(http: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await http.get(address)).is_success
    except httpx.TransportError:
        return False
