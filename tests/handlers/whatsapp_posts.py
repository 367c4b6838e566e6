"""What Meta posts, and what is read of it."""

from __future__ import annotations

import json
from typing import Any

from bot.handlers.contract import Access, Arrival, Post
from bot.handlers.whatsapp import decode
from bot.talk.heard import FromPerson

NUMBER_ID = "106540352242922"
ACCESS = Access(secret="the app's secret", token="a-token", number=NUMBER_ID, handshake="our word")
HASNA, HASNA_NUMBER = "ID.13491208655302741918", "628110000001"


def message(kind: str, content: Any = None, **more: Any) -> dict[str, Any]:
    head = {"from": HASNA_NUMBER, "from_user_id": HASNA, "id": "wamid.one", "timestamp": "1767225600", "type": kind}
    return {**head, **({kind: content} if content is not None else {}), **more}


def text(body: str, **more: Any) -> dict[str, Any]:
    return message("text", {"body": body}, **more)


def value(*messages: Any, number: str = NUMBER_ID, **more: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": number}
    contacts = [{"profile": {"name": "Hasna"}, "wa_id": HASNA_NUMBER, "user_id": HASNA}]
    said = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": contacts, "messages": list(messages)}
    return {**said, **more}


def body(*values: Any, field: str = "messages") -> bytes:
    changes = [{"value": one, "field": field} for one in values]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "102", "changes": changes}]}).encode()


def post(raw: bytes) -> Post:
    read = decode(raw, ACCESS)
    assert read is not None
    return read


def arrival(one: dict[str, Any]) -> Arrival:
    (came,) = post(body(value(one))).arrivals
    return came


def heard(one: dict[str, Any]) -> FromPerson:
    return arrival(one).heard


def card(*phones: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": {"formatted_name": "Rahim"}, "phones": list(phones)}]
