"""Run the web server around a service, alone or with the sandboxes as processes beside it."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import structlog
import uvicorn
from msgspec import Struct

from bot import logs
from bot.app import OUTSIDE, Outside, Service, opened
from bot.ocr import tesseract
from bot.settings import Settings, SettingsError, Web, load, shown, wrong
from db.engine import FileLock, sqlite_file

log = structlog.get_logger()

GRACE_S = 5
GC_THRESHOLDS = (20_000, 50, 100)
"""Objects made before a young collection, young ones before a middle one, middle ones before a full one."""
SANDBOX_START_S = 60.0
HTTP_PORT = 80
NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""How an address fails that this machine doesn't have, such as one of IPv6."""
SANDBOX_FILE = "sandbox-bpjs.db"
"""Its database lies beside the secret of the service."""
SAMPLES = Path(__file__).resolve().parent.parent / "tests" / "ktp" / "samples"
PLKK_FILE = "sandbox-plkk.db"
PLKK_SECRET_VARIABLE = "SIAGA_PLKK__SECRET"  # noqa: S105  # the name of the variable, not a secret
SECRET_VARIABLE = "SIAGA_BPJS__SECRET"  # noqa: S105  # the name of the variable, not a secret


class Sandbox(Struct, frozen=True):
    """An imitation to be run beside the service: `module` is started to serve at `url`, which `setting` names, with
    more arguments and with secrets in its environment. `bound`: a socket that has the port of `url` already, so that
    nobody else can take it; it goes over to the process."""

    module: str
    setting: str
    url: str
    arguments: tuple[str, ...] = ()
    secrets: Mapping[str, str] = {}
    bound: socket.socket | None = None


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

    def __init__(self, config: uvicorn.Config, service: Service, begun: Callable[[], None] = lambda: None) -> None:
        """`begun` is called once people are served, and a signal ends it in order."""
        super().__init__(config)
        self._service, self._begun = service, begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._begun()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._service.closing.set()
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        self.should_exit = True


async def serve(settings: Settings, *, hello: str = "", outside: Outside = OUTSIDE) -> None:
    """Serve until a signal ends it. SettingsError where the machine lacks Tesseract, or host or port can't be had:
    before anything is opened, and before any gateway is told of us."""
    missing = tesseract.available()
    if missing:
        raise SettingsError(missing)
    with listening(settings.web) as sockets:
        async with opened(settings, outside) as service:
            service.start()
            config = uvicorn.Config(
                service.app(), log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S, lifespan="off",
                server_header=False,
            )  # fmt: skip
            spare_the_collector()
            await Server(config, service, lambda: _say_hello(settings, hello)).serve(sockets)


def _say_hello(settings: Settings, hello: str) -> None:
    log.info("serving", address=f"{own_address(settings)}/")
    sys.stdout.write(hello)
    sys.stdout.flush()


@contextmanager
def listening(web: Web) -> Iterator[list[socket.socket]]:
    """Sockets that listen on the port, one for each address of the host. Who comes before they are served waits.

    SettingsError, which names the setting, if the port is taken or forbidden, or the host isn't this machine.
    """
    with ExitStack() as stack:
        made = []
        for family, kind, protocol, _name, address in _addresses(web):
            try:
                one = stack.enter_context(socket.socket(family, kind, protocol))
                _listen(one, address)
            except OSError as error:
                if error.errno not in NOT_HERE:
                    raise SettingsError(_unheard(web, error)) from None
            else:
                made.append(one)
        if not made:
            raise SettingsError(_not_here(web))
        yield made


def _addresses(web: Web) -> list[tuple[int, int, int, str, tuple[Any, ...]]]:
    try:
        return list(socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))
    except (OSError, ValueError):  # a name that nobody knows, or no name at all
        raise SettingsError(_not_here(web)) from None


def _listen(one: socket.socket, address: tuple[Any, ...]) -> None:
    """With the options that asyncio sets (loop.create_server)."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind(address)
    one.listen()


def _unheard(web: Web, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return wrong("web.port", f"something else already listens on {web.port}. Stop it, or set another port")
        case errno.EACCES:
            return wrong("web.port", f"this user may not listen on {web.port}. Set a port from 1024 on, such as 8000")
        case _:
            return wrong("web.host", f"nobody can listen there: {error.strerror}")


def _not_here(web: Web) -> str:
    return wrong(
        "web.host",
        f"{shown('host', web.host)} isn't an address of this machine. Set 127.0.0.1 to be reached from this machine "
        "alone, or 0.0.0.0 to be reached from others",
    )


async def serve_with_sandboxes() -> None:
    """Everything on this machine: the service, imitations of BPJS and the clinics, sample photos on the page."""
    os.environ.setdefault(SECRET_VARIABLE, secrets.token_hex(16))
    os.environ.setdefault(PLKK_SECRET_VARIABLE, secrets.token_hex(16))
    os.environ.setdefault("SIAGA_CHAT__SAMPLES", str(SAMPLES))
    settings = load()
    logs.set_up(settings.log.level)
    web = own_address(settings)
    claim(settings)
    hello = (
        f"\n  Chat:          {web}/\n  BPJS (tiruan): {settings.bpjs.url}/\n"
        f"  Klinik tiruan: {settings.plkk.url}/\n  Ctrl-C untuk berhenti.\n\n"
    )
    bpjs = bpjs_sandbox(settings, f"{web}/webhooks/bpjs", settings.secret.file.parent / SANDBOX_FILE)
    plkk = plkk_sandbox(settings, f"{web}/webhooks/plkk", settings.secret.file.parent / PLKK_FILE)
    async with sandboxes(bpjs, plkk, besides={"web.port": web}):
        await serve(settings, hello=hello)


def own_address(settings: Settings) -> str:
    """Where a browser on this machine finds the service; without a slash at the end."""
    host = settings.web.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.web.port}"


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


def plkk_sandbox(settings: Settings, webhook_url: str, database: Path) -> Sandbox:
    """The imitated clinics, with a database of their own, whose folder is made."""
    database.parent.mkdir(parents=True, exist_ok=True)
    return Sandbox(
        "gateway.sandbox.plkk", "plkk.url", settings.plkk.url,
        ("--database", str(database), "--webhook-url", webhook_url, "--client-id", settings.plkk.client_id),
        {"SIAGA_PLKK_SECRET": settings.plkk.secret.get_secret_value()},
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
    url, bound = httpx.URL(sandbox.url), sandbox.bound
    fds = () if bound is None else (bound.fileno(),)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", sandbox.module, "--host", url.host, "--port", str(url.port or HTTP_PORT),
        *(f"--fd={fd}" for fd in fds), *sandbox.arguments, "--until-input-ends", stdin=asyncio.subprocess.PIPE,
        env={**os.environ, **sandbox.secrets}, start_new_session=True, pass_fds=fds,
    )  # fmt: skip
    if bound is not None:
        bound.close()
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
        except (httpx.TransportError, httpx.InvalidURL):
            return False
        return True


async def _answers(sandbox: Sandbox, process: asyncio.subprocess.Process) -> None:
    end = asyncio.get_running_loop().time() + SANDBOX_START_S
    while asyncio.get_running_loop().time() < end and process.returncode is None:
        if await _is_taken(sandbox.url):
            return
        await asyncio.sleep(0.1)
    raise SettingsError(f"Setting {sandbox.setting}: the sandbox didn't start at {sandbox.url}. Is the port taken?")
