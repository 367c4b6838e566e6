"""The phones of the people: a channel that pushes, whose gateway is the list of everything that reached a phone.

Invariant: what stands in the list is what a person could read, at the moment at which it rang.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from bot.handlers.contract import Arrival, Delivered, Limits, Peer, Pushed, Sent
from bot.talk.heard import Unread
from bot.talk.message import Message
from rules.bpjs import TryLater

NAME = "phone"
LIMITS = Limits(text=4_096, caption=1_024, papers=True, per_s=10_000)


class Rang(Struct, frozen=True):
    """One message that reached a phone. `row`: of the outbox. `code`: what a code of QRIS says that came with it."""

    at: datetime
    phone: str
    row: int
    text: str
    code: str = ""


class Phones:
    """The wire of the channel, and what it carried. `unread`: by phone, until somebody looks."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.rang: list[Rang] = []
        self.unread: dict[str, list[Rang]] = defaultdict(list)

    def channel(self) -> Pushed:
        return Pushed(NAME, LIMITS, lambda *_: False, lambda *_: None, lambda _: self)

    def read(self, phone: str) -> list[Rang]:
        return self.unread.pop(phone, [])

    async def open(self) -> None: ...

    async def send(self, message: Message, enclosed: bytes | None, to: Peer, key: str) -> Sent:
        paper = message.paper.of if message.paper is not None and message.paper.kind == "qr" else ""
        one = Rang(self._clock(), to.address, int(key.removeprefix("siaga-")), message.text, paper)
        self.rang.append(one)
        self.unread[to.address].append(one)
        return Delivered(key)

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        raise AssertionError("photos come with their bytes")

    async def acknowledge(self, arrival: Arrival) -> None: ...

    async def retire(self, address: str, ref: str) -> None: ...

    async def decline(self, address: str) -> None: ...

    async def close(self) -> None: ...
