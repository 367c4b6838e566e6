"""Photos in the web chat: they arrive and come back to their sender only; what is no photo gets a kind answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import get_args

import msgspec
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers import webchat_in
from bot.handlers.pictures import MediaType, Unusable, kind_of
from bot.talk.heard import Shown, Unread
from tests.handlers.browsing import heard, lines, say, show
from tests.handlers.conftest import SETTINGS, OpenBrowser
from tests.handlers.house import FIRST_ID, House
from tests.handlers.pictures import FILM, PDF, picture


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
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


@pytest.mark.parametrize("photo", [picture("HEIF"), PDF, b"\xef\xbb\xbf\r\n" + PDF])
async def test_a_heic_or_pdf_arrives_and_comes_back_as_what_every_browser_can_show(
    browser: AsyncClient, house: House, photo: bytes
) -> None:
    await show(browser, photo)
    back = await browser.get((await lines(browser))[0]["photo"])

    assert heard(house) == [Shown(0)]
    assert house.arrivals[0].photo == photo
    assert back.headers["content-type"] == "image/jpeg"
    assert back.content.startswith(b"%d bytes" % len(photo))  # so tell the house's scissors


async def test_a_pdf_that_can_not_be_read_is_not_shown(browser: AsyncClient, house: House) -> None:
    house.cuts = False
    await show(browser, PDF)

    assert (await browser.get(f"/chat/photos/{FIRST_ID}")).status_code == 404


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (picture("GIF", frames=3), "animation"),
        (picture("PNG", frames=3), "animation"),
        (picture("WEBP", frames=3), "animation"),
        (picture("TIFF"), "not-an-image"),
        (FILM, "not-an-image"),
        (b"Here is my file: " + PDF, "not-an-image"),
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


async def test_a_gif_with_words_between_its_pictures_still_moves(browser: AsyncClient, house: House) -> None:
    moving = picture("GIF", frames=2)
    first = moving.index(b"!\xf9")  # what comes before a picture
    note = b"!\xfe" + b"\x03abc" * 40 + b"\x00"

    await show(browser, moving[:first] + note + moving[first:])

    assert heard(house) == [Unread("animation")]


@given(
    st.sampled_from([b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftyp"]),
    st.binary(max_size=300),
)
def test_no_bytes_make_the_telling_of_kinds_raise(first: bytes, rest: bytes) -> None:
    assert kind_of(first + rest) in {*get_args(MediaType), *get_args(Unusable)}


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
