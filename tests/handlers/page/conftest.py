"""A service with a chat in which no NIK may be asked for, and browsers at the links that it sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.handlers.page.browsing import OpenBrowser, PageBrowser
from tests.paged import PARTS, Chatter, with_paged
from tests.world import Readings, World


class Cutting(Readings):
    """Cuts out words; the real scissors are tests/ocr/test_crop.py's."""

    async def cut(self, photo: bytes, box: tuple[int, int, int, int], turn: int) -> bytes | None:
        return b"%d bytes, %r" % (len(photo), box)


@pytest.fixture
async def world(settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    async with World(with_paged(settings), tmp_path, parts=PARTS, reader=Cutting()) as made:
        yield made


@pytest.fixture
async def open_browser(world: World) -> AsyncIterator[OpenBrowser]:
    """A new browser without cookies, at a link."""
    async with AsyncExitStack() as stack:

        def open_one(link: str) -> PageBrowser:
            browser = PageBrowser(world.service, link)
            stack.push_async_callback(browser.http.aclose)
            return browser

        yield open_one


@pytest.fixture
def hasna(world: World) -> Chatter:
    return Chatter(world.service)


@pytest.fixture
async def browser(hasna: Chatter, open_browser: OpenBrowser) -> PageBrowser:
    """Hasna's, at the link in her chat."""
    return open_browser(await hasna.asks_to_enrol())
