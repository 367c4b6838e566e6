"""The imitated Cloud API behind a real port, and the clients that talk to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx
from pywa_async.client import WhatsApp

from gateway.sandbox.whatsapp import Sandbox, create_app
from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_post import SIGNATURE, Post, signature
from gateway.sandbox.whatsapp_trouble import Troubles
from gateway.sandbox.whatsapp_wire import Business
from gateway.sandbox.whatsapp_world import World
from tests.gateway.conftest import Clock, Partner, served

BUSINESS = Business("106540352242922", "102290129340398", "15550783881")
TOKEN = "a token of the tests"
APP_SECRET = "an app secret of the tests"
VERIFY_TOKEN = "a verify token of the tests"
VERSION = "v26.0"
NUMBER = "6281100000001"
USER_ID = "ID.13491208655302741918"
CHOICE: dict[str, Any] = {
    "type": "interactive",
    "interactive": {
        "type": "button",
        "body": {"text": "Benar?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Ya"}}]},
    },
}
LIST: dict[str, Any] = {
    "type": "interactive",
    "interactive": {
        "type": "list",
        "body": {"text": "Pekerjaan?"},
        "action": {"button": "Pilih", "sections": [{"rows": [{"id": "7", "title": "Padi", "description": "sawah"}]}]},
    },
}
REMINDER: dict[str, Any] = {"type": "template", "template": {"name": "ingat", "language": {"code": "id"}}}


@dataclass
class Whatsapp:
    app: Sandbox
    url: str
    receiver: Partner

    @property
    def world(self) -> World:
        return self.app.world

    @property
    def post(self) -> Post:
        return self.app.post

    @property
    def troubles(self) -> Troubles:
        return self.app.troubles

    @property
    def messages_url(self) -> str:
        return f"{self.url}/{VERSION}/{BUSINESS.phone_number_id}/messages"

    def hasna(self, *, hides_number: bool = False) -> Phone:
        """Somebody who wrote just now, so the window is open."""
        phone = self.world.person("Hasna", wa_id=NUMBER, user_id=USER_ID, hides_number=hides_number)
        phone.says("halo")
        return phone

    async def send(self, http: httpx.AsyncClient, token: str = TOKEN, **message: Any) -> httpx.Response:
        wanted = {"messaging_product": "whatsapp", "to": NUMBER, **message}
        return await http.post(self.messages_url, json=wanted, headers={"Authorization": f"Bearer {token}"})

    async def say(self, http: httpx.AsyncClient, text: str = "Halo juga.", **more: Any) -> str:
        response = await self.send(http, type="text", text={"body": text}, **more)
        number: str = response.json()["messages"][0]["id"]
        return number

    async def told(self, http: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Send what waits; the bodies that arrived, each with a good signature."""
        await self.post.deliver(http)
        bodies = []
        while not self.receiver.asked.empty():
            headers, raw = self.receiver.next_asked()
            assert headers[SIGNATURE.lower()] == signature(APP_SECRET, raw)
            bodies.append(json.loads(raw))
        return bodies


@contextmanager
def serving_whatsapp(clock: Clock, receiver: Partner) -> Iterator[Whatsapp]:
    app = create_app(
        business=BUSINESS,
        token=TOKEN,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        webhook_url=f"{receiver.url}/webhooks/whatsapp",
        clock=clock,
        chance=Random(1),
        tick_s=None,
    )
    with served(app) as url:
        yield Whatsapp(app, url, receiver)


def pywa_client(whatsapp: Whatsapp, session: httpx.AsyncClient, token: str = TOKEN) -> WhatsApp:
    """pywa writes Meta's address into its session when it is made; it is changed afterwards."""
    client = WhatsApp(BUSINESS.phone_number_id, token, session=session)
    session.base_url = httpx.URL(f"{whatsapp.url}/{VERSION}")
    return client


def values(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [change["value"] for entry in body["entry"] for change in entry["changes"]]
