"""Telegram: who may post to us, what Telegram is asked for where it can't reach us, and the channel itself.

What an update says is telegram_in.py's; how a message goes out, telegram_out.py's; the connections, telegram_wire.py's.
Invariant: what isn't asked for with our secret isn't read. An answer that was fetched is given up at Telegram only once
it is stored here.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiogram.exceptions import ClientDecodeError, TelegramRetryAfter
from aiogram.types import Update
from msgspec import Struct
from pydantic import ValidationError

from bot.handlers.contract import Access, Post, Pushed, Wire
from bot.handlers.telegram_in import USED, read
from bot.handlers.telegram_out import LIMITS, NAME
from bot.handlers.telegram_wire import FAULTS, TelegramWire, connect

log = structlog.get_logger()

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  # core.telegram.org/bots/api#setwebhook

POLL_S, POLL_ANSWER_S = 25, 35
"""How long Telegram holds an empty answer back, and how long we wait for one."""
PAUSE_FIRST_S, PAUSE_MAX_S, DOUBLINGS_MAX = 1.0, 60.0, 6
UNKNOWN = Post(ignored=("unknown",))


class _Answer(Struct):
    """An answer of getUpdates that aiogram could not parse as a whole."""

    result: list[dict[str, Any]]


def admit(headers: Mapping[str, str], _body: bytes, access: Access) -> bool:
    """Does it carry the secret that we gave to Telegram? Without a secret nothing is let in."""
    given = headers.get(SECRET_HEADER, "").encode(errors="backslashreplace")
    return bool(access.secret) and hmac.compare_digest(given, access.secret.encode())


def decode(body: bytes, _access: Access) -> Post | None:
    """What one update says; None for what isn't a JSON object."""
    try:
        return read(Update.model_validate_json(body))
    except ValidationError:
        return UNKNOWN if _is_object(body) else None


async def poll(wire: Wire, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> AsyncGenerator[Post, None]:
    """What Telegram has, one `Post` an answer, for ever. An answer is given up there when the next is asked for."""
    assert isinstance(wire, TelegramWire)
    offset, failures, pushed = None, 0, True
    while True:
        try:
            if pushed:  # as long as there is a webhook, getUpdates is refused
                await wire.bot.delete_webhook(drop_pending_updates=False)
                pushed = False
            updates = await _updates(wire, offset)
        except TelegramRetryAfter as error:
            await sleep(error.retry_after)
        except FAULTS as error:
            log.warning("poll-paused", channel=NAME, error=type(error).__name__)
            await sleep(min(PAUSE_MAX_S, PAUSE_FIRST_S * 2 ** min(failures, DOUBLINGS_MAX)))
            failures += 1
        else:
            failures = 0
            if updates:
                yield together([post for _id, post in updates])
                offset = max(update_id for update_id, _post in updates) + 1


async def _updates(wire: TelegramWire, offset: int | None) -> list[tuple[int, Post]]:
    """Each update's id and what it says. One that can't be parsed doesn't hold up the others."""
    try:
        answer = await wire.bot.get_updates(
            offset=offset, timeout=POLL_S, allowed_updates=list(USED), request_timeout=POLL_ANSWER_S
        )
    except ClientDecodeError as error:  # raised for all of the answer, whichever update it was
        return _one_by_one(error)
    return [(update.update_id, read(update)) for update in answer]


def _one_by_one(error: ClientDecodeError) -> list[tuple[int, Post]]:
    try:
        raw = msgspec.convert(error.data, _Answer).result
    except msgspec.ValidationError:
        raise error from None
    numbered = [(update["update_id"], update) for update in raw if isinstance(update.get("update_id"), int)]
    if not numbered:
        raise error
    return [(update_id, _read_raw(update)) for update_id, update in numbered]


def _read_raw(update: dict[str, Any]) -> Post:
    try:
        return read(Update.model_validate(update))
    except ValidationError:
        return UNKNOWN


def together(posts: Sequence[Post]) -> Post:
    """All that the posts say, in their order."""
    return Post(
        arrivals=tuple([arrival for post in posts for arrival in post.arrivals]),
        fates=tuple([fate for post in posts for fate in post.fates]),
        presences=tuple([presence for post in posts for presence in post.presences]),
        groups=tuple([group for post in posts for group in post.groups]),
        ignored=tuple([kind for post in posts for kind in post.ignored]),
    )


def _is_object(body: bytes) -> bool:
    try:
        msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


CHANNEL = Pushed(NAME, LIMITS, admit, decode, connect, poll=poll, makes_secret=True)
