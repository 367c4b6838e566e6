"""Papers on the page: a card that downloads a file, for nobody but whom it was said to."""

from __future__ import annotations

from httpx import AsyncClient

from bot.talk.message import Paper
from tests.handlers.browsing import lines, say
from tests.handlers.conftest import OpenBrowser
from tests.handlers.house import House

PDF = b"%PDF-1.4 surat"
LETTER = Paper("letter", "7001", "surat-pengantar.pdf", "application/pdf")
QR = Paper("qr", "88", "kode-bayar.png", "image/png")


async def test_a_paper_is_downloaded_under_its_name(browser: AsyncClient, house: House) -> None:
    await say(browser, "halo")
    house.papers["letter"] = PDF
    line = house.say(1, "Ini suratnya.", paper=LETTER)

    told = (await lines(browser))[-1]["paper"]
    file = await browser.get(told["address"])

    assert told == {"address": f"/chat/papers/{line.id}", "name": "surat-pengantar.pdf", "is_picture": False}
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    assert file.headers["content-disposition"] == 'attachment; filename="surat-pengantar.pdf"'
    assert file.headers["cache-control"] == "private, no-store"
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_who_only_asks_is_told_how_large_it_is(browser: AsyncClient, house: House) -> None:
    await say(browser, "halo")
    house.papers["letter"] = PDF
    line = house.say(1, "Ini suratnya.", paper=LETTER)

    asked = await browser.head(f"/chat/papers/{line.id}")

    assert (asked.status_code, asked.headers["content-length"]) == (200, str(len(PDF)))


async def test_a_code_is_a_picture(browser: AsyncClient, house: House) -> None:
    await say(browser, "halo")
    house.say(1, "Ini kodenya.", paper=QR)

    assert (await lines(browser))[-1]["paper"]["is_picture"] is True


async def test_nobody_else_gets_it_and_no_other_line_has_one(open_browser: OpenBrowser, house: House) -> None:
    owner, other = open_browser(), open_browser()
    await say(owner, "halo")
    await say(other, "halo")
    house.papers["letter"] = PDF
    line, bare = house.say(1, "Ini suratnya.", paper=LETTER), house.say(1, "Sudah?")

    assert (await owner.get(f"/chat/papers/{line.id}")).status_code == 200
    for browser in (other, open_browser()):
        assert (await browser.get(f"/chat/papers/{line.id}")).status_code == 404
    for number in (str(bare.id), "1", "9" * 40):
        assert (await owner.get(f"/chat/papers/{number}")).status_code == 404


async def test_what_is_gone_is_not_found(browser: AsyncClient, house: House) -> None:
    await say(browser, "halo")
    line = house.say(1, "Ini suratnya.", paper=LETTER)

    assert (await browser.get(f"/chat/papers/{line.id}")).status_code == 404


async def test_what_takes_too_long_now_may_be_asked_for_again(browser: AsyncClient, house: House) -> None:
    await say(browser, "halo")
    house.slow = True
    line = house.say(1, "Ini suratnya.", paper=LETTER)

    answer = await browser.get(f"/chat/papers/{line.id}")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
