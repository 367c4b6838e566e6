"""Pictures that the bot shows: its drawings, and parts of a photo for nobody but who sent it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from httpx import AsyncClient

from bot.flows.photo import GOOD, TROUBLES
from bot.handlers.webchat_out import STATIC
from bot.talk.message import Crop, Drawing, Picture
from rules.card import Fault
from tests.drawings import digest, drawn_from
from tests.handlers.browsing import lines, say, show
from tests.handlers.conftest import OpenBrowser
from tests.handlers.house import FIRST_ID, House
from tests.handlers.pictures import picture

DRAWINGS = sorted((STATIC / "drawings").glob("*.svg"))
DRAWING_BYTES_MAX, PNG_BYTES_MAX = 4_000, 60_000
PAPERS = (
    "ktp", "witnesses", "work-letter", "doctor-letter", "police-report", "heir-ktp", "family-card", "death-certificate",
    "heir-letter", "marriage-book", "account-book", "birth-certificate", "school-letter", "school-report",
    "guardian-ktp",
)  # fmt: skip
"""The papers that a claim may need, each drawn as `paper-<kind>`."""
BLURRED = Picture("Gambar: foto buram", Drawing("blurred"))
NAME = Picture("Potongan foto: nama", Crop(FIRST_ID, (10, 20, 300, 44)))


# -- drawings -----------------------------------------------------------------------------------------------------


def test_there_is_a_drawing_for_every_fault_of_a_good_photo_and_of_every_paper() -> None:
    shown = {trouble.picture.shows for trouble in (*TROUBLES.values(),)} | {GOOD.shows}
    papers = {Drawing(f"paper-{kind}") for kind in PAPERS}

    assert set(TROUBLES) == set(Fault.__args__)  # type: ignore[attr-defined]
    assert {Drawing(drawing.stem) for drawing in DRAWINGS} == shown | papers


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.stem)
def test_a_drawing_is_small_and_drawn_by_any_browser(drawing: Path) -> None:
    text = drawing.read_text()

    assert len(text) <= DRAWING_BYTES_MAX
    assert ET.fromstring(text).attrib["width"] == "240"  # old browsers don't guess it
    assert not re.search(r"<(style|script|text|image|filter|foreignObject|use)\b| style=|url\((?!#)", text)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.stem)
def test_its_png_is_small_and_drawn_from_it_as_it_is_now(drawing: Path) -> None:
    png = drawing.with_suffix(".png")

    assert png.stat().st_size <= PNG_BYTES_MAX
    assert drawn_from(png) == digest(drawing), "out of date: python -m tests.drawings"


async def test_a_drawing_comes_with_its_words_and_may_be_kept_for_ever(browser: AsyncClient, house: House) -> None:
    await say(browser, "halo")
    house.say(1, "Fotonya buram.", picture=BLURRED)

    told = (await lines(browser))[-1]["picture"]
    drawn = await browser.get(told["address"])

    assert told["alt"] == "Gambar: foto buram"
    assert re.fullmatch(r"/chat/static/drawings/blurred\.svg\?v=[0-9a-f]{12}", told["address"])
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in drawn.headers["cache-control"]
    assert "default-src 'none'" in drawn.headers["content-security-policy"]


async def test_a_drawing_of_an_older_release_leaves_its_words(browser: AsyncClient, house: House) -> None:
    await say(browser, "halo")
    house.say(1, "Fotonya miring.", picture=Picture("Gambar: foto miring", Drawing("askew")))

    told = (await lines(browser))[-1]["picture"]

    assert told["alt"] == "Gambar: foto miring"
    assert (await browser.get(told["address"])).status_code == 404


# -- parts of photos ----------------------------------------------------------------------------------------------


async def test_a_part_of_a_photo_is_cut_out_for_who_sent_it(browser: AsyncClient, house: House) -> None:
    photo = picture("JPEG")
    await show(browser, photo)
    line = house.say(1, "Di KTP tertulis nama: LA BACO. Benar?", picture=NAME)

    told = (await lines(browser))[-1]["picture"]
    part = await browser.get(told["address"])

    assert told == {"address": f"/chat/crops/{line.id}", "alt": "Potongan foto: nama"}
    assert part.content == b"%d bytes, (10, 20, 300, 44)" % len(photo)
    assert part.headers["content-type"] == "image/jpeg"
    assert part.headers["cache-control"] == "private, no-store"


async def test_nobody_else_sees_it_and_nothing_else_is_cut(open_browser: OpenBrowser, house: House) -> None:
    owner, other = open_browser(), open_browser()
    await show(owner, picture("JPEG"))
    await say(other, "halo")
    line = house.say(1, "Benar?", picture=NAME)
    drawing = house.say(1, "Buram.", picture=BLURRED)

    assert (await owner.get(f"/chat/crops/{line.id}")).status_code == 200
    for browser in (other, open_browser()):
        assert (await browser.get(f"/chat/crops/{line.id}")).status_code == 404
    for number in (str(drawing.id), str(FIRST_ID), "1", "9" * 40):
        assert (await owner.get(f"/chat/crops/{number}")).status_code == 404


async def test_of_a_destroyed_photo_only_the_words_are_left(browser: AsyncClient, house: House) -> None:
    await show(browser, picture("JPEG"))
    line = house.say(1, "Benar?", picture=NAME)
    house.photos.clear()

    assert (await browser.get(f"/chat/crops/{line.id}")).status_code == 404
    assert (await lines(browser))[-1]["picture"]["alt"] == "Potongan foto: nama"


async def test_what_cannot_be_cut_is_not_found(browser: AsyncClient, house: House) -> None:
    house.cuts = False
    await show(browser, picture("JPEG"))
    line = house.say(1, "Benar?", picture=NAME)

    assert (await browser.get(f"/chat/crops/{line.id}")).status_code == 404
