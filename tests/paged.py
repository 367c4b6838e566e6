"""A channel in whose chats no identity number may be asked for, and somebody who talks there. Nothing is sent: what the
bot said is read from the chat's transcript."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import SecretStr

from bot.app import CHANNELS, Parts, Service
from bot.handlers.contract import Access, Arrival, Delivered, Limits, Peer, Post, Pushed, Sent
from bot.settings import ChannelSettings, Settings
from bot.talk.heard import FromPerson, Said, Unread
from bot.talk.message import Line, Message
from rules.bpjs import TryLater

NAME = "paged"
PUBLIC = "http://siaga.test"
LINES_MAX = 100
_LINK = re.compile(re.escape(PUBLIC) + r"(/b/\S+)")


class Paper:
    """Takes everything and does nothing."""

    async def open(self) -> None: ...

    async def send(self, message: Message, enclosed: bytes | None, to: Peer, key: str) -> Sent:
        return Delivered()

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        return Unread("photo-lost")

    async def acknowledge(self, arrival: Arrival) -> None: ...

    async def retire(self, address: str, ref: str) -> None: ...

    async def decline(self, address: str) -> None: ...

    async def close(self) -> None: ...


def _admit(headers: Mapping[str, str], body: bytes, access: Access) -> bool:
    return False


def _decode(body: bytes, access: Access) -> Post | None:
    return None


def _connect(access: Access) -> Paper:
    return Paper()


CHANNEL = Pushed(NAME, Limits(text=4000), _admit, _decode, _connect, identity_in_chat=False)
PARTS = Parts(channels=(*CHANNELS, CHANNEL))


def with_paged(settings: Settings) -> Settings:
    """The settings of a service on which the channel is set up."""
    web = settings.web.model_copy(update={"public_url": PUBLIC})
    channels = {NAME: ChannelSettings(secret=SecretStr("a secret of the tests"), url="http://127.0.0.1:9")}
    return settings.model_copy(update={"web": web, "channels": channels})


class Chatter:
    """Somebody who talks there."""

    def __init__(self, service: Service, name: str = "hasna") -> None:
        self.service, self.name, self._count = service, name, 0

    async def says(self, words: str) -> None:
        await self.hands_in(Said(words))

    async def hands_in(self, heard: FromPerson) -> None:
        self._count += 1
        message_id = f"{self.name} {self._count}"
        await self.service.writer.arrive(Arrival(NAME, "main", self.name, message_id, heard))

    async def asks_to_enrol(self) -> str:
        """Come to the request for a photo; where the link leads."""
        for words in ("daftar", "1", "setuju"):
            await self.says(words)
        return await self.link()

    async def lines(self) -> list[Line]:
        chat = await self.chat()
        return list(await self.service.transcript.lines(chat, 0, LINES_MAX))

    async def chat(self) -> int:
        chat = await self.service.transcript.chat(NAME, "main", self.name)
        assert chat is not None
        return chat

    async def told(self) -> list[str]:
        """What the bot said in the chat."""
        return [line.text for line in await self.lines() if not line.mine]

    async def link(self) -> str:
        """Where the newest link leads, without the name of the server."""
        found = [match[1] for text in await self.told() for match in _LINK.finditer(text)]
        assert found, await self.told()
        return found[-1]
