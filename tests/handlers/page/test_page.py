"""What may not be asked in a chat is asked on the page, answered there once, and the chat goes on."""

from __future__ import annotations

import asyncio

from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from bot.handlers.page import PageSettings, routes
from bot.runtime.pages import LinkPages
from bot.talk.heard import Said
from bot.talk.message import Crop
from tests.handlers.page.browsing import ASKS_PHOTO, HASNA, NIK, OpenBrowser, PageBrowser, read_card
from tests.paged import PUBLIC, Chatter
from tests.world import UNSURE, World

ASKS_JOB = "Apa pekerjaan Anda"


# -- from the link to the chat ----------------------------------------------------------------------------------


async def test_what_may_not_be_asked_in_the_chat_is_asked_on_the_page(
    world: World, hasna: Chatter, browser: PageBrowser
) -> None:
    await browser.goes_on()
    asked = await browser.now()
    assert asked["words"].startswith(ASKS_PHOTO)
    assert (asked["wants"], asked["back"]) == ("photo", True)

    await browser.shows(HASNA, asked)
    await world.settle()
    read = await browser.now(asked["id"])
    assert read["words"] == f"NIK {NIK}: perempuan, lahir 12 Mei 1979, terbit di Liliriaja. Benar?"
    assert [option["words"] for option in read["options"]] == ["Benar", "Salah"]

    await browser.taps("Benar", read)
    assert await browser.now(read["id"]) == {"stage": "done"}
    told = await hasna.told()
    assert told[-1].startswith(ASKS_JOB)
    assert not any(NIK in words or ASKS_PHOTO in words for words in told)


async def test_a_used_up_link_opens_nothing_more(world: World, hasna: Chatter, browser: PageBrowser) -> None:
    read = await read_card(world, browser)
    second = await hasna.link()
    await browser.taps("Benar", read)
    await browser.now(str(read["id"]))

    assert (await browser.looks()).status_code == 410
    assert "Selesai. Kembali ke chat." in (await browser.looks()).text
    assert (await browser.types("0", read)).status_code == 410
    assert (await browser.picture(read)).status_code == 404
    browser.link = second  # made for a question that was answered on the page of the first
    assert (await browser.goes_on()).status_code == 410


async def test_the_page_waits_for_what_is_read(world: World, browser: PageBrowser) -> None:
    await browser.goes_on()
    question = await browser.now()
    await browser.shows(HASNA, question)

    waiting = browser.waits(question)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await world.settle()

    assert NIK in (await waiting)["words"]


async def test_who_waits_in_vain_asks_again(world: World, hasna: Chatter) -> None:
    link = await hasna.asks_to_enrol()
    service = world.service
    pages = LinkPages(
        service.writer, service.links, service.transcript, service.news, service.clock, asyncio.Event(),
        service.papers.make,
    )  # fmt: skip
    shown = PageSettings(1_000_000, 200, False, "Pemkab Soppeng", wait_s=0.02)
    app = Starlette(routes=routes(pages, _uncut, shown))
    async with AsyncClient(transport=ASGITransport(app), base_url=PUBLIC, headers={"X-Siaga": "1"}) as http:
        await http.post(f"{link}/open")
        question = (await http.get(f"{link}/now")).json()["id"]

        again = (await http.get(f"{link}/now", params={"besides": question})).json()
        await http.post(f"{link}/photos?of={question}", content=HASNA, headers={"X-Message-Id": "n"})
        reading = (await http.get(f"{link}/now", params={"besides": question})).json()

    assert again["id"] == question
    assert reading == {"stage": "reading"}


async def test_a_server_that_closes_keeps_nobody_waiting(world: World, browser: PageBrowser) -> None:
    await browser.goes_on()
    question = await browser.now()

    waiting = browser.waits(question)
    await asyncio.sleep(0.05)
    world.service.closing.set()

    assert await asyncio.wait_for(waiting, 1) == question


async def test_a_restart_keeps_the_place(world: World, browser: PageBrowser, open_browser: OpenBrowser) -> None:
    read = await read_card(world, browser)

    await world.restart()
    later = open_browser(browser.link)
    later.http.cookies = browser.http.cookies

    assert await later.now() == read


async def test_back_leads_back(world: World, browser: PageBrowser) -> None:
    read = await read_card(world, browser)

    await browser.types("0", read)

    assert (await browser.now(str(read["id"])))["words"].startswith(ASKS_PHOTO)


async def test_what_cannot_be_used_is_told_kindly_on_the_page(world: World, browser: PageBrowser) -> None:
    await browser.goes_on()
    question = await browser.now()

    await browser.shows(b"no photo", question)
    unread = await browser.now(question["id"])
    await browser.shows(b"x" * (world.settings.photos.bytes_max + 1), unread)
    too_large = await browser.now(unread["id"])

    assert unread["words"].startswith("Berkas ini tidak bisa saya buka sebagai foto.")
    assert too_large["words"].startswith("Fotonya terlalu besar.")
    assert (await browser.shows(b"", too_large)).status_code == 400


async def test_the_page_speaks_the_language_of_the_chat(hasna: Chatter, open_browser: OpenBrowser) -> None:
    await hasna.says("english")
    browser = open_browser(await hasna.asks_to_enrol())

    assert "Continue" in (await browser.looks()).text
    await browser.goes_on()
    assert "photo" in (await browser.now())["words"]


async def test_while_the_office_answers_the_page_leads_back(world: World, hasna: Chatter, browser: PageBrowser) -> None:
    await browser.goes_on()

    await world.service.office.say(await hasna.chat(), "staff 1", "Saya bantu, Bu.")

    assert await browser.now() == {"stage": "office"}


async def test_who_goes_on_in_the_chat_has_done_with_the_page(hasna: Chatter, browser: PageBrowser) -> None:
    await browser.goes_on()
    question = await browser.now()
    await hasna.says("menu")

    assert (await browser.types("1", question)).status_code == 409
    assert (await browser.now())["status"] == 410


# -- pictures ---------------------------------------------------------------------------------------------------


async def test_the_drawing_and_the_doubtful_place_are_shown(world: World, browser: PageBrowser) -> None:
    await browser.goes_on()
    asked = await browser.now()
    drawing = await browser.picture(asked)
    await browser.shows(HASNA + UNSURE + b"nik", asked)
    await world.settle()
    read = await browser.now(asked["id"])
    crop = await browser.picture(read)

    assert (asked["alt"], drawing.headers["content-type"]) == ("Gambar: seluruh KTP di dalam foto", "image/svg+xml")
    assert (read["alt"], crop.headers["content-type"]) == ("Potongan foto: NIK", "image/jpeg")
    assert crop.content.startswith(b"%d bytes" % len(HASNA + UNSURE + b"nik"))
    assert (await browser.picture(asked)).status_code == 404


# -- what is sent counts once -----------------------------------------------------------------------------------


async def test_two_taps_are_one_answer(world: World, hasna: Chatter, browser: PageBrowser) -> None:
    await browser.goes_on()
    question = await browser.now()

    answers = await asyncio.gather(*(browser.taps("Ketik NIK saja", question, "same") for _tap in range(3)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [line.text for line in await hasna.lines() if line.mine][-2:] == ["setuju", "Ketik NIK saja"]


async def test_an_answer_to_a_question_that_is_gone_changes_nothing(
    world: World, hasna: Chatter, browser: PageBrowser
) -> None:
    await browser.goes_on()
    question = await browser.now()
    await browser.taps("Ketik NIK saja", question)
    before = await hasna.lines()

    assert (await browser.taps("Ketik NIK saja", question)).status_code == 409
    assert (await browser.types("1", {"id": "x"})).status_code == 409
    assert await hasna.lines() == before


async def test_ids_of_a_page_collide_with_nobody_elses(world: World, hasna: Chatter, browser: PageBrowser) -> None:
    await hasna.hands_in(Said("halo"))
    browser.link = await hasna.link()
    await browser.goes_on()
    question = await browser.now()

    await browser.types("1", question, "hasna")
    await browser.types("7312025205799901", await browser.now(question["id"]), "n")
    baco = Chatter(world.service, "baco")
    his = PageBrowser(world.service, await baco.asks_to_enrol())
    await his.goes_on()
    answer = await his.types("1", await his.now(), "n")
    await his.http.aclose()

    assert answer.json() == {"heard": True}
    assert [line.text for line in await baco.lines() if line.mine][-1] == "1"


async def _uncut(photo: bytes, crop: Crop) -> bytes | None:
    return None
