"""The imitated bank calls the office: asks what a bill is, tells that it was paid, until it has an answer.

Invariant: a payment keeps its id however often it is told; a try that was not answered is repeated as an advice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import msgspec

from gateway import snap
from gateway.payments import GRANT, Terms, external_id
from gateway.sandbox.bank_books import Books, amount_of
from gateway.snap import Service

TIMEOUT_S = 5.0
TICK_S = 0.2


class Post:
    """`terms`: how the bank signs towards the office, which serves at `office_url`."""

    def __init__(
        self, books: Books, terms: Terms, *, office_url: str, clock: Callable[[], datetime]
    ) -> None:  # fmt: skip
        self._books, self._terms, self._clock = books, terms, clock
        self._office_url = office_url.rstrip("/")
        self._token = ""

    async def work(self, tick_s: float = TICK_S) -> None:
        """For ever: tell what is due."""
        needs_certificates = self._office_url.startswith("https:")
        async with httpx.AsyncClient(timeout=TIMEOUT_S, verify=needs_certificates) as http:
            while True:
                await self.deliver(http)
                await asyncio.sleep(tick_s)

    async def deliver(self, http: httpx.AsyncClient) -> None:
        """Once: tell what is due. Nothing during an outage drill."""
        if self._books.down():
            return
        for event_id, body in self._books.due_events(self._clock()):
            call = json.loads(body)["call"]
            code = await self._told(http, event_id, call)
            if code is not None:
                self._books.ended(event_id, call, code)
            self._books.event_sent(event_id, self._clock(), delivered=code is not None)

    async def _told(self, http: httpx.AsyncClient, event_id: str, call: dict[str, Any]) -> str | None:
        """The office's response code; None: no answer, or none that ends it."""
        if call["kind"] == "qris":
            return await self._asked(http, "52", snap.QR_NOTIFY_PATH, _notice(call), event_id)
        if not call["again"]:
            code = await self._asked(http, "24", snap.INQUIRY_PATH, _inquiry(call), event_id)
            if code != "2002400":
                return code
        return await self._asked(http, "25", snap.PAYMENT_PATH, _payment(call), event_id)

    async def _asked(
        self, http: httpx.AsyncClient, service: Service, path: str, fields: dict[str, Any], key: str
    ) -> str | None:
        for _turn in range(2):  # a second time with a new token
            self._token = self._token or await self._new_token(http)
            code = await self._once(http, service, path, fields, key)
            if code != f"401{service}01":
                return code
            self._token = ""
        return None

    async def _once(
        self, http: httpx.AsyncClient, service: Service, path: str, fields: dict[str, Any], key: str
    ) -> str | None:
        body, at, terms = msgspec.json.encode(fields), snap.timestamp(self._clock()), self._terms
        signature = snap.sign_symmetric(terms.secret, "POST", path, self._token, body, at)
        headers = {
            snap.AUTHORIZATION: f"Bearer {self._token}", snap.TIMESTAMP: at, snap.SIGNATURE: signature,
            snap.PARTNER_ID: terms.partner_id, snap.EXTERNAL_ID: external_id(service, key),
            snap.CHANNEL_ID: terms.channel_id, "Content-Type": "application/json",
        }  # fmt: skip
        return str((await self._post(http, path, body, headers)).get("responseCode", "")) or None

    async def _new_token(self, http: httpx.AsyncClient) -> str:
        at, terms = snap.timestamp(self._clock()), self._terms
        signature = snap.sign_token(terms.key, terms.client_id, at)
        headers = {snap.CLIENT_KEY: terms.client_id, snap.TIMESTAMP: at, snap.SIGNATURE: signature}
        return str((await self._post(http, snap.TOKEN_PATH, GRANT, headers)).get("accessToken", ""))

    async def _post(self, http: httpx.AsyncClient, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """What was answered; nothing, if it was no answer of the standard or one that asks for patience."""
        try:
            response = await http.post(self._office_url + path, content=body, headers=headers)
            answer = response.json() if response.status_code < 500 and response.status_code != 429 else {}
        except (httpx.HTTPError, ValueError):
            return {}
        return answer if isinstance(answer, dict) else {}


def _account(call: dict[str, Any]) -> dict[str, Any]:
    return {name: call["account"][name] for name in ("partnerServiceId", "customerNo", "virtualAccountNo")}


def _inquiry(call: dict[str, Any]) -> dict[str, Any]:
    return {**_account(call), "inquiryRequestId": f"I{call['request']}"}


def _payment(call: dict[str, Any]) -> dict[str, Any]:
    return {
        **_account(call), "paymentRequestId": call["request"], "paidAmount": amount_of(call),
        "totalAmount": amount_of(call), "trxDateTime": call["at"], "referenceNo": call["reference"],
        "flagAdvise": "Y" if call["again"] else "N",
    }  # fmt: skip


def _notice(call: dict[str, Any]) -> dict[str, Any]:
    return {
        "originalReferenceNo": call["request"], "originalPartnerReferenceNo": call["number"],
        "latestTransactionStatus": "00", "transactionStatusDesc": "success", "amount": amount_of(call),
        "additionalInfo": {"paidTime": call["at"]},
    }  # fmt: skip
