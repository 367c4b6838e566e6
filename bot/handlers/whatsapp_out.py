"""What is sent to WhatsApp: how a message becomes a call, what an error means, and the wire that makes the calls.

The calls are made by pywa's Graph API layer, `WhatsApp.api`: its client takes a business-scoped id with letters in it
for a group (pywa 4.5, types/sent_update.py, `_BSUID_RE`), and fails on an answer that names no contact.
Invariant: a message is sent again only if it certainly did not arrive; the token goes to Meta's hosts alone; no error
of pywa leaves this file, for its text holds what was sent, and a generator's context manager breaks on it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any, Literal

import httpx
import msgspec
import structlog
from msgspec import Struct
from pywa_async.client import WhatsApp
from pywa_async.errors import WhatsAppError

from bot.handlers.contract import Access, Arrival, Delivered, Gone, Peer, Refused, Sent, Slow, Unknown
from bot.handlers.fit import shortened
from bot.handlers.over_http import NOT_SENT
from bot.handlers.pictures import kind_of
from bot.handlers.whatsapp import BSUID, GONE, LIMITS, NUMBER
from bot.talk.heard import Unread
from bot.talk.message import Button, Message
from rules.bpjs import TryLater

log = structlog.get_logger()

GRAPH, API_VERSION = "https://graph.facebook.com", 26.0
MEDIA_HOSTS = ("facebook.com", "fbsbx.com", "whatsapp.net")
"""Files lie at lookaside.fbsbx.com (META/business-phone-numbers/media). Only these hosts, and the one that we were told
to call, are shown our token: an answer that names another host must not carry it off."""
MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
PICK = {"id": "Pilih", "en": "Choose"}
PARAMETER_MAX = 900
"""Characters of a template's parameter: with the template's own words there may be 1,024 (error 132005)."""
CONNECT_S, SEND_S, UPLOAD_S, FETCH_S, OPEN_S = 5.0, 15.0, 30.0, 40.0, 10.0
FAILED = (httpx.HTTPError, TimeoutError)
ODD = (ValueError, LookupError, TypeError, AttributeError, msgspec.ValidationError)
"""What pywa and we raise on an answer that isn't of Meta's form."""
LOST = frozenset({33, 100, 404, 131052})
"""Codes of a file that isn't there any more."""

_TOKEN, _ACCOUNT = TryLater("token", 60), TryLater("account", 60)  # nothing goes until the operator acts; then all does
_WINDOW, _TEMPLATE = Refused("outside the 24-hour window"), Refused("template")
CODES: dict[int, Sent] = {
    # META/support/error-codes (15 May 2026), in its order; pywa/errors.py says the same. A message that is refused at
    # once gets no id and isn't sent. Missing here is 1, "invalid request or possible server error": see `judge`.
    0: _TOKEN,  # unable to authenticate
    3: _TOKEN,  # capability or permission
    10: _TOKEN,  # permission not granted or removed
    190: _TOKEN,  # expired
    131005: _TOKEN,  # access denied
    4: Slow(60),  # calls of the app
    80007: Slow(60),  # calls of the account
    130429: Slow(5),  # messages a second
    131048: Slow(300),  # too many of our messages were blocked or flagged as spam
    131056: TryLater("pair rate", 6),  # too many messages to this one person
    133016: Slow(60),  # registrations
    368: _ACCOUNT,  # blocked for a policy
    131031: _ACCOUNT,  # locked
    131037: _ACCOUNT,  # display name not approved
    131042: _ACCOUNT,  # payment
    131045: _ACCOUNT,  # registration of the number
    133010: _ACCOUNT,  # the number isn't registered
    130497: Refused("country"),
    2: TryLater("down or overloaded"),
    131000: TryLater("failed to send"),
    131016: TryLater("service unavailable"),
    131057: TryLater("maintenance", 60),
    133004: TryLater("service unavailable"),
    33: Refused("number"),
    100: Refused("parameter"),
    130472: Refused("experiment"),
    131008: Refused("parameter missing"),
    131009: Refused("parameter value"),
    131021: Refused("to ourselves"),
    131026: Refused("undeliverable"),  # no WhatsApp there, an old version, or terms not accepted: it isn't said which
    131030: Refused("not on the list of a test number"),
    131047: _WINDOW,
    131049: Refused("kept back by Meta"),
    131051: Refused("kind of message"),
    131053: Refused("picture"),
    131062: Refused("not by user id"),
    132000: _TEMPLATE,  # number of parameters
    132001: _TEMPLATE,  # doesn't exist in this language
    132005: _TEMPLATE,  # text too long
    132007: _TEMPLATE,  # policy
    132012: _TEMPLATE,  # format of a parameter
    132015: _TEMPLATE,  # paused
    132016: _TEMPLATE,  # disabled
    132018: _TEMPLATE,  # newline, tab or more than four spaces in a parameter
    # HTTP statuses, which pywa gives as the code where the answer isn't Meta's (api.py, `_extract_error`)
    401: _TOKEN,
    403: _TOKEN,
    408: TryLater("status 408"),
    429: Slow(60),
    470: _WINDOW,  # the window's code before 131047 (twilio.com/docs/whatsapp/api/error-code-mapping)
    503: TryLater("status 503"),
}


class Call(Struct, frozen=True):
    """One call of `GraphAPIAsync.send_message`. A number goes as `to`, a business-scoped id as `recipient`."""

    typ: Literal["text", "image", "interactive", "template"]
    msg: dict[str, Any]
    to: str | None
    recipient: str | None
    key: str


class _File(Struct, frozen=True):
    url: str
    file_size: int = 0


class _Taken(Struct, frozen=True):
    id: str


class _Answer(Struct, frozen=True):
    messages: list[_Taken]


def encode(message: Message, media: str | None, to: Peer, key: str, template: str = "") -> Call | Refused:
    """`media`: the id of an uploaded picture. Outside the window only the template goes, with all words in a line."""
    if not BSUID.fullmatch(to.address) and not NUMBER.fullmatch(to.address):
        return Refused("not an address of WhatsApp")
    if not to.is_open and not template:
        return Refused("outside the 24-hour window, and no template is set")
    number = to.address if NUMBER.fullmatch(to.address) else None
    user = None if number else to.address
    if not to.is_open:
        return Call("template", _template(template, to.language, message.text), number, user, key)
    if message.buttons:
        return Call("interactive", _interactive(message, media, to.language), number, user, key)
    if media:
        caption = {"caption": message.text} if message.text else {}
        return Call("image", {"id": media, **caption}, number, user, key)
    return Call("text", {"body": message.text, "preview_url": False}, number, user, key)


def shows_picture(message: Message, to: Peer) -> bool:
    """Is there room for a picture? A list and a template have none."""
    return to.is_open and (not message.buttons or _are_reply_buttons(message.buttons))


def judge(error: WhatsAppError | httpx.HTTPError | TimeoutError) -> Sent:
    """What an error of sending means. A code that we don't know is final if the request was called wrong, and otherwise
    doubtful."""
    if not isinstance(error, WhatsAppError):
        kind = type(error).__name__
        return TryLater(kind) if isinstance(error, NOT_SENT) else Unknown(kind)
    if error.code in GONE:
        return Gone()
    if error.code in CODES:
        return CODES[error.code]
    if 200 <= error.code < 300:  # permissions
        return _TOKEN
    return Unknown(f"code {error.code}") if (error.status_code or 400) >= 500 else Refused(f"code {error.code}")


class WhatsAppWire:
    """Its connections, without pywa's server, webhook and listeners."""

    def __init__(self, access: Access) -> None:
        logging.getLogger("pywa").setLevel(logging.ERROR)  # below that it logs what is sent
        self._number, self._template = access.number, access.template
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(SEND_S, connect=CONNECT_S))
        self._api = WhatsApp(access.number, access.token, session=self._http, api_version=API_VERSION).api
        self._http.base_url = httpx.URL(f"{(access.url or GRAPH).rstrip('/')}/v{API_VERSION}")  # pywa sets GRAPH

    async def open(self) -> None:
        try:
            async with asyncio.timeout(OPEN_S):
                await self._api.get_business_phone_number(self._number, fields=("id",))
        except WhatsAppError as error:
            if error.code in (0, 190, 401):
                raise ConnectionRefusedError("WhatsApp doesn't know the token: look at the setting token") from None
            if error.code in LOST:
                raise ConnectionRefusedError(
                    "WhatsApp doesn't show this number to this token: look at the setting number, which is the phone"
                    " number ID, and at what the token's system user may see"
                ) from None
            log.warning("whatsapp-refused", code=error.code)
        except (*FAILED, *ODD) as error:
            log.warning("whatsapp-unreachable", error=type(error).__name__)

    async def send(self, message: Message, picture: bytes | None, to: Peer, key: str) -> Sent:
        media: str | TryLater | Slow | None = None
        if picture is not None and shows_picture(message, to):
            media = await self._upload(picture)
        if isinstance(media, TryLater | Slow):
            return media
        if not message.text and media is None:
            return Refused("picture")
        call = encode(message, media, to, key, self._template)
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

    async def _upload(self, picture: bytes) -> str | TryLater | Slow | None:
        """Its id; None if WhatsApp doesn't take it, so that the text, which says the same, goes without it."""
        try:
            async with asyncio.timeout(UPLOAD_S):
                answer = await self._api.upload_media(self._number, picture, kind_of(picture), "gambar")
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


def _interactive(message: Message, media: str | None, language: str) -> dict[str, Any]:
    body = {"body": {"text": message.text}}
    if _are_reply_buttons(message.buttons):
        replies = [{"type": "reply", "reply": {"id": b.data, "title": b.label}} for b in message.buttons]
        header = {"header": {"type": "image", "image": {"id": media}}} if media else {}
        return {"type": "button", **header, **body, "action": {"buttons": replies}}
    rows = [{"id": b.data, "title": b.label} for b in message.buttons]
    return {"type": "list", **body, "action": {"button": PICK.get(language, PICK["id"]), "sections": [{"rows": rows}]}}


def _are_reply_buttons(buttons: tuple[Button, ...]) -> bool:
    """A list's labels may be alike, those of buttons must not (META/messages/interactive-reply-buttons-messages)."""
    labels = [button.label for button in buttons]
    return len(labels) <= LIMITS.buttons and len(set(labels)) == len(labels)


def _template(name: str, language: str, text: str) -> dict[str, Any]:
    """A parameter may hold no newline, no tab and no row of spaces (error 132018)."""
    words = shortened(" ".join(text.split()), PARAMETER_MAX)
    body = {"type": "body", "parameters": [{"type": "text", "text": words}]}
    return {"name": name, "language": {"code": language}, "components": [body]}


def _not_fetched(error: WhatsAppError) -> Unread | TryLater:
    outcome = judge(error)
    if isinstance(outcome, TryLater):
        return outcome
    if error.code in LOST or not isinstance(outcome, Slow | Unknown):
        return Unread("photo-lost")
    return TryLater(f"code {error.code}", outcome.after_s if isinstance(outcome, Slow) else None)
