"""What is sent to WhatsApp: how a message becomes a call of pywa's, and what an error of Meta's means. META as in
whatsapp.py.

Invariant: a message is sent again only if it certainly did not arrive.
"""

from __future__ import annotations

from typing import Any, Literal

import httpx
from msgspec import Struct
from pywa_async.errors import WhatsAppError

from bot.handlers.contract import Gone, Peer, Refused, Sent, Slow, Unknown
from bot.handlers.fit import shortened
from bot.handlers.over_http import NOT_SENT
from bot.handlers.pictures import kind_of
from bot.handlers.whatsapp import LIMITS
from bot.handlers.whatsapp_in import BSUID, GONE, NUMBER
from bot.talk.message import Button, Message
from rules.bpjs import TryLater

PICK = {"id": "Pilih", "en": "Choose"}
PARAMETER_MAX = 900
"""Characters of a template's parameter: with the template's own words there may be 1,024 (error 132005)."""

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

    typ: Literal["text", "image", "document", "interactive", "template"]
    msg: dict[str, Any]
    to: str | None
    recipient: str | None
    key: str


def encode(message: Message, media: str | None, to: Peer, key: str, template: str = "") -> Call | Refused:
    """`media`: the id of an uploaded picture or paper. Outside the window only the template goes, with all words in a
    line."""
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
        kind, file = _file(message, media)
        caption = {"caption": message.text} if message.text else {}
        return Call(kind, {**file, **caption}, number, user, key)
    return Call("text", {"body": message.text, "preview_url": False}, number, user, key)


def takes_file(message: Message, to: Peer) -> bool:
    """Is there room for a picture or a paper? A list and a template have none."""
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


def _interactive(message: Message, media: str | None, language: str) -> dict[str, Any]:
    body = {"body": {"text": message.text}}
    if _are_reply_buttons(message.buttons):
        replies = [{"type": "reply", "reply": {"id": b.data, "title": b.label}} for b in message.buttons]
        kind, file = _file(message, media or "")
        header = {"header": {"type": kind, kind: file}} if media else {}
        return {"type": "button", **header, **body, "action": {"buttons": replies}}
    rows = [{"id": b.data, "title": b.label} for b in message.buttons]
    return {"type": "list", **body, "action": {"button": PICK.get(language, PICK["id"]), "sections": [{"rows": rows}]}}


def upload_type(message: Message, enclosed: bytes) -> str:
    """As what a picture or a paper is uploaded. Of texts WhatsApp takes plain ones only (META/business-phone-numbers/
    media)."""
    if message.paper is None:
        return kind_of(enclosed)
    return "text/plain" if message.paper.media == "application/json" else message.paper.media


def _file(message: Message, media: str) -> tuple[Literal["image", "document"], dict[str, str]]:
    """A paper is a document with a name, one that is a picture is an image."""
    paper = message.paper
    if paper is None or paper.media == "image/png":
        return "image", {"id": media}
    return "document", {"id": media, "filename": paper.name}


def _are_reply_buttons(buttons: tuple[Button, ...]) -> bool:
    """A list's labels may be alike, those of buttons must not (META/messages/interactive-reply-buttons-messages)."""
    labels = [button.label for button in buttons]
    return len(labels) <= LIMITS.buttons and len(set(labels)) == len(labels)


def _template(name: str, language: str, text: str) -> dict[str, Any]:
    """A parameter may hold no newline, no tab and no row of spaces (error 132018)."""
    words = shortened(" ".join(text.split()), PARAMETER_MAX)
    body = {"type": "body", "parameters": [{"type": "text", "text": words}]}
    return {"name": name, "language": {"code": language}, "components": [body]}
