"""Papers in Chromium: a card of the chat and our own page hand them over as files."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2
import pytest
import uvicorn
from msgspec import Struct
from msgspec.structs import replace
from playwright.async_api import Locator, Page, async_playwright, expect

from bot.settings import Settings
from tests.browser.conftest import CHROMIUM, PHONE, QUIET
from tests.handlers.page.test_paper import SENDS_FILES
from tests.paged import PARTS, Chatter, with_paged
from tests.papering import LETTER, OWNERS, PAPERING
from tests.world import World

ANSWER_MS = 20_000


class Scene(Struct):
    """A small phone before a service that hands over papers."""

    world: World
    url: str
    page: Page
    troubles: list[str]


@pytest.fixture
async def scene(settings: Settings, tmp_path: Path) -> AsyncIterator[Scene]:
    parts = replace(PAPERING, channels=(*PARTS.channels[:-1], SENDS_FILES))
    async with World(with_paged(settings), tmp_path, parts=parts) as world, async_playwright() as playwright:
        with socket.create_server(("127.0.0.1", 0)) as bound:
            server = uvicorn.Server(uvicorn.Config(world.service.app(), log_config=None, lifespan="off"))
            serving = asyncio.create_task(server.serve([bound]))
            chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET, headless=True)
            page = await chromium.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
            made = Scene(world, f"http://127.0.0.1:{bound.getsockname()[1]}", page, [])
            page.on("pageerror", lambda error: made.troubles.append(str(error)))
            yield made
            await chromium.close()
            world.service.closing.set()
            server.should_exit = True
            await serving
        assert made.troubles == []


async def downloaded(page: Page, link: Locator) -> tuple[str, bytes]:
    """A tap on it; the name and the bytes of the file."""
    async with page.expect_download() as coming:
        await link.click()
    file = await coming.value
    return file.suggested_filename, (await file.path()).read_bytes()


async def test_a_card_of_the_chat_downloads_the_letter_and_a_code_is_shown(scene: Scene, tmp_path: Path) -> None:
    page = scene.page
    await page.goto(scene.url)
    await page.fill("#text", "berkas")
    await page.click("#send")
    newest = page.locator(".bubble.bot.newest")
    await expect(newest).to_contain_text("Mau berkas apa?", timeout=ANSWER_MS)
    cookie = next(one for one in await page.context.cookies() if one["name"] == "siaga_chat")
    OWNERS[LETTER.of].add(cookie["value"].rpartition(".")[0])

    await newest.get_by_role("button", name="Surat").click()
    card = page.locator(".newest .paper")
    await expect(card).to_contain_text("kB", timeout=ANSWER_MS)
    name, content = await downloaded(page, card)
    await page.screenshot(path=tmp_path / "letter.png")
    await newest.get_by_role("button", name="Kode").click()
    code = page.locator(".newest img.whole")
    await expect(code).to_be_visible(timeout=ANSWER_MS)
    await page.screenshot(path=tmp_path / "code.png")
    await newest.get_by_role("button", name="Milik orang").click()
    await expect(newest).to_contain_text("surat-pengantar.pdf: berkas ini sudah tidak ada.", timeout=ANSWER_MS)

    assert name == "surat-pengantar.pdf"
    assert "Hasna" in pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


async def test_our_page_downloads_it_for_a_chat_that_may_not_show_it(scene: Scene, tmp_path: Path) -> None:
    hasna = Chatter(scene.world.service)
    await hasna.says("berkas")
    await hasna.says("surat")
    page = scene.page
    await page.goto(scene.url + await hasna.link())
    await page.screenshot(path=tmp_path / "begin.png")
    await page.click("#go")
    await expect(page.locator("#paper-size")).to_contain_text("kB", timeout=ANSWER_MS)
    await page.screenshot(path=tmp_path / "paper.png")

    name, content = await downloaded(page, page.locator("#download"))

    assert name == "surat-pengantar.pdf"
    assert content.startswith(b"%PDF-")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
