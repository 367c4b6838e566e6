"""What our own page needs of the service: the chat that a link belongs to, its open question, a way to answer it."""

from __future__ import annotations

from typing import Literal, Protocol

from msgspec import Struct

from bot.handlers.webchat_in import Came
from bot.talk.message import Message, Paper

Standing = Literal["fresh", "mine", "taken", "expired", "done"]
"""How a link stands with a browser: nobody's yet, this one's, another's, too old, not needed any more."""


class Visit(Struct, frozen=True):
    """A link of ours and the chat that it belongs to, as a browser comes with it."""

    link: int
    chat: int
    channel: str
    account: str
    address: str
    language: str
    standing: Standing
    is_paper: bool = False  # the link is for one paper


class Asked(Struct, frozen=True):
    """The question that the page shows, and its id."""

    id: int
    message: Message


class Handed(Struct, frozen=True):
    """The paper that the page hands over."""

    paper: Paper


Stage = Asked | Handed | Literal["reading", "office", "done"]
"""What happens in the chat: a question for the page; a paper for the page; a photo is read, or other messages wait; a
person of the office answers; nothing more for the page."""


class Pages(Protocol):
    """`browser` is a digest of what only that browser knows, "" for one that we don't know."""

    async def visit(self, token: str, browser: str) -> Visit | None:
        """The link of this address; None if it isn't ours. NotStoredError if the database can't."""

    async def open(self, visit: Visit, browser: str) -> bool:
        """Whether the link is now this browser's. NotStoredError if the database can't."""

    async def stage(self, visit: Visit, besides: int = 0, wait_s: float = 0) -> Stage:
        """What happens in the chat. As long as a photo is read or the question `besides` is open, wait for something
        else, up to `wait_s`. With "done" the link is used up. NotStoredError if the database can't."""

    async def answer(self, visit: Visit, question: int, came: Came) -> bool:
        """Hear the answer in the chat; False if the question isn't open any more. NotStoredError if the database
        can't: nothing happened."""

    async def paper(self, visit: Visit) -> tuple[Paper, bytes] | None:
        """The paper that the link is for, with its bytes; None if it doesn't exist any more. TimeoutError if making it
        takes too long now."""

    async def photo(self, chat: int, photo: int) -> bytes | None:
        """A photo that this chat sent in; None if it isn't this chat's, or has been destroyed."""
