"""Only who opened a link first sees and answers; everybody else, and every other site, learns nothing."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.handlers.page_browser import COOKIE
from bot.runtime.links import LIFE
from bot.settings import Settings
from tests.handlers.page.browsing import ASKS_PHOTO, HASNA, NIK, OpenBrowser, PageBrowser, read_card
from tests.paged import PARTS, Chatter, with_paged
from tests.world import World

GONE = "Tautan ini sudah dibuka di HP lain."


# -- whose link it is -------------------------------------------------------------------------------------------


async def test_a_preview_uses_nothing_up_and_sees_nothing(browser: PageBrowser, open_browser: OpenBrowser) -> None:
    for _time in range(3):
        preview = await open_browser(browser.link).looks()
        assert preview.status_code == 200
        assert ASKS_PHOTO not in preview.text

    assert (await browser.now())["status"] == 403
    assert (await browser.goes_on()).status_code == 200
    assert (await browser.now())["stage"] == "question"


async def test_only_the_first_browser_sees_and_answers(
    world: World, hasna: Chatter, browser: PageBrowser, open_browser: OpenBrowser
) -> None:
    other = open_browser(browser.link)
    await other.looks()
    question = await read_card(world, browser)
    before = len(await hasna.lines())

    answers = [
        await other.looks(), await other.goes_on(), await other.http.get(f"{other.link}/now"),
        await other.types("1", question), await other.shows(HASNA, question),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [410] * 5
    assert all(GONE in answer.text and NIK not in answer.text for answer in answers)
    assert (await other.picture(question)).status_code == 404
    assert len(await hasna.lines()) == before
    assert await browser.now() == question


async def test_two_browsers_at_the_same_moment_are_one_that_opens(
    browser: PageBrowser, open_browser: OpenBrowser
) -> None:
    others = [open_browser(browser.link) for _other in range(4)]

    answers = await asyncio.gather(*(one.goes_on() for one in (browser, *others)))

    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410, 410]


async def test_an_answer_that_is_lost_on_the_way_locks_nobody_out(browser: PageBrowser) -> None:
    await browser.looks()
    cookies = dict(browser.http.cookies)
    await browser.goes_on()

    assert dict(browser.http.cookies) == cookies
    assert (await browser.goes_on()).status_code == 200
    assert 'data-open="yes"' in (await browser.looks()).text


async def test_a_link_opens_no_other_chat(world: World, browser: PageBrowser, open_browser: OpenBrowser) -> None:
    baco = Chatter(world.service, "baco")
    his = open_browser(await baco.asks_to_enrol())
    await his.goes_on()
    question = await read_card(world, browser)
    before = await baco.lines()

    assert (await his.now())["words"].startswith(ASKS_PHOTO)
    assert (await his.types("1", question)).status_code == 409
    assert (await his.picture(question)).status_code == 404
    his.http.cookies.set(COOKIE, browser.http.cookies[COOKIE], "siaga.test", his.link)
    assert (await his.now())["status"] == 410
    assert await baco.lines() == before


async def test_after_half_an_hour_a_link_is_too_old(world: World, hasna: Chatter, browser: PageBrowser) -> None:
    await browser.goes_on()
    question = await browser.now()
    world.clock.now += LIFE + timedelta(seconds=1)

    assert (await browser.looks()).status_code == 410
    assert "sudah habis waktunya" in (await browser.looks()).text
    assert (await browser.types("1", question)).status_code == 410
    assert (await browser.now())["status"] == 410
    await hasna.says("halo")
    browser.link = await hasna.link()
    assert (await browser.goes_on()).status_code == 200


async def test_a_guesser_learns_nothing(world: World, browser: PageBrowser, open_browser: OpenBrowser) -> None:
    number, _dot, signature = browser.link.removeprefix("/b/").partition(".")
    never_made = world.service.links._signer.sign("7f").decode()
    guesses = [f"{int(number, 16) + 1:x}.{signature}", f"{number}.{signature[::-1]}", number, "x", "%C3%A9", never_made]

    answers = [await open_browser(f"/b/{guess}").looks() for guess in guesses]
    opened = [await open_browser(f"/b/{guess}").goes_on() for guess in guesses]

    assert {answer.status_code for answer in answers + opened} == {404}
    assert len({answer.text for answer in answers}) == len({answer.text for answer in opened}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers + opened)


@pytest.mark.parametrize("secure", [False, True])
async def test_the_cookie_is_out_of_reach_and_only_for_its_link(
    settings: Settings, tmp_path: Path, secure: bool
) -> None:
    paged = with_paged(settings)
    paged = paged.model_copy(update={"web": paged.web.model_copy(update={"secure_cookie": secure})})
    async with World(paged, tmp_path, parts=PARTS) as world:
        browser = PageBrowser(world.service, await Chatter(world.service).asks_to_enrol())
        cookie = (await browser.looks()).headers["set-cookie"]
        await browser.http.aclose()

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert f"Path={browser.link};" in cookie
    assert ("Secure" in cookie) == secure


# -- who may ask ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{"X-Siaga": ""}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.test"}, {"Origin": "null"}]
)
async def test_another_site_can_send_nothing(browser: PageBrowser, headers: dict[str, str]) -> None:
    await browser.goes_on()
    posts = [
        await browser.http.post(browser.link + path, headers=headers) for path in ("/open", "/messages", "/photos")
    ]
    look = await browser.http.get(f"{browser.link}/now", headers=headers)

    assert [answer.status_code for answer in (*posts, look)] == [403] * 4


async def test_every_answer_is_private_and_safe(browser: PageBrowser, open_browser: OpenBrowser) -> None:
    await browser.goes_on()
    paths = ("", "/now", "/picture?of=1")
    answers = [await browser.http.get(browser.link + path) for path in paths]
    answers += [await open_browser(link).looks() for link in (browser.link, "/b/x")]
    answers += [await browser.types("", {"id": "1"})]

    for answer in answers:
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_the_page_runs_only_our_own_script(browser: PageBrowser) -> None:
    page = (await browser.looks()).text

    assert not re.search(r"<script(?! src)| style=| on\w+=", page)
    for address in re.findall(r'(?:src|href)="(/[^"#]*)', page):
        assert (await browser.http.get(address)).status_code == 200, address


async def test_nothing_of_it_is_logged(world: World, browser: PageBrowser, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), capture_logs() as logged:
        read = await read_card(world, browser)
        await browser.taps("Benar", read)
        await browser.types("nama saya Hasna", {"id": "1"})

    told = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "asyncio"))]
    token = browser.link.removeprefix("/b/")
    assert logged
    assert not any(word in line for line in [*told, str(logged)] for word in (token, "7312", "Hasna"))
