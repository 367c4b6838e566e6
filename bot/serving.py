"""Run the web server around a service, alone or with the sandboxes as processes beside it."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType

import httpx
import structlog
import uvicorn

from bot import logs
from bot.app import Service, running
from bot.ocr import tesseract
from bot.settings import Settings, SettingsError, load
from db.engine import FileLock, sqlite_file

log = structlog.get_logger()

GRACE_S = 5
GC_THRESHOLDS = (20_000, 50, 100)
"""Objects made before a young collection, young ones before a middle one, middle ones before a full one."""
SANDBOX_START_S = 20.0
SANDBOX_PORT = 8101
SANDBOX_FILE = "sandbox-bpjs.db"
"""Its database lies beside the secret of the service."""
SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "ktp" / "samples"
SECRET_VARIABLE = "SIAGA_BPJS__SECRET"  # noqa: S105  # the name of the variable, not a secret


def spare_the_collector() -> None:
    """Leave what lives as long as the process out of garbage collection, and collect less often: a service makes many
    small values and hardly a cycle, and a full collection stops every chat."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


class _Server(uvicorn.Server):
    """Tells the service at once that it closes, so that open event streams end; then returns, whatever the signal.

    uvicorn's own way raises the signal again after serving, and SIGTERM would end us before the rest is closed.
    """

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.closing.set()
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


async def serve(settings: Settings, *, hello: str = "") -> None:
    """Serve until a signal ends it. SettingsError where the machine lacks Tesseract or the port is taken."""
    missing = tesseract.available()
    if missing:
        raise SettingsError(missing)
    async with running(settings) as service:
        config = uvicorn.Config(
            service.app(), host=settings.web.host, port=settings.web.port, log_config=None, access_log=False,
            timeout_graceful_shutdown=GRACE_S, lifespan="off", server_header=False,
        )  # fmt: skip
        log.info("serving", address=f"http://{settings.web.host}:{settings.web.port}/")
        if hello:
            sys.stdout.write(hello)
            sys.stdout.flush()
        spare_the_collector()
        await _Server(config, service).serve()


async def serve_with_sandboxes() -> None:
    """Everything on this machine: the service, BPJS's sandbox, and sample photos on the chat page."""
    os.environ.setdefault(SECRET_VARIABLE, secrets.token_hex(16))
    os.environ.setdefault("SIAGA_CHAT__SAMPLES", str(SAMPLES))
    settings = load()
    logs.set_up(settings.log.level)
    web = f"http://{settings.web.host}:{settings.web.port}"
    file = sqlite_file(settings.database.url)
    if file is not None:
        with FileLock(file):
            pass  # somebody else's is told before anything is started
    async with bpjs_sandbox(settings, f"{web}/webhooks/bpjs", settings.secret.file.parent / SANDBOX_FILE):
        await serve(
            settings,
            hello=f"\n  Chat:          {web}/\n  BPJS (tiruan): {settings.bpjs.url}/\n  Ctrl-C untuk berhenti.\n\n",
        )


@asynccontextmanager
async def bpjs_sandbox(settings: Settings, webhook_url: str, database: Path) -> AsyncIterator[None]:
    """The sandbox of BPJS as a process of its own, ended with the block or with us, however we end."""
    url = httpx.URL(settings.bpjs.url)
    if await _is_taken(settings.bpjs.url):
        raise SettingsError(
            f"Setting bpjs.url: something else already answers at {settings.bpjs.url}. Stop it, or set another port."
        )
    database.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "SIAGA_BPJS_SECRET": settings.bpjs.secret.get_secret_value()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway.sandbox.bpjs", "--host", url.host, "--port", str(url.port or SANDBOX_PORT),
        "--database", str(database), "--webhook-url", webhook_url, "--client-id", settings.bpjs.client_id,
        "--until-input-ends", stdin=asyncio.subprocess.PIPE, env=environment, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        await _answers(settings.bpjs.url, process)
        yield
    finally:
        process.stdin.close()
        await process.wait()


async def _is_taken(address: str) -> bool:
    async with httpx.AsyncClient() as http:
        try:
            await http.get(address)
        except httpx.TransportError:
            return False
        return True


async def _answers(address: str, process: asyncio.subprocess.Process) -> None:
    end = asyncio.get_running_loop().time() + SANDBOX_START_S
    while asyncio.get_running_loop().time() < end and process.returncode is None:
        if await _is_taken(address):
            return
        await asyncio.sleep(0.1)
    raise SettingsError(f"Setting bpjs.url: the sandbox didn't start at {address}. Is the port taken?")
