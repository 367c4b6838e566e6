"""What the tests of waiting messages share: people on a channel that pushes, a shelf with their photos, and the office.

The shelf stands for the channel's gateway; everything of ours is real.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random

from bot.handlers.contract import Arrival, Delivered, Peer, Receipt, Sent, Unknown
from bot.runtime.fetching import Fetching
from bot.runtime.holds import Holds
from bot.runtime.office import Office
from bot.runtime.runner import Runner
from bot.runtime.settling import Outcome
from bot.runtime.sorting import QUIET
from bot.talk import ask
from bot.talk.awaited import FetchPhoto, Say
from bot.talk.flow import Flow, House, Next
from bot.talk.heard import FromPerson, Said, Shown, Unread
from bot.talk.message import Message
from db.outbox import Taken
from rules.bpjs import TryLater
from rules.words import Text
from tests.runtime import small_service as small
from tests.runtime.small_service import SmallService, small_service

CHANNEL, LANE = "telegram", "telegram:main"
PHOTO_BYTES_MAX, LINES_MAX = 1_000, 1_000
A_MOMENT = timedelta(milliseconds=100)
SLOWLY = "Sebentar, fotonya sedang saya ambil."


async def show() -> Next | None:
    """Wants a photo, and then words."""
    photo = await ask.Photo("photo", Text("Foto?"), instead={"none": Text("Tidak ada")})
    words = await ask.Text("words", Text("Apa?"))
    await Say(Text("Foto {kind}, lalu {words}.", {"kind": "ada" if isinstance(photo, int) else photo, "words": words}))
    return None


SHOWING = House((*small.HOUSE.flows, Flow("show", show, Text("Tunjukkan"), ("foto",))))
"""To be put in the place of small_service.HOUSE."""


class Shelf:
    """The photos of a channel by file; what is not laid out is gone. Anything but `fetch` is of no interest."""

    def __init__(self, **files: bytes | Unread | TryLater) -> None:
        self.files, self.asked = files, list[str]()

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        self.asked.append(file)
        return self.files.get(file, Unread("photo-lost"))

    async def open(self) -> None: ...

    async def send(self, message: Message, enclosed: bytes | None, to: Peer, key: str) -> Sent:
        return Unknown("nobody sends here")

    async def acknowledge(self, arrival: Arrival) -> None: ...

    async def retire(self, address: str, ref: str) -> None: ...

    async def decline(self, address: str) -> None: ...

    async def close(self) -> None: ...


class Chatting:
    """A small service with a shelf, where people write at given times."""

    def __init__(self, service: SmallService, shelf: Shelf) -> None:
        self.service, self.shelf, self.clock = service, shelf, service.clock
        fetching = Fetching(service.writer, {CHANNEL: shelf}, PHOTO_BYTES_MAX, service.clock)
        self.fetches = Runner(service.writer, {FetchPhoto.__name__: fetching.perform}, service.clock, Random(1))
        self.holds, self.office = Holds(service.writer), Office(service.writer, service.desk)
        self.sends = Runner(service.writer, {LANE: self._send}, service.clock, Random(1))
        self.sent: list[str] = []

    async def _send(self, row: Taken) -> Outcome:
        assert isinstance(row.body, Message)
        self.sent.append(row.body.text)
        return Delivered(f"ref-{row.id}")

    async def send(self) -> list[str]:
        """Send what is due, in order; all that was sent so far."""
        while await self.sends.run_due():
            pass
        return self.sent

    async def arrive(
        self,
        heard: FromPerson | str,
        message_id: str,
        who: str = "hasna",
        *,
        sent_at: datetime | None = None,
        place: int = 0,
        file: str = "",
        album: str = "",
    ) -> Receipt:
        said = Said(heard) if isinstance(heard, str) else heard
        return await self.service.writer.arrive(
            Arrival(CHANNEL, "main", who, message_id, said, None, sent_at, place, album, file)
        )

    async def shows(self, file: str, message_id: str, who: str = "hasna", *, album: str = "") -> Receipt:
        return await self.arrive(Shown(0), message_id, who, file=file, album=album)

    async def settle(self) -> None:
        """Fetch and release what is due now."""
        while await self.fetches.run_due() or await self.holds.run_due():
            pass

    async def calm(self) -> None:
        """So much time passes that a burst or an album is taken for complete."""
        await self.settle()
        self.clock.now += QUIET
        await self.settle()

    async def pass_time(self, span: timedelta) -> None:
        """Second by second."""
        end = self.clock.now + span
        while self.clock.now < end:
            self.clock.now += timedelta(seconds=1)
            await self.settle()

    async def said(self, who: str = "hasna") -> list[str]:
        lines = await self.service.transcript.lines(await self.chat(who), 0, LINES_MAX)
        return [line.text for line in lines if not line.mine]

    async def counted(self, who: str = "hasna") -> list[str]:
        """The words that the house counted back to this chat."""
        lines = "\n".join(await self.said(who)).split("\n")
        return [line.partition(": ")[2].rstrip(".") for line in lines if line.startswith("Nomor")]

    async def chat(self, who: str = "hasna") -> int:
        found = await self.service.transcript.chat(CHANNEL, "main", who)
        assert found is not None
        return found

    async def waits(self) -> int:
        ((count,),) = await self.service.rows("SELECT count(*) FROM waiting")
        return int(count)

    async def quiet(self) -> list[str]:
        return [row.quiet for row in await self.service.rows("SELECT quiet FROM chats ORDER BY id")]


@asynccontextmanager
async def chatting(
    url: str, shelf: Shelf | None = None, *, fresh: bool = True, seed: int = 1
) -> AsyncIterator[Chatting]:
    async with small_service(url, fresh=fresh, seed=seed) as service:
        yield Chatting(service, shelf or Shelf())


async def one_by_one(chatting: Chatting, words: Sequence[str], who: str = "hasna") -> None:
    """Heard and answered one after another, as from somebody who waits for each answer."""
    for number, each in enumerate(words):
        await chatting.arrive(each, f"{who}-alone-{number}", who)
