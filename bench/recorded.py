"""The imitated channels with a record of what they took, for bench/sending.py.

Both keep their limit and refuse what is faster. Run by bench/sending.py, a process of its own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import msgspec
import uvicorn
from msgspec import Struct
from starlette.applications import Starlette

from bot.handlers import whatsapp as whatsapp_channel
from gateway.sandbox import telegram, whatsapp
from gateway.sandbox.telegram_limits import Flood
from gateway.sandbox.whatsapp_limits import Throughput
from gateway.sandbox.whatsapp_wire import Business

FIRST = 62_811_000_001
"""The address of the first chat: a number in both channels."""
TOKEN, INVENTED = "700000001:invented", "a-secret-of-the-bench"
BUSINESS = Business("106540352242922", "102290129340398", "15550783881")
LOOK_S, GRACE_S, READ_BYTES = 0.05, 1, 65_536


class Record(Struct):
    """What the imitation saw: when it took a message and for whom, how many it refused, what people read."""

    sent: list[tuple[float, str]] = []
    refused: int = 0
    violations: int = 0
    read: dict[str, list[str]] = {}


class Counted(Flood):
    """Telegram's limits, with a record."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def wait_s(self, chat_id: int, now: float) -> int | None:
        wait_s = super().wait_s(chat_id, now)
        if wait_s is None:
            self._record.sent.append((now, str(chat_id)))
        return wait_s


class CountedThroughput(Throughput):
    """WhatsApp's limit, with a record."""

    def __init__(self, record: Record, most_s: int) -> None:
        super().__init__(most_s)
        self._record = record

    def takes(self, now: datetime) -> bool:
        taken = super().takes(now)
        if taken:
            self._record.sent.append((now.timestamp(), ""))
        else:
            self._record.refused += 1
        return taken


def now() -> datetime:
    return datetime.now(UTC)


def imitated_telegram(people: int) -> tuple[Starlette, Callable[[], Record]]:
    """The imitation with so many people, and what it saw."""
    record = Record()
    app = telegram.create_app(token=TOKEN, clock=now, chance=Random(1), flood=True)
    world = app.state.world
    world.flood = Counted(record)
    chats = [world.open_person({"id": FIRST + number, "first_name": "Hasna"}) for number in range(people)]

    def seen() -> Record:
        record.refused, record.violations = world.floods, len(world.violations)
        record.read = {str(chat.chat_id): [one["text"] for one in chat.messages.values()] for chat in chats}
        return record

    return app, seen


def imitated_whatsapp(people: int) -> tuple[Starlette, Callable[[], Record]]:
    """As above. Everybody has just written, so anything may be sent to them."""
    record = Record()
    app = whatsapp.create_app(
        business=BUSINESS, token=TOKEN, app_secret=INVENTED, verify_token=INVENTED,
        webhook_url="http://127.0.0.1:9/", clock=now, chance=Random(1), tick_s=None,
    )  # fmt: skip
    world = app.world
    world.throughput = CountedThroughput(record, int(whatsapp_channel.LIMITS.per_s))
    phones = [world.person("Hasna", wa_id=str(FIRST + number)) for number in range(people)]
    for phone in phones:
        phone.says("halo")

    def seen() -> Record:
        record.violations = len(world.violations)
        record.read = {phone.wa_id: [one.text for one in phone.messages if not one.mine] for phone in phones}
        return record

    return app, seen


IMITATIONS = {"telegram": imitated_telegram, "whatsapp": imitated_whatsapp}


async def imitate(channel: str, port: int, people: int) -> None:
    """Say "listening" once it is, serve until the standard input ends, then print what it saw as JSON."""
    app, seen = IMITATIONS[channel](people)
    config = uvicorn.Config(app, port=port, log_level="critical", access_log=False, timeout_graceful_shutdown=GRACE_S)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn tells it only so
        await asyncio.sleep(LOOK_S)
    print("listening", flush=True)
    await asyncio.to_thread(_until_input_ends)
    server.should_exit = True
    await serving
    print(msgspec.json.encode(seen()).decode())


def _until_input_ends() -> None:
    while os.read(sys.stdin.fileno(), READ_BYTES):
        pass
