"""The webhooks of the Cloud API as it writes them: contacts, messages, statuses, and how they are packed in bodies.

Invariant: a person who hides the number is named by user id alone; no field then carries the number.
Sources: developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages (and /status,
/system, …) and …/business-scoped-user-ids (user_id, from_user_id, recipient_user_id; numbers may be absent).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from gateway.sandbox.whatsapp_faults import Fault, Json, in_webhook

PER_MESSAGE_PRICING = 24.0
"""From this version on a status has no conversation, and its pricing tells a type."""
CONVERSATION_H = 24

Field = Literal["messages", "statuses", "user_preferences", "user_id_update"]


class Business(msgspec.Struct, frozen=True):
    phone_number_id: str
    waba_id: str
    display_phone_number: str
    name: str = "Siaga"


class Person(msgspec.Struct, frozen=True):
    """How a webhook names somebody. `wa_id` is empty where the number is hidden, `user_id` where nobody is there."""

    wa_id: str
    user_id: str
    name: str
    username: str = ""


class Event(msgspec.Struct, frozen=True):
    """One thing to tell, and who it is about; system messages come without a contact."""

    kind: Field
    item: Json
    contact: Json | None = None


class Layout(StrEnum):
    """How events that wait together are packed."""

    BODIES = "bodies"  # each in a webhook of its own
    ENTRIES = "entries"  # one webhook, an entry each
    CHANGES = "changes"  # one webhook, one entry, a change each
    VALUES = "values"  # one webhook, one entry, one value with all messages and statuses


class Charge(msgspec.Struct, frozen=True):
    category: Literal["service", "utility", "marketing", "authentication"]
    in_window: bool

    @property
    def billable(self) -> bool:
        free = self.category == "service" or (self.category == "utility" and self.in_window)
        return not free


def contact(person: Person) -> Json:
    if not person.user_id:
        return {"wa_id": person.wa_id}
    profile = {"name": person.name, **_given(username=person.username)}
    return {"profile": profile, **_given(wa_id=person.wa_id), "user_id": person.user_id}


def message(person: Person, number: str, at: datetime, kind: str, content: Json) -> Json:
    """One item of `messages`; `content` is merged: `{"text": {…}}`, with `context` and `errors` where they belong."""
    return {**_from(person), "id": number, "timestamp": _seconds(at), "type": kind, **content}


def status(person: Person, number: str, at: datetime, state: str) -> Json:
    who = _given(recipient_id=person.wa_id, recipient_user_id=person.user_id)
    return {"id": number, "status": state, "timestamp": _seconds(at), **who}


def failure(fault: Fault) -> Json:
    return {"errors": [in_webhook(fault)]}


def price(charge: Charge, state: str, at: datetime, conversation: str, version: float) -> Json:
    """The price comes with `sent` and with one of `delivered` or `read`."""
    if version >= PER_MESSAGE_PRICING:
        kind = "regular" if charge.billable else "free_customer_service"
        model = {"billable": charge.billable, "pricing_model": "PMP", "type": kind, "category": charge.category}
        return {"pricing": model}
    ends: Json = {"expiration_timestamp": _seconds(at + timedelta(hours=CONVERSATION_H))} if state == "sent" else {}
    return {
        "conversation": {"id": conversation, **ends, "origin": {"type": charge.category}},
        "pricing": {"billable": charge.billable, "pricing_model": "CBP", "category": charge.category},
    }


def number_changed(old: Person, new: Person, number: str, at: datetime) -> list[Event]:
    """A system message (with the number: user_changed_number, without: user_changed_user_id), and the pair of ids."""
    hidden = not new.wa_id
    was, becomes = (old.user_id, new.user_id) if hidden else (old.wa_id, new.wa_id)
    system = {
        "body": f"User {new.name} changed from {was} to {becomes}",
        **_given(wa_id=new.wa_id),
        "user_id": new.user_id,
        "type": "user_changed_user_id" if hidden else "user_changed_number",
    }
    told = message(old, number, at, "system", {"system": system})
    update = {
        **_given(wa_id=new.wa_id),
        "detail": f"User id for {new.name} has been updated.",
        "user_id": {"previous": old.user_id, "current": new.user_id},
        "timestamp": _seconds(at),
    }
    return [Event("messages", told), Event("user_id_update", update, contact(new))]


def marketing_wish(person: Person, at: datetime, wish: Literal["stop", "resume"]) -> Event:
    item = {
        **_given(wa_id=person.wa_id, user_id=person.user_id),
        "detail": f"User requested to {wish} marketing messages",
        "category": "marketing_messages",
        "value": wish,
        "timestamp": int(at.timestamp()),  # a number here, a string elsewhere
    }
    return Event("user_preferences", item, contact(person))


def pack(business: Business, events: Sequence[Event], layout: Layout) -> list[Json]:
    """The webhooks that carry the events, in their order."""
    if not events:
        return []
    changes = [_change(business, [event]) for event in events]
    match layout:
        case Layout.BODIES:
            return [_body([_entry(business, [change])]) for change in changes]
        case Layout.ENTRIES:
            return [_body([_entry(business, [change]) for change in changes])]
        case Layout.CHANGES:
            return [_body([_entry(business, changes)])]
        case Layout.VALUES:
            fields = dict.fromkeys(_field(event) for event in events)
            merged = [_change(business, [event for event in events if _field(event) == field]) for field in fields]
            return [_body([_entry(business, merged)])]


def _body(entries: list[Json]) -> Json:
    return {"object": "whatsapp_business_account", "entry": entries}


def _entry(business: Business, changes: list[Json]) -> Json:
    return {"id": business.waba_id, "changes": changes}


def _change(business: Business, events: Iterable[Event]) -> Json:
    """Events of one field."""
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": business.display_phone_number,
            "phone_number_id": business.phone_number_id,
        },
    }
    field = "messages"
    for event in events:
        field = _field(event)
        contacts = value.get("contacts", [])
        if event.contact is not None and event.contact not in contacts:
            value["contacts"] = [*contacts, event.contact]
        value.setdefault(event.kind, []).append(event.item)
    return {"value": value, "field": field}


def _field(event: Event) -> str:
    return "messages" if event.kind == "statuses" else event.kind


def _from(person: Person) -> Json:
    return {**({"from": person.wa_id} if person.wa_id else {}), "from_user_id": person.user_id}


def _given(**fields: str) -> Json:
    return {name: value for name, value in fields.items() if value}


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
