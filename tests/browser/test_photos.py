"""Photos of identity cards sent through the page: the right words, the drawing of the fault, the doubtful place."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser

from bot.ocr import read
from rules.card import SURE, Card
from tests.browser.chat import Chat
from tests.browser.conftest import Siaga
from tests.ktp.photos import photo, unusable
from tests.ktp.samples import FOLDER

PHONE = (360, 740)
TODAY = date(2026, 11, 21)
BLURS = (1.75, 2.0, 2.25, 2.5)
CROP_BYTES_MAX = 60_000

OpenChat = Callable[[str], Chat]


@pytest.fixture
def open_chat(browser: Browser, siaga: Siaga, tmp_path: Path) -> Iterator[OpenChat]:
    """A new person's chat, at the request for a photo."""

    def open_one(name: str) -> Chat:
        context = browser.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]}, base_url=siaga.web, locale="id-ID"
        )
        pictures = tmp_path / name
        pictures.mkdir()
        chat = Chat(context.new_page(), pictures)
        chat.types("daftar")
        chat.hears("Untuk siapa")
        chat.taps("Saya sendiri")
        chat.hears("Setuju?")
        chat.taps("Setuju")
        chat.hears("Kirim foto KTP")
        return chat

    yield open_one


def turned(jpeg: bytes) -> bytes:
    """The photo a quarter turn aside, as it comes without EXIF."""
    written = io.BytesIO()
    Image.open(io.BytesIO(jpeg)).transpose(Image.Transpose.ROTATE_90).save(written, "JPEG", quality=92)
    return written.getvalue()


def with_doubtful_name() -> tuple[bytes, str]:
    """A sample photo on which the name is blurred just so much that the reader doubts it, and what it reads."""
    farmer = (FOLDER / "farmer.jpg").read_bytes()
    seen = read(farmer, today=TODAY)
    assert isinstance(seen, Card)
    assert seen.name is not None
    assert seen.name.box is not None
    left, top, right, bottom = seen.name.box
    for radius in BLURS:
        image = Image.open(io.BytesIO(farmer)).convert("RGB")
        place = (left - 4, top - 4, right + 4, bottom + 4)
        image.paste(image.crop(place).filter(ImageFilter.GaussianBlur(radius)), place[:2])
        written = io.BytesIO()
        image.save(written, "JPEG", quality=92)
        card = read(written.getvalue(), today=TODAY)
        if isinstance(card, Card) and card.name is not None and card.name.confidence < SURE:
            return written.getvalue(), card.name.value
    pytest.fail("no blur makes the reader doubt the name")


def grouped(nik: str) -> str:
    return " ".join(nik[i : i + 4] for i in range(0, 16, 4))


def test_a_bad_photo_is_drawn_and_the_next_is_read_though_it_lies_on_its_side(open_chat: OpenChat) -> None:
    good, person = photo("phone", "browser 1")
    chat = open_chat("bad")
    chat.sees("Gambar: seluruh KTP di dalam foto")
    chat.picture("request")

    chat.sends_photo(unusable("blurred", "browser 1")[0])
    chat.hears("Fotonya buram. Pegang HP dengan mantap, lalu foto lagi.")
    chat.sees("Gambar: foto buram")
    chat.picture("blurred")

    chat.sends_photo(turned(good))
    chat.hears(f"NIK {grouped(person.nik)}: {'perempuan' if person.sex == 'female' else 'laki-laki'}")
    chat.picture("turned")
    chat.is_sound()


def test_a_good_photo_is_read_and_what_is_doubtful_is_shown(open_chat: OpenChat) -> None:
    spoilt, name = with_doubtful_name()
    chat = open_chat("doubtful")

    chat.sends_photo(spoilt)
    chat.hears(re.compile(r"NIK \d{4} \d{4} \d{4} \d{4}: perempuan, lahir 3 Januari 1963"))
    chat.picture("read")
    chat.taps("Benar")
    chat.hears(f"Di KTP tertulis nama: {name}. Benar?")
    crop = chat.sees("Potongan foto: nama")
    chat.picture("doubtful")

    fetched = chat.page.request.get(crop.get_attribute("src") or "")
    assert fetched.headers["content-type"] == "image/jpeg"
    assert len(fetched.body()) <= CROP_BYTES_MAX
    chat.page.reload()
    chat.hears(f"Di KTP tertulis nama: {name}. Benar?")
    chat.sees("Potongan foto: nama")
    chat.is_sound()


def test_after_two_bad_photos_there_are_other_ways_and_one_of_them_leads_on(open_chat: OpenChat) -> None:
    chat = open_chat("ways")
    chat.sends_photo(unusable("dark", "browser 1")[0])
    chat.hears("Fotonya gelap. Coba dekat jendela.")
    chat.picture("dark")
    chat.sends_photo(unusable("rice-field", "browser 1")[0])
    chat.hears("Saya tidak menemukan KTP di foto ini. Pilih cara lain:")
    chat.sees("Gambar: tidak ada KTP di foto")
    chat.picture("ways")
    chat.taps("Nanti saja")
    chat.hears("Jawaban Anda tersimpan")
    chat.types("halo")
    chat.hears("Pilih cara lain:")
    chat.taps("Ketik NIK saja")
    chat.hears("Ketik 16 angka NIK")
    chat.is_sound()
