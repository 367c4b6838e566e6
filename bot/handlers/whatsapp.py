"""WhatsApp through the Cloud API of Meta: who may post to us, what the channel can show, and the channel itself.

What a post says is whatsapp_in.py's; how a message goes out, whatsapp_out.py's; the connections, whatsapp_wire.py's,
which is loaded with Meta's library only where WhatsApp is set up. Below, META is developers.facebook.com/documentation/
business-messaging/whatsapp.
Invariant: nothing is believed without the signature of the app's secret.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from bot.handlers.contract import Access, Limits, Post, Pushed, SettingError, Wire
from bot.handlers.whatsapp_in import NAME, NUMBER, read

LIMITS = Limits(
    text=4096,  # META/messages/text-messages
    caption=1024,  # META/messages/image-messages, …/document-messages
    papers=True,
    body=1024,  # META/messages/interactive-reply-buttons-messages; a list would allow 4096
    buttons=3,
    button_label=20,
    rows=10,  # META/messages/interactive-list-messages
    row_label=24,
    per_s=40,  # META/throughput: 80 a second, what comes in and what goes out together
    gap_s=0.5,  # …/cloud-api/overview#pair-rate-limits: one in 6 s to one person, but 45 within 6 s, on credit
    window_h=24,  # META/messages/send-messages#customer-service-windows
)
TOKEN = re.compile(r"[\x21-\x7e]+")
TEMPLATE = re.compile(r"[a-z0-9_]{1,512}", re.ASCII)
CHALLENGE_MAX = 128
WHERE = {
    "token": "make one at business.facebook.com, Settings, System users, with the permissions"
    " whatsapp_business_messaging and whatsapp_business_management; the one of the page API Setup lives for a day only",
    "number": "copy the phone number ID from developers.facebook.com, your app, WhatsApp, API Setup; it is not the"
    " telephone number",
    "secret": "copy the app secret from developers.facebook.com, your app, App settings, Basic",
    "handshake": "make up a word, and type it at developers.facebook.com, your app, WhatsApp, Configuration,"
    " Verify token",
    "template": "copy its name, which has no capitals, from business.facebook.com, WhatsApp Manager, Message templates",
    "templates.reminder": "copy its name, which has no capitals, from business.facebook.com, WhatsApp Manager, Message"
    " templates",
}
"""Where the operator finds each setting."""


def admit(headers: Mapping[str, str], body: bytes, access: Access) -> bool:
    """Is the body signed with the app's secret (META/webhooks/create-webhook-endpoint)?"""
    given = headers.get("x-hub-signature-256", "").encode("utf-8", "replace")
    signed = hmac.new(access.secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given, f"sha256={signed}".encode()) and bool(access.secret)


def greet(query: Mapping[str, str], access: Access) -> str | None:
    """Meta's challenge, if it knows the word that we agreed on."""
    word, challenge = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
    knows = hmac.compare_digest(word.encode("utf-8", "replace"), access.handshake.encode()) and bool(access.handshake)
    plain = challenge.isascii() and challenge.isprintable() and 0 < len(challenge) <= CHALLENGE_MAX
    return challenge if knows and plain and query.get("hub.mode") == "subscribe" else None


def decode(body: bytes, access: Access) -> Post | None:
    """All that a body says about our number; None for what isn't a JSON object."""
    return read(body, access.number)


def connect(access: Access) -> Wire:
    """SettingError for what is missing, with words about where Meta shows it."""
    fine = {
        "token": bool(TOKEN.fullmatch(access.token)),
        "number": bool(NUMBER.fullmatch(access.number)),
        "secret": bool(access.secret),
        "handshake": bool(access.handshake),
        "template": not access.template or bool(TEMPLATE.fullmatch(access.template)),
        "templates.reminder": not access.reminder_template or bool(TEMPLATE.fullmatch(access.reminder_template)),
    }
    for name, words in WHERE.items():
        if not fine[name]:
            raise SettingError(name, words)
    from bot.handlers.whatsapp_wire import WhatsAppWire  # noqa: PLC0415  # its library is loaded only where it is set up

    return WhatsAppWire(access)


CHANNEL = Pushed(NAME, LIMITS, admit, decode, connect, greet, identity_in_chat=False)
