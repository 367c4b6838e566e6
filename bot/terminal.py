"""`siaga chat`: the terminal channel with a service and a sandbox of its own.

What is typed goes the way of every message: the writer, the journal, the outbox. Invariant: the transcript that
`--save` writes can be played as a test (tests/plays).
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import sys
from pathlib import Path

from msgspec.structs import replace

from bot import logs
from bot.app import Service, running
from bot.handlers import terminal
from bot.handlers.contract import Arrival
from bot.serving import PLKK_SECRET_VARIABLE, SECRET_VARIABLE, bpjs_sandbox, plkk_sandbox, sandboxes
from bot.settings import load
from bot.talk.heard import Said, Shown
from bot.talk.message import Line

ACCOUNT, LINES_MAX = "terminal", 50
DATABASE, SANDBOX = Path("var/chat.db"), Path("var/chat-sandbox.db")
PLKK = Path("var/chat-plkk.db")
ADDRESS = "terminal"
"""The same chat at every start; one whose transcript is saved begins anew."""
WELCOME = """Siaga di terminal. Ctrl-D selesai.
Kirim foto dengan /foto BERKAS, misalnya /foto tests/ktp/samples/hasna.jpg
Hapus folder var/ untuk mulai dari awal. Kabar pembayaran hanya ada di halaman chat (make run).

"""


async def chat(save: Path | None) -> None:
    """Read lines until the end of the input."""
    for variable in (SECRET_VARIABLE, PLKK_SECRET_VARIABLE):
        os.environ.setdefault(variable, secrets.token_hex(16))
    os.environ.setdefault("SIAGA_DATABASE__URL", f"sqlite+aiosqlite:///{DATABASE}")
    bound = [bound_port(url) for url in ("SIAGA_BPJS__URL", "SIAGA_PLKK__URL")]
    os.environ.setdefault("SIAGA_LOG__LEVEL", "error")
    settings = load()
    logs.set_up(settings.log.level)
    said: list[str] = []
    wanted = bpjs_sandbox(settings, "", SANDBOX), plkk_sandbox(settings, "", PLKK)
    beside = sandboxes(*(replace(one, bound=its) for one, its in zip(wanted, bound, strict=True)))
    async with beside, running(settings) as service:
        sys.stdout.write(WELCOME)
        address = secrets.token_hex(8) if save is not None else ADDRESS
        printing = asyncio.create_task(_print_lines(service, address, said))
        while line := await asyncio.to_thread(sys.stdin.readline):
            await _hear(service, address, line.rstrip("\n"), said)
        await asyncio.sleep(1.0)
        printing.cancel()
    if save is not None:
        await asyncio.to_thread(save.write_text, "Dari terminal.\n" + "".join(said), encoding="utf-8")


async def _hear(service: Service, address: str, line: str, said: list[str]) -> None:
    heard = terminal.decode(line)
    photo = None
    if heard == Said(terminal.PHOTO_WORD):
        sys.stdout.write("Tulis nama berkasnya juga, misalnya /foto tests/ktp/samples/hasna.jpg\n")
        return
    if isinstance(heard, terminal.PhotoPath):
        try:
            photo = await asyncio.to_thread(Path(heard.path).read_bytes)
        except OSError:
            sys.stdout.write(f"Berkas {heard.path} tidak bisa dibaca.\n")
            return
        said.append(f"\nsaya:  (photo {Path(heard.path).name})\n")
        heard = Shown(0)
    else:
        said.append(f"\nsaya:  {line}\n")
    message_id = secrets.token_hex(8)
    await service.writer.arrive(Arrival("terminal", ACCOUNT, address, message_id, heard, photo))


async def _print_lines(service: Service, address: str, said: list[str]) -> None:
    """Print what the bot says, as it comes."""
    last = 0
    while True:
        number = await service.transcript.chat("terminal", ACCOUNT, address)
        if number is None:
            await asyncio.sleep(0.2)
            continue
        for line in await service.transcript.lines(number, last, LINES_MAX):
            last = line.id
            if not line.mine:
                _print(line, said)
        await service.news.wait(number, 1.0)


def bound_port(variable: str) -> socket.socket | None:
    """A socket with a port of its own, beside a running `make run`, named in this variable of the environment; None if
    the person named an address there."""
    if variable in os.environ:
        return None
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    os.environ[variable] = f"http://127.0.0.1:{bound.getsockname()[1]}"
    return bound


def _print(line: Line, said: list[str]) -> None:
    text = terminal.encode(line)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    first, *more = terminal.words(line).split("\n")
    said.append("".join([f"bot:   {first}\n", *(f"       {one}\n" for one in more)]))
