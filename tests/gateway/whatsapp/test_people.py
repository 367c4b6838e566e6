"""What people do arrives as the webhook that the documentation shows for it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx

from gateway.sandbox.whatsapp_phone import Phone
from tests.gateway.conftest import Clock
from tests.gateway.whatsapp_served import (
    BUSINESS,
    CHOICE,
    LIST,
    NUMBER,
    REMINDER,
    USER_ID,
    Whatsapp,
    values,
)

METADATA = {"display_phone_number": BUSINESS.display_phone_number, "phone_number_id": BUSINESS.phone_number_id}


async def message(whatsapp: Whatsapp, http: httpx.AsyncClient) -> dict[str, Any]:
    """The one item of the one webhook that waits, without its id."""
    [body] = await whatsapp.told(http)
    [value] = values(body)
    told: dict[str, Any] = value["messages"][0]
    assert told.pop("id").startswith("wamid.")
    return told


async def test_a_text(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient, clock: Clock) -> None:
    number = hasna.says("daftar")

    assert await whatsapp.told(http) == [
        {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "id": BUSINESS.waba_id,
                    "changes": [
                        {
                            "value": {
                                "messaging_product": "whatsapp",
                                "metadata": METADATA,
                                "contacts": [{"profile": {"name": "Hasna"}, "wa_id": NUMBER, "user_id": USER_ID}],
                                "messages": [
                                    {
                                        "from": NUMBER,
                                        "from_user_id": USER_ID,
                                        "id": number,
                                        "timestamp": str(int(clock().timestamp())),
                                        "type": "text",
                                        "text": {"body": "daftar"},
                                    }
                                ],
                            },
                            "field": "messages",
                        }
                    ],
                }
            ],
        }
    ]


async def test_a_hidden_number_is_nowhere(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    hasna = whatsapp.world.person("Hasna", wa_id=NUMBER, user_id=USER_ID, username="hasna.k", hides_number=True)
    first = hasna.says("halo")
    hasna.says("ini balasan", quotes=first)
    await whatsapp.say(http, to=None, recipient=USER_ID)
    hasna.reads()

    bodies = await whatsapp.told(http)

    contact = {"profile": {"name": "Hasna", "username": "hasna.k"}, "user_id": USER_ID}
    assert [value["contacts"] for body in bodies for value in values(body)] == [[contact]] * 5
    assert NUMBER not in json.dumps(bodies)
    states = [value["statuses"][0] for body in bodies[2:] for value in values(body)]
    assert [(state["status"], state["recipient_user_id"]) for state in states] == [
        ("sent", USER_ID),
        ("delivered", USER_ID),
        ("read", USER_ID),
    ]


async def test_a_button_and_a_row_are_pressed(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    for wanted, title, reply in (
        (CHOICE, "Ya", {"type": "button_reply", "button_reply": {"id": "1", "title": "Ya"}}),
        (LIST, "7", {"type": "list_reply", "list_reply": {"id": "7", "title": "Padi", "description": "sawah"}}),
    ):
        await whatsapp.send(http, **wanted)
        await whatsapp.told(http)
        hasna.presses(title)

        told = await message(whatsapp, http)

        assert (told["type"], told["interactive"]) == ("interactive", reply)
        assert told["context"] == {"from": BUSINESS.display_phone_number, "id": hasna.last.id}


async def test_a_quick_reply_of_a_template(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    await whatsapp.send(http, **REMINDER)
    await whatsapp.told(http)
    hasna.presses("Bayar")

    told = await message(whatsapp, http)

    assert (told["type"], told["button"]) == ("button", {"payload": "Bayar", "text": "Bayar"})


async def test_files(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    whatsapp.world.url = whatsapp.url
    digest = base64.b64encode(hashlib.sha256(b"content").digest()).decode()
    kinds: list[tuple[Callable[[], str], str, dict[str, Any]]] = [
        (lambda: hasna.sends_image(b"content", caption="ini"), "image", {"caption": "ini", "mime_type": "image/jpeg"}),
        (
            lambda: hasna.sends_document(b"content", "image/jpeg", "ktp.jpg"),
            "document",
            {"filename": "ktp.jpg", "mime_type": "image/jpeg"},
        ),
        (lambda: hasna.sends_voice(b"content"), "audio", {"mime_type": "audio/ogg; codecs=opus", "voice": True}),
        (lambda: hasna.sends_video(b"content"), "video", {"mime_type": "video/mp4"}),
        (lambda: hasna.sends_sticker(b"content"), "sticker", {"mime_type": "image/webp", "animated": False}),
    ]
    for send, kind, more in kinds:
        send()

        told = await message(whatsapp, http)

        file = told[kind]
        assert told["type"] == kind
        assert file.pop("url").startswith(f"{whatsapp.url}/_media/")
        assert file.pop("id").isdigit()
        assert file == {**more, "sha256": digest}


async def test_the_other_kinds(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    first = hasna.thread[0].id
    card = {"name": {"first_name": "Ali", "formatted_name": "Ali"}}
    fault = {
        "code": 131051,
        "title": "Message type unknown",
        "message": "Message type unknown",
        "error_data": {"details": "Message type is currently not supported."},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }
    number = {"phone": "+628110000", "wa_id": "628110000", "type": "CELL"}
    kinds: list[tuple[Callable[[], str], str, Any]] = [
        (lambda: hasna.sends_location(-4.35, 119.88), "location", {"latitude": -4.35, "longitude": 119.88}),
        (lambda: hasna.sends_contact("Ali", "628110000"), "contacts", [{**card, "phones": [number]}]),
        (lambda: hasna.reacts(first), "reaction", {"message_id": first, "emoji": "👍"}),
        (lambda: hasna.reacts(first, ""), "reaction", {"message_id": first}),
        (lambda: hasna.sends_unsupported("poll_creation"), "unsupported", {"type": "poll_creation"}),
        (lambda: hasna.deletes(first), "revoke", {"original_message_id": first}),
        (
            lambda: hasna.edits(first, "baru"),
            "edit",
            {"original_message_id": first, "message": {"type": "text", "text": {"body": "baru"}}},
        ),
    ]
    for send, kind, content in kinds:
        send()

        told = await message(whatsapp, http)

        assert (told["type"], told[kind]) == (kind, content)
        assert told.get("errors") == ([fault] if kind == "unsupported" else None)


async def test_a_new_number_brings_a_new_user_id(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    hasna.changes_number("6281100000002")

    told, update = await whatsapp.told(http)

    [value] = values(told)
    assert "contacts" not in value
    assert (value["messages"][0]["from"], value["messages"][0]["from_user_id"]) == (NUMBER, USER_ID)
    assert value["messages"][0]["system"] == {
        "body": f"User Hasna changed from {NUMBER} to 6281100000002",
        "wa_id": "6281100000002",
        "user_id": hasna.user_id,
        "type": "user_changed_number",
    }
    assert update["entry"][0]["changes"][0]["field"] == "user_id_update"
    assert values(update)[0]["user_id_update"][0]["user_id"] == {"previous": USER_ID, "current": hasna.user_id}
