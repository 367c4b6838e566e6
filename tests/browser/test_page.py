"""Somebody whose chat may not ask for a NIK answers on our own page, on a small phone: the link opened, the photo sent
over a slow line, a doubtful NIK confirmed, back to the chat."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvicorn
from playwright.sync_api import Browser, CDPSession, FilePayload, Page, Route, expect
from pydantic import SecretStr

from bot.app import Outside, Service, opened
from bot.ocr import Limits
from bot.ocr.crop import cut
from bot.settings import BpjsSettings, Database, Secret, Settings
from tests.ktp.samples import FOLDER
from tests.paged import PARTS, Chatter, with_paged
from tests.ports import free_ports
from tests.world import UNSURE, Readings

PHONE = (360, 740)
ANSWER_MS, START_S = 20_000, 30.0
UPLOAD_BYTES_S = 60_000
"""A weak line: the photo of a card takes a few seconds."""
NIK = "NIK 7312 0252 0579 9901: perempuan, lahir 12 Mei 1979"
DOUBTFUL = (FOLDER / "hasna.jpg").read_bytes() + UNSURE + b"nik"
T = TypeVar("T")


class Cutting(Readings):
    """The card reader's readings, and its scissors."""

    async def cut(self, photo: bytes, box: tuple[int, int, int, int], turn: int) -> bytes | None:
        return cut(photo, box, turn, Limits())


class Running:
    """A service at work, with its web server, in a thread of its own."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.web, self._settings, self._port = f"http://127.0.0.1:{port}", settings, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self._ready, self.service, self._server = threading.Event(), list[Service](), list[uvicorn.Server]()

    def __enter__(self) -> Running:
        self._thread.start()
        assert self._ready.wait(START_S), "the service doesn't start"
        return self

    def __exit__(self, *error: object) -> None:
        self._server[0].should_exit = True
        self.service[0].closing.set()
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_S)

    async def _serve(self) -> None:
        async with opened(self._settings, Outside(reader=Cutting()), parts=PARTS) as service:
            service.start()
            config = uvicorn.Config(service.app(), port=self._port, log_config=None, access_log=False, lifespan="off")
            server = uvicorn.Server(config)
            self.service.append(service)
            self._server.append(server)
            self._loop.call_soon(self._ready.set)
            await server.serve()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    settings = Settings(
        database=Database(url=f"sqlite+aiosqlite:///{tmp_path / 'siaga.db'}"),
        secret=Secret(file=tmp_path / "secret.key"),
        bpjs=BpjsSettings(secret=SecretStr("a secret of the tests")),
    )
    with Running(with_paged(settings), *free_ports(1)) as made:
        yield made


@pytest.fixture
def phone(browser: Browser, running: Running) -> Page:
    return open_phone(browser, running)


def open_phone(browser: Browser, running: Running) -> Page:
    """One without any cookie."""
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, base_url=running.web, locale="id-ID", has_touch=True
    )
    return context.new_page()


class Screen:
    """What stands on the page. Whatever fails tells it."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page, self._pictures, self.troubles = page, pictures, list[str]()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def says(self, words: str) -> None:
        try:
            expect(self.page.locator(".words:visible")).to_contain_text(words, timeout=ANSWER_MS)
        except AssertionError:
            self.picture("failed")
            pytest.fail(f"the page doesn't say {words!r}. On it stands:\n{self.page.inner_text('body')}")
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        assert self.troubles == []

    def taps(self, label: str) -> None:
        self.page.get_by_role("button", name=label).tap(timeout=ANSWER_MS)

    def sends_photo(self, photo: bytes, by: str = "#camera") -> None:
        self.page.set_input_files(by, FilePayload(name="ktp.jpg", mimeType="image/jpeg", buffer=photo))

    def sees(self, alt: str) -> None:
        expect(self.page.get_by_alt_text(alt, exact=True)).to_be_visible(timeout=ANSWER_MS)

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self._pictures / f"{name}.png")


def weaken(page: Page) -> CDPSession:
    """From now on the line is slow."""
    session = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": UPLOAD_BYTES_S}
    session.send("Network.emulateNetworkConditions", slow)
    return session


def test_a_photo_goes_through_the_page_and_the_chat_goes_on(running: Running, phone: Page, tmp_path: Path) -> None:
    hasna = Chatter(running.service[0])
    link = running.run(hasna.asks_to_enrol())
    screen = Screen(phone, tmp_path)

    phone.goto(link)
    screen.says("Ini halaman Pemkab Soppeng")
    screen.picture("start")
    screen.taps("Lanjut")
    screen.says("Kirim foto KTP.")
    screen.sees("Gambar: seluruh KTP di dalam foto")
    assert phone.get_attribute("#camera", "capture") == "environment"
    assert phone.get_attribute("#gallery", "capture") is None
    screen.picture("photo")

    weaken(phone)
    screen.sends_photo(DOUBTFUL)
    expect(phone.locator("#progress-words")).to_have_text(re.compile(r"Mengirim [2-9]\d %"), timeout=ANSWER_MS)
    screen.picture("sending")
    screen.says(NIK)
    screen.sees("Potongan foto: NIK")
    screen.picture("doubtful")

    phone.reload()
    screen.says(NIK)
    screen.sees("Potongan foto: NIK")
    screen.taps("Benar")
    screen.says("Selesai. Kembali ke chat.")
    screen.picture("done")
    phone.reload()
    screen.says("Selesai. Kembali ke chat.")
    assert "Apa pekerjaan Anda" in running.run(hasna.told())[-1]
    assert not any("7312" in said for said in running.run(hasna.told()) if "/b/" not in said)


def test_a_nik_is_typed_corrected_and_confirmed(running: Running, phone: Page, tmp_path: Path) -> None:
    screen = Screen(phone, tmp_path)
    phone.goto(running.run(Chatter(running.service[0]).asks_to_enrol()))
    screen.taps("Lanjut")

    screen.taps("Ketik NIK saja")
    screen.says("Ketik 16 angka NIK")
    assert phone.get_attribute("#text", "inputmode") == "numeric"
    phone.fill("#text", "7312")
    screen.taps("Kirim")
    screen.says("NIK ada 16 angka, ini 4.")
    screen.picture("slip")
    phone.fill("#text", "7312 0252 0579 9901")
    screen.taps("Kirim")
    screen.says(NIK)
    screen.taps("Kembali")
    screen.says("Ketik 16 angka NIK")


def test_a_broken_line_loses_nothing_and_doubles_nothing(running: Running, phone: Page, tmp_path: Path) -> None:
    hasna, screen, broken = Chatter(running.service[0]), Screen(phone, tmp_path), list[str]()

    def break_once(route: Route) -> None:
        """The first photo doesn't reach us; of the second only the answer is lost."""
        broken.append(route.request.headers["x-message-id"])
        if len(broken) == 2:
            route.fetch()
        if len(broken) <= 2:
            route.abort()
        else:
            route.continue_()

    phone.route("**/photos?*", break_once)
    phone.goto(running.run(hasna.asks_to_enrol()))
    screen.taps("Lanjut")
    screen.says("Kirim foto KTP.")
    screen.sends_photo((FOLDER / "hasna.jpg").read_bytes(), "#gallery")
    expect(phone.locator("#trouble")).to_have_text("Sambungan putus. Dicoba lagi…", timeout=ANSWER_MS)
    screen.picture("trouble")
    screen.says(NIK)

    assert broken == broken[:1] * 2
    assert len([line for line in running.run(hasna.lines()) if line.photo is not None]) == 1


def test_another_phone_is_told_kindly(running: Running, phone: Page, browser: Browser, tmp_path: Path) -> None:
    link = running.run(Chatter(running.service[0]).asks_to_enrol())
    screen = Screen(phone, tmp_path)
    phone.goto(link)
    screen.taps("Lanjut")
    screen.says("Kirim foto KTP.")

    other = Screen(open_phone(browser, running), tmp_path)
    other.page.goto(link)
    other.says("Tautan ini sudah dibuka di HP lain.")
    other.picture("other")
