"""What a browser does on our own page, in a word each, without its script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from httpx import ASGITransport, AsyncClient, Response

from bot.app import Service
from tests.ktp.samples import FOLDER
from tests.paged import PUBLIC
from tests.world import World

HASNA = (FOLDER / "hasna.jpg").read_bytes()
NIK = "7312 0252 0579 9901"
ASKS_PHOTO = "Kirim foto KTP."


class PageBrowser:
    """One browser at one link. `came`: the number of answers it has sent."""

    def __init__(self, service: Service, link: str) -> None:
        self.link, self.came = link, 0
        self.http = AsyncClient(
            transport=ASGITransport(service.app()), base_url=PUBLIC, headers={"X-Siaga": "1"}, timeout=30
        )

    async def looks(self) -> Response:
        return await self.http.get(self.link)

    async def goes_on(self) -> Response:
        return await self.http.post(f"{self.link}/open")

    async def now(self, besides: str = "0") -> dict[str, Any]:
        """What is open, once it is something else than the question `besides`."""
        answer = await self.http.get(f"{self.link}/now", params={"besides": besides})
        return dict(answer.json()) | ({} if answer.is_success else {"status": answer.status_code})

    async def shows(self, photo: bytes, question: dict[str, Any], message_id: str = "") -> Response:
        headers = {"X-Message-Id": message_id or self._next_id()}
        return await self.http.post(
            f"{self.link}/photos", params={"of": question["id"]}, content=photo, headers=headers
        )

    async def types(self, words: str, question: dict[str, Any], message_id: str = "") -> Response:
        return await self._answers(question, {"id": message_id or self._next_id(), "text": words})

    async def taps(self, label: str, question: dict[str, Any], message_id: str = "") -> Response:
        option = next(option for option in question["options"] if option["words"] == label)
        pressed = {"data": option["data"], "label": option["label"]}
        return await self._answers(question, {"id": message_id or self._next_id(), **pressed})

    async def picture(self, question: dict[str, Any]) -> Response:
        return await self.http.get(f"{self.link}/picture", params={"of": question["id"]})

    def waits(self, question: dict[str, Any]) -> asyncio.Task[dict[str, Any]]:
        """Listens for what comes after this question."""
        return asyncio.create_task(self.now(question["id"]))

    async def _answers(self, question: dict[str, Any], body: dict[str, str]) -> Response:
        return await self.http.post(f"{self.link}/messages", params={"of": question["id"]}, json=body)

    def _next_id(self) -> str:
        self.came += 1
        return f"n{self.came}"


OpenBrowser = Callable[[str], PageBrowser]


async def read_card(world: World, browser: PageBrowser, photo: bytes = HASNA) -> dict[str, object]:
    """From the link to the question that shows the NIK."""
    await browser.goes_on()
    question = await browser.now()
    await browser.shows(photo, question)
    await world.settle()
    return await browser.now(question["id"])
