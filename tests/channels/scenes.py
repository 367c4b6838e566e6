"""One person, one phone and a service between which real requests pass, on either channel.

Nothing moves by itself: `deliver` posts what the phone sent, `settle` lets the service work until nothing is left.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Any, cast

import pytest
from sqlalchemy import text

from bot.handlers.contract import ACCOUNT
from bot.talk.journal import Conversation
from db import talks
from db.unit import Unit
from gateway.sandbox import telegram_phone, telegram_world, whatsapp, whatsapp_phone
from gateway.sandbox.whatsapp_wire import Layout
from tests.ktp.samples import FOLDER as SAMPLES
from tests.world import World

HASNA_NIK = "7312025205799901"
TYPED = ("1", "setuju", "1", HASNA_NIK, "benar", "Hasna", "Watansoppeng", "Dusun Lappa")
"""Eight answers of an enrolment after "daftar"; the next question is about the village."""


TO_TYPE = timedelta(seconds=30)
"""So long somebody takes to read and to answer; on WhatsApp a few quick answers then do no harm to the next."""


def photo(name: str = "hasna.jpg") -> bytes:
    return (SAMPLES / name).read_bytes()


class Scene(ABC):
    """What both channels have. Where `who` is left out it is Hasna."""

    channel: str

    def __init__(self, world: World) -> None:
        self.world, self.clock = world, world.clock
        self._read: dict[str, int] = {}

    @abstractmethod
    def says(self, words: str, who: str = "hasna") -> Any:
        """The message's id."""

    @abstractmethod
    def shows(self, content: bytes, who: str = "hasna") -> Any: ...

    @abstractmethod
    def edits(self, message: Any, words: str, who: str = "hasna") -> None: ...

    @abstractmethod
    def shares_contact(self, phone: str, *, own: bool, who: str = "hasna") -> None: ...

    @abstractmethod
    def presses(self, label: str, who: str = "hasna") -> None:
        """The newest button with this label that was ever shown."""

    @abstractmethod
    def screen(self, who: str = "hasna") -> list[str]:
        """All that the bot wrote on this phone."""

    @abstractmethod
    def address(self, who: str = "hasna") -> str: ...

    @abstractmethod
    async def deliver(self) -> None: ...

    @abstractmethod
    def repeats(self, times: int) -> None:
        """From now on everything is posted so often, at once."""

    @abstractmethod
    def shuffles(self, seed: int) -> None:
        """What waits to be posted is posted in any order that the channel may choose."""

    def new(self, who: str = "hasna") -> list[str]:
        """What the bot wrote since the last look."""
        screen = self.screen(who)
        new, self._read[who] = screen[self._read.get(who, 0) :], len(screen)
        return new

    async def settle(self) -> None:
        await self.deliver()
        await self.world.settle()
        await self.deliver()

    async def hears(self, words: str, who: str = "hasna") -> str:
        """Say something, and have all of what the bot answers."""
        self.clock.now += TO_TYPE
        self.says(words, who)
        return await self.answer(who)

    async def answer(self, who: str = "hasna") -> str:
        await self.settle()
        return "\n".join(self.new(who))

    async def says_all(self, words: Sequence[str], who: str = "hasna") -> str:
        """One after another, each after the answer to the one before; the last answer."""
        answers = [await self.hears(each, who) for each in words]
        return answers[-1]

    async def chat(self, who: str = "hasna") -> int:
        found = await self.world.service.transcript.chat(self.channel, ACCOUNT, self.address(who))
        assert found is not None
        return found

    async def stack(self, who: str = "hasna") -> list[Conversation]:
        """What is under way."""
        chat = await self.chat(who)

        async def look(unit: Unit) -> list[Conversation]:
            rows = await talks.under_way(unit, [chat])
            return talks.load(unit, rows, {})[chat].talk.stack

        return await self.world.service.writer.run(look)

    async def top(self, who: str = "hasna") -> Conversation:
        """The conversation that is being held."""
        return (await self.stack(who))[-1]

    async def journal(self, who: str = "hasna") -> dict[str, Any]:
        """The answers of the conversation, by question; without what was remembered of days, registry and world."""
        return {
            name: entry.value
            for name, entry in (await self.top(who)).journal.items()
            if name[0] != "@" and "#" not in name
        }

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        async def look(unit: Unit) -> list[Any]:
            return list(await unit.fetch(text(sql), **values))

        return await self.world.service.writer.run(look)


class OnTelegram(Scene):
    channel = "telegram"

    def __init__(self, world: World, served: telegram_world.World) -> None:
        super().__init__(world)
        self.telegram = served
        self._phones: dict[str, telegram_phone.Phone] = {}

    def phone(self, who: str = "hasna") -> telegram_phone.Phone:
        if who not in self._phones:
            self._phones[who] = telegram_phone.Phone(self.telegram, 7001 + len(self._phones), who.title())
        return self._phones[who]

    def says(self, words: str, who: str = "hasna") -> int:
        return self.phone(who).says(words)

    def shows(self, content: bytes, who: str = "hasna") -> int:
        return self.phone(who).sends_photo(content)

    def edits(self, message: Any, words: str, who: str = "hasna") -> None:
        self.phone(who).edits(message, words)

    def shares_contact(self, phone: str, *, own: bool, who: str = "hasna") -> None:
        if own:
            self.phone(who).shares_own_contact(phone)
        else:
            self.phone(who).sends_contact(f"+{phone}", "Rahman")

    def presses(self, label: str, who: str = "hasna") -> None:
        phone = self.phone(who)
        for message, shown in self.shown(who)[::-1]:
            for button, data in shown:
                if button == label:
                    phone.presses(message, data)
                    return
        raise LookupError(f"nothing to press: {label}")

    def shown(self, who: str = "hasna") -> list[tuple[int, list[tuple[str, str]]]]:
        """The buttons that stand on the screen now, by message."""
        return [
            (one.message_id, [(button.text, button.data or "") for row in one.buttons for button in row])
            for one in self.phone(who).hears()
        ]

    def screen(self, who: str = "hasna") -> list[str]:
        return [one.text for one in self.phone(who).hears() if one.text]

    def address(self, who: str = "hasna") -> str:
        return str(self.phone(who).chat.chat_id)

    async def deliver(self) -> None:
        while self.telegram.updates.pending():
            await self.telegram.updates.deliver(self.world.web)

    def repeats(self, times: int) -> None:
        self.telegram.mischief.repeats = times

    def shuffles(self, seed: int) -> None:
        """Chats change places; within a chat Telegram keeps the order."""
        self.telegram.mischief.shuffled = True


class OnWhatsApp(Scene):
    channel = "whatsapp"

    def __init__(self, world: World, served: whatsapp.Sandbox) -> None:
        super().__init__(world)
        self.whatsapp = served
        self._phones: dict[str, whatsapp_phone.Phone] = {}

    def phone(self, who: str = "hasna", **more: Any) -> whatsapp_phone.Phone:
        if who not in self._phones:
            number = 7001 + len(self._phones)
            self._phones[who] = self.whatsapp.world.person(
                who.title(), wa_id=f"62811{number:08}", user_id=f"ID.1349120865530274{number}", **more
            )
        return self._phones[who]

    def says(self, words: str, who: str = "hasna") -> str:
        return self.phone(who).says(words)

    def shows(self, content: bytes, who: str = "hasna") -> str:
        return self.phone(who).sends_image(content)

    def edits(self, message: Any, words: str, who: str = "hasna") -> None:
        self.phone(who).edits(message, words)

    def shares_contact(self, phone: str, *, own: bool, who: str = "hasna") -> None:
        self.phone(who).sends_contact("Hasna", self.phone(who).wa_id if own else phone)

    def presses(self, label: str, who: str = "hasna") -> None:
        phone = self.phone(who)
        shown = next(one for one in reversed(phone.messages) if label in {choice.title for choice in one.choices})
        phone.presses(label, shown)

    def screen(self, who: str = "hasna") -> list[str]:
        return [one.text for one in self.phone(who).messages if one.text]

    def address(self, who: str = "hasna") -> str:
        return self.phone(who).user_id

    async def deliver(self) -> None:
        while await self.whatsapp.post.deliver(self.world.web):
            pass

    def repeats(self, times: int) -> None:
        self.whatsapp.post.repeats = times

    def shuffles(self, seed: int) -> None:
        """All in one body, in any order."""
        post = self.whatsapp.post
        post.layout, post.shuffles, post._chance = Layout.VALUES, True, Random(seed)


Opens = Callable[..., AbstractAsyncContextManager[Scene]]


def opens(request: pytest.FixtureRequest, channel: str) -> Opens:
    """What opens a scene on this channel."""
    staged = request.getfixturevalue(f"on_{channel}")
    served = request.getfixturevalue(channel)[1]

    @asynccontextmanager
    async def scene(**more: Any) -> AsyncIterator[Scene]:
        given = {"identity_in_chat": True} | more if channel == "whatsapp" else more
        async with staged(**given) as world:
            yield OnTelegram(world, served) if channel == "telegram" else OnWhatsApp(world, served)

    return cast(Opens, scene)
