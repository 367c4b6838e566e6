"""A person of the office answers in a chat: takes it over, writes, hands it back.

Invariant: from the commit of the taking on the bot says nothing there until it is handed back, not even what it was
about to say; what people send meanwhile is kept for the office.
"""

from __future__ import annotations

from bot.runtime.batch import Desk, say
from bot.runtime.writer import Writer
from bot.talk.message import Message
from db import outbox, talks, waiting
from db.unit import Unit

WORDS_MAX = 1_000


class Office:
    """What the office can do in a chat. `who` is the name under which it is written down in the audit."""

    def __init__(self, writer: Writer, desk: Desk) -> None:
        self._writer, self._desk = writer, desk

    async def take_over(self, chat: int, who: str) -> None:
        """From now on only people of the office answer there."""

        async def take(unit: Unit) -> None:
            await _take(unit, chat)
            unit.did(who, "take-over-chat", f"chat {chat}")

        await self._writer.run(take)

    async def say(self, chat: int, who: str, words: str) -> None:
        """Write in the chat, which is thereby taken over. ValueError for words that are empty or too long."""
        if not 0 < len(words.strip()) <= WORDS_MAX:
            raise ValueError(f"1 to {WORDS_MAX} characters are needed")

        async def speak(unit: Unit) -> None:
            await _take(unit, chat)
            language, sender = await talks.reach(unit, chat)
            say(unit, self._desk, chat, sender, Message(words.strip()), language)
            unit.did(who, "answer-chat", f"chat {chat}")

        await self._writer.run(speak)

    async def hand_back(self, chat: int, who: str) -> None:
        """The bot goes on where the person stood, with a recap."""

        async def note(unit: Unit) -> None:
            unit.did(who, "hand-back-chat", f"chat {chat}")

        await self._writer.run(note)
        await self._writer.hand_back(chat)


async def _take(unit: Unit, chat: int) -> None:
    """What waits there for its turn is for the office, too."""
    if not await talks.is_with_office(unit, chat):
        await outbox.withdraw(unit, chat)
        waiting.forget(unit, chat)
    talks.hush(unit, chat, "office")
