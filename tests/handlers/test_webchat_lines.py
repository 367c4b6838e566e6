"""What the page of the web chat is told: every line once, as soon as it is committed, over every break."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from httpx import AsyncClient

from bot.handlers.webchat import Pace
from bot.handlers.webchat_out import LINES_MAX, stream
from tests.handlers.browsing import lines, say
from tests.handlers.conftest import SETTINGS, OpenBrowser
from tests.handlers.house import BUTTONS, FIRST_ID, QUESTION, House

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
        "picture": None,
        "buttons": [],
        "wants": "nothing",
        "back": False,
        "paper": None,
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


async def test_a_line_committed_after_one_that_was_made_later_is_told(house: House) -> None:
    early, late = house.say(1, "satu"), house.say(1, "dua")
    house.written[1] = [late]
    told = stream(1, 0, house, house, SLOW, asyncio.Event(), here)
    await anext(told)
    assert b"dua" in await anext(told)
    next_event = asyncio.ensure_future(anext(told))
    await asyncio.sleep(0.01)

    house.written[1] = [early, late]
    house.say(1, "tiga")

    assert b"satu" in await asyncio.wait_for(_until_event(told, next_event), 5)
    assert b"tiga" in await anext(told)
    await told.aclose()


async def test_more_lines_than_fit_into_an_answer_are_each_told_once(house: House) -> None:
    """All of them within the time over which a stream looks back."""
    last_seen = house.say(1, "lama").id
    said = [house.say(1, f"baris {number}") for number in range(LINES_MAX * 2 + 50)]
    told = stream(1, last_seen, house, house, Pace(beat=0.05, life=0.2), asyncio.Event(), here)

    whole = b"".join(await asyncio.wait_for(_all(told), 5)).decode()

    assert [int(number) for number, _text in events(whole)] == [line.id for line in said]


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
