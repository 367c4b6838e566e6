"""The whole service on a real port of loopback: every channel and partner set up, and somebody in the middle of things.

It runs in a thread and a loop of its own. What it knows outside stands in `Whole`, so that requests can be signed.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn
from pydantic import SecretStr

from bot.handlers.contract import Arrival
from bot.settings import BpjsSettings, ChannelSettings, Chat, Database, PlkkSettings, Secret, Settings, Web
from bot.talk.heard import Said
from gateway import snap
from gateway.snap import private_key
from tests.conftest import BPJS_SECRET, PLKK_SECRET
from tests.gateway.conftest import Clock as Standing
from tests.gateway.conftest import PromptServer
from tests.gateway.telegram_served import TOKEN, telegram_served
from tests.gateway.whatsapp_served import APP_SECRET, BUSINESS, USER_ID, VERIFY_TOKEN
from tests.ktp.samples import FOLDER as SAMPLES
from tests.world import START, UNSURE, World, with_bank

CLINIC, CLINIC_SECRET = "puskesmas-contoh", "a-secret-of-the-desk"
TELEGRAM_SECRET = "a-secret-that-Telegram-was-told"
PUBLIC = "http://siaga.test"
PHOTO = (SAMPLES / "hasna.jpg").read_bytes() + UNSURE + b"nik"
TO_THE_PHOTO = ("daftar", "1", "setuju")
OWN = {"X-Siaga": "1"}
TICK_S = 0.02
_LINK = re.compile(re.escape(PUBLIC) + r"/b/(\S+)")


@dataclass
class Whole:
    """`visitor` and `browser`: the cookies of somebody who chats on the page, and of who has opened the link `token`.
    `photo` and `line` are ids in that chat."""

    url: str
    folder: Path
    visitor: dict[str, str] = field(default_factory=dict)
    browser: dict[str, str] = field(default_factory=dict)
    token: str = ""
    photo: int = 0
    line: int = 0

    def there(self) -> dict[str, str | int]:
        """What stands in an address where something is."""
        return {
            "token": self.token, "photo": self.photo, "line": self.line, "name": "hasna.jpg", "file": "chat.js"
        }  # fmt: skip

    def question(self) -> str:
        """The id of the one that is open behind the link."""
        answer = httpx.get(f"{self.url}/b/{self.token}/now", headers=OWN, cookies=self.browser, timeout=30)
        return str(answer.json().get("id", "0"))

    def access_token(self) -> str:
        """The bank's, at our door."""
        at, key = snap.timestamp(START), private_key((self.folder / "bank-keys" / "bank.pem").read_bytes())
        headers = {
            snap.CLIENT_KEY: "bank-tiruan", snap.TIMESTAMP: at,
            snap.SIGNATURE: snap.sign_token(key, "bank-tiruan", at),
        }  # fmt: skip
        answer = httpx.post(self.url + snap.TOKEN_PATH, json={"grantType": "client_credentials"}, headers=headers)
        return str(answer.json()["accessToken"])


@contextmanager
def whole_service(folder: Path, database: str) -> Iterator[Whole]:
    begun, ends = threading.Event(), threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening,
        telegram_served(Standing()) as telegram,
    ):
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        whole = Whole(f"http://127.0.0.1:{listening.getsockname()[1]}", folder)
        given = settings(folder, database, telegram.url)
        thread = threading.Thread(target=_run, args=(given, whole, listening, begun, ends))
        thread.start()
        try:
            assert begun.wait(timeout=60)
            assert whole.browser, "it didn't start"
            yield whole
        finally:
            ends.set()
            thread.join()


def settings(folder: Path, database: str, telegram: str) -> Settings:
    given = Settings(
        database=Database(url=database),
        secret=Secret(file=folder / "secret.key"),
        web=Web(public_url=PUBLIC),
        chat=Chat(samples=str(SAMPLES)),
        bpjs=BpjsSettings(url="http://bpjs.test", secret=SecretStr(BPJS_SECRET)),
        plkk=PlkkSettings(
            url="http://plkk.test", secret=SecretStr(PLKK_SECRET), clinics=SecretStr(f"{CLINIC}:{CLINIC_SECRET}")
        ),
        channels={
            "telegram": ChannelSettings(url=telegram, token=SecretStr(TOKEN), secret=SecretStr(TELEGRAM_SECRET)),
            "whatsapp": ChannelSettings(
                url="http://127.0.0.1:9", token=SecretStr("invented"), secret=SecretStr(APP_SECRET),
                handshake=SecretStr(VERIFY_TOKEN), number=BUSINESS.phone_number_id,
            ),
        },
    )  # fmt: skip
    return with_bank(given, folder, merchant_id="MERCHANT-1")


def _run(
    given: Settings, whole: Whole, listening: socket.socket, begun: threading.Event, ends: threading.Event
) -> None:
    try:
        asyncio.run(_serve(given, whole, listening, begun, ends))
    finally:
        begun.set()


async def _serve(
    given: Settings, whole: Whole, listening: socket.socket, begun: threading.Event, ends: threading.Event
) -> None:
    async with World(given, whole.folder) as world:
        server = PromptServer(
            uvicorn.Config(world.service.app(), log_level="warning", access_log=False, lifespan="off")
        )
        serving = asyncio.create_task(server.serve([listening]))
        await _chats_on_the_page(world, whole)
        await _opens_a_link(world, whole)
        begun.set()
        while not ends.is_set():  # so that what is handed in is read, sent, registered
            await world.service.run_due()
            await asyncio.sleep(TICK_S)
            world.clock.now += timedelta(seconds=TICK_S)
        server.should_exit = True
        await serving


async def _chats_on_the_page(world: World, whole: Whole) -> None:
    """As far as the part of the photo that shows the NIK."""
    async with httpx.AsyncClient(base_url=whole.url, headers=OWN) as browser:
        for number, words in enumerate(TO_THE_PHOTO):
            await browser.post("/chat/messages", json={"id": f"m{number}", "text": words})
        await browser.post("/chat/photos", content=PHOTO, headers={"X-Message-Id": "p"})
        await world.settle()
        lines = (await browser.get("/chat/lines")).json()["lines"]
        whole.photo = next(int(line["photo"].rpartition("/")[2]) for line in lines if line["photo"])
        whole.line = next(int(line["id"]) for line in lines if "/crops/" in (line["picture"] or {}).get("address", ""))
        whole.visitor = dict(browser.cookies)


async def _opens_a_link(world: World, whole: Whole) -> None:
    """WhatsApp forbids asking for a NIK in its chats, so the bot leads to our own page."""
    for number, words in enumerate(TO_THE_PHOTO):
        arrival = Arrival("whatsapp", "main", USER_ID, f"w{number}", Said(words))
        await world.service.writer.arrive(arrival)
    chat = await world.service.transcript.chat("whatsapp", "main", USER_ID)
    assert chat is not None
    lines = await world.service.transcript.lines(chat, 0, 100)
    whole.token = next(found[1] for line in lines if (found := _LINK.search(line.text)))
    async with httpx.AsyncClient(base_url=whole.url, headers=OWN) as browser:
        await browser.get(f"/b/{whole.token}")
        await browser.post(f"/b/{whole.token}/open")
        whole.browser = dict(browser.cookies)
