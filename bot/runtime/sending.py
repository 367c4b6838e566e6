"""Sends the messages of one account of a channel: what a runner performs in its lane.

Invariant: a message is sent with a key made of its row, so a gateway can tell a repeat. Whoever can't be reached any
more is sent nothing. Words are never lost with the paper that they go with: if it can't be had, or isn't taken, they go
alone and say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.handlers.contract import Cut, Gone, Limits, Peer, Refused, Sent, Transcript, Wire
from bot.handlers.pictures import drawing
from bot.runtime.pace import Pace
from bot.runtime.papers import GONE, KEPT, Papers
from bot.runtime.settling import Outcome
from bot.talk.message import Crop, Drawing, Message
from db.outbox import Taken
from rules.bpjs import TryLater


class Reach(Transcript, Protocol):
    """Where chats are reached, and what stands there."""

    async def peer(self, chat: int, heard_since: datetime | None) -> tuple[str, str, bool] | None:
        """Address, language, and whether something was heard since; None if nobody is there any more."""

    async def buttons_before(self, chat: int, message: int) -> str | None:
        """What the channel calls the last message before this one, if that has buttons."""


log = structlog.get_logger()

SOON_S = 0.1
CLOSED = TryLater("closed before it went out", SOON_S)


class Sending:
    """`perform` sends one row."""

    def __init__(
        self, wire: Wire, limits: Limits, reach: Reach, cut: Cut, papers: Papers, clock: Callable[[], datetime],
        pace: Pace,
    ) -> None:  # fmt: skip
        self._wire, self._limits, self._reach, self._cut, self._clock = wire, limits, reach, cut, clock
        self._papers, self._pace = papers, pace

    async def perform(self, row: Taken) -> Outcome:
        assert isinstance(row.body, Message)
        hours = self._limits.window_h
        since = None if hours is None else self._clock() - timedelta(hours=hours)
        found = await self._reach.peer(row.chat, since)
        if found is None:
            return Gone()
        peer = Peer(*found)
        old = await self._reach.buttons_before(row.chat, row.id)
        if old is not None:
            await self._wire.retire(peer.address, old)
        try:
            message, enclosed = await self._made(row.chat, row.body, peer)
        except TimeoutError:
            return TryLater("paper")
        except asyncio.CancelledError:
            return CLOSED
        sent = await self._send(message, enclosed, peer, row)
        if isinstance(sent, Refused) and enclosed is not None and message.paper is not None:
            log.warning("paper-refused", kind=message.paper.kind, why=sent.why)
            return await self._send(self._papers.without(message, GONE, peer.language), None, peer, row)
        return sent

    async def _send(self, message: Message, enclosed: bytes | None, peer: Peer, row: Taken) -> Sent:
        try:
            while (wait_s := self._pace.wait_s()) > 0:  # noqa: ASYNC110  # the pace knows how long
                await asyncio.sleep(wait_s)
        except asyncio.CancelledError:  # the service closes: it has certainly not been sent
            return CLOSED
        self._pace.begin()
        try:
            return await self._wire.send(message, enclosed, peer, f"siaga-{row.id}")
        finally:
            self._pace.end()

    async def _made(self, chat: int, message: Message, peer: Peer) -> tuple[Message, bytes | None]:
        """The message as it can be sent, and what is enclosed. TimeoutError if its paper takes too long."""
        paper = message.paper
        if paper is None or paper.link:
            return message, await self._picture(chat, message)
        if not peer.is_open:
            return self._papers.without(message, KEPT, peer.language), None
        content = await self._papers.make(chat, paper)
        return (self._papers.without(message, GONE, peer.language), None) if content is None else (message, content)

    async def _picture(self, chat: int, message: Message) -> bytes | None:
        """A PNG or JPEG of what the message shows; None if it shows nothing, or it is gone."""
        shows = message.picture.shows if message.picture is not None else None
        match shows:
            case None:
                return None
            case Drawing(name):
                return drawing(name)
            case Crop(photo):
                found = await self._reach.photo(chat, photo)
                return await self._cut(found, shows) if found is not None else None
