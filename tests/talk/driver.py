"""A chat with the engine alone: no channel, no database, a clock that stands until it is told to pass.

Invariant: the talk is stored and loaded between any two turns, so every test that speaks through it proves that
nothing but what is stored is needed to go on.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bot.talk.awaited import Errand, Request
from bot.talk.flow import House
from bot.talk.heard import Delayed, Heard, Pressed, Result, Said
from bot.talk.journal import Conversation, Ending, Talk
from bot.talk.message import Message
from bot.talk.question import Ear
from bot.talk.stack import Live, Sent, Turn
from bot.talk.turn import turn

START = datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Asia/Makassar"))
CATALOGUES = {"id": str, "en": str}


def as_sent(value: Any) -> Any:
    """The value as it comes out of the outbox: plain JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))


Registry = Mapping[type[Request[Any]], Any]
"""What our own registry answers to each kind of Lookup and Command: a value, or a function of the request."""


class Chat:
    """One chat. `said` are all messages, `errands` all that were sent, `asked` all that the registry was asked."""

    def __init__(self, house: House, registry: Registry | None = None, *, stored: bool = True) -> None:
        """`stored=False` leaves talk and flows in memory where they stand, to prove that it makes no difference."""
        self.house, self._registry, self._stored = house, registry or {}, stored
        self.now = START
        self.talk = Talk()
        self.said: list[Message] = []
        self.errands: list[Sent] = []
        self.asked: list[Request[Any]] = []
        self.ended: list[tuple[Conversation, Ending]] = []
        self._ids = itertools.count(1)
        self._live: Live = {}

    def hear(self, heard: str | Heard) -> list[Message]:
        """What the bot says to it."""
        if self._stored:
            self.talk = self.loaded()
        ear = Ear(self.talk.language, CATALOGUES, self.now)
        generator = turn(
            self.talk, Said(heard) if isinstance(heard, str) else heard, ear, self.house, lambda: next(self._ids),
            None if self._stored else self._live,
        )  # fmt: skip
        answer = None
        while True:
            try:
                request = generator.send(answer)
            except StopIteration as done:
                return self._take(done.value)
            self.asked.append(request)
            answer = self._answer(request)

    def tell(self, heard: str | Heard) -> str:
        """The same as one text; "" when nothing is said."""
        return "\n".join(message.text for message in self.hear(heard))

    def result(self, value: Any, sent: Sent | None = None) -> str:
        """The outside world answers the last errand, or the one named."""
        sent = sent or self.errands[-1]
        return self.tell(Result(sent.conversation, sent.key, as_sent(value)))

    def delay(self, sent: Sent | None = None) -> str:
        """The patience of the last errand, or of the one named, is over."""
        sent = sent or self.errands[-1]
        return self.tell(Delayed(sent.conversation, sent.key))

    def tap(self, label: str, message: Message | None = None) -> str:
        """Press a button of the last message, or of an older one."""
        buttons = (message or self.said[-1]).buttons
        return self.tell(next(Pressed(button.data, button.label) for button in buttons if button.label == label))

    def wait(self, **span: float) -> Chat:
        """Time passes: `wait(days=3)`."""
        self.now += timedelta(**span)
        return self

    def loaded(self) -> Talk:
        """The talk as another process would load it."""
        return msgspec.msgpack.decode(msgspec.msgpack.encode(self.talk), type=Talk)

    @property
    def top(self) -> Conversation:
        return self.talk.stack[-1]

    def kept(self, conversation: Conversation | None = None) -> dict[str, Any]:
        """The answers in the journal, without the days and the marks of the engine."""
        journal = (conversation or self.top).journal
        return {name: entry.value for name, entry in journal.items() if name[0] != "@" and name[-1] != "!"}

    def _answer(self, request: Request[Any]) -> Any:
        assert not isinstance(request, Errand), "an errand is never asked inside the transaction"
        answer = self._registry.get(type(request))
        return answer(request) if callable(answer) else answer

    def _take(self, done: Turn) -> list[Message]:
        self.talk = done.talk
        self.said += done.messages
        self.errands += done.errands
        self.ended += done.ended
        return list(done.messages)
