"""Updates per second over real HTTP, by Telegram's webhook: Siaga as it is served beside aiogram's own webhook.

The same messages of one enrolment, told in two ways (bench/stories.py), as Telegram's updates from one crowd
(bench/crowd.py) over 64 connections; a person sends the next one once the last is answered. Contestant, crowd and an
imitated Bot API that costs nothing (bench/bot_api.py) are processes of their own, on loopback, one contestant after
the other in each round.

Siaga: a 200 means that the message, its answer and all it changed are committed (SQLite: synchronous=FULL). Counted is
everything that `serve` does: uvicorn, the secret, the writer, the log at its level; in "photo" also the photo fetched
from the Bot API, with the sign that somebody writes, and card, registration and payment code through the outbox, whose
reader and BPJS answer at once (BPJS's client and its signatures included). A person goes on once the bot has said
something. Answers are in the outbox, durably; that they go out is not counted, because Telegram takes 30 a second (see
bench/sending.py).

aiogram: a 200 means that the update is handled and stands in MemoryStorage, which forgets everything at a restart, and
carries the reply, which so costs no request. It logs nothing. "aiogram" only notes that a photo came; "aiogram, gets
the photo" downloads it, as whoever wants to read it must. "only a 200" is a server that does nothing: how fast the
crowd could be.

Run: python -m bench.webhooks [--people N] [--rounds N] [--store sqlite|postgresql|both] [--story typed|photo|both]
     [--peer-loop uvloop]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import httpx
import msgspec
import uvicorn
import uvloop

from bench import aiogram_peer
from bench.crowd import PATH, SECRET
from bench.stories import STORIES, Story, card, reached_the_end
from bench.updates import stores
from bot import logs, settings
from bot.app import Outside, Service, opened
from bot.serving import GRACE_S, Server, spare_the_collector
from db.unit import Unit
from rules.card import Card, Fault
from tests.ports import free_ports

PEERS = {"aiogram": False, "aiogram, gets the photo": True}
"""Whether the photo is downloaded."""
IDLE = "only a 200"
HEADS = ("updates/s", "median ms", "99th ms", "cpu µs each")
END_S = 20.0
LOG_TOLD = 1_000
Process = subprocess.Popen[bytes]
Figures = tuple[float, ...]
"""As bench/crowd.py prints them."""


class Reader:
    """Reads each card at once, each another person's."""

    def __init__(self) -> None:
        self.cards = 0

    async def read(self, photo: bytes, today: date) -> Card:
        self.cards += 1
        return card(self.cards)

    async def cut(self, photo: bytes, box: tuple[int, int, int, int], turn: int) -> bytes | None:
        return photo

    async def look(self, photo: bytes) -> Fault | None:
        return None

    async def bind(self, photos: Sequence[bytes]) -> bytes | None:
        return photos[0]


class Bpjs:
    """Answers at once."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked = number = self.asked + 1
        if request.url.path.endswith("/registrations"):
            return _answered({"status": "registered", "kpj": f"{number:011}"})
        amount = msgspec.json.decode(request.content)["amount"]
        code = f"88{number:013}"
        return _answered({"status": "payment-code", "code": code, "amount": amount, "payable_until": "2027-01-31"})


def _answered(body: Mapping[str, object]) -> httpx.Response:
    return httpx.Response(201, stream=httpx.ByteStream(msgspec.json.encode(body)))  # to be read as from the network


def telling(service: Service) -> Callable[[Unit], None]:
    """Writes the address of each chat that something was said to on the standard output, for the crowd."""
    addresses: dict[int, str] = {}

    def committed(unit: Unit) -> None:
        if not unit.said_to <= addresses.keys():
            doors = itertools.islice(service.desk.doors.items(), len(addresses), None)
            addresses.update({chat: address for (_channel, _account, address), chat in doors})
        if unit.said_to:
            os.write(sys.stdout.fileno(), "".join(f"{addresses[chat]}\n" for chat in unit.said_to).encode())

    return committed


async def serve_siaga(story: Story) -> None:
    """As `bot.serving.serve` does, but for the reader, for BPJS, and for who sends. A failure unless everybody who
    wrote got to the end."""
    given, reader, bpjs = settings.load(), Reader(), Bpjs()
    logs.set_up(given.log.level)
    outside = Outside(reader=reader, transport=httpx.MockTransport(bpjs))
    async with opened(given, outside) as service:
        service.writer.on_commit.append(telling(service))
        for part in (service.runner, service.holds, service.watch):
            part.start()
        config = uvicorn.Config(
            service.app(), host=given.web.host, port=given.web.port, log_config=None, access_log=False,
            timeout_graceful_shutdown=GRACE_S, lifespan="off", server_header=False,
        )  # fmt: skip
        spare_the_collector()
        await Server(config, service).serve()
        people = len(service.desk.doors)
        arrived = await service.writer.run(lambda unit: reached_the_end(unit, story))
    if arrived != people:
        sys.exit(f"{arrived} of {people} people got to the end of the story {story.name!r}")


def contest(name: str, port: int, api: str, loop: str, story: Story) -> None:
    """One contestant in this process, until a signal ends it."""
    if name not in PEERS:
        uvloop.run(serve_siaga(story))  # as bot/__main__.py does
        return
    if loop == "uvloop":
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    aiogram_peer.serve(port, PATH, SECRET, api, story, gets_photo=PEERS[name])


def main() -> None:
    asked = argparse.ArgumentParser(description="Updates per second over HTTP, beside aiogram's webhook.")
    asked.add_argument("--people", type=int, default=512)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    asked.add_argument("--story", choices=(*STORIES, "both"), default="both")
    asked.add_argument("--peer-loop", choices=("asyncio", "uvloop"), default="asyncio", help="asyncio: as documented")
    asked.add_argument("--contestant", nargs=3, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.contestant is not None:
        name, port, api = options.contestant
        contest(name, int(port), api, options.peer_loop, STORIES[options.story])
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended with us
    for story in STORIES.values() if options.story == "both" else [STORIES[options.story]]:
        figures: dict[str, list[Figures]] = {}
        for _round in range(options.rounds):
            for name, one in _round_of_all(options.store, story, options.people, options.peer_loop):
                figures.setdefault(name, []).append(one)
        _tell(figures, story, options.people)


def _round_of_all(store: str, story: Story, people: int, loop: str) -> Iterator[tuple[str, Figures]]:
    peers = [name for name, gets_photo in PEERS.items() if story.with_partners or not gets_photo]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siaga-bench-")))
        for name, url in [(IDLE, ""), *((peer, "") for peer in peers), *stores(store, stack).items()]:
            yield name, _measured(name, url, story, people, loop, folder)


def _measured(name: str, database: str, story: Story, people: int, loop: str, folder: Path) -> Figures:
    port, api_port = free_ports(2)
    with ExitStack() as stack:
        server = stack.enter_context(_bot_api(api_port))
        if name == IDLE:
            port = api_port
        else:
            contestant = ["--peer-loop", loop, "--story", story.name]
            contestant += ["--contestant", name, str(port), f"http://127.0.0.1:{api_port}"]
            environment = _environment(database, port, api_port, folder)
            server = stack.enter_context(_served(contestant, environment, folder / "log"))
        crowd = [sys.executable, "-c", "import asyncio, bench.crowd; asyncio.run(bench.crowd.main())"]
        crowd += ["--port", str(port), "--pid", str(server.pid), "--people", str(people), "--story", story.name]
        crowd += ["--answers"] if database else []
        told = subprocess.run(crowd, check=True, stdin=server.stdout, stdout=subprocess.PIPE, text=True).stdout
    return tuple(map(float, told.split()))


@contextmanager
def _bot_api(port: int) -> Iterator[Process]:
    command = [sys.executable, "-c", f"import asyncio, bench.bot_api; asyncio.run(bench.bot_api.serve({port}))"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it says so when it listens
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def _served(contestant: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    """The contestant's process. Its log is a file, as a service's would be."""
    command = [sys.executable, "-m", "bench.webhooks", *contestant]
    with (
        log.open("ab") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if process.returncode != 0:
            raise RuntimeError(f"{contestant} ended with {process.returncode}: {log.read_text()[-LOG_TOLD:]}")


def _environment(database: str, port: int, api_port: int, folder: Path) -> dict[str, str]:
    """What an operator would set."""
    return {
        **os.environ,
        "SIAGA_DATABASE__URL": database or "sqlite+aiosqlite:///",
        "SIAGA_SECRET__FILE": str(folder / "secret.key"),
        "SIAGA_BPJS__SECRET": SECRET,
        "SIAGA_WEB__PORT": str(port),
        "SIAGA_WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SIAGA_CHANNELS__TELEGRAM__URL": f"http://127.0.0.1:{api_port}",
        "SIAGA_CHANNELS__TELEGRAM__TOKEN": "42:invented",
        "SIAGA_CHANNELS__TELEGRAM__SECRET": SECRET,
    }


def _tell(figures: Mapping[str, list[Figures]], story: Story, people: int) -> None:
    rates = {name: [one[0] for one in rounds] for name, rounds in figures.items()}
    rounds, peers = len(rates[IDLE]), [name for name in PEERS if name in rates]
    print(f"{story.name}: {len(story.texts)} messages by webhook, {people} people, medians of {rounds} rounds")
    print(f"{'':<24}" + "".join(f" {head:>11}" for head in HEADS) + "".join(f"   of {name}" for name in peers))
    for name, all_of_one in figures.items():
        medians = "".join(f" {statistics.median(column):>11.1f}" for column in zip(*all_of_one, strict=True))
        shares = "".join(f"   {_ratio(rates[name], rates[peer]):>{len(peer)}.2f} x " for peer in peers)
        print(f"{name:<24}{medians} {shares}")


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """Compared within each round, because a shared machine is slower in some minutes than in others."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    main()
