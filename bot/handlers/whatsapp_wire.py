"""The connections to WhatsApp: sending, fetching photos, courtesies. META as in whatsapp.py.

The calls are made by pywa's Graph API layer, `WhatsApp.api`: its client takes a business-scoped id with letters in it
for a group (pywa 4.5, types/sent_update.py, `_BSUID_RE`), and fails on an answer that names no contact.
Invariant: the token goes to Meta's hosts alone; no error of pywa leaves this file, for its text holds what was sent,
and a generator's context manager breaks on it.
"""

from __future__ import annotations

import asyncio
import logging
import re

import httpx
import msgspec
import structlog
from msgspec import Struct
from pywa_async.client import WhatsApp
from pywa_async.errors import WhatsAppError

from bot.handlers.contract import Access, Arrival, Delivered, Peer, Refused, Sent, Slow, Unknown
from bot.handlers.pictures import kind_of
from bot.handlers.whatsapp_out import Call, encode, judge, takes_file, upload_type
from bot.talk.heard import Unread
from bot.talk.message import Message
from rules.bpjs import TryLater

log = structlog.get_logger()

GRAPH, API_VERSION = "https://graph.facebook.com", 26.0
MEDIA_HOSTS = ("facebook.com", "fbsbx.com", "whatsapp.net")
"""Files lie at lookaside.fbsbx.com (META/business-phone-numbers/media). Only these hosts, and the one that we were told
to call, are shown our token: an answer that names another host must not carry it off."""
MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
CONNECT_S, SEND_S, UPLOAD_S, FETCH_S, OPEN_S = 5.0, 15.0, 30.0, 40.0, 10.0
FAILED = (httpx.HTTPError, TimeoutError)
ODD = (ValueError, LookupError, TypeError, AttributeError, msgspec.ValidationError)
"""What pywa and we raise on an answer that isn't of Meta's form."""
LOST = frozenset({33, 100, 404, 131052})
"""Codes of a file that isn't there any more."""
TOKEN_REFUSED = "WhatsApp doesn't know the token: look at the setting token."  # noqa: S105  # words
NUMBER_REFUSED = (
    "WhatsApp doesn't show this number to this token: look at the setting number, which is the phone number ID, and at "
    "what the token's system user may see."
)


class _File(Struct, frozen=True):
    url: str
    file_size: int = 0


class _Taken(Struct, frozen=True):
    id: str


class _Answer(Struct, frozen=True):
    messages: list[_Taken]


class WhatsAppWire:
    """Its connections, without pywa's server, webhook and listeners."""

    def __init__(self, access: Access) -> None:
        logging.getLogger("pywa").setLevel(logging.ERROR)  # below that it logs what is sent
        self._number, self._templates = access.number, {"": access.template, "reminder": access.reminder_template}
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(SEND_S, connect=CONNECT_S))
        self._api = WhatsApp(access.number, access.token, session=self._http, api_version=API_VERSION).api
        self._http.base_url = httpx.URL(f"{(access.url or GRAPH).rstrip('/')}/v{API_VERSION}")  # pywa sets GRAPH

    async def open(self) -> None:
        try:
            async with asyncio.timeout(OPEN_S):
                await self._api.get_business_phone_number(self._number, fields=("id",))
        except WhatsAppError as error:
            if error.code in (0, 190, 401):
                raise ConnectionRefusedError(TOKEN_REFUSED) from None
            if error.code in LOST:
                raise ConnectionRefusedError(NUMBER_REFUSED) from None
            log.warning("whatsapp-refused", code=error.code)
        except (*FAILED, *ODD) as error:
            log.warning("whatsapp-unreachable", error=type(error).__name__)

    async def send(self, message: Message, enclosed: bytes | None, to: Peer, key: str) -> Sent:
        media: str | TryLater | Slow | None = None
        if enclosed is not None and takes_file(message, to):
            media = await self._upload(message, enclosed)
        if isinstance(media, TryLater | Slow):
            return media
        if media is None and enclosed is not None and message.paper is not None:
            return Refused("paper")  # the text doesn't say the same
        if not message.text and media is None:
            return Refused("picture")
        template = self._templates[message.template] or self._templates[""]
        call = encode(message, media, to, key, template)
        return call if isinstance(call, Refused) else await self._send(call)

    async def fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        if not MEDIA_ID.fullmatch(file):
            return Unread("photo-lost")
        try:
            async with asyncio.timeout(FETCH_S):
                photo = await self._fetch(file, bytes_max)
        except WhatsAppError as error:
            return _not_fetched(error)
        except FAILED as error:
            return TryLater(type(error).__name__)
        except ODD:
            return TryLater("answer")
        if not isinstance(photo, bytes):
            return photo
        match kind_of(photo):
            case "animation" | "not-an-image" as kind:
                return Unread(kind)
            case "image/jpeg" | "image/png" | "image/webp" | "image/gif" | "image/heic" | "application/pdf":
                return photo

    async def acknowledge(self, arrival: Arrival) -> None:
        """Read, and typing until we answer, for 25 seconds at most (META/typing-indicators)."""
        try:
            async with asyncio.timeout(SEND_S):
                await self._api.set_indicator(self._number, arrival.token, "text")
        except (WhatsAppError, *FAILED, *ODD):
            return

    async def retire(self, address: str, ref: str) -> None:
        """WhatsApp leaves the buttons of a message."""

    async def decline(self, address: str) -> None:
        """A group is left without an answer."""

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(self, call: Call) -> Sent:
        try:
            async with asyncio.timeout(SEND_S):
                answer = await self._api.send_message(
                    self._number,
                    call.to,
                    call.recipient,
                    "individual",
                    call.typ,
                    call.msg,
                    biz_opaque_callback_data=call.key,
                )
            return Delivered(msgspec.convert(answer, _Answer).messages[0].id)
        except (WhatsAppError, *FAILED) as error:
            return judge(error)
        except ODD:
            return Unknown("answer")

    async def _upload(self, message: Message, enclosed: bytes) -> str | TryLater | Slow | None:
        """Its id; None if WhatsApp doesn't take it."""
        kind, name = upload_type(message, enclosed), message.paper.name if message.paper else "gambar"
        try:
            async with asyncio.timeout(UPLOAD_S):
                answer = await self._api.upload_media(self._number, enclosed, kind, name)
            return msgspec.convert(answer, _Taken).id
        except (WhatsAppError, *FAILED) as error:
            outcome = judge(error)
        except ODD:
            return TryLater("picture")
        if isinstance(outcome, TryLater | Slow):
            return outcome
        return TryLater("picture") if isinstance(outcome, Unknown) else None

    async def _fetch(self, file: str, bytes_max: int) -> bytes | Unread | TryLater:
        found = msgspec.convert(await self._api.get_media_url(file), _File)
        if found.file_size > bytes_max:
            return Unread("photo-too-large")
        if not self._may_see_token(found.url):
            log.warning("whatsapp-media-elsewhere")
            return Unread("photo-lost")
        request = self._http.build_request("GET", found.url)
        response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            if response.status_code != 200:
                again = response.status_code in (401, 403, 429) or response.status_code >= 500
                return TryLater(f"status {response.status_code}") if again else Unread("photo-lost")
            photo = bytearray()
            async for piece in response.aiter_bytes():
                photo += piece
                if len(photo) > bytes_max:
                    return Unread("photo-too-large")
            return bytes(photo)
        finally:
            await response.aclose()

    def _may_see_token(self, address: str) -> bool:
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            return False
        ours = self._http.base_url
        if (url.scheme, url.host, url.port) == (ours.scheme, ours.host, ours.port):
            return True
        return url.scheme == "https" and any(f".{url.host}".endswith(f".{host}") for host in MEDIA_HOSTS)


def _not_fetched(error: WhatsAppError) -> Unread | TryLater:
    outcome = judge(error)
    if isinstance(outcome, TryLater):
        return outcome
    if error.code in LOST or not isinstance(outcome, Slow | Unknown):
        return Unread("photo-lost")
    return TryLater(f"code {error.code}", outcome.after_s if isinstance(outcome, Slow) else None)
