"""The other side of the web chat's ports, kept in memory: what arrives is stored and answered with one question."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.handlers.contract import Arrival, NotStoredError, Receipt
from bot.talk.heard import Pressed, Said, Shown
from bot.talk.message import Button, Crop, Line, Paper, Picture

FIRST_ID = 2**62 + 7
"""As large as real ids are: more than a number of JavaScript can hold."""
NOON = datetime(2026, 11, 21, 6, 5, tzinfo=ZoneInfo("UTC"))  # 14.05 in WITA
QUESTION = "Untuk siapa pendaftaran ini?\n1 Saya sendiri\n2 Orang lain"
BUTTONS = (Button("Saya sendiri", "1.ab.self"), Button("Orang lain", "1.ab.other"))


@dataclass
class House:
    """Inbox, Transcript and News at once. `full` makes it refuse to store."""

    full: bool = False
    arrivals: list[Arrival] = field(default_factory=list)
    chats: dict[tuple[str, str, str], int] = field(default_factory=dict)
    written: dict[int, list[Line]] = field(default_factory=dict)
    photos: dict[tuple[int, int], bytes] = field(default_factory=dict)
    waiters: dict[int, list[asyncio.Event]] = field(default_factory=dict)
    waited: list[float] = field(default_factory=list)
    cuts: bool = True
    papers: dict[str, bytes] = field(default_factory=dict)
    slow: bool = False

    async def arrive(self, arrival: Arrival) -> Receipt:
        if self.full:
            raise NotStoredError
        chat = self.chats.setdefault((arrival.channel, arrival.account, arrival.address), len(self.chats) + 1)
        if any(arrival.message_id == before.message_id for before in self.arrivals):
            return Receipt(chat, False)
        self.arrivals.append(arrival)
        self._write(chat, arrival)
        self.say(chat, QUESTION, BUTTONS)
        return Receipt(chat, True)

    async def lines(self, chat: int, after: int, most: int) -> Sequence[Line]:
        found = [line for line in self.written.get(chat, []) if line.id > after]
        return found[:most] if after else found[-most:]

    async def chat(self, channel: str, account: str, address: str) -> int | None:
        return self.chats.get((channel, account, address))

    async def photo(self, chat: int, photo: int) -> bytes | None:
        return self.photos.get((chat, photo))

    async def crop(self, chat: int, line: int) -> Crop | None:
        picture = next((said.picture for said in self.written.get(chat, []) if said.id == line), None)
        return picture.shows if picture is not None and isinstance(picture.shows, Crop) else None

    async def cut(self, photo: bytes, crop: Crop) -> bytes | None:
        """What was cut, in words; the real scissors are tests/ocr/test_crop.py's."""
        return b"%d bytes, %r" % (len(photo), crop.box) if self.cuts else None

    async def paper(self, chat: int, line: int) -> Paper | None:
        return next((said.paper for said in self.written.get(chat, []) if said.id == line), None)

    async def make(self, chat: int, paper: Paper) -> bytes | None:
        """What lies under the kind."""
        if self.slow:
            raise TimeoutError
        return self.papers.get(paper.kind)

    async def wait(self, chat: int, seconds: float) -> None:
        self.waited.append(seconds)
        told = asyncio.Event()
        self.waiters.setdefault(chat, []).append(told)
        try:
            await asyncio.wait_for(told.wait(), seconds)
        except TimeoutError:
            return

    def say(
        self, chat: int, text: str, buttons: tuple[Button, ...] = (), picture: Picture | None = None,
        paper: Paper | None = None,
    ) -> Line:  # fmt: skip
        number = self._next()
        at = NOON + timedelta(seconds=number - FIRST_ID)
        line = Line(number, at, False, text, None, buttons, "choice", True, picture, paper)
        self.written.setdefault(chat, []).append(line)
        for told in self.waiters.pop(chat, []):
            told.set()
        return line

    def _write(self, chat: int, arrival: Arrival) -> None:
        number = self._next()
        photo = None
        match arrival.heard:
            case Said(text) | Pressed(_, text):
                pass
            case Shown():
                assert arrival.photo is not None
                text, photo = "", number
                self.photos[chat, number] = arrival.photo
            case _:
                text = "…"
        self.written.setdefault(chat, []).append(Line(number, NOON, True, text, photo))

    def _next(self) -> int:
        return FIRST_ID + sum(len(lines) for lines in self.written.values())
