"""The post of a sandbox: sends the stored events as signed webhooks until they are answered 2xx, a few times at most.

Invariant: an event keeps its id and body however often it is sent; only timestamp and nonce are new.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import httpx

from gateway.sandbox.store import Store
from gateway.signing import signed_headers

TIMEOUT_S = 5.0
TICK_S = 0.2


class Post:
    """`address` is where the webhooks go, `target` the word that is signed in its place."""

    def __init__(
        self,
        store: Store,
        *,
        address: str,
        target: str,
        secret: str,
        clock: Callable[[], datetime],
        nonce: Callable[[], str],
    ) -> None:
        self._store = store
        self._address = address
        self._target = target
        self._secret = secret
        self._clock = clock
        self._nonce = nonce

    async def work(self, decide_due: Callable[[datetime], None], tick_s: float = TICK_S) -> None:
        """For ever: decide what is due, send what is due."""
        needs_certificates = self._address.startswith("https:")
        async with httpx.AsyncClient(timeout=TIMEOUT_S, verify=needs_certificates) as http:
            while True:
                await self.deliver(http, decide_due)
                await asyncio.sleep(tick_s)

    async def deliver(self, http: httpx.AsyncClient, decide_due: Callable[[datetime], None]) -> None:
        """Once: decide what is due, send what is due. Nothing during an outage drill."""
        if self._store.down():
            return
        decide_due(self._clock())
        for event_id, body in self._store.due_events(self._clock()):
            delivered = await self._send(http, body.encode())
            self._store.event_sent(event_id, self._clock(), delivered=delivered)

    async def _send(self, http: httpx.AsyncClient, body: bytes) -> bool:
        headers = signed_headers(self._secret, "POST", self._target, body, now=self._clock(), nonce=self._nonce())
        try:
            response = await http.post(
                self._address, content=body, headers={**headers, "Content-Type": "application/json"}
            )
        except httpx.HTTPError:
            return False
        return response.is_success
