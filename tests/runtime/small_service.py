"""A writer and an outbox by themselves, with flows small enough to hold in one's head, on any database.

Everything is real but the clock and the performers, which each test lays out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from sqlalchemy import text

from bot.flows.asks import ReadCard
from bot.handlers.contract import Arrival, Receipt
from bot.runtime.batch import Desk
from bot.runtime.runner import Runner
from bot.runtime.settling import Performer
from bot.runtime.writer import Writer
from bot.talk import ask
from bot.talk.awaited import Say
from bot.talk.flow import Flow, House, Next
from bot.talk.heard import Said
from db.engine import reader_engine
from db.ids import Ids
from db.migrate import migrate
from db.store import store
from db.transcript import StoredTranscript
from db.vault import Vault
from locales import catalogues
from rules.card import Card
from rules.words import Text
from tests.world import Clock

LINES_MAX = 100
POISON = "racun"
PHOTO = 7
"""No photo has this number: the performers of these tests don't look."""


async def home() -> Next | None:
    """Asks for ever, and says back what it heard. One word it can't bear."""
    count = 0
    while True:
        count += 1
        words = await ask.Text(f"words{count}", Text("Apa?"))
        if words.casefold() == POISON:
            raise RuntimeError(f"{words} of 7312025205799901")
        await Say(Text("Nomor {count}: {words}.", {"count": count, "words": words}))


async def read() -> Next | None:
    """One errand, and what came of it."""
    card = await ReadCard(PHOTO)
    name = card.name.value if isinstance(card, Card) and card.name else "tidak terbaca"
    await Say(Text("Nama: {name}.", {"name": name}))
    return None


HOUSE = House((Flow("home", home, Text("Menu")), Flow("read", read, Text("Baca"), ("baca",))))


class SmallService:
    """Its parts, and short ways to use them. `performers` by lane."""

    def __init__(self, url: str, performers: Mapping[str, Performer], seed: int) -> None:
        self.store, self.reading = store(url), reader_engine(url)
        self.clock, vault = Clock(), Vault(bytes(32))
        ids = Ids(self.clock, Random(seed))
        self.desk = Desk(HOUSE, catalogues(), vault, ids, self.clock, frozenset({"web"}))
        self.writer = Writer(self.store, self.desk)
        self.runner = Runner(self.writer, performers, self.clock, Random(1))
        self.transcript = StoredTranscript(self.reading, vault)

    async def hear(
        self, words: str, message_id: str, who: str = "hasna", *, channel: str = "web", account: str = "main"
    ) -> Receipt:
        return await self.writer.arrive(Arrival(channel, account, who, message_id, Said(words)))

    async def hear_all(self, words: Sequence[str], who: str = "hasna") -> None:
        """One after another."""
        for number, each in enumerate(words):
            await self.hear(each, f"{who}-{number}", who)

    async def said(self, who: str = "hasna", *, channel: str = "web", account: str = "main") -> list[str]:
        """What the bot said in this chat."""
        chat = await self.transcript.chat(channel, account, who)
        lines = await self.transcript.lines(chat, 0, LINES_MAX) if chat else []
        return [line.text for line in lines if not line.mine]

    async def counted(self, who: str = "hasna", *, channel: str = "web") -> list[str]:
        """The words that the house counted back to this chat, in however many messages."""
        lines = "\n".join(await self.said(who, channel=channel)).split("\n")
        return [line.partition(": ")[2].rstrip(".") for line in lines if line.startswith("Nomor")]

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async with self.reading.connect() as connection:
            return list(await connection.execute(text(sql), values))

    async def work_off(self) -> None:
        """Do what is due, until nothing is."""
        while await self.runner.run_due():
            pass


@asynccontextmanager
async def small_service(
    url: str,
    performers: Mapping[str, Performer] | None = None,
    *,
    started: bool = True,
    fresh: bool = True,
    seed: int = 1,
) -> AsyncIterator[SmallService]:
    """`fresh`: the database is still empty. `seed`: another for a second process. Not `started`: what is handed in
    waits for `writer.start()`."""
    if fresh:
        await migrate(url)
    service = SmallService(url, performers or {}, seed)
    if started:
        service.writer.start()
    try:
        yield service
    finally:
        await service.writer.close()
        await service.store.close()
        await service.reading.dispose()


async def at_once(*awaited: Any) -> list[Any]:
    """All of it handed in before any of it is answered; failures are values."""
    return list(await asyncio.gather(*awaited, return_exceptions=True))
