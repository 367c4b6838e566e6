"""Sends the messages of one account of a channel: what a runner performs in its lane.

Invariant: a message is sent with a key made of its row, so a gateway can tell a repeat. Whoever can't be reached any
more is sent nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.handlers.contract import Cut, Gone, Limits, Peer, Transcript, Wire
from bot.handlers.pictures import drawing
from bot.runtime.pace import Pace
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


SOON_S = 0.1


class Sending:
    """`perform` sends one row."""

    def __init__(
        self, wire: Wire, limits: Limits, reach: Reach, cut: Cut, clock: Callable[[], datetime], pace: Pace
    ) -> None:
        self._wire, self._limits, self._reach, self._cut, self._clock = wire, limits, reach, cut, clock
        self._pace = pace

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
        picture = await self._picture(row.chat, row.body)
        try:
            while (wait_s := self._pace.wait_s()) > 0:  # noqa: ASYNC110  # the pace knows how long
                await asyncio.sleep(wait_s)
        except asyncio.CancelledError:  # the service closes: it has certainly not been sent
            return TryLater("closed before it went out", SOON_S)
        self._pace.begin()
        try:
            return await self._wire.send(row.body, picture, peer, f"siaga-{row.id}")
        finally:
            self._pace.end()

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
