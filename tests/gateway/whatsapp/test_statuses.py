"""What becomes of a message is told by statuses: sent, delivered, read, failed and why."""

from __future__ import annotations

from typing import Any

import httpx

from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_template import Template
from tests.gateway.conftest import Clock
from tests.gateway.whatsapp_served import NUMBER, REMINDER, USER_ID, Whatsapp, values


async def statuses(whatsapp: Whatsapp, http: httpx.AsyncClient) -> list[dict[str, Any]]:
    bodies = await whatsapp.told(http)
    return [status for body in bodies for value in values(body) for status in value.get("statuses", [])]


async def test_statuses_carry_the_price_and_the_tracker(
    whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient
) -> None:
    number = await whatsapp.say(http, biz_opaque_callback_data="turn-1")
    hasna.reads()

    told = await statuses(whatsapp, http)

    free = {"billable": False, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"}
    assert [status["status"] for status in told] == ["sent", "delivered", "read"]
    assert {status["id"] for status in told} == {number}
    assert {status["recipient_id"] for status in told} == {NUMBER}
    assert {status["recipient_user_id"] for status in told} == {USER_ID}
    assert {status["biz_opaque_callback_data"] for status in told} == {"turn-1"}
    assert [status.get("pricing") for status in told] == [free, free, None]
    assert all("conversation" not in status for status in told)


async def test_before_version_24_statuses_carry_a_conversation(
    whatsapp: Whatsapp, http: httpx.AsyncClient, clock: Clock
) -> None:
    whatsapp.world.api_version = 23.0
    whatsapp.world.person("Hasna", wa_id=NUMBER, user_id=USER_ID)
    await whatsapp.send(http, **REMINDER)

    sent, delivered = await statuses(whatsapp, http)

    assert sent["conversation"]["expiration_timestamp"] == str(int(clock().timestamp()) + 24 * 3600)
    assert delivered["conversation"] == {"id": sent["conversation"]["id"], "origin": {"type": "utility"}}
    assert sent["pricing"] == {"billable": True, "pricing_model": "CBP", "category": "utility"}


async def test_the_window_closes_after_24_hours(
    whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient, clock: Clock
) -> None:
    clock.passes(24 * 3600 - 1)
    await whatsapp.say(http)
    clock.passes(10)
    await whatsapp.say(http)
    clock.passes(10)
    await whatsapp.send(http, **REMINDER)

    told = await statuses(whatsapp, http)

    assert [(status["status"], *(error["code"] for error in status.get("errors", []))) for status in told] == [
        ("sent",),
        ("delivered",),
        ("failed", 131047),
        ("sent",),
        ("delivered",),
    ]
    assert [seen.kind for seen in hasna.messages] == ["text", "template"]


async def test_who_cannot_be_reached(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    stranger = await whatsapp.send(http, to="+62 811-999", type="text", text={"body": "halo"})
    [failed] = await statuses(whatsapp, http)
    assert stranger.json()["contacts"] == [{"input": "+62 811-999", "wa_id": "62811999"}]
    assert (failed["status"], failed["recipient_id"], failed["errors"][0]["code"]) == ("failed", "62811999", 131026)

    hasna.blocks = True
    await whatsapp.say(http)
    assert [status["status"] for status in await statuses(whatsapp, http)] == ["sent"]

    hasna.blocks, hasna.on_whatsapp = False, False
    await whatsapp.say(http)
    assert [status["errors"][0]["code"] for status in await statuses(whatsapp, http)] == [131026]


async def test_a_phone_without_net_gets_it_later(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    hasna.online = False
    await whatsapp.say(http)
    assert ([status["status"] for status in await statuses(whatsapp, http)], hasna.messages) == (["sent"], [])

    hasna.comes_online()
    assert [status["status"] for status in await statuses(whatsapp, http)] == ["delivered"]
    assert hasna.last.text == "Halo juga."


async def test_stopped_marketing(whatsapp: Whatsapp, hasna: Phone, http: httpx.AsyncClient) -> None:
    whatsapp.world.approves(Template("pasar", "Pasar tani besok.", category="marketing"))
    hasna.wishes_marketing("stop")
    [body] = await whatsapp.told(http)
    assert body["entry"][0]["changes"][0]["field"] == "user_preferences"
    assert values(body)[0]["user_preferences"][0]["value"] == "stop"

    await whatsapp.send(http, type="template", template={"name": "pasar", "language": {"code": "id"}})

    assert [status["errors"][0]["code"] for status in await statuses(whatsapp, http)] == [131050]
