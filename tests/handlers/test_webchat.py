"""The web chat: what its page sends arrives once and as it was meant; nobody sees somebody else's chat."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import AsyncClient, Response

from bot.handlers import webchat_in
from bot.handlers.visitor import COOKIE
from bot.handlers.webchat import Pace, routes
from bot.handlers.webchat_out import stream
from bot.talk.heard import FromPerson, Pressed, Said, Shown, Unread
from tests.handlers.conftest import SETTINGS, OpenBrowser
from tests.handlers.house import BUTTONS, FIRST_ID, QUESTION, House
from tests.handlers.pictures import PDF, picture

HANDLERS = Path(webchat_in.__file__).parent


async def say(browser: AsyncClient, text: str, message_id: str = "m1") -> Response:
    return await browser.post("/chat/messages", json={"id": message_id, "text": text})


async def show(browser: AsyncClient, photo: bytes, message_id: str = "p1") -> Response:
    return await browser.post("/chat/photos", content=photo, headers={"X-Message-Id": message_id})


async def lines(browser: AsyncClient, after: int = 0) -> list[dict[str, Any]]:
    return list((await browser.get("/chat/lines", params={"after": after})).json()["lines"])


def heard(house: House) -> list[FromPerson]:
    return [arrival.heard for arrival in house.arrivals]


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


@pytest.mark.parametrize("address", ["/", "/chat/lines", "/chat/events", "/chat/photos/1", "/contoh", "/contoh/x.jpg"])
async def test_every_answer_is_private_and_safe(browser: AsyncClient, address: str) -> None:
    answer = await browser.get(address)

    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


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
        routes(house, house, house, msgspec.structs.replace(SETTINGS, cookie_secret=""))


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


# -- photos -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
async def test_a_photo_arrives_and_comes_back(browser: AsyncClient, house: House, kind: str, media_type: str) -> None:
    photo = picture(kind)

    answer = await show(browser, photo)
    mine = (await lines(browser))[0]
    back = await browser.get(mine["photo"])

    assert answer.json() == {"new": True}
    assert heard(house) == [Shown(0)]
    assert house.arrivals[0].photo == photo
    assert mine["photo"] == f"/chat/photos/{FIRST_ID}"
    assert (back.content, back.headers["content-type"]) == (photo, media_type)
    assert back.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (picture("GIF"), "animation"),
        (picture("GIF", frames=3), "animation"),
        (picture("PNG", frames=3), "animation"),
        (picture("WEBP", frames=3), "animation"),
        (PDF, "not-an-image"),
        (b"just words", "not-an-image"),
        (b"\x00", "not-an-image"),
        (b"RIFF\x00\x00\x00\x00WAVE", "not-an-image"),
    ],
)
async def test_what_is_no_photo_is_answered_in_the_chat(
    browser: AsyncClient, house: House, sent: bytes, expected: str
) -> None:
    answer = await show(browser, sent)

    assert answer.status_code == 200
    assert [getattr(heard, "kind", None) for heard in heard(house)] == [expected]
    assert house.arrivals[0].photo is None


async def test_an_animated_picture_that_hides_its_frames_deep_is_still_seen(browser: AsyncClient, house: House) -> None:
    still = picture("PNG")
    header = still[:33]  # signature and IHDR
    note = (5).to_bytes(4) + b"tEXt" + b"a\x00bcd" + b"\x00" * 4
    announced = (8).to_bytes(4) + b"acTL" + b"\x00" * 12

    await show(browser, header + note * 20 + announced + still[33:])

    assert heard(house) == [Unread("animation")]


async def test_an_empty_photo_is_refused(browser: AsyncClient, house: House) -> None:
    answer = await show(browser, b"")

    assert answer.status_code == 400
    assert answer.json()["error"] == "Fotonya kosong. Pilih foto lain."
    assert house.arrivals == []


@pytest.mark.parametrize("message_id", ["", "with space", "x" * 65])
async def test_a_photo_without_a_proper_id_is_refused(browser: AsyncClient, house: House, message_id: str) -> None:
    answer = await show(browser, picture("JPEG"), message_id)

    assert answer.status_code == 400
    assert house.arrivals == []


async def test_a_photo_at_the_limit_passes_and_a_larger_one_is_answered_in_the_chat(
    browser: AsyncClient, house: House
) -> None:
    photo = picture("JPEG")

    await show(browser, photo + b"\x00" * (50_000 - len(photo)), "p1")
    await show(browser, photo + b"\x00" * (50_001 - len(photo)), "p2")

    assert heard(house) == [Shown(0), Unread("photo-too-large")]


async def test_a_photo_without_end_is_neither_kept_nor_read_for_ever(browser: AsyncClient, house: House) -> None:
    pulled = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pulled
        while pulled < 1000:
            pulled += 1
            yield b"\xff\xd8\xff" + b"x" * 1_048_576

    answer = await browser.post("/chat/photos", content=endless(), headers={"X-Message-Id": "p1"})

    assert answer.status_code == 200
    assert heard(house) == [Unread("photo-too-large")]
    assert pulled <= webchat_in.DRAIN_BYTES_MAX / 1_048_576 + 1


async def test_a_photo_sent_again_counts_once(browser: AsyncClient, house: House) -> None:
    house.full = True
    refused = await show(browser, picture("JPEG"))
    house.full = False
    again = [(await show(browser, picture("JPEG"))).json() for _ in range(2)]

    assert refused.status_code == 503
    assert again == [{"new": True}, {"new": False}]


@pytest.mark.parametrize("photo", [str(FIRST_ID), "1", "9" * 40])
async def test_a_photo_of_another_chat_does_not_exist(open_browser: OpenBrowser, photo: str) -> None:
    owner, other = open_browser(), open_browser()
    await show(owner, picture("JPEG"))
    await say(other, "halo")

    assert (await owner.get(f"/chat/photos/{FIRST_ID}")).status_code == 200
    assert (await other.get(f"/chat/photos/{photo}")).status_code == 404
    assert (await open_browser().get(f"/chat/photos/{photo}")).status_code == 404


# -- lines ------------------------------------------------------------------------------------------------------


async def test_a_line_tells_the_page_all_it_needs(browser: AsyncClient) -> None:
    await say(browser, "mulai")

    mine, theirs = await lines(browser)

    assert mine == {
        "id": str(FIRST_ID),
        "at": "2026-11-21T14:05:00+08:00",
        "clock": "14.05",
        "day": "21 November 2026",
        "mine": True,
        "text": "mulai",
        "photo": None,
        "buttons": [],
        "wants": "nothing",
        "back": False,
    }
    assert theirs["id"] == str(FIRST_ID + 1)
    assert theirs["buttons"] == [{"label": button.label, "data": button.data} for button in BUTTONS]
    assert (theirs["mine"], theirs["wants"], theirs["back"]) == (False, "choice", True)


async def test_only_what_is_new_is_sent(browser: AsyncClient) -> None:
    await say(browser, "mulai", "m1")
    await say(browser, "menu", "m2")

    assert [line["text"] for line in await lines(browser, FIRST_ID + 1)] == ["menu", QUESTION]
    assert await lines(browser, FIRST_ID + 3) == []


async def test_a_new_visitor_has_no_lines(browser: AsyncClient) -> None:
    await browser.get("/")

    assert await lines(browser) == []


@pytest.mark.parametrize("after", ["-1", "x", "", "1.5", "9" * 19, "9" * 5000, "²"])
async def test_a_crooked_place_is_refused(browser: AsyncClient, after: str) -> None:
    assert (await browser.get("/chat/lines", params={"after": after})).status_code == 400


# -- the stream -------------------------------------------------------------------------------------------------


def events(answer: str) -> list[tuple[str, str]]:
    found = re.findall(r"^id: (\d+)\ndata: (.*)$", answer, flags=re.MULTILINE)
    assert all(json.loads(line)["id"] == number for number, line in found)
    return [(number, json.loads(line)["text"]) for number, line in found]


async def test_the_stream_tells_the_lines_and_ends_by_itself(browser: AsyncClient) -> None:
    await say(browser, "mulai")

    answer = await browser.get("/chat/events")

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 1000\n\n")
    assert events(answer.text) == [(str(FIRST_ID), "mulai"), (str(FIRST_ID + 1), QUESTION)]
    assert "\n\n:\n\n" in answer.text  # a sign of life


async def test_the_stream_goes_on_where_it_broke_off(browser: AsyncClient) -> None:
    await say(browser, "mulai")

    resumed = await browser.get("/chat/events?after=0", headers={"Last-Event-ID": str(FIRST_ID)})
    asked = await browser.get(f"/chat/events?after={FIRST_ID + 1}")
    crooked = await browser.get("/chat/events", headers={"Last-Event-ID": "x"})

    assert events(resumed.text) == [(str(FIRST_ID + 1), QUESTION)]
    assert events(asked.text) == []
    assert len(events(crooked.text)) == 2


async def test_without_a_chat_the_browser_is_told_not_to_come_back(browser: AsyncClient) -> None:
    assert (await browser.get("/chat/events")).status_code == 204


async def test_a_server_that_closes_opens_no_stream(open_browser: OpenBrowser) -> None:
    closing = asyncio.Event()
    browser = open_browser(msgspec.structs.replace(SETTINGS, closing=closing))
    await say(browser, "mulai")
    closing.set()

    assert (await browser.get("/chat/events")).status_code == 503


async def here() -> bool:
    return False


async def left() -> bool:
    return True


SLOW = Pace(beat=60, life=600)
"""Slower than any test: what ends early was ended by something else."""


async def test_a_new_line_is_told_at_once(house: House) -> None:
    told = stream(1, FIRST_ID, house, house, SLOW, asyncio.Event(), here)
    await anext(told)
    house.say(1, "lama")
    next_event = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0.01)

    house.say(1, "baru")

    assert b"baru" in await asyncio.wait_for(_until_event(told, next_event), 5)
    await told.aclose()


async def test_a_line_committed_while_the_lines_are_read_is_told_at_once(house: House) -> None:
    class Crowded(House):
        async def lines(self, chat: int, after: int, most: int) -> Any:
            read = await super().lines(chat, after, most)
            await asyncio.sleep(0)
            if not self.written:
                self.say(chat, "sekarang")
            return read

    crowded = Crowded()
    told = stream(1, 0, crowded, crowded, SLOW, asyncio.Event(), here)
    await anext(told)

    event = await asyncio.wait_for(_until_event(told, asyncio.ensure_future(anext(told))), 5)

    assert b"sekarang" in event
    await told.aclose()


async def test_a_stream_ends_when_the_server_closes(house: House) -> None:
    closing = asyncio.Event()
    reading = asyncio.ensure_future(_all(stream(1, 0, house, house, SLOW, closing, here)))
    await asyncio.sleep(0.01)

    closing.set()

    await asyncio.wait_for(reading, 5)


async def test_a_stream_ends_when_the_browser_is_gone(house: House) -> None:
    assert await _all(stream(1, 0, house, house, SLOW, asyncio.Event(), left)) == [b"retry: 1000\n\n"]
    assert house.waited == []


async def _until_event(told: AsyncIterator[bytes], first: asyncio.Future[bytes]) -> bytes:
    event = await first
    while not event.startswith(b"id: "):
        event = await anext(told)
    return event


async def _all(told: AsyncIterator[bytes]) -> list[bytes]:
    return [event async for event in told]


# -- the sample photos ------------------------------------------------------------------------------------------


async def test_the_samples_can_be_seen_and_fetched(browser: AsyncClient) -> None:
    page, chat = await browser.get("/contoh"), await browser.get("/")
    photo = await browser.get("/contoh/hasna.jpg")

    assert "Hasna, foto jelas" in page.text
    assert 'data-name="hasna.jpg"' in chat.text
    assert photo.headers["content-type"] == "image/jpeg"
    assert photo.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("name", ["truth.jsonl", "nobody.jpg", "..%2Fsamples%2Fhasna.jpg", "..%2f..%2fdraw.py"])
async def test_only_a_listed_photo_is_a_sample(browser: AsyncClient, name: str) -> None:
    assert (await browser.get(f"/contoh/{name}")).status_code == 404


async def test_without_samples_nothing_of_them_is_there(open_browser: OpenBrowser) -> None:
    browser = open_browser(msgspec.structs.replace(SETTINGS, samples=None))

    assert (await browser.get("/contoh")).status_code == 404
    assert "contoh" not in (await browser.get("/")).text


# -- what is told to nobody -------------------------------------------------------------------------------------


async def test_nothing_personal_is_logged(browser: AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await say(browser, "nama saya Hasna", "m1")
        await browser.post("/chat/messages", content=b'{"id": 1, "text": "nama saya Hasna"}')
        await show(browser, picture("JPEG"))

    told = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "asyncio"))]
    assert told == []
