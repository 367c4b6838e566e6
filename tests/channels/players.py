"""Players who speak through Telegram and WhatsApp: real requests to their imitations, real webhooks back.

What they hear is what stands on the imitated phone. A picture has no words there, so it is written as PICTURE.
"""

from __future__ import annotations

import io
import re
from abc import ABC, abstractmethod
from datetime import timedelta
from functools import cache
from typing import Any

from msgspec.structs import replace
from PIL import Image

from bot.handlers.fit import shortened
from bot.talk.heard import FromPerson, Pressed, Said, Shown, Unread
from bot.talk.message import Button, Crop, Line, Paper, Picture
from gateway.sandbox import telegram_phone as telegram
from gateway.sandbox import telegram_world, whatsapp
from gateway.sandbox import whatsapp_phone as phones
from tests.plays.player import Player
from tests.world import World

PICTURE = "[gambar]"
A_PICTURE = r"\[(?:Berkas: [^\]\n]+\.png|(?!Berkas: )[^\]\n]+)\]"
FIRST_ID = 7001
LABELS = (20, 24, 40)
"""How short a channel makes the labels of its buttons."""
PATIENCE = timedelta(seconds=10)
"""A message that WhatsApp doesn't take now, since the last was less than six seconds ago, comes within this."""
NO_PHOTO = b"PK\x03\x04"
WEBHOOK = "http://siaga.test/hooks/"


class ChannelPlayer(Player, ABC):
    """Speaks and hears by a phone."""

    def __init__(self, world: World, *, restarts: bool = False) -> None:
        super().__init__(world, restarts=restarts)
        world.patience = PATIENCE
        self._read: dict[str, int] = {}

    @abstractmethod
    def seen(self, who: str) -> list[Line]:
        """All that the bot sent to this phone."""

    async def _new_lines(self, who: str) -> list[Line]:
        lines = self.seen(who)
        new, self._read[who] = lines[self._read.get(who, 0) :], len(lines)
        self._lines[who] += new
        return _joined(new)

    def _tapped(self, who: str, label: str) -> FromPerson:  # type: ignore[override]  # a number where no button fits
        wanted = label.removeprefix("old ")
        lines = self._lines[who] if label.startswith("old ") else self._lines[who][::-1]
        for line in lines:
            for button in line.buttons:
                if button.label in (wanted, *(shortened(wanted, room) for room in LABELS)):
                    return Pressed(button.data, button.label)
            number = re.search(rf"^(\d+) {re.escape(wanted)}$", line.text, re.MULTILINE)
            if number is not None:
                return Said(number[1])
        raise ValueError(f"nothing to tap: {label}")


class TelegramPlayer(ChannelPlayer):
    """Speaks through Telegram. Every update is posted `times` times, side by side."""

    def __init__(self, world: World, served: telegram_world.World, *, times: int = 1, restarts: bool = False) -> None:
        super().__init__(world, restarts=restarts)
        self._telegram = served
        self._telegram.mischief.repeats = times
        self._phones: dict[str, telegram.Phone] = {}

    def phone(self, who: str) -> telegram.Phone:
        if who not in self._phones:
            self._phones[who] = telegram.Phone(self._telegram, FIRST_ID + len(self._phones), who.title())
        return self._phones[who]

    def seen(self, who: str) -> list[Line]:
        return [self._line(one) for one in self.phone(who).hears()]

    async def _hand_in(self, who: str, message_id: str, heard: FromPerson, photo: bytes | None) -> None:
        self._send(self.phone(who), heard, photo)
        await self.deliver()

    async def deliver(self) -> None:
        """Telegram posts what it has."""
        while self._telegram.updates.pending():
            await self._telegram.updates.deliver(self._world.web)

    def _send(self, phone: telegram.Phone, heard: FromPerson, photo: bytes | None) -> None:
        match heard:
            case Said(text):
                phone.says(text[:4096])
            case Pressed(data):
                phone.presses(self._with_button(phone, data), data)
            case Shown() if photo is not None:
                phone.sends_document(photo, "ktp.jpg", "image/jpeg")
            case Unread("voice"):
                phone.sends_voice()
            case Unread("sticker"):
                phone.sends_sticker()
            case Unread("document"):
                phone.sends_document(NO_PHOTO, "surat.zip", "application/zip")
            case Unread("animation"):
                phone.sends_document(_moving_gif(), "gerak.gif", "image/gif")
            case Unread("photo-too-large"):
                phone.sends_document(b"\xff\xd8\xff" + bytes(9_000_000), "besar.jpg", "image/jpeg")
            case _:
                raise ValueError(f"nobody sends {heard}")

    def _with_button(self, phone: telegram.Phone, data: str) -> int:
        (number,) = {
            line.id for lines in self._lines.values() for line in lines for b in line.buttons if b.data == data
        }
        return number

    def _line(self, one: telegram.Seen) -> Line:
        buttons = tuple(Button(button.text, button.data or "") for row in one.buttons for button in row)
        now, picture = self._world.clock.now, _picture(one.photo)
        return Line(one.message_id, now, False, one.text, None, buttons, picture=picture, paper=_paper(one.file_name))


class WhatsAppPlayer(ChannelPlayer):
    """Speaks through WhatsApp; webhooks may carry several messages, and are posted `times` times."""

    def __init__(self, world: World, served: whatsapp.Sandbox, *, times: int = 1, restarts: bool = False) -> None:
        super().__init__(world, restarts=restarts)
        self._whatsapp = served
        served.post.repeats = times
        self._phones: dict[str, phones.Phone] = {}

    def phone(self, who: str) -> phones.Phone:
        if who not in self._phones:
            number = FIRST_ID + len(self._phones)
            self._phones[who] = self._whatsapp.world.person(
                who.title(), wa_id=f"62811{number:08}", user_id=f"ID.1349120865530274{number}"
            )
        return self._phones[who]

    def seen(self, who: str) -> list[Line]:
        return [self._line(number, one) for number, one in enumerate(self.phone(who).messages) if not one.mine]

    async def _hand_in(self, who: str, message_id: str, heard: FromPerson, photo: bytes | None) -> None:
        self._send(self.phone(who), heard, photo)
        await self.deliver()

    async def deliver(self) -> None:
        """Meta posts what it has, also what it tells of our messages."""
        while await self._whatsapp.post.deliver(self._world.web):
            pass

    def _send(self, phone: phones.Phone, heard: FromPerson, photo: bytes | None) -> None:
        match heard:
            case Said(text):
                phone.says(text[:4096])
            case Pressed(data):
                shown = next(one for one in reversed(phone.messages) if data in {choice.id for choice in one.choices})
                phone.presses(data, shown)
            case Shown() if photo is not None:
                phone.sends_image(photo)
            case Unread("voice"):
                phone.sends_voice(b"OggS")
            case Unread("sticker"):
                phone.sends_sticker(b"RIFF")
            case Unread("document"):
                phone.sends_document(NO_PHOTO, "application/zip", "surat.zip")
            case Unread("animation"):
                phone.sends_document(_moving_gif(), "image/gif", "gerak.gif")
            case Unread("photo-too-large"):
                phone.sends_document(b"\xff\xd8\xff" + bytes(9_000_000), "image/jpeg", "besar.jpg")
            case _:
                raise ValueError(f"nobody sends {heard}")

    def _line(self, number: int, one: Any) -> Line:
        buttons = tuple(Button(choice.title, choice.id) for choice in one.choices)
        shown = one.media.content if one.media is not None and not one.filename else None
        picture, paper = _picture(shown), _paper(one.filename)
        return Line(number, one.at, False, one.text, None, buttons, picture=picture, paper=paper)


def _picture(shown: bytes | None) -> Picture | None:
    return Picture(PICTURE.strip("[]"), Crop(0, (0, 0, 1, 1))) if shown else None


def _paper(name: str | None) -> Paper | None:
    """What is seen of a paper is its name."""
    return Paper("", "", name, "application/pdf") if name else None


def _joined(lines: list[Line]) -> list[Line]:
    """A picture or a paper that came by itself belongs to the words after it, unless these have one of their own."""
    out: list[Line] = []
    for line in lines:
        if out and not out[-1].text and line.paper is None and not (out[-1].picture and line.picture):
            alone = out.pop()
            line = replace(line, picture=line.picture or alone.picture, paper=alone.paper)
        out.append(line)
    return out


def without_pictures(played: str) -> str:
    """A transcript whose pictures have no words, and without minutes: a channel may keep a message waiting. A paper
    that isn't a picture keeps its name."""
    told = re.sub(rf"(?m)^((?:bot:|bot to \w+:)? +){A_PICTURE}$", rf"\1{PICTURE}", played)
    return re.sub(r"\b\d\d\.\d\d\b", "..", told)


@cache
def _moving_gif() -> bytes:
    one, other = Image.new("L", (8, 8), 0), Image.new("L", (8, 8), 255)
    content = io.BytesIO()
    one.save(content, "GIF", save_all=True, append_images=[other])
    return content.getvalue()
