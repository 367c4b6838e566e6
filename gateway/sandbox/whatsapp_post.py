"""The post of the imitated Cloud API: packs what is to be told into signed webhooks and sends them until answered 200.

Invariant: a webhook keeps its bytes however often it is sent; nothing is dropped before seven days of trying.
Source: developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint (handshake,
X-Hub-Signature-256, batches of up to 1,000 updates, decreasing frequency for up to 7 days).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from random import Random

import httpx
import msgspec

from gateway.sandbox.whatsapp_faults import Json
from gateway.sandbox.whatsapp_wire import Layout, pack
from gateway.sandbox.whatsapp_world import World

BATCH_MAX = 1000
RETRY_FIRST_S = 1
RETRY_S_MAX = 60 * 60
RETRY_DAYS = 7
TIMEOUT_S = 10.0
TICK_S = 0.2
SIGNATURE = "X-Hub-Signature-256"


class Letter(msgspec.Struct):
    """One webhook on its way."""

    body: bytes
    written_at: datetime
    due_at: datetime
    tries: int = 0


class Post:
    """How it sends may be set at any time: `layout`; `shuffles` mixes the order of what waits; every webhook goes out
    `repeats` times at once; `together` sends all webhooks at once instead of one after the other."""

    def __init__(
        self,
        world: World,
        *,
        address: str,
        app_secret: str,
        verify_token: str,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        self.address, self.app_secret, self.verify_token = address, app_secret, verify_token
        self.layout, self.shuffles, self.repeats, self.together = Layout.BODIES, False, 1, False
        self.waiting: list[Letter] = []
        self._world, self._clock, self._chance = world, clock, chance

    async def work(self, tick_s: float = TICK_S) -> None:
        """For ever: send what is due."""
        async with httpx.AsyncClient(timeout=TIMEOUT_S, verify=self.address.startswith("https:")) as http:
            while True:
                await self.deliver(http)
                await asyncio.sleep(tick_s)

    async def deliver(self, http: httpx.AsyncClient) -> int:
        """Once: send what is due. Gives how many webhooks were answered 200; the others stay in `waiting`."""
        now = self._clock()
        events = self._world.take_events(BATCH_MAX)
        if self.shuffles:
            self._chance.shuffle(events)
        bodies = pack(self._world.business, events, self.layout)
        self.waiting += [Letter(_written(body), now, now) for body in bodies]
        due = [letter for letter in self.waiting if letter.due_at <= now]
        if self.together:
            outcomes = await asyncio.gather(*(self._send(http, letter) for letter in due))
        else:
            outcomes = [await self._send(http, letter) for letter in due]
        return sum(outcomes)

    async def handshake(self, http: httpx.AsyncClient) -> bool:
        """What Meta does when the address of a webhook is entered: does it know the token and echo the challenge?"""
        challenge = str(self._chance.randrange(10**8, 10**9))
        asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": self.verify_token}
        try:
            response = await http.get(self.address, params=asked)
        except httpx.HTTPError:
            return False
        return response.status_code == HTTPStatus.OK and response.text == challenge

    async def _send(self, http: httpx.AsyncClient, letter: Letter) -> bool:
        arrived = all(await asyncio.gather(*(self._post(http, letter.body) for _ in range(self.repeats))))
        now = self._clock()
        letter.tries += 1
        letter.due_at = now + timedelta(seconds=min(RETRY_FIRST_S * 2 ** (letter.tries - 1), RETRY_S_MAX))
        if arrived or now - letter.written_at > timedelta(days=RETRY_DAYS):
            self.waiting.remove(letter)
        return arrived

    async def _post(self, http: httpx.AsyncClient, body: bytes) -> bool:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            SIGNATURE: signature(self.app_secret, body),
        }
        try:
            response = await http.post(self.address, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return response.status_code == HTTPStatus.OK


def signature(app_secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def _written(body: Json) -> bytes:
    """Meta escapes slashes and everything beyond ASCII, so only the raw bytes can be verified."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()
