"""What goes out to Telegram: messages with python-telegram-bot, the courtesies and the fetching of files with aiogram.

Invariant: a message is sent again only if it certainly did not arrive. The token stands in every address, so nothing
that a library says of a failure is logged or told: only its kind.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, Literal

import msgspec
import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand
from aiogram.types import LinkPreviewOptions as Preview
from aiogram.utils.token import TokenValidationError, validate_token
from aiohttp import ClientError, ClientResponseError
from msgspec import Struct
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.handlers.contract import (
    Access,
    Arrival,
    Delivered,
    Gone,
    Limits,
    Peer,
    Refused,
    Sent,
    SettingError,
    Slow,
    Unknown,
)
from bot.handlers.over_http import NOT_SENT
from bot.handlers.pictures import kind_of
from bot.talk.heard import Pressed, Shown, Unread
from bot.talk.message import Button, Message
from rules.bpjs import TryLater

log = structlog.get_logger()

NAME = "telegram"
API = "https://api.telegram.org"
LIMITS = Limits(text=4096, caption=1024, buttons=100, button_label=40, per_s=30, gap_s=1.0)
"""core.telegram.org/bots/api#sendmessage, #sendphoto; speed: core.telegram.org/bots/faq#broadcasting-to-users."""
USED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that Telegram is asked for."""
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
"""What Telegram takes as the secret of a webhook (core.telegram.org/bots/api#setwebhook)."""
HOOK_CONNECTIONS_MAX = 40
SHORT_LABEL, SHORT_IN_ROW = 12, 3
"""Buttons whose labels all have at most so many characters stand side by side."""
CONNECTIONS_MAX = 64
CONNECT_S, ANSWER_S, UPLOAD_S, POOL_S, SEND_S = 5.0, 10.0, 20.0, 5.0, 30.0
"""Seconds to reach Telegram, for its answer, to upload a picture, for a free connection, and for all of one try."""
ASK_S, FETCH_S = 10, 60
"""Seconds for a small request, and to fetch a photo."""
TOKEN_PAUSE_S, FLOOD_S = 60.0, 30.0
"""Until a refused token is tried again; a pause that Telegram asked for without saying how long."""
OPEN_FIRST_S, OPEN_MAX_S, DOUBLINGS_MAX = 5.0, 300.0, 6
CHATTY = ("httpx", "telegram")
"""They log addresses, which hold the token, below this level: httpx at INFO, python-telegram-bot at DEBUG."""
FAULTS = (AiogramError, ClientError, OSError)
"""How a call of aiogram's may fail; a file's download raises aiohttp's own errors."""
NAMED_BY_PTB = (400, 401, 403, 404, 409)
"""Statuses that python-telegram-bot makes exceptions of their own of (telegram/request/_baserequest.py)."""
NOBODY = ("chat not found", "user not found", "peer_id_invalid", "input_user_deactivated", "user is deactivated")
REASONS = (
    "message text is empty", "message is too long", "message caption is too long", "reply markup is too long",
    "button_text_invalid", "button_data_invalid", "file must be non-empty", "file is too big", "image_process_failed",
    "photo_invalid_dimensions", "not enough rights",
)  # fmt: skip
"""What Telegram may say of a message that it refuses, none of it a person's words."""
COMMANDS = {
    "daftar": "Daftar BPJS Ketenagakerjaan",
    "status": "Lihat status pendaftaran",
    "menu": "Lihat semua pilihan",
    "bantuan": "Cara memakai chat ini",
    "petugas": "Bicara dengan petugas",
}
DECLINED = (
    "Halo! Saya hanya bisa dipakai untuk chat berdua, supaya data Anda tidak terlihat orang lain. "
    "Silakan chat saya di https://t.me/{username}"
)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
BOTFATHER = "Copy it from @BotFather in Telegram (command /token) into SIAGA_CHANNELS__TELEGRAM__TOKEN."
TOKEN_REFUSED = f"Setting channels.telegram.token: Telegram doesn't know this token. {BOTFATHER}"
HOOK_REFUSED = (
    "Setting channels.telegram.hook: Telegram doesn't take this address. It must be reachable from the internet by "
    "https on port 443, 80, 88 or 8443; leave it empty, and Telegram is asked for messages instead."
)


class Call(Struct, frozen=True):
    """A method of python-telegram-bot's bot with what it is given."""

    method: Literal["send_message", "send_photo"]
    values: Mapping[str, Any]


class StatusError(NetworkError):
    """An HTTP status that python-telegram-bot has no exception for, and forgets."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class FloodError(TelegramError):
    """Status 429. PTB's own `RetryAfter` warns of a change of its type whenever it is made (telegram/error.py), and
    its rate limiter logs it as an error; ours is a matter of course."""

    def __init__(self, after_s: float) -> None:
        super().__init__("status 429")
        self.after_s = after_s


class _Pause(Struct, frozen=True):
    retry_after: float = FLOOD_S


class _Flood(Struct, frozen=True):
    parameters: _Pause = _Pause()


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


def encode(message: Message, picture: bytes | None, to: Peer) -> Call | None:
    """The call that sends the message, as plain text; None if there is nothing to be seen."""
    values: dict[str, Any] = {"chat_id": int(to.address)}
    if message.buttons:
        values["reply_markup"] = InlineKeyboardMarkup(_rows(message.buttons))
    if picture is not None:
        return Call("send_photo", values | {"photo": picture, "caption": message.text or None})
    if not message.text:
        return None
    return Call("send_message", values | {"text": message.text, "link_preview_options": NO_PREVIEW})


def judge(error: Exception | None, ref: str = "") -> Sent:
    """What became of a message: `error` is what its call raised, `ref` what Telegram calls it."""
    match error:
        case None:
            return Delivered(ref)
        case FloodError():
            return Slow(error.after_s)
        case Forbidden() | ChatMigrated():
            return Gone()
        case BadRequest():
            return _refused(error.message.lower())
        case InvalidToken():  # 401, and 404 of a token that is no token
            return TryLater("token", TOKEN_PAUSE_S)
        case Conflict():
            return TryLater("conflict")
        case StatusError(status=status):
            return _by_status(status)
        case NetworkError() if isinstance(error.__cause__, NOT_SENT):
            return TryLater(type(error.__cause__).__name__)
        case NetworkError():
            return Unknown(type(error.__cause__ or error).__name__)
        case _:
            return Unknown(type(error).__name__)


def connect(access: Access) -> TelegramWire:
    """SettingError if Telegram could not even be asked."""
    if not access.token:
        raise SettingError("token", f"it isn't set. {BOTFATHER}")
    try:
        validate_token(access.token)
    except TokenValidationError:
        raise SettingError("token", f"a token looks like 123456:AbC-dEf. {BOTFATHER}") from None
    if access.hook and not SECRET.fullmatch(access.secret):
        raise SettingError("secret", "a webhook needs one, of 1 to 256 letters A-Z a-z, digits, _ and -")
    return TelegramWire(access)


class TelegramWire:
    """`bot` is aiogram's."""

    def __init__(self, access: Access, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._access, self._sleep = access, sleep
        api = TelegramAPIServer.from_base(access.url or API)
        self.bot = Bot(access.token, AiohttpSession(api=api, timeout=ASK_S))
        self._request = _Request(
            connection_pool_size=CONNECTIONS_MAX, connect_timeout=CONNECT_S, read_timeout=ANSWER_S,
            write_timeout=ANSWER_S, media_write_timeout=UPLOAD_S, pool_timeout=POOL_S,
        )  # fmt: skip
        base = (access.url or API).rstrip("/")
        # the outbox keeps the pace; the limiter is a second guard, and repeats nothing
        self._sender = ExtBot(
            access.token, f"{base}/bot", f"{base}/file/bot", self._request, self._request,
            rate_limiter=AIORateLimiter(max_retries=0),
        )  # fmt: skip
        self._opening: asyncio.Task[None] | None = None
        self._token_told = False

    async def open(self) -> None:
        """See `Wire`. Where Telegram can't be reached it is tried again in the background."""
        try:
            await self._introduce()
        except ConnectionRefusedError:
            raise
        except FAULTS as error:
            log.warning("telegram-not-reached", error=type(error).__name__)
            self._opening = asyncio.create_task(self._introduce_later(), name="open telegram")

    async def send(self, message: Message, picture: bytes | None, to: Peer, key: str) -> Sent:
        call = encode(message, picture, to)
        if call is None:
            return Delivered()
        try:
            async with asyncio.timeout(SEND_S):
                sent = judge(None, await self._called(call))
        except (TelegramError, TimeoutError) as error:
            sent = judge(error)
        self._tell_of_token(sent)
        return sent

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        try:
            return await self._fetched(file, bytes_max)
        except TelegramRetryAfter as error:
            return TryLater("status 429", error.retry_after)
        except TelegramBadRequest as error:
            return Unread("photo-too-large" if "file is too big" in error.message.lower() else "photo-lost")
        except (TelegramUnauthorizedError, TelegramNotFound):
            return TryLater("token", TOKEN_PAUSE_S)
        except ClientResponseError as error:
            later = error.status >= 500 or error.status in (401, 429)
            return TryLater(f"status {error.status}") if later else Unread("photo-lost")
        except FAULTS as error:
            return TryLater(type(error).__name__)

    async def acknowledge(self, arrival: Arrival) -> None:
        """The pressed button stops turning; under a photo it says that somebody writes."""
        with suppress(*FAULTS):
            if isinstance(arrival.heard, Pressed) and arrival.token:
                await self.bot.answer_callback_query(arrival.token)
            elif isinstance(arrival.heard, Shown):
                await self.bot.send_chat_action(int(arrival.address), "typing")

    async def retire(self, address: str, ref: str) -> None:
        if ref:
            with suppress(*FAULTS):
                await self.bot.edit_message_reply_markup(chat_id=int(address), message_id=int(ref))

    async def decline(self, address: str) -> None:
        with suppress(*FAULTS):  # there may be no leave to write
            words = DECLINED.format(username=(await self.bot.me()).username)
            await self.bot.send_message(int(address), words, link_preview_options=Preview(is_disabled=True))
        with suppress(*FAULTS):
            await self.bot.leave_chat(int(address))

    async def close(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            with suppress(asyncio.CancelledError):
                await self._opening
        await self.bot.session.close()
        await self._request.shutdown()

    async def _introduce(self) -> None:
        """ConnectionRefusedError with words for the operator."""
        try:
            await self.bot.me()
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise ConnectionRefusedError(TOKEN_REFUSED) from None
        try:
            if self._access.hook:
                await self.bot.set_webhook(
                    self._access.hook, secret_token=self._access.secret, allowed_updates=list(USED),
                    max_connections=HOOK_CONNECTIONS_MAX,
                )  # fmt: skip
        except TelegramBadRequest:
            raise ConnectionRefusedError(HOOK_REFUSED) from None
        await self.bot.set_my_commands([BotCommand(command=word, description=COMMANDS[word]) for word in COMMANDS])

    async def _introduce_later(self) -> None:
        failures = 0
        while True:
            await self._sleep(min(OPEN_MAX_S, OPEN_FIRST_S * 2 ** min(failures, DOUBLINGS_MAX)))
            try:
                return await self._introduce()
            except FAULTS as error:
                refused = isinstance(error, ConnectionRefusedError)
                log.warning("telegram-not-reached", error=str(error) if refused else type(error).__name__)
            failures += 1

    async def _called(self, call: Call) -> str:
        """What Telegram calls the message."""
        match call.method:
            case "send_message":
                return str((await self._sender.send_message(**call.values)).message_id)
            case "send_photo":
                return str((await self._sender.send_photo(**call.values)).message_id)

    async def _fetched(self, file: str, bytes_max: int) -> bytes | Unread:
        found = await self.bot.get_file(file)
        if (found.file_size or 0) > bytes_max:
            return Unread("photo-too-large")
        if not found.file_path:
            return Unread("photo-lost")
        url, photo = self.bot.session.api.file_url(self.bot.token, found.file_path), bytearray()
        async with aclosing(self.bot.session.stream_content(url, timeout=FETCH_S)) as pieces:
            async for piece in pieces:
                photo += piece
                if len(photo) > bytes_max:
                    return Unread("photo-too-large")
        match kind_of(bytes(photo)):
            case "animation" | "not-an-image" as kind:
                return Unread(kind)
            case _:
                return bytes(photo)

    def _tell_of_token(self, sent: Sent) -> None:
        """Once, however many messages wait."""
        if sent == TryLater("token", TOKEN_PAUSE_S) and not self._token_told:
            self._token_told = True
            log.error("telegram-refused", words=TOKEN_REFUSED)


def _rows(buttons: Sequence[Button]) -> list[list[InlineKeyboardButton]]:
    wide = SHORT_IN_ROW if all(len(button.label) <= SHORT_LABEL for button in buttons) else 1
    shown = [InlineKeyboardButton(button.label, callback_data=button.data) for button in buttons]
    return [shown[first : first + wide] for first in range(0, len(shown), wide)]


def _refused(said: str) -> Sent:
    if any(words in said for words in NOBODY):
        return Gone()
    return Refused(next((words for words in REASONS if words in said), "bad request"))


def _by_status(status: int) -> Sent:
    """A server that failed may have sent it before; one that sends us elsewhere is not Telegram's."""
    if status >= 500:
        return Unknown(f"status {status}")
    return Refused(f"status {status}") if status >= 400 else TryLater(f"status {status}")


def _pause_s(body: bytes) -> float:
    try:
        return msgspec.json.decode(body, type=_Flood).parameters.retry_after
    except (msgspec.DecodeError, UnicodeError):
        return FLOOD_S
