"""The connections to Telegram. python-telegram-bot sends: messages, and the courtesies around them. aiogram listens: it
polls, introduces the bot, fetches files, and leaves groups.

Invariant: the token stands in every address, so nothing that a library says of a failure is logged or told: only its
kind.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

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
from telegram.error import TelegramError

from bot.handlers.contract import Access, Arrival, Delivered, Peer, Sent, SettingError
from bot.handlers.pictures import kind_of
from bot.handlers.telegram_in import USED
from bot.handlers.telegram_out import COMMANDS, DECLINED, TOKEN_PAUSE_S, Call, encode, judge
from bot.handlers.telegram_sender import sender
from bot.talk.heard import Pressed, Shown, Unread
from bot.talk.message import Message
from rules.bpjs import TryLater

log = structlog.get_logger()

API = "https://api.telegram.org"
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
"""What Telegram takes as the secret of a webhook (core.telegram.org/bots/api#setwebhook)."""
HOOK_CONNECTIONS_MAX = 40
SEND_S = 30.0
"""Seconds for all of one try to send."""
ASK_S, FETCH_S = 10, 60
"""Seconds for a small request, and to fetch a photo."""
OPEN_FIRST_S, OPEN_MAX_S, DOUBLINGS_MAX = 5.0, 300.0, 6
FAULTS = (AiogramError, ClientError, OSError)
"""How a call of aiogram's may fail; a file's download raises aiohttp's own errors."""
BOTFATHER = "Copy it from @BotFather in Telegram (command /token) into SIAGA_CHANNELS__TELEGRAM__TOKEN."
TOKEN_REFUSED = f"Telegram doesn't know this token. {BOTFATHER}"
HOOK_REFUSED = (
    "Telegram doesn't take the address of the setting web.public_url. It must begin with https and be reachable from "
    "the internet on port 443, 80, 88 or 8443; leave it empty, and Telegram is asked for messages instead."
)


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
        self._access, self._sleep = access, sleep
        api = TelegramAPIServer.from_base(access.url or API)
        self.bot = Bot(access.token, AiohttpSession(api=api, timeout=ASK_S))
        self._sender = sender(access.token, access.url or API)
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

    async def send(self, message: Message, enclosed: bytes | None, to: Peer, key: str) -> Sent:
        call = encode(message, enclosed, to)
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
        if isinstance(arrival.heard, Pressed) and arrival.token:
            await _courteous(self._sender.answer_callback_query(arrival.token))
        elif isinstance(arrival.heard, Shown):
            await _courteous(self._sender.send_chat_action(int(arrival.address), "typing"))

    async def retire(self, address: str, ref: str) -> None:
        if ref:
            await _courteous(self._sender.edit_message_reply_markup(int(address), int(ref)))

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
        await self._sender.request.shutdown()

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
            case "send_document":
                return str((await self._sender.send_document(**call.values)).message_id)

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


async def _courteous(call: Awaitable[object]) -> None:
    """Soon or not at all; nobody needs to know."""
    with suppress(TelegramError, TimeoutError):
        async with asyncio.timeout(ASK_S):
            await call
