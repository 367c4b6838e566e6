"""`make demo AT=10:00`: three phones on one page, each a channel of its own, the whole story at whatever hour it is
really, and nothing left of them after Ctrl-C."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.browser.conftest import Siaga, answers, started
from tests.ports import free_ports

SCREEN = (1280, 800)
ANSWER_MS = 20_000
MORNING = "10:00"


class Demo(Struct, frozen=True):
    phones: str
    others: tuple[str, ...]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """Runs `python -m bot demo` on ports of its own, in a folder of its own, in the morning."""
    web, bpjs, plkk, bank, telegram, whatsapp, phones = (f"http://127.0.0.1:{port}" for port in free_ports(7))
    given = {
        "SIAGA_WEB__PORT": web.rpartition(":")[2],
        "SIAGA_BPJS__URL": bpjs,
        "SIAGA_PLKK__URL": plkk,
        "SIAGA_BANK__URL": bank,
        "SIAGA_CHANNELS__TELEGRAM__URL": telegram,
        "SIAGA_CHANNELS__WHATSAPP__URL": whatsapp,
    }
    siaga = Siaga(web, bpjs, tmp_path / "printed.txt")
    made = Demo(phones, (web, bpjs, plkk, bank, telegram, whatsapp))
    with started(["demo", "--folder", str(tmp_path / "demo"), "--phones", phones, "--at", MORNING], given, siaga):
        yield made
    assert [one for one in (made.phones, *made.others) if answers(one)] == [], "somebody outlives the demo"
    assert "error" not in siaga.printed.read_text()


class Handset:
    """A drawn phone."""

    def __init__(self, page: Page, place: str, pictures: Path) -> None:
        self._place, self._page, self._pictures = page.locator(place), page, pictures

    def hears(self, words: str | re.Pattern[str]) -> None:
        """What the bot said last, once it says this."""
        try:
            expect(self._newest()).to_contain_text(words, timeout=ANSWER_MS)
        except AssertionError:
            self._page.screenshot(path=self._pictures / "failed.png")
            pytest.fail(f"the phone doesn't say {words!r}. On it stands:\n{self._place.inner_text()}")

    def taps(self, label: str) -> None:
        self._newest().get_by_role("button", name=re.compile(f"^{re.escape(label)}")).click(timeout=ANSWER_MS)

    def begins(self, label: str) -> None:
        self._place.locator(".below").get_by_role("button", name=label).click(timeout=ANSWER_MS)

    def types(self, words: str) -> None:
        self._place.get_by_label("Tulis pesan").fill(words)
        self._place.get_by_role("button", name="Kirim", exact=True).click()

    def sends_sample(self, name: str) -> None:
        self._place.get_by_role("button", name="Foto", exact=True).click()
        self._place.locator(f"[data-name='{name}']").click(timeout=ANSWER_MS)

    def buttons(self) -> int:
        return self._newest().get_by_role("button").count()

    def _newest(self) -> Locator:
        return self._place.locator("li.from-bot").last


def test_three_phones_talk_to_one_service(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_context(viewport={"width": SCREEN[0], "height": SCREEN[1]}, locale="id-ID").new_page()
    troubles = list[str]()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    page.goto(demo.phones)
    hasna, other = (Handset(page, place, tmp_path) for place in ("#telegram", "#whatsapp"))
    hasna.begins("MULAI")
    other.begins("Tulis “halo”")
    _begin_on_the_web(page.frame_locator("iframe"))

    _enrols(hasna)
    other.hears("Apa yang bisa dibantu?")
    assert other.buttons() >= 1  # a list, for there are four ways
    page.locator("#bpjs").get_by_role("button", name=re.compile("Tandai lunas 88")).click(timeout=ANSWER_MS)
    hasna.hears(re.compile(r"Pembayaran Rp[\d.]+ sudah diterima BPJS\. Hasna terlindungi sampai"))
    expect(page.locator("#bpjs .night")).to_be_hidden()
    expect(page.locator("#clock")).to_have_text(re.compile(r"Jam demo ini digeser: di sini pukul 10\.\d\d WITA\."))
    page.screenshot(path=tmp_path / "demo.png")
    expect(page.locator(".panel .state").filter(has_text="pelanggaran")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREEN[0]
    assert troubles == []


def _begin_on_the_web(chat: FrameLocator) -> None:
    chat.locator("#begin").click(timeout=ANSWER_MS)
    expect(chat.locator(".bubble.bot.newest")).to_contain_text("Apa yang bisa dibantu?", timeout=ANSWER_MS)


def _enrols(hasna: Handset) -> None:
    hasna.hears("Apa yang bisa dibantu?")
    hasna.taps("Daftar perlindungan kerja")
    hasna.hears("Untuk siapa")
    hasna.taps("Saya sendiri")
    hasna.hears("Setuju?")
    hasna.taps("Setuju")
    hasna.hears("Kirim foto KTP")
    hasna.sends_sample("hasna.jpg")
    hasna.hears("NIK 7312 0252 0579 9901")
    hasna.taps("Benar")
    for words, answer in (
        ("pekerjaan", "petani padi"),
        ("penghasilan", "1"),
        ("Nomor HP", "0812 3456 7890"),
        ("nama ahli waris", "La Baco"),
        ("siapanya", "1"),
        ("berapa bulan", "3"),
        ("pengingat", "1"),
        ("Semua benar?", "ya"),
    ):
        hasna.hears(words)
        hasna.types(answer)
    hasna.hears(re.compile(r"Kode bayar: 88\d{13}"))
