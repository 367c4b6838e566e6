"""python-telegram-bot as we use it: no failure is forgotten, nothing is repeated, no courtesy takes a message's room.

Invariant: what a failed request tells of itself reaches no log, for it may repeat the address, which holds the token.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from msgspec import Struct
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.handlers.telegram_out import FloodError, StatusError

CONNECTIONS_MAX = 64
CONNECT_S, ANSWER_S, UPLOAD_S, POOL_S = 5.0, 10.0, 20.0, 5.0
"""Seconds to reach Telegram, for its answer, to upload a picture or a paper, and for a free connection."""
FLOOD_S = 30.0
"""A pause that Telegram asked for without saying how long."""
CHATTY = ("httpx", "telegram")
"""They log addresses, which hold the token, below this level: httpx at INFO, python-telegram-bot at DEBUG."""
NAMED_BY_PTB = (400, 401, 403, 404, 409)
"""Statuses that python-telegram-bot makes exceptions of their own of (telegram/request/_baserequest.py)."""
COURTESIES = {"answerCallbackQuery", "sendChatAction", "editMessageReplyMarkup"}


class _Pause(Struct, frozen=True):
    retry_after: float = FLOOD_S


class _Flood(Struct, frozen=True):
    parameters: _Pause = _Pause()


class Limiter(AIORateLimiter):
    """A second guard of the speed, which the outbox keeps; it repeats nothing. Telegram counts messages
    (core.telegram.org/bots/faq#broadcasting-to-users), so a courtesy doesn't wait, and no message waits for one."""

    async def process_request(
        self, callback: Callable[..., Coroutine[Any, Any, Any]], args: Any, kwargs: dict[str, Any], endpoint: str,
        data: dict[str, Any], rate_limit_args: int | None,
    ) -> Any:  # fmt: skip
        if endpoint in COURTESIES:
            return await callback(*args, **kwargs)
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)


class _Request(HTTPXRequest):
    """Keeps the status of an answer, and never logs what it couldn't parse: an error page may repeat the address."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, body = await super().do_request(*args, **kwargs)
        if status == 429:
            raise FloodError(_pause_s(body))
        if not 200 <= status < 300 and status not in NAMED_BY_PTB:
            raise StatusError(status)
        return status, body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            answer = msgspec.json.decode(payload, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeError):
            answer = {}
        if "result" not in answer and "description" not in answer:
            raise TelegramError("unreadable answer")
        return answer


def sender(token: str, url: str) -> ExtBot[int]:
    """What sends for the bot of this token by way of the Bot API at `url`; its `request` is to be shut down."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    request = _Request(
        connection_pool_size=CONNECTIONS_MAX, connect_timeout=CONNECT_S, read_timeout=ANSWER_S,
        write_timeout=ANSWER_S, media_write_timeout=UPLOAD_S, pool_timeout=POOL_S,
    )  # fmt: skip
    base = url.rstrip("/")
    return ExtBot(token, f"{base}/bot", f"{base}/file/bot", request, request, rate_limiter=Limiter(max_retries=0))


def _pause_s(body: bytes) -> float:
    try:
        return msgspec.json.decode(body, type=_Flood).parameters.retry_after
    except (msgspec.DecodeError, UnicodeError):
        return FLOOD_S
