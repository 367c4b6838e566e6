"""Our own page's view of a chat: whose link it is, which question is open, and the way an answer goes in.

Invariant: what is answered on the page is heard in the chat that the link belongs to and in no other; once the bot
asks nothing more that needs the page, the links that led there open nothing any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from bot.handlers.contract import Arrival, Make
from bot.handlers.page_port import Asked, Handed, Stage, Standing, Visit
from bot.handlers.webchat_in import Came
from bot.runtime.links import Links
from bot.runtime.news import ChatNews
from bot.runtime.writer import Writer
from bot.talk.message import Paper
from db import links
from db.links import Link
from db.transcript import Newest, StoredTranscript
from db.unit import Unit


class LinkPages:
    """`closing` is set when the server shuts down; nobody waits any longer then."""

    def __init__(
        self,
        writer: Writer,
        read: Links,
        transcript: StoredTranscript,
        news: ChatNews,
        clock: Callable[[], datetime],
        closing: asyncio.Event,
        make: Make,
    ) -> None:
        self._writer, self._links, self._transcript, self._news = writer, read, transcript, news
        self._make = make
        self._clock, self._closing = clock, closing

    async def visit(self, token: str, browser: str) -> Visit | None:
        """The link of this address as it stands with the browser; None if it isn't ours."""
        address = self._links.read(token)
        if address is None:
            return None

        async def find(unit: Unit) -> Link | None:
            return await links.find(unit, address.link)

        found = await self._writer.run(find)
        if found is None:
            return None
        if address.is_paper:
            found = replace(found, is_done=False)  # it lasts, however the chat goes on
        standing = _standing(found, browser, self._clock())
        return Visit(
            address.link, found.chat, found.channel, found.account, found.address, found.language, standing,
            address.is_paper,
        )  # fmt: skip

    async def open(self, visit: Visit, browser: str) -> bool:
        """Whether the link is now this browser's."""

        async def claim(unit: Unit) -> bool:
            return await links.open_by(unit, visit.link, browser, is_paper=visit.is_paper)

        return await self._writer.run(claim)

    async def stage(self, visit: Visit, besides: int = 0, wait_s: float = 0) -> Stage:
        """What happens in the chat, as soon as it is something else than reading or the question `besides`."""
        clock = asyncio.get_running_loop().time
        end, closed = clock() + wait_s, asyncio.ensure_future(self._closing.wait())
        try:
            while True:
                left = end - clock()
                # listening starts before reading: what is committed in between is heard
                heard = asyncio.ensure_future(self._news.wait(visit.chat, max(left, 0)))
                try:
                    stage = await self._paper(visit) if visit.is_paper else await self._stage(visit)
                    if not _is_to_come(stage, besides) or left <= 0 or self._closing.is_set():
                        return stage
                    await asyncio.wait((heard, closed), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    heard.cancel()
        finally:
            closed.cancel()

    async def answer(self, visit: Visit, question: int, came: Came) -> bool:
        """Hear the answer in the chat; False if the question isn't open any more."""
        stage = "done" if visit.is_paper else await self._stage(visit)
        if not isinstance(stage, Asked) or stage.id != question:
            return False
        # the page's id is scoped to its link: nobody can use up the ids of somebody else
        message_id = f"link.{visit.link:x}.{came.message_id}"
        await self._writer.arrive(
            Arrival(visit.channel, visit.account, visit.address, message_id, came.heard, came.photo, by_page=True)
        )
        return True

    async def photo(self, chat: int, photo: int) -> bytes | None:
        """A photo that this chat sent in; None if it isn't this chat's, or has been destroyed."""
        return await self._transcript.photo(chat, photo)

    async def paper(self, visit: Visit) -> tuple[Paper, bytes] | None:
        """The paper that the link is for, with its bytes; None if it doesn't exist any more."""
        stage = await self._paper(visit) if visit.is_paper else "done"
        content = await self._make(visit.chat, stage.paper) if isinstance(stage, Handed) else None
        return (stage.paper, content) if isinstance(stage, Handed) and content is not None else None

    async def _paper(self, visit: Visit) -> Stage:
        paper = await self._transcript.linked_paper(visit.chat, visit.link)
        return "done" if paper is None else Handed(paper)

    async def _stage(self, visit: Visit) -> Stage:
        newest = await self._transcript.newest(visit.chat)
        stage = "done" if newest is None else _stage_at(newest)
        if newest is not None and stage == "done":
            await self._close(visit.chat, newest.id)
        return stage

    async def _close(self, chat: int, message: int) -> None:
        async def close(unit: Unit) -> None:
            links.close_until(unit, chat, message)

        await self._writer.run(close)


def _standing(link: Link, browser: str, now: datetime) -> Standing:
    if link.is_done:
        return "done"
    if link.expires_at <= now:
        return "expired"
    if link.opened_by is None:
        return "fresh"
    return "mine" if link.opened_by == browser else "taken"


def _stage_at(newest: Newest) -> Stage:
    if newest.quiet == "office":
        return "office"
    if newest.is_reading or newest.quiet == "held":
        return "reading"
    if newest.message.page is None:
        return "done"
    return Asked(newest.id, newest.message.page)


def _is_to_come(stage: Stage, besides: int) -> bool:
    """Whether there will be something else for the page."""
    return stage.id == besides if isinstance(stage, Asked) else stage == "reading"
