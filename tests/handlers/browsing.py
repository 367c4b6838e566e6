"""What a browser of the web chat does, in a word each."""

from __future__ import annotations

from typing import Any

from httpx import AsyncClient, Response

from bot.talk.heard import FromPerson
from tests.handlers.house import House


async def say(browser: AsyncClient, text: str, message_id: str = "m1") -> Response:
    return await browser.post("/chat/messages", json={"id": message_id, "text": text})


async def show(browser: AsyncClient, photo: bytes, message_id: str = "p1") -> Response:
    return await browser.post("/chat/photos", content=photo, headers={"X-Message-Id": message_id})


async def lines(browser: AsyncClient, after: int = 0) -> list[dict[str, Any]]:
    return list((await browser.get("/chat/lines", params={"after": after})).json()["lines"])


def heard(house: House) -> list[FromPerson]:
    return [arrival.heard for arrival in house.arrivals]
