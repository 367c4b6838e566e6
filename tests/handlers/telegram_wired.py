"""A wire to an imitated Telegram, and what is sent over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.handlers.contract import Access, Arrival, Delivered, Peer, Sent
from bot.handlers.telegram_wire import TelegramWire
from bot.talk.heard import Pressed, Said, Shown
from bot.talk.message import Button, Message
from tests.gateway.telegram_served import HASNA

HELLO = Message("Halo Hasna")
TO_HASNA = Peer(str(HASNA))
QUESTION = Message("Untuk siapa?", (Button("Saya sendiri", "1.ab.self"), Button("Orang lain", "1.ab.other")))
STRANGER = "700000002:of-another-bot"
NOWHERE = "http://127.0.0.1:1"
"""Nobody listens there: port 1 is for tcpmux (IANA), which no system of today serves."""


@asynccontextmanager
async def wired(
    access: Access, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[TelegramWire]:
    wire = TelegramWire(access, sleep)
    try:
        yield wire
    finally:
        await wire.close()


async def send(wire: TelegramWire, message: Message = HELLO, image: bytes | None = None) -> Sent:
    return await wire.send(message, image, TO_HASNA, "siaga-1")


def ref(sent: Sent) -> str:
    assert isinstance(sent, Delivered)
    return sent.ref


def arrival(heard: Pressed | Shown | Said, token: str = "") -> Arrival:
    return Arrival("telegram", "main", str(HASNA), "1", heard, token=token)
