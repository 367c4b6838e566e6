"""The web chat: what its page sends arrives once and as it was meant; nobody sees somebody else's chat."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from httpx import AsyncClient

from bot.handlers import webchat_in
from bot.handlers.visitor import COOKIE
from bot.handlers.webchat import routes
from bot.talk.heard import Pressed, Said, Unread
from tests.handlers.browsing import heard, lines, say, show
from tests.handlers.conftest import SETTINGS, OpenBrowser
from tests.handlers.house import QUESTION, House
from tests.handlers.pictures import picture

HANDLERS = Path(webchat_in.__file__).parent


# -- the page and the visitor -----------------------------------------------------------------------------------


async def test_the_page_can_be_used_without_a_mouse_and_runs_only_our_own_script(browser: AsyncClient) -> None:
    answer = await browser.get("/")

    assert answer.status_code == 200
    assert "Siaga · Pemkab Soppeng" in answer.text
    assert '<html lang="id">' in answer.text
    assert 'role="log"' in answer.text
    assert '<label for="text"' in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?! src)| style=| on\w+=", answer.text)


async def test_the_script_is_es5_and_never_writes_html() -> None:
    script = (HANDLERS / "static" / "chat.js").read_text()
    code = re.sub(r"/\*.*?\*/", "", script, flags=re.DOTALL)

    assert not re.search(r"=>|`|\b(?:let|const|class|async|await|fetch|Promise)\b", code)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)


async def test_every_address_the_page_names_exists(browser: AsyncClient) -> None:
    page = (await browser.get("/")).text

    for address in re.findall(r'(?:src|href)="(/[^"#]*)', page):
        answer = await browser.get(address)
        assert answer.status_code == 200, address
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "address", ["/", "/chat/lines", "/chat/events", "/chat/photos/1", "/chat/crops/1", "/contoh", "/contoh/x.jpg"]
)
async def test_every_answer_is_private_and_safe(browser: AsyncClient, address: str) -> None:
    answer = await browser.get(address)

    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_one_other_site_may_show_the_page_if_the_operator_says_so(open_browser: OpenBrowser) -> None:
    office = "https://www.soppeng.test"
    browser = open_browser(msgspec.structs.replace(SETTINGS, framed_by=office))
    page, other = await browser.get("/"), await browser.get("/contoh")

    assert page.headers["content-security-policy"].endswith(f"frame-ancestors {office}")
    assert "x-frame-options" not in page.headers
    assert other.headers["x-frame-options"] == "DENY"


async def test_the_cookie_is_out_of_reach_of_scripts_and_lasts(open_browser: OpenBrowser) -> None:
    plain = (await open_browser().get("/")).headers["set-cookie"]
    secure = (await open_browser(msgspec.structs.replace(SETTINGS, secure_cookie=True)).get("/")).headers["set-cookie"]

    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    assert f"Max-Age={400 * 24 * 3600}" in plain
    assert "Secure" not in plain
    assert "Secure" in secure


async def test_a_reload_keeps_the_visitor(browser: AsyncClient, house: House) -> None:
    await browser.get("/")
    await say(browser, "mulai", "m1")
    await browser.get("/")
    await say(browser, "menu", "m2")

    assert len({arrival.address for arrival in house.arrivals}) == 1
    assert {(arrival.channel, arrival.account) for arrival in house.arrivals} == {("web", "main")}


async def test_without_a_cookie_a_message_starts_a_chat_and_is_remembered(browser: AsyncClient, house: House) -> None:
    await say(browser, "mulai")

    assert COOKIE in browser.cookies
    assert [line["text"] for line in await lines(browser)] == ["mulai", QUESTION]


async def test_a_forged_cookie_opens_nothing_and_starts_a_new_chat(open_browser: OpenBrowser, house: House) -> None:
    victim, thief = open_browser(), open_browser()
    await say(victim, "rahasia")
    thief.cookies.set(COOKIE, f"{house.arrivals[0].address}.AAAAAAAAAAAAAAAAAAAAAAAAAAA", "siaga.test")

    assert await lines(thief) == []
    await say(thief, "halo", "m2")
    assert house.arrivals[1].address != house.arrivals[0].address


async def test_a_chat_without_a_secret_is_a_mistake_of_ours(house: House) -> None:
    with pytest.raises(ValueError, match="secret"):
        routes(house, house, house, house.cut, house.make, msgspec.structs.replace(SETTINGS, cookie_secret=""))


# -- messages ---------------------------------------------------------------------------------------------------


async def test_words_arrive(browser: AsyncClient, house: House) -> None:
    answer = await say(browser, "  Saya mau daftar\r\nuntuk ibu\x00 saya ")

    assert answer.json() == {"new": True}
    assert heard(house) == [Said("Saya mau daftar\nuntuk ibu saya")]


async def test_a_button_arrives_with_what_the_person_saw(browser: AsyncClient, house: House) -> None:
    body = {"id": "m1", "data": "1.ab.self", "label": "Saya sendiri"}

    answer = await browser.post("/chat/messages", json=body)

    assert answer.json() == {"new": True}
    assert heard(house) == [Pressed("1.ab.self", "Saya sendiri")]


async def test_a_repeat_changes_nothing(browser: AsyncClient, house: House) -> None:
    first, second = await say(browser, "1", "same"), await say(browser, "1", "same")

    assert (first.json(), second.json()) == ({"new": True}, {"new": False})
    assert len(house.arrivals) == 1


async def test_the_same_words_twice_are_two_answers(browser: AsyncClient, house: House) -> None:
    await say(browser, "1", "m1")
    await say(browser, "1", "m2")

    assert heard(house) == [Said("1"), Said("1")]


async def test_nobody_can_use_up_the_ids_of_somebody_else(open_browser: OpenBrowser, house: House) -> None:
    await say(open_browser(), "halo", "same")
    answer = await say(open_browser(), "halo", "same")

    assert answer.json() == {"new": True}


async def test_what_was_not_stored_is_to_be_sent_again(browser: AsyncClient, house: House) -> None:
    house.full = True
    refused = await say(browser, "mulai", "m1")
    house.full = False
    again = await say(browser, "mulai", "m1")

    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "3"
    assert again.json() == {"new": True}


async def test_a_text_over_the_limit_is_answered_in_the_chat(browser: AsyncClient, house: House) -> None:
    answers = [await say(browser, "a" * 200, "m1"), await say(browser, "a" * 201, "m2")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert heard(house) == [Said("a" * 200), Unread("too-long")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"text": "without id"}',
        b'{"id": "m1"}',
        b'{"id": "", "text": "halo"}',
        b'{"id": "with space", "text": "halo"}',
        b'{"id": "m1", "text": 7}',
        b'{"id": "m1", "text": "   "}',
        b'{"id": "m1", "text": "\xff"}',
        b'{"id": "m1", "text": "a", "data": "1.ab.c"}',
        b'{"id": "m1", "text": "a", "unknown": 1}',
        b'{"id": "m1", "data": ""}',
        b'{"id": "%s", "text": "halo"}' % (b"x" * 65),
        b'{"id": "m1", "data": "%s"}' % (b"x" * 65),
        b'{"id": "m1", "data": "1.ab.c", "label": "%s"}' % (b"x" * 41),
    ],
)
async def test_nonsense_is_refused_in_kind_words(browser: AsyncClient, house: House, body: bytes) -> None:
    answer = await browser.post("/chat/messages", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert house.arrivals == []


async def test_a_body_over_the_limit_is_not_read_to_its_end(browser: AsyncClient, house: House) -> None:
    pulled = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pulled
        while pulled < 1000:
            pulled += 1
            yield b"x" * 65536

    answer = await browser.post("/chat/messages", content=endless())

    assert answer.status_code == 413
    assert pulled < 5
    assert house.arrivals == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Siaga": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://siaga.test"},
    ],
)
@pytest.mark.parametrize("address", ["/chat/messages", "/chat/photos"])
async def test_another_site_can_send_nothing(
    browser: AsyncClient, house: House, address: str, headers: dict[str, str]
) -> None:
    answer = await browser.post(address, content=b'{"id": "m1", "text": "halo"}', headers=headers)

    assert answer.status_code == 403
    assert house.arrivals == []


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://siaga.test"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_own_page_can_whatever_the_age_of_the_browser(browser: AsyncClient, headers: dict[str, str]) -> None:
    answer = await browser.post("/chat/messages", json={"id": "m1", "text": "halo"}, headers=headers)

    assert answer.status_code == 200


# -- what is told to nobody -------------------------------------------------------------------------------------


async def test_nothing_personal_is_logged(browser: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await say(browser, "nama saya Hasna", "m1")
        await browser.post("/chat/messages", content=b'{"id": 1, "text": "nama saya Hasna"}')
        await show(browser, picture("JPEG"))

    told = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "asyncio"))]
    assert told == []
