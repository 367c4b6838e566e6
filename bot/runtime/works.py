"""What is handed in to the writer: a message, an errand's result, a photo that was fetched, a job of our own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct

from bot.handlers.contract import Arrival
from bot.talk.awaited import FetchPhoto
from bot.talk.heard import UnreadKind
from db.talks import Door
from db.unit import Unit
from db.waiting import AT_ONCE_MAX


class Answered(Struct, frozen=True):
    """An errand of a conversation came back. `late`: it did not, but its patience is over."""

    row: int
    chat: int
    conversation: int
    key: str
    value: Any = None
    late: bool = False


class Fetched(Struct, frozen=True):
    """The photo for what was heard as `inbound` came from its channel, or why it can't be used. `album`: more of it may
    come. `most` of what waits in its chat is heard with it, if it is ripe."""

    row: int
    chat: int
    inbound: int
    photo: int
    got: bytes | UnreadKind
    album: bool = False
    most: int = AT_ONCE_MAX


class StillFetching(Struct, frozen=True):
    """A photo has not come from its channel, and the patience of this errand is over."""

    chat: int
    errand: FetchPhoto


class Release(Struct, frozen=True):
    """What waits in a chat may be ripe; so much of it is to be heard now, the first of it first."""

    chat: int
    most: int = AT_ONCE_MAX


class HandBack(Struct, frozen=True):
    """The office has done with a chat; the bot answers again."""

    chat: int


class Job(Struct, frozen=True):
    """Something of our own to do in the transaction."""

    run: Callable[[Unit], Awaitable[Any]]


Work = Arrival | Answered | Fetched | StillFetching | Release | HandBack | Job


def chats_of(work: Work, doors: Mapping[Door, int]) -> set[int | Door]:
    """Whose turn it is: a chat, by its door as long as its id isn't known, and by the aliases of who writes, under
    which somebody may be writing at this moment; nobody's for a job."""
    match work:
        case Arrival(channel, account, address, aliases=()):
            door = (channel, account, address)
            return {doors.get(door, door)}
        case Arrival(channel, account, address, aliases=aliases):
            its_doors = [(channel, account, each) for each in (address, *aliases)]
            return {doors.get(door, door) for door in its_doors}
        case Answered(chat=chat) | Fetched(chat=chat) | StillFetching(chat) | Release(chat=chat) | HandBack(chat):
            return {chat}
        case Job():
            return set()
