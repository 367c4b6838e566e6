"""Browsers that talk to the web chat's own routes, in process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from bot.handlers.webchat import Pace, WebchatSettings, routes
from tests.handlers.house import House

SETTINGS = WebchatSettings(
    cookie_secret="a secret of the tests",
    photo_bytes_max=50_000,
    text_chars_max=200,
    secure_cookie=False,
    office_name="Pemkab Soppeng",
    office_phone="0484-000000",
    samples=Path(__file__).parents[1] / "ktp" / "samples",
    pace=Pace(beat=0.02, life=0.05),
)

OpenBrowser = Callable[..., AsyncClient]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def open_browser(house: House) -> AsyncIterator[OpenBrowser]:
    """A new browser without cookies, on the page of our own office."""
    async with AsyncExitStack() as stack:
        opened: list[AsyncClient] = []

        def open_one(settings: WebchatSettings | None = None) -> AsyncClient:
            settings = settings or msgspec.structs.replace(SETTINGS, closing=asyncio.Event())
            app = Starlette(routes=routes(house, house, house, house.cut, house.make, settings))
            browser = AsyncClient(transport=ASGITransport(app), base_url="http://siaga.test", headers={"X-Siaga": "1"})
            opened.append(browser)
            stack.push_async_callback(browser.aclose)
            return browser

        yield open_one


@pytest.fixture
def browser(open_browser: OpenBrowser) -> AsyncClient:
    return open_browser()
