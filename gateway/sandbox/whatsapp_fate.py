"""What becomes of a message that the Cloud API took: who it is for, the answer, and what may still stop it.

Invariant: everything here comes after the answer 200, so a sender learns of it only by a status webhook.
"""

from __future__ import annotations

from gateway.sandbox.whatsapp_faults import MEDIA, OUTSIDE_WINDOW, STOPPED_MARKETING, UNDELIVERABLE, Fault, Json
from gateway.sandbox.whatsapp_media import Media, fits_kind
from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_schema import Message, TemplateMessage
from gateway.sandbox.whatsapp_seen import asset_of
from gateway.sandbox.whatsapp_template import Template
from gateway.sandbox.whatsapp_wire import Person


def addressed(phone: Phone | None, digits: str) -> Person:
    """A number that the business itself used is told back; a hidden one is not."""
    if phone is None or not phone.on_whatsapp:
        return Person(digits, "", "")
    return Person(digits or phone.person.wa_id, phone.user_id, phone.name, phone.username)


def obstacle(wanted: Message, phone: Phone | None, template: Template | None, media: Media | None) -> Fault | None:
    """What is only found out after the request was answered with 200."""
    if phone is None or not phone.on_whatsapp:
        return Fault(UNDELIVERABLE, "Message Undeliverable.")
    asset = asset_of(wanted)
    if media is not None and asset is not None and not fits_kind(media, asset[0]):
        return Fault(MEDIA, f"Media type or size is not supported for {asset[0]}")
    if template is None and not phone.window_open:
        words = "Message failed to send because more than 24 hours have passed since the customer last replied"
        return Fault(OUTSIDE_WINDOW, f"{words} to this number.")
    if template is not None and template.category == "marketing" and phone.stopped_marketing:
        return Fault(STOPPED_MARKETING, "The recipient has chosen to stop receiving marketing messages")
    return None


def accepted(wanted: Message, digits: str, number: str) -> Json:
    who = {"wa_id": digits} if wanted.to else {"user_id": wanted.recipient}
    state = {"message_status": "accepted"} if isinstance(wanted, TemplateMessage) else {}
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": wanted.to or wanted.recipient, **who}],
        "messages": [{"id": number, **state}],
    }
