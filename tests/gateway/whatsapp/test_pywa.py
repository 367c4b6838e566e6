"""A client written by others, which knows user ids, understands every webhook that we emit."""

from __future__ import annotations

import json
from typing import Any

import httpx
from pywa.types.base_update import BaseUpdate, RawUpdate
from pywa.types.callback import CallbackButton, CallbackSelection
from pywa.types.message import DeletedMessage, EditedMessage
from pywa.types.message import Message as PywaMessage
from pywa.types.message_status import MessageStatus
from pywa.types.system import PhoneNumberChange
from pywa.types.user_preferences import UserMarketingPreferences
from pywa_async.client import WhatsApp

from gateway.sandbox.whatsapp_phone import Phone
from tests.gateway.whatsapp_served import (
    CHOICE,
    LIST,
    REMINDER,
    Whatsapp,
    pywa_client,
)


async def test_pywa_reads_every_kind(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    """A client written by others, which knows user ids, understands what we emit."""
    async with httpx.AsyncClient(verify=False) as session:
        client = pywa_client(whatsapp, session)
        first = hasna.thread[0].id
        await whatsapp.send(http, **CHOICE)
        await whatsapp.send(http, **LIST)
        await whatsapp.send(http, **REMINDER)
        await whatsapp.send(http, to="62811999", type="text", text={"body": "halo"})
        for bubble in hasna.messages:
            hasna.presses(bubble.choices[0].id, bubble)
        hasna.says("halo", quotes=first)
        hasna.says("terusan", forwarded=True)
        hasna.sends_image(b"a")
        hasna.sends_document(b"a", "application/pdf", "a.pdf")
        hasna.sends_voice(b"a")
        hasna.sends_location(-4.35, 119.88)
        hasna.sends_contact("Ali", "628110000")
        hasna.reacts(first)
        hasna.sends_unsupported()
        hasna.edits(first, "baru")
        hasna.deletes(first)
        hasna.wishes_marketing("stop")
        hasna.changes_number("6281100000002")

        bodies = await whatsapp.told(http)

        read = [_read(client, body) for body in bodies]
        kinds = [type(update).__name__ for update in read if update is not None]
        assert kinds == [
            *["MessageStatus"] * 7,
            "CallbackButton",
            "CallbackSelection",
            "CallbackButton",
            *["Message"] * 9,
            "EditedMessage",
            "DeletedMessage",
            "UserMarketingPreferences",
            "PhoneNumberChange",
        ]
        assert len(read) == len(kinds) + 1  # pywa knows no user_id_update


def _read(client: WhatsApp, body: dict[str, Any]) -> BaseUpdate | None:
    update = RawUpdate(json.dumps(body).encode(), hmac_header=None, update_hash="")
    [change] = body["entry"][0]["changes"]
    kind = _kind(change)
    return None if kind is None else kind.from_update(client, update)


def _kind(change: dict[str, Any]) -> type[BaseUpdate] | None:
    if change["field"] != "messages":
        return UserMarketingPreferences if change["field"] == "user_preferences" else None
    if "statuses" in change["value"]:
        return MessageStatus
    told = change["value"]["messages"][0]
    if "interactive" in told:
        return CallbackSelection if "list_reply" in told["interactive"] else CallbackButton
    special: dict[str, type[BaseUpdate]] = {
        "button": CallbackButton,
        "system": PhoneNumberChange,
        "edit": EditedMessage,
        "revoke": DeletedMessage,
    }
    return special.get(told["type"], PywaMessage)
