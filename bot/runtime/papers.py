"""Makes the papers that flows hand over, when they are sent or fetched. One line a kind.

Invariant: a maker is told the chat, and gives a paper of somebody to nobody else's chat. What is made is kept nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import structlog
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.papers import qr
from bot.papers.accident import accident_letter
from bot.papers.letter import Letter, render
from bot.talk import phrases
from bot.talk.message import Message, Paper
from db import my_data
from db.claim_facts import facts
from db.vault import Vault
from rules.words import Text, Translate

log = structlog.get_logger()

PAPER_BYTES_MAX = 5_000_000
"""What every channel takes, also as a picture: WhatsApp's images are the tightest
(developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media)."""
MAKE_S = 10.0
"""Seconds for the making of one paper."""
AT_ONCE_MAX = 4
"""Papers made at the same time."""


class Reading(Struct, frozen=True):
    """What makers read from. `engine` only reads, and sees what is committed; `office` is who writes letters."""

    engine: AsyncEngine
    vault: Vault
    office: str


Maker = Callable[[Reading, str, int], Awaitable[bytes | None]]
"""(reading, of, chat): the bytes; None if there is nothing like it any more, or this chat has no right to it."""


class Draft(Protocol):
    """What a letter says, from the registry; None as of a `Maker`."""

    async def __call__(self, reading: Reading, of: str, chat: int) -> Letter | None: ...


def letter(draft: Draft) -> Maker:
    """The maker of letters that say what `draft` finds."""

    async def make(reading: Reading, of: str, chat: int) -> bytes | None:
        found = await draft(reading, of, chat)
        return None if found is None else await asyncio.to_thread(render, found)

    return make


async def qr_code(reading: Reading, of: str, chat: int) -> bytes | None:
    """`of` is the text itself, so there is nothing to look up."""
    return await asyncio.to_thread(qr.draw, of)


async def accident(reading: Reading, of: str, chat: int) -> Letter | None:
    """`of` is the claim."""
    found = await facts(reading.engine, reading.vault, int(of), chat)
    if found is None:
        return None
    return accident_letter(
        reading.office, found.number, found.report, on=found.reported_on, name=found.name, nik=found.nik,
        protected_until=found.protected_until,
    )  # fmt: skip


async def exported(reading: Reading, of: str, chat: int) -> bytes | None:
    """`of` is a person, and whether the numbers are written in full (db/my_data.py)."""
    return await my_data.export(reading.engine, reading.vault, of, chat)


MAKERS: Mapping[str, Maker] = MappingProxyType({
    "accident": letter(accident),
    "export": exported,
    "qr": qr_code,
})  # fmt: skip
"""By kind."""


class Papers:
    """Makes papers of the kinds that it is given."""

    def __init__(self, makers: Mapping[str, Maker], reading: Reading, catalogues: Mapping[str, Translate]) -> None:
        self._makers, self._reading, self._catalogues = makers, reading, catalogues
        self._hands = asyncio.Semaphore(AT_ONCE_MAX)

    async def make(self, chat: int, paper: Paper) -> bytes | None:
        """The bytes of a paper for the chat that it was said to; None if it can't be had there any more. TimeoutError
        if it takes too long."""
        maker = self._makers.get(paper.kind)
        if maker is None:  # an older release knew it
            log.error("paper-unknown", kind=paper.kind)
            return None
        async with asyncio.timeout(MAKE_S), self._hands:
            content = await maker(self._reading, paper.of, chat)
        if content is not None and len(content) > PAPER_BYTES_MAX:
            log.error("paper-too-large", kind=paper.kind, bytes=len(content))
            return None
        return content

    def without(self, message: Message, why: Callable[[str], Text], language: str) -> Message:
        """The message without its paper, and with words about it: `phrases.paper_gone` or `phrases.paper_kept`."""
        assert message.paper is not None
        words = why(message.paper.name).tell(language, self._catalogues[language])
        return replace(message, text=f"{words}\n{message.text}".rstrip(), paper=None)


GONE, KEPT = phrases.paper_gone, phrases.paper_kept
