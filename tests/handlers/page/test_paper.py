"""A paper that a chat may not show is fetched from our own page, by whom the link was sent to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from msgspec.structs import replace

from bot.runtime.links import LIFE
from bot.settings import Settings
from tests.handlers.page.browsing import OpenBrowser, PageBrowser
from tests.paged import CHANNEL, PARTS, Chatter, with_paged
from tests.papering import OWNERS, PAPERING
from tests.world import World

SENDS_FILES = replace(CHANNEL, limits=replace(CHANNEL.limits, papers=True))
LETTER = "surat-pengantar.pdf"


@pytest.fixture
def sends_files() -> bool:
    return True


@pytest.fixture
async def world(settings: Settings, tmp_path: Path, sends_files: bool) -> AsyncIterator[World]:
    """A service with papers, and a chat that may not show them or can't."""
    channel = SENDS_FILES if sends_files else replace(CHANNEL, identity_in_chat=True)
    parts = replace(PAPERING, channels=(*PARTS.channels[:-1], channel))
    async with World(with_paged(settings), tmp_path, parts=parts) as made:
        yield made


@pytest.fixture
def letter_of_hasna() -> Iterator[None]:
    yield
    OWNERS["7001"] = {"hasna"}


@pytest.fixture
async def browser(hasna: Chatter, open_browser: OpenBrowser) -> PageBrowser:
    """Hasna's, at the link to her letter."""
    await hasna.says("berkas")
    await hasna.says("surat")
    return open_browser(await hasna.link())


async def fetched(browser: PageBrowser) -> tuple[int, bytes]:
    answer = await browser.http.get(f"{browser.link}/paper")
    return answer.status_code, answer.content


async def test_the_chat_is_told_where_it_is_and_asked_what_comes_next(hasna: Chatter, browser: PageBrowser) -> None:
    told = (await hasna.told())[-1].split("\n")

    assert told[0] == f"Berkas {LETTER} bisa diunduh di halaman Pemkab Soppeng ini:"
    assert browser.link in told[1]
    assert told[2:5] == [
        "Berlaku 30 menit. Kalau sulit, ketik petugas.", "Ini berkasnya.", "Mau berkas apa?",
    ]  # fmt: skip


async def test_who_goes_on_downloads_it(browser: PageBrowser) -> None:
    first = (await browser.looks()).text
    await browser.goes_on()

    assert "mengunduh berkas" in first
    assert LETTER not in first
    assert await browser.now() == {"stage": "paper", "paper": LETTER}
    answer = await browser.http.get(f"{browser.link}/paper")
    assert "Hasna" in pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert answer.headers["content-disposition"] == f'attachment; filename="{LETTER}"'
    assert answer.headers["cache-control"] == "private, no-store"
    asked = await browser.http.head(f"{browser.link}/paper")
    assert asked.headers["content-length"] == str(len(answer.content))


async def test_it_is_there_however_the_chat_goes_on(world: World, hasna: Chatter, browser: PageBrowser) -> None:
    for words in ("menu", "daftar", "1", "setuju", "menu"):
        await hasna.says(words)

    await browser.goes_on()

    assert (await browser.now())["stage"] == "paper"
    assert (await fetched(browser))[0] == 200


async def test_only_the_first_browser_gets_it_and_a_preview_gets_nothing(
    browser: PageBrowser, open_browser: OpenBrowser
) -> None:
    other = open_browser(browser.link)
    assert (await fetched(browser))[0] == (await fetched(other))[0] == 404

    await browser.goes_on()
    refused = await other.goes_on()

    assert (await fetched(browser))[0] == 200
    assert (await fetched(other))[0] == 404
    assert (refused.status_code, refused.json()["error"].split(".")[0]) == (410, "Tautan ini sudah dibuka di HP lain")


async def test_after_half_an_hour_it_is_asked_for_again(world: World, browser: PageBrowser) -> None:
    await browser.goes_on()
    world.clock.now += LIFE + timedelta(seconds=1)

    assert "Minta lagi berkasnya di chat" in (await browser.looks()).text
    assert (await fetched(browser))[0] == 404


async def test_what_is_gone_meanwhile_is_not_found(browser: PageBrowser, letter_of_hasna: None) -> None:
    await browser.goes_on()
    OWNERS["7001"] = set()

    assert (await fetched(browser))[0] == 404


async def test_nothing_can_be_answered_there(browser: PageBrowser) -> None:
    await browser.goes_on()

    assert (await browser.types("1", {"id": "1"})).status_code == 409


async def test_a_link_to_a_question_gives_no_paper(hasna: Chatter, open_browser: OpenBrowser) -> None:
    browser = open_browser(await hasna.asks_to_enrol())
    await browser.goes_on()

    assert (await fetched(browser))[0] == 404


async def test_a_link_cannot_be_made_into_one_for_a_paper(browser: PageBrowser, open_browser: OpenBrowser) -> None:
    path, _slash, token = browser.link.rpartition("/")

    assert (await open_browser(f"{path}/{token.removeprefix('p')}").looks()).status_code == 404


@pytest.mark.parametrize("sends_files", [False])
async def test_a_channel_that_sends_no_files_leads_there_too(hasna: Chatter, browser: PageBrowser) -> None:
    await browser.goes_on()

    assert (await fetched(browser))[0] == 200


@pytest.mark.parametrize("sends_files", [False])
async def test_without_a_public_address_it_says_that_it_cannot(world: World, hasna: Chatter) -> None:
    world.service.links._public = ""
    await hasna.says("berkas")
    await hasna.says("surat")

    told = (await hasna.told())[-1]
    assert told.startswith(f"Berkas {LETTER} tidak bisa dikirim di sini. Ketik petugas untuk memintanya.\nIni berkas")
