"""Run the web server around a service, alone or with the sandboxes as processes beside it."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import FrameType

import httpx
import structlog
import uvicorn
from msgspec import Struct

from bot import logs
from bot.app import OUTSIDE, Outside, Service, opened
from bot.ocr import tesseract
from bot.settings import Settings, SettingsError, load
from db.engine import FileLock, sqlite_file

log = structlog.get_logger()

GRACE_S = 5
GC_THRESHOLDS = (20_000, 50, 100)
"""Objects made before a young collection, young ones before a middle one, middle ones before a full one."""
SANDBOX_START_S = 20.0
HTTP_PORT = 80
SANDBOX_FILE = "sandbox-bpjs.db"
"""Its database lies beside the secret of the service."""
SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "ktp" / "samples"
SECRET_VARIABLE = "SIAGA_BPJS__SECRET"  # noqa: S105  # the name of the variable, not a secret


class Sandbox(Struct, frozen=True):
    """An imitation to be run beside the service: `module` is started to serve at `url`, which `setting` names, with
    more arguments and with secrets in its environment."""

    module: str
    setting: str
    url: str
    arguments: tuple[str, ...] = ()
    secrets: Mapping[str, str] = {}


def spare_the_collector() -> None:
    """Leave what lives as long as the process out of garbage collection, and collect less often: a service makes many
    small values and hardly a cycle, and a full collection stops every chat."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


class Server(uvicorn.Server):
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


async def serve(settings: Settings, *, hello: str = "", outside: Outside = OUTSIDE) -> None:
    """Serve until a signal ends it. SettingsError where the machine lacks Tesseract or the port is taken."""
    missing = tesseract.available()
    if missing:
        raise SettingsError(missing)
    async with opened(settings, outside) as service:
        service.start()
        config = uvicorn.Config(
            service.app(), host=settings.web.host, port=settings.web.port, log_config=None, access_log=False,
            timeout_graceful_shutdown=GRACE_S, lifespan="off", server_header=False,
        )  # fmt: skip
        log.info("serving", address=f"http://{settings.web.host}:{settings.web.port}/")
        if hello:
            sys.stdout.write(hello)
            sys.stdout.flush()
        spare_the_collector()
        await Server(config, service).serve()


async def serve_with_sandboxes() -> None:
    """Everything on this machine: the service, BPJS's sandbox, and sample photos on the chat page."""
    os.environ.setdefault(SECRET_VARIABLE, secrets.token_hex(16))
    os.environ.setdefault("SIAGA_CHAT__SAMPLES", str(SAMPLES))
    settings = load()
    logs.set_up(settings.log.level)
    web = own_address(settings)
    claim(settings)
    hello = f"\n  Chat:          {web}/\n  BPJS (tiruan): {settings.bpjs.url}/\n  Ctrl-C untuk berhenti.\n\n"
    bpjs = bpjs_sandbox(settings, f"{web}/webhooks/bpjs", settings.secret.file.parent / SANDBOX_FILE)
    async with sandboxes(bpjs, besides={"web.port": web}):
        await serve(settings, hello=hello)


def own_address(settings: Settings) -> str:
    """Where a browser on this machine finds the service; without a slash at the end."""
    return f"http://{settings.web.host}:{settings.web.port}"


def claim(settings: Settings) -> None:
    """DatabaseBusyError if another service has the database: told before anything is started."""
    file = sqlite_file(settings.database.url)
    if file is not None:
        with FileLock(file):
            pass


def bpjs_sandbox(settings: Settings, webhook_url: str, database: Path) -> Sandbox:
    """The imitated BPJS, with a database of its own, whose folder is made."""
    database.parent.mkdir(parents=True, exist_ok=True)
    return Sandbox(
        "gateway.sandbox.bpjs", "bpjs.url", settings.bpjs.url,
        ("--database", str(database), "--webhook-url", webhook_url, "--client-id", settings.bpjs.client_id),
        {"SIAGA_BPJS_SECRET": settings.bpjs.secret.get_secret_value()},
    )  # fmt: skip


@asynccontextmanager
async def sandboxes(*wanted: Sandbox, besides: Mapping[str, str] | None = None) -> AsyncIterator[None]:
    """Sandboxes as processes of their own, all answering, ended with the block or with us, however we end.

    SettingsError if one's port, or an address of `besides` (by the setting that names it), is taken; then none is
    started.
    """
    await _all_free({one.setting: one.url for one in wanted} | dict(besides or {}))
    async with AsyncExitStack() as stack:
        started = [(one, await stack.enter_async_context(_process(one))) for one in wanted]
        for one, process in started:
            await _answers(one, process)
        yield


async def _all_free(addresses: Mapping[str, str]) -> None:
    taken = [
        f"Setting {setting}: something else already answers at {url}. Stop it, or set another port."
        for setting, url in addresses.items()
        if await _is_taken(url)
    ]
    if taken:
        raise SettingsError("\n".join(taken))


@asynccontextmanager
async def _process(sandbox: Sandbox) -> AsyncIterator[asyncio.subprocess.Process]:
    """It ends with its input, so it ends with us even by kill -9; and Ctrl-C reaches us alone."""
    url = httpx.URL(sandbox.url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", sandbox.module, "--host", url.host, "--port", str(url.port or HTTP_PORT),
        *sandbox.arguments, "--until-input-ends", stdin=asyncio.subprocess.PIPE,
        env={**os.environ, **sandbox.secrets}, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        yield process
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


async def _answers(sandbox: Sandbox, process: asyncio.subprocess.Process) -> None:
    end = asyncio.get_running_loop().time() + SANDBOX_START_S
    while asyncio.get_running_loop().time() < end and process.returncode is None:
        if await _is_taken(sandbox.url):
            return
        await asyncio.sleep(0.1)
    raise SettingsError(f"Setting {sandbox.setting}: the sandbox didn't start at {sandbox.url}. Is the port taken?")
